"""Interrupt a database that takes too long, for drivers that know no timeout of their own."""

import threading
from collections.abc import Callable
from typing import TypeVar

from dspipe._deadline import shorten_timeout

Result = TypeVar("Result")


class Watch:
    """Call work on a database, and interrupt what takes longer than `seconds` or there is time.

    Only the time inside of `call` counts: a reader that is slow between two batches is no fault of
    the database.
    """

    def __init__(self, interrupt: Callable[[], object], seconds: float | None) -> None:
        self._interrupt = interrupt
        self.seconds = seconds
        self.has_expired = False

    def call(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns; it fails with the driver's own error when interrupted."""
        seconds = shorten_timeout(self.seconds)
        if seconds is None:
            return work()
        timer = threading.Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            return work()
        finally:
            timer.cancel()

    def _expire(self) -> None:
        self.has_expired = True
        self._interrupt()
