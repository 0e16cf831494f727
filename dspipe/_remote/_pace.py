"""How many requests may be under way: one budget for all workers, smaller while a service is busy.

It halves when the service asks for patience, and grows by one request for each round that went
well. While the service wants a pause, nobody sends anything.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

_LONGEST_LOOK_SECONDS = 0.5  # so that a limit of time or an interrupt is seen while waiting


class Pace:
    """Lets requests through, and learns from their answers.

    Parameters
    ----------
    most : int
        Most requests at a time.
    clock : callable, default=time.monotonic
        Tells the time in seconds.

    Examples
    --------
    >>> pace = Pace(4)
    >>> pace.slow_down(0.0)
    >>> pace.width
    2
    """

    def __init__(self, most: int, *, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._clock = most, clock
        self._width, self._n_running, self._until = float(most), 0, 0.0
        self._narrowed_at: float | None = None
        self._free = threading.Condition()

    @property
    def width(self) -> int:
        """Requests that may be under way now."""
        return int(self._width)

    def pause_seconds(self) -> float:
        """Tell how long nobody may send anything."""
        return max(self._until - self._clock(), 0.0)

    @contextmanager
    def turn(self, check: Callable[[], object]) -> Iterator[None]:
        """Wait until another request may go; `check` is called now and then, and may raise."""
        with self._free:
            while self._n_running >= self.width:
                self._free.wait(_LONGEST_LOOK_SECONDS)
                check()
            self._n_running += 1
        try:
            yield
        finally:
            with self._free:
                self._n_running -= 1
                self._free.notify_all()

    def slow_down(self, seconds: float) -> None:
        """Halve the budget, and let nobody send anything for so long.

        Answers to requests that were under way together count once.
        """
        with self._free:
            now = self._clock()
            if self._narrowed_at is None or now > max(self._narrowed_at, self._until):
                self._width = max(self._width / 2, 1.0)
                self._narrowed_at = now
            self._until = max(self._until, now + seconds)

    def go_well(self) -> None:
        """Grow the budget a little, after an answer."""
        with self._free:
            self._width = min(self._width + 1 / self._width, float(self._most))
            self._free.notify_all()
