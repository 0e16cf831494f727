"""Placeholders in the arguments of a schedule, for the day or the time at which it was due.

The time comes with the event and never from a clock, so that a retry and a late delivery ask for
the same day. A value counts as a placeholder only when it is nothing else: text that holds one
among other words stays as it is.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from dspipe.errors import ConfigurationError, RequestError

_PLACEHOLDER = (
    r"\{date(?: (?P<days>[+-] [0-9]{1,4}) days?)?\}"
    r"|\{time(?: (?P<hours>[+-] [0-9]{1,4}) hours?| (?P<minutes>[+-] [0-9]{1,4}) minutes?)?\}"
)


def is_placeholder(text: str) -> bool:
    """Say whether a text is a placeholder and nothing else.

    >>> is_placeholder("{date - 1 day}"), is_placeholder("{date}.csv"), is_placeholder("{day}")
    (True, False, False)
    """
    return re.fullmatch(_PLACEHOLDER, text) is not None


def fill_placeholders(value: Any, due: datetime) -> Any:
    """Put the day and the time in the place of placeholders, in lists and tables too.

    Parameters
    ----------
    value : object
        Of JSON's own types. Not modified.
    due : datetime
        When the schedule was due, in its own time zone.

    Returns
    -------
    object
        Days as ``2013-06-01``, times as ``2013-06-01T05:00:00-04:00``. Days are counted on the
        calendar, hours and minutes as they pass.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> due = datetime(2013, 6, 1, 5, tzinfo=UTC)
    >>> fill_placeholders({"day": "{date - 1 day}", "carrier": "UA"}, due)
    {'day': '2013-05-31', 'carrier': 'UA'}
    >>> fill_placeholders(["{time - 6 hours}", "{time}"], due)
    ['2013-05-31T23:00:00+00:00', '2013-06-01T05:00:00+00:00']
    """
    if isinstance(value, str):
        return _fill_text(value, due)
    if isinstance(value, list):
        return [fill_placeholders(item, due) for item in value]
    if isinstance(value, dict):
        return {name: fill_placeholders(item, due) for name, item in value.items()}
    return value


def find_due_time(time: object, time_zone: object) -> datetime:
    """Read when a schedule was due, and tell it in the schedule's own time zone.

    Raises
    ------
    RequestError
        If it is no time, or has no offset.
    ConfigurationError
        If the zone is not known where the function runs.

    Examples
    --------
    >>> find_due_time("2013-06-01T03:30:00Z", "America/New_York").isoformat()
    '2013-05-31T23:30:00-04:00'
    """
    zone = _find_zone(time_zone)
    try:
        moment = datetime.fromisoformat(str(time))
        if moment.tzinfo is not None:
            return moment.astimezone(zone)
    except (ValueError, OverflowError):
        pass
    raise RequestError(
        f"The event was due at {time!r}, which is no time with its offset. Send a time such as "
        "'2013-06-01T05:00:00Z'; EventBridge Scheduler writes it in the place of "
        "<aws.scheduler.scheduled-time>."
    )


def _fill_text(text: str, due: datetime) -> str:
    match = re.fullmatch(_PLACEHOLDER, text)
    if match is None:
        return text
    shift = timedelta(
        **{unit: int(n.replace(" ", "")) for unit, n in match.groupdict().items() if n}
    )
    if text.startswith("{date"):
        return (due.date() + shift).isoformat()
    # An hour as it passes is an hour of UTC: on the clock it may be none, or two.
    return (due.astimezone(UTC) + shift).astimezone(due.tzinfo).isoformat()


def _find_zone(name: object) -> tzinfo:
    if name == "UTC":  # known without any data
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(str(name))
    # The last two come from names of folders and of what is no name at all.
    except (KeyError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"The time zone {name!r} of the schedule is not known where the function runs. Correct "
            "'time_zone' of the schedule; if it is right, the runtime has no data of time zones: "
            "add the package tzdata to the lock file, and deploy again."
        ) from error
