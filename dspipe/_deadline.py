"""How much time is left: a limit that whoever waits can ask for, in every thread of a run.

Whoever calls a database, a service or a model asks `remaining_seconds` and waits no longer. What
cannot ask, such as a loop of the user's, is interrupted where it stands.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from types import FrameType

_SHORTEST_SECONDS = 1e-6  # a timer of 0 seconds would never go off
_SHORTEST_TIMEOUT_SECONDS = 1e-3
_SHORTEST_WAIT_SECONDS = 0.02  # whoever waited for the rest of the time may stop a little early


class TimeIsOver(BaseException):
    """Is raised into code that runs when its time is over; never leaves a run."""


@dataclass(frozen=True, slots=True)
class _Limit:
    end: float
    clock: Callable[[], float]


_limits: ContextVar[tuple[_Limit, ...]] = ContextVar("dspipe_limits", default=())


@contextmanager
def time_limit(seconds: float, *, clock: Callable[[], float] = monotonic) -> Iterator[None]:
    """Give the work inside so much time; of limits inside each other the nearest end counts.

    Parameters
    ----------
    seconds : float
        Time from now.
    clock : callable, default=time.monotonic
        Tells the time, in seconds.

    Examples
    --------
    >>> with time_limit(60), time_limit(5, clock=lambda: 0.0):
    ...     remaining_seconds()
    5.0
    """
    token = _limits.set((*_limits.get(), _Limit(clock() + seconds, clock)))
    try:
        yield
    finally:
        _limits.reset(token)


def remaining_seconds() -> float | None:
    """Tell how much time is left, below 0 when it is over; None without a limit.

    Threads that run in a copy of the context, as those of a run do, see the same limit.
    """
    return min((limit.end - limit.clock() for limit in _limits.get()), default=None)


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


@contextmanager
def interrupted_in_time() -> Iterator[None]:
    """Raise `TimeIsOver` in the code inside when its time is over.

    It needs the main thread, a system with timers, and a SIGALRM that nobody else uses; elsewhere,
    and without a limit, nothing is interrupted. Code in C is interrupted when it comes back. What
    the block gives is given as a whole or not at all, so it must be used after the block.
    """
    seconds = remaining_seconds()
    if seconds is None or not _can_interrupt():
        yield
        return
    signal.signal(signal.SIGALRM, _interrupt)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, _SHORTEST_SECONDS))
    try:
        yield
    finally:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
        finally:  # the signal may come while the timer is put off
            signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _can_interrupt() -> bool:
    return (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    )


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise TimeIsOver
