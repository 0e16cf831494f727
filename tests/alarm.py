"""The alarm of the process, which a test may use although the test runner holds it."""

import signal
from collections.abc import Iterator

import pytest


@pytest.fixture
def free_alarm() -> Iterator[None]:
    """Lend the alarm to a test, and give it back to the runner, who times tests with it."""
    handler = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    delay, interval = signal.setitimer(signal.ITIMER_REAL, 0)
    yield
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, delay, interval)
