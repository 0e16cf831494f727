"""Interrupt a database that takes too long, for drivers that know no timeout of their own."""

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class Watch:
    """Call work on a database, and interrupt what takes longer than `seconds`.

    Only the time inside of `call` counts: a reader that is slow between two batches is no fault of
    the database.
    """

    def __init__(self, interrupt: Callable[[], object], seconds: float | None) -> None:
        self._interrupt = interrupt
        self.seconds = seconds or 0.0
        self._is_on = seconds is not None
        self.has_expired = False

    def call(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns; it fails with the driver's own error when interrupted."""
        if not self._is_on:
            return work()
        timer = threading.Timer(self.seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            return work()
        finally:
            timer.cancel()

    def _expire(self) -> None:
        self.has_expired = True
        self._interrupt()
