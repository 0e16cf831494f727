"""The log of a function: read from a moment on, and followed while it grows."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._change_sets import Sleep
from dspipe.deploy.aws._state import Target
from dspipe.errors import ConfigurationError

FOLLOW_SECONDS = 2.0
_LONGEST_FACT = 60
_AGE = re.compile(r"(\d+)\s*(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_TEXTS = ("message", "msg", "errorMessage")
_BELOW = ("error", "traceback", "stackTrace")
_TOLD_APART = (*_TEXTS, *_BELOW, "level", "log_level", "timestamp", "time", "_aws")

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log.

    Attributes
    ----------
    time_utc : datetime
    text : str
        As the function wrote it.
    record : mapping or None
        What it says, when it is JSON.
    """

    time_utc: datetime
    text: str
    record: dict[str, Any] | None = None

    def describe(self) -> str:
        """Write the line for a reader: time, level, message and facts, or the text as it is.

        What went wrong stands below, whole.
        """
        clock = f"{self.time_utc:%Y-%m-%d %H:%M:%S}"
        record = self.record or {}
        said = next((str(record[name]) for name in _TEXTS if record.get(name)), None)
        if said is None:
            return f"{clock} {self.text}"
        level = str(record.get("level") or record.get("log_level") or "")
        facts = [f"{name}={value}" for name, value in record.items() if _is_fact(name, value)]
        line = " ".join(part for part in (clock, level, said, *facts) if part)
        return "\n".join([line, *_iter_below(record)])


def iter_log(
    aws: Aws,
    target: Target,
    since_utc: datetime,
    *,
    follow: bool = False,
    sleep: Sleep,
    pattern: str | None = None,
) -> Iterator[LogLine]:
    """Go through the log of a function, the oldest line first.

    Parameters
    ----------
    aws : Aws
        Calls AWS.
    target : Target
        The deployment.
    since_utc : datetime
        Where to begin.
    follow : bool, default=False
        Wait for more, without an end.
    sleep : callable
        Waits for a number of seconds.
    pattern : str, optional
        A filter pattern of CloudWatch Logs.
    """
    start, seen = int(since_utc.timestamp() * 1_000), set[str]()
    options = {"filterPattern": pattern} if pattern else {}
    while True:
        found = aws.iter_items(
            "logs",
            "filter_log_events",
            "events",
            logGroupName=name_log_group(target),
            startTime=start,
            **options,
        )
        latest = start
        for event in found:
            if event["eventId"] not in seen:
                seen.add(event["eventId"])
                latest = max(latest, int(event["timestamp"]))
                yield _read_line(event)
        if not follow:
            return
        # Lines arrive a little late and out of order, so the same stretch is read again.
        start = max(start, latest - int(FOLLOW_SECONDS * 5_000))
        sleep(FOLLOW_SECONDS)


def name_log_group(target: Target) -> str:
    """Name the log group of a function.

    >>> name_log_group(Target("flights", "dev", "dspipe-flights-dev"))
    '/aws/lambda/dspipe-flights-dev'
    """
    return f"/aws/lambda/{target.stack}"


def parse_since(text: str, *, now: Now = lambda: datetime.now(UTC)) -> datetime:
    """Read since when: an age such as ``10m``, or a date and time.

    Parameters
    ----------
    text : str
        ``90s``, ``10m``, ``2h``, ``3d``, or ISO 8601; a time without a zone is UTC.
    now : callable
        Gives the present.

    Raises
    ------
    ConfigurationError
        If it is neither.

    Examples
    --------
    >>> parse_since("2h", now=lambda: datetime(2026, 1, 1, 12, tzinfo=UTC)).isoformat()
    '2026-01-01T10:00:00+00:00'
    """
    age = _AGE.fullmatch(text.strip())
    if age is not None:
        return now() - timedelta(**{_UNITS[age[2]]: int(age[1])})
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ConfigurationError(
            f"'{text}' is no time to show a log from. Write an age, such as 10m, 2h or 3d, or a "
            f"date and time, such as 2013-10-01T12:00."
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_line(event: dict[str, Any]) -> LogLine:
    text = str(event["message"]).rstrip("\n")
    time_utc = datetime.fromtimestamp(int(event["timestamp"]) / 1_000, UTC)
    try:
        record = json.loads(text)
    except ValueError:
        record = None
    return LogLine(time_utc, text, record if isinstance(record, dict) else None)


def _iter_below(record: dict[str, Any]) -> Iterator[str]:
    """Give the lines of an error, indented, and those of its traceback."""
    for name in _BELOW:
        found = record.get(name) or []
        texts = found if isinstance(found, list) else [found]
        yield from (f"  {line}" for text in texts for line in str(text).splitlines())


def _is_fact(name: str, value: object) -> bool:
    """Say whether a reader of a line wants this of its record."""
    is_short = isinstance(value, str | int | float) and len(str(value)) <= _LONGEST_FACT
    return is_short and value != "" and name not in _TOLD_APART
