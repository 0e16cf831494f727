"""Arguments of a schedule: what looks like a placeholder and is none is refused before it runs.

Source of AWS's keywords: Adding context attributes,
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html,
read 2026-11-23.
"""

import re
from difflib import get_close_matches
from typing import Any

from dspipe.aws_lambda.triggers._placeholders import is_placeholder

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"

_FORMS = 'write "{date}", "{date - 1 day}", "{time}" or "{time - 1 hour}"'
# One word in braces, with or without something to add to it.
_LIKE_ONE = re.compile(r"\{\s*([A-Za-z_]+)\s*([+-].*)?\}")
_SHIFT = re.compile(r"([+-])\s*([0-9]+)\s*([A-Za-z]*?)s?\s*")
_UNITS = {"date": ("day",), "time": ("hour", "minute")}
_MEANT = {
    "date": "date",
    "day": "date",
    "today": "date",
    "yesterday": "date - 1 day",
    "tomorrow": "date + 1 day",
    "time": "time",
    "datetime": "time",
    "timestamp": "time",
    "now": "time",
}


def check_argument(value: Any) -> Any:
    """Give the value of an argument back, or say what was meant.

    Raises
    ------
    ValueError
        If it is, or holds in a list or a table, what would be handed over as it is and was meant
        for the time at which the schedule is due.

    Examples
    --------
    >>> check_argument("{date - 1 day}")
    '{date - 1 day}'
    >>> check_argument("{yesterday}")
    Traceback (most recent call last):
        ...
    ValueError: it is no placeholder. Did you mean "{date - 1 day}"?
    """
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            check_argument(item)
    return value


def _check_text(text: str) -> None:
    if SCHEDULED_TIME in text:
        raise ValueError(
            'AWS writes the time in UTC there, which is no day. Write "{date}" for the day in the '
            'time zone of the schedule, or "{time}" for the time'
        )
    like = _LIKE_ONE.fullmatch(text)
    if like is None or is_placeholder(text):
        return
    close = get_close_matches(like[1].lower(), _MEANT, n=1, cutoff=0.8)
    if close:
        raise ValueError(f"it is no placeholder{_suggest(_MEANT[close[0]], like[2] or '')}")


def _suggest(meant: str, shift: str) -> str:
    """Offer the placeholder that is closest, or all of their forms."""
    if not shift:
        return f'. Did you mean "{{{meant}}}"?'
    if parts := _SHIFT.fullmatch(shift):
        sign, number, given = parts.groups()
        for unit in _UNITS.get(meant, ()):
            text = f"{{{meant} {sign} {number} {unit}{'' if number == '1' else 's'}}}"
            if unit.startswith(given.lower()) and is_placeholder(text):
                return f'. Did you mean "{text}"?'
    return f": {_FORMS}"
