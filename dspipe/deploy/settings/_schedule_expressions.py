"""Expressions of time as EventBridge Scheduler takes them, checked before anything is deployed.

AWS refuses a wrong one late, in the middle of a deployment, with a sentence that does not say why.

Source: Schedule types in EventBridge Scheduler,
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html, read 2026-11-23.
"""

import re
from datetime import datetime
from zoneinfo import available_timezones

from dspipe._text import suggest

_FORM = re.compile(r"(cron|rate|at)\((.*)\)")
_RATE = re.compile(r"([1-9]\d*) (minute|minutes|hour|hours|day|days)")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_CRON = (
    ("minutes", 0, 59, ()),
    ("hours", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of week", 1, 7, _DAYS),
    ("year", 1970, 2199, ()),
)
_PART = re.compile(r"(\*|\w+(?:-\w+)?)(?:/(\d+))?")
_SPECIAL = {
    "day of month": re.compile(r"\?|L|LW|([1-9]|[12]\d|3[01])W"),
    "day of week": re.compile(r"\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5])"),
}


def check_expression(text: str) -> str:
    """Give an expression back, or say what is wrong with it.

    Raises
    ------
    ValueError
        If AWS would refuse it.

    Examples
    --------
    >>> check_expression("cron(0 5 * * ? *)")
    'cron(0 5 * * ? *)'
    >>> check_expression("rate(1 days)")
    Traceback (most recent call last):
        ...
    ValueError: write "rate(1 day)"
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(
            'write "cron(minutes hours day-of-month month day-of-week year)", such as '
            '"cron(0 5 * * ? *)", or "rate(1 day)", or "at(2026-12-31T05:00:00)"'
        )
    {"cron": _check_cron, "rate": _check_rate, "at": _check_at}[form[1]](form[2])
    return text


def check_time_zone(name: str) -> str:
    """Give the name of a time zone back, or offer the one that was meant.

    Raises
    ------
    ValueError
        If there is no such zone.

    Examples
    --------
    >>> check_time_zone("Europe/Zurich")
    'Europe/Zurich'
    """
    zones = available_timezones()
    if name not in zones:
        raise ValueError(
            f'write a time zone, such as "UTC" or "Europe/Zurich".{suggest(name, zones)}'
        )
    return name


def _check_rate(text: str) -> None:
    rate = _RATE.fullmatch(text)
    if rate is None:
        raise ValueError('write a number from 1 and minutes, hours or days: "rate(15 minutes)"')
    unit = rate[2].rstrip("s") + ("" if rate[1] == "1" else "s")
    if unit != rate[2]:
        raise ValueError(f'write "rate({rate[1]} {unit})"')


def _check_at(text: str) -> None:
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 - its zone is another setting
    except ValueError:
        raise ValueError('write a time as in "at(2026-12-31T05:00:00)"') from None


def _check_cron(text: str) -> None:
    fields = text.split()
    if len(fields) != len(_CRON):
        names = ", ".join(name for name, *_ in _CRON)
        raise ValueError(f"it has {len(fields)} fields, and cron takes six: {names}")
    for given, (name, first, last, words) in zip(fields, _CRON, strict=True):
        if not _is_field(given, name, range(first, last + 1), words):
            raise ValueError(f"the {name} cannot be '{given}'; they go from {first} to {last}")
    if (fields[2] == "?") == (fields[4] == "?"):
        raise ValueError("one of day of month and day of week, and not both, must be '?'")


def _is_field(given: str, name: str, values: range, words: tuple[str, ...]) -> bool:
    special = _SPECIAL.get(name)
    if special is not None and special.fullmatch(given):
        return True
    return all(_is_part(part, values, words) for part in given.split(","))


def _is_part(part: str, values: range, words: tuple[str, ...]) -> bool:
    match = _PART.fullmatch(part)
    if match is None or match[2] == "0":
        return False
    if match[1] == "*":
        return True
    ends = [_read_value(end, values, words) for end in match[1].split("-")]
    return None not in ends and all(end in values for end in ends)


def _read_value(text: str, values: range, words: tuple[str, ...]) -> int | None:
    if text in words:
        return values.start + words.index(text)
    return int(text) if text.isascii() and text.isdigit() else None
