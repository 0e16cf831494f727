"""All workers slow down together, and recover."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe._remote._pace import Pace


def test_budget_halves_once_when_answers_to_one_round_are_busy() -> None:
    """Eight workers that are refused together are one refusal."""
    now = [0.0]
    pace = Pace(8, clock=lambda: now[0])

    for _ in range(8):
        pace.slow_down(2.0)

    assert (pace.width, pace.pause_seconds()) == (4, 2.0)
    now[0] = 2.1
    pace.slow_down(0.0)
    assert (pace.width, pace.pause_seconds()) == (2, 0.0)


@given(st.lists(st.booleans(), max_size=200))
def test_budget_stays_between_one_and_all_workers(answers: list[bool]) -> None:
    """However it goes, somebody may ask, and nobody more than was allowed."""
    now = [0.0]
    pace = Pace(4, clock=lambda: now[0])

    for went_well in answers:
        now[0] += 1.0
        pace.go_well() if went_well else pace.slow_down(0.0)

        assert 1 <= pace.width <= 4
    for _ in range(20):
        pace.go_well()
    assert pace.width == 4


def test_turn_waits_until_another_request_is_done() -> None:
    """No more requests are under way than the budget allows."""
    pace, asked = Pace(1), threading.Event()
    order: list[str] = []

    def second() -> None:
        with pace.turn(asked.set):
            order.append("second")

    with pace.turn(lambda: None):
        thread = threading.Thread(target=second)
        thread.start()
        asked.wait()
        order.append("first")
    thread.join()

    assert order == ["first", "second"]


def test_turn_is_given_up_when_the_check_raises() -> None:
    """A limit of time is seen while waiting for a turn."""

    def over() -> None:
        raise TimeoutError

    pace = Pace(1)

    with pace.turn(over), pytest.raises(TimeoutError), pace.turn(over):
        pass
