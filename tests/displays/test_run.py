"""What a report shows: the answers, how sure they are, which rows, and where they come from."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from dspipe.displays import draw_run, format_seconds


def draw(predictions: pd.DataFrame, **facts: Any) -> str:
    """Draw a run with these predictions and otherwise small facts."""
    stages = ("extract", "postprocess", "predict")
    given: dict[str, Any] = {
        "name": "Late",
        "question": "Will it be late?",
        "predictions": predictions,
        "rejected": pd.DataFrame({"stage": [], "reason": []}),
        "rows": dict.fromkeys(stages, len(predictions)),
        "seconds": dict.fromkeys(stages, 0.5),
        "total_seconds": 1.5,
        "arguments": {},
        "provenance": {},
        "warnings": (),
    }
    return draw_run(**given | facts)


def test_report_counts_the_answers_of_a_classifier() -> None:
    """Each class is named with the number and the share of its rows."""
    frame = pd.DataFrame({
        "prediction": ["late", "in_time", "in_time", "in_time"],
        "probability_late": [0.75, 0.25, 0.5, 0.125],
    })  # fmt: skip

    shown = draw(frame)

    assert "<td>3</td><td>75.0%</td>" in shown
    assert "<td>1</td><td>25.0%</td>" in shown
    assert "Spread of probability_late" in shown


def test_report_adds_up_the_rarer_classes_when_there_are_many() -> None:
    """Eight classes are named, and what is left is one line, so that nothing is missing."""
    frame = pd.DataFrame({"prediction": [f"class {n % 12}" for n in range(120)]})

    shown = draw(frame)

    assert '<th scope="row" class="text">all others</th>' in shown
    assert "<td>40</td><td>33.3%</td>" in shown


def test_report_says_where_the_answers_of_a_regression_lie() -> None:
    """Numbers are not counted one by one; explanations beside them change nothing."""
    frame = pd.DataFrame({"prediction": [1.0, 2.0, 6.0], "reason_1": ["a", "b", "c"]})

    shown = draw(frame)

    assert "<dt>lowest</dt><dd>1</dd><dt>mean</dt><dd>3</dd><dt>highest</dt><dd>6</dd>" in shown
    assert "Spread of prediction" in shown


def test_report_shows_the_highest_rows_when_not_all_rows_are_shown() -> None:
    """The row that matters most is on the page wherever it stands among many."""
    frame = pd.DataFrame({"prediction": range(30)}, index=pd.Index(range(100, 130), name="row_id"))

    few, many = draw(frame.head(10)), draw(frame)

    assert "Highest prediction" not in few
    assert "Highest prediction" in many
    assert '<td class="">129</td>' in many


def test_report_draws_a_bar_for_a_share_and_the_same_number_of_digits() -> None:
    """How sure an answer is can be seen without reading, and digits stand under each other."""
    frame = pd.DataFrame({"prediction": ["a", "b"], "probability_b": [0.25, 0.98765]})

    shown = draw(frame)

    assert '<i style="width:25%"></i></span>0.2500</td>' in shown
    assert '<i style="width:99%"></i></span>0.9877</td>' in shown


def test_report_stands_a_probability_that_is_none() -> None:
    """A user's own predict may give a number outside of 0 to 1; the page shows it all the same."""
    frame = pd.DataFrame({"prediction": ["a", "b"], "probability_b": [-3.0, 7.0]})

    shown = draw(frame)

    assert "-3</td>" in shown
    assert '<i style="width:100%"></i></span>7</td>' in shown


def test_report_of_no_rows_has_neither_answers_nor_rows() -> None:
    """An empty run is drawn as one."""
    shown = draw(pd.DataFrame({"prediction": []}))

    assert "0 predictions in 1.50 s" in shown
    assert "Answers" not in shown
    assert "Predictions" not in shown


def test_report_writes_times_to_the_second_with_their_zone() -> None:
    """Microseconds are noise for a reader."""
    as_of = datetime(2013, 10, 7, 6, 30, 15, 123456, tzinfo=UTC)

    shown = draw(pd.DataFrame({"prediction": [1.0]}), provenance={"as_of": as_of})

    assert "<dd>2013-10-07 06:30:15 UTC</dd>" in shown


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0042, "4.2 ms"), (0.25, "250 ms"), (61.0, "1 min 1 s")]
)
def test_times_are_written_to_be_read_at_a_glance(seconds: float, text: str) -> None:
    """The unit follows the size."""
    assert format_seconds(seconds) == text
