"""How much time is left: a limit that whoever waits can ask for, in every thread of a run.

Whoever calls a database, a service or a model asks `remaining_seconds` and waits no longer. What
cannot ask, such as a loop of the user's, is interrupted where it stands.
"""

import inspect
import signal
import threading
from collections.abc import Callable
from contextvars import ContextVar, Token
from time import monotonic
from types import FrameType
from typing import Any, NamedTuple

# What `signal.signal` wraps: its conversions to enums and back cost as much as all the rest.
_set_handler: Callable[..., Any] = inspect.unwrap(signal.signal)
_DEFAULT = int(signal.SIG_DFL)
_SHORTEST_SECONDS = 1e-6  # a timer of 0 seconds would never go off
_SHORTEST_TIMEOUT_SECONDS = 1e-3
_SHORTEST_WAIT_SECONDS = 0.02  # whoever waited for the rest of the time may stop a little early


class TimeIsOver(BaseException):
    """Is raised into code that runs when its time is over; never leaves a run."""


class _Limit(NamedTuple):
    end: float
    clock: Callable[[], float]


_limits: ContextVar[tuple[_Limit, ...]] = ContextVar("dspipe_limits", default=())


class time_limit:  # noqa: N801 - reads as what it does after "with"
    """Give the work inside so much time; of limits inside each other the nearest end counts.

    Parameters
    ----------
    seconds : float or None
        Time from now; None sets no limit.
    clock : callable, default=time.monotonic
        Tells the time, in seconds.

    Examples
    --------
    >>> with time_limit(60), time_limit(5, clock=lambda: 0.0):
    ...     remaining_seconds()
    5.0
    """

    # A class, and no generator: every call of a function enters some.
    __slots__ = ("_clock", "_seconds", "_token")

    def __init__(self, seconds: float | None, *, clock: Callable[[], float] = monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._token: Token[tuple[_Limit, ...]] | None = None

    def __enter__(self) -> None:
        if self._seconds is not None:
            limit = _Limit(self._clock() + self._seconds, self._clock)
            self._token = _limits.set((*_limits.get(), limit))

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _limits.reset(self._token)


def remaining_seconds() -> float | None:
    """Tell how much time is left, below 0 when it is over; None without a limit.

    Threads that run in a copy of the context, as those of a run do, see the same limit.
    """
    return min([limit.end - limit.clock() for limit in _limits.get()], default=None)


def is_over() -> bool:
    """Say whether the time is over, or so short that nobody could still wait for anything."""
    seconds = remaining_seconds()
    return seconds is not None and seconds < _SHORTEST_WAIT_SECONDS


def shorten_timeout(seconds: float | None) -> float | None:
    """Shorten a timeout to the time that is left; a timeout of 0 would often mean none.

    >>> with time_limit(2, clock=lambda: 0.0):
    ...     shorten_timeout(30), shorten_timeout(1), shorten_timeout(None)
    (2.0, 1, 2.0)
    """
    left = remaining_seconds()
    if left is None:
        return seconds
    left = max(left, _SHORTEST_TIMEOUT_SECONDS)
    return left if seconds is None else min(seconds, left)


class interrupted_in_time:  # noqa: N801 - reads as what it does after "with"
    """Raise `TimeIsOver` in the code inside when its time is over.

    It needs the main thread, a system with timers, and a SIGALRM that nobody else uses; elsewhere,
    and without a limit, nothing is interrupted. Code in C is interrupted when it comes back. What
    the block gives is given as a whole or not at all, so it must be used after the block.
    """

    __slots__ = ("_is_armed",)

    def __enter__(self) -> None:
        seconds = remaining_seconds()
        self._is_armed = seconds is not None and _can_interrupt()
        if seconds is not None and self._is_armed:
            try:
                _set_handler(signal.SIGALRM, _interrupt)
                signal.setitimer(signal.ITIMER_REAL, max(seconds, _SHORTEST_SECONDS))
            except TimeIsOver:  # the shortest time may be over at once
                self.__exit__()
                raise

    def __exit__(self, *_: object) -> None:
        if not self._is_armed:
            return
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
        finally:  # the signal may come while the timer is put off
            _set_handler(signal.SIGALRM, _DEFAULT)


def _can_interrupt() -> bool:
    return (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    )


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise TimeIsOver
