"""Time limits: the nearest counts, every thread of a run sees it, stuck code is interrupted."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context

import pytest
from alarm import free_alarm
from hypothesis import given
from hypothesis import strategies as st

from dspipe._deadline import TimeIsOver, interrupted_in_time, remaining_seconds, time_limit

__all__ = ["free_alarm"]

SECONDS = st.floats(-10, 1_000)


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def test_remaining_seconds_is_none_when_there_is_no_limit() -> None:
    """Without a limit nobody needs to hurry, after one neither."""
    with time_limit(5):
        pass

    assert remaining_seconds() is None


def test_remaining_seconds_goes_down_below_zero_as_time_passes() -> None:
    """What is over is told by how much."""
    clock = Clock()

    with time_limit(5, clock=clock):
        clock.now += 3
        left = remaining_seconds()
        clock.now += 4

        assert (left, remaining_seconds()) == (2, -2)


@given(st.lists(SECONDS, min_size=1, max_size=4))
def test_nearest_end_counts_when_limits_stand_inside_each_other(seconds: list[float]) -> None:
    """An inner limit shortens an outer one and never lengthens it."""
    clock = Clock()
    limits = [time_limit(each, clock=clock) for each in seconds]

    for limit in limits:
        limit.__enter__()
    left = remaining_seconds()
    for limit in reversed(limits):
        limit.__exit__(None, None, None)

    assert left == min(100.0 + each - 100.0 for each in seconds)
    assert remaining_seconds() is None


def test_limit_is_seen_by_a_thread_that_runs_in_the_same_context() -> None:
    """The thread that reads ahead waits no longer than the run has time."""
    with ThreadPoolExecutor(1) as threads, time_limit(5, clock=Clock()):
        copied = threads.submit(copy_context().run, remaining_seconds)
        bare = threads.submit(remaining_seconds)

    assert (copied.result(), bare.result()) == (5, None)


@pytest.mark.usefixtures("free_alarm")
def test_code_that_does_not_return_is_interrupted_when_its_time_is_over() -> None:
    """A loop without an end stops, and an `except Exception` in it does not hold it."""

    def hang() -> None:
        while True:
            with suppress(Exception):
                threading.Event().wait(10)

    with pytest.raises(TimeIsOver), time_limit(0.02), interrupted_in_time():
        hang()


@pytest.mark.usefixtures("free_alarm")
def test_alarm_is_given_back_when_the_code_ends_in_time() -> None:
    """Nothing goes off later, and the next user finds the signal as it was."""
    with time_limit(60), interrupted_in_time():
        armed = signal.getitimer(signal.ITIMER_REAL)[0]

    assert armed > 0
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


@pytest.mark.usefixtures("free_alarm")
def test_alarm_is_given_back_when_the_time_is_over_at_once() -> None:
    """The alarm may go off while it is being set."""

    def hang() -> None:
        with time_limit(-1), interrupted_in_time():
            threading.Event().wait(10)

    for _ in range(100):
        with pytest.raises(TimeIsOver):
            hang()

    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


@pytest.mark.usefixtures("free_alarm")
def test_alarm_of_another_is_left_alone_when_it_is_set() -> None:
    """Who uses the signal for something else keeps it."""

    def other(*_: object) -> None:
        """Stand for the handler of another."""

    signal.signal(signal.SIGALRM, other)
    with time_limit(-1), interrupted_in_time():
        held = signal.getsignal(signal.SIGALRM)

    assert held is other


@pytest.mark.usefixtures("free_alarm")
def test_nothing_is_armed_without_a_limit_or_outside_of_the_main_thread() -> None:
    """Only the main thread can be interrupted, and only where time is counted."""

    def enter() -> float:
        with time_limit(60), interrupted_in_time():
            return signal.getitimer(signal.ITIMER_REAL)[0]

    with interrupted_in_time():
        without_limit = signal.getitimer(signal.ITIMER_REAL)[0]
    with ThreadPoolExecutor(1) as threads:
        in_thread = threads.submit(enter).result()

    assert (without_limit, in_thread) == (0, 0)
