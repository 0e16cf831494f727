"""When to ask again: limits to requests, and how long to wait between them."""

import math
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from dspipe.errors import ConfigurationError

_GROWTH = 2.0
_MAY_BE_ZERO = frozenset({"cold_start_seconds", "first_wait_seconds", "longest_wait_seconds"})


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """How a remote predictor sends its rows, and how long it tries.

    Attributes
    ----------
    workers : int
        Most requests at a time.
    request_bytes : int
        Size of a request to aim at, before packing; none is larger, but for a row alone.
    timeout_seconds : float
        Longest wait for the answer to one request.
    attempts : int
        Most times that the same rows are sent.
    give_up_seconds : float
        Longest time for the same rows, waiting included; the time limit of a run counts too.
    cold_start_seconds : float
        How long a service that answers 503 is waited for without counting attempts: it may be
        starting.
    first_wait_seconds, longest_wait_seconds : float
        Waits between attempts double from the first to the longest; a random half is left out.

    Examples
    --------
    >>> RequestLimits(workers=8).timeout_seconds
    60.0
    """

    workers: int = 4
    request_bytes: int = 5_000_000
    timeout_seconds: float = 60.0
    attempts: int = 6
    give_up_seconds: float = 600.0
    cold_start_seconds: float = 180.0
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 30.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value, may_be_none = getattr(self, field.name), field.name in _MAY_BE_ZERO
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or value < 0 or (not value and not may_be_none):
                raise ConfigurationError(
                    f"RequestLimits cannot take {value!r} for '{field.name}'. Give a number "
                    f"{'of at least' if may_be_none else 'above'} 0."
                )

    def wait_seconds(self, attempt: int, chance: float) -> float:
        """Tell how long to wait after an attempt, counted from 1; `chance` is from 0 to 1.

        >>> RequestLimits().wait_seconds(3, 1.0)
        2.0
        """
        wait = self.first_wait_seconds * _GROWTH ** min(attempt - 1, 32)
        return min(wait, self.longest_wait_seconds) * (0.5 + chance / 2)


def read_retry_after(text: str | None, now: datetime) -> float | None:
    """Read the header ``Retry-After``: seconds, or a date of HTTP; None for anything else.

    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> read_retry_after("3", now), read_retry_after("Thu, 01 Jan 2026 00:01:00 GMT", now)
    (3.0, 60.0)
    """
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        from email.utils import parsedate_to_datetime

        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None
