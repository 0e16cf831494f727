"""Each check finds the predictor that breaks its promise."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dspipe.predictors import MockPredictor
from dspipe.testing._predictor_checks import check_predictor, predictor_checks

FEATURES = pd.DataFrame({"x": [0.1, 0.2, 0.4]}, index=pd.Index(["a", "b", "c"], name="id"))


def count_calls() -> Callable[[pd.DataFrame], Any]:
    """Make a function that answers another value each time."""
    calls: list[int] = []

    def answer(features: pd.DataFrame) -> Any:
        calls.append(1)
        return np.full(len(features), float(len(calls)))

    return answer


def modify(features: pd.DataFrame) -> Any:
    """Change the features."""
    features["x"] = 1.0
    return features["x"]


BROKEN: dict[str, Callable[[pd.DataFrame], Any]] = {
    "check_answers_every_row": lambda f: np.zeros(len(f) - 1),
    "check_keeps_index": lambda f: f["x"].reset_index(drop=True),
    "check_follows_order": lambda f: np.arange(float(len(f))),
    "check_answers_rows_alone_as_together": lambda f: f["x"] - f["x"].mean(),
    "check_leaves_features_as_they_are": modify,
    "check_repeats_its_answer": count_calls(),
    "check_predicts_usable_values": lambda f: f["x"] / 0,
    "check_copes_with_no_rows": lambda f: f["x"] * f["x"].iloc[0] * 0,
}
CHECKS = {check.__name__: check for check in predictor_checks()}


@pytest.mark.parametrize("name", list(CHECKS))
def test_check_fails_when_its_promise_is_broken(name: str) -> None:
    """Every check has a predictor that it refuses."""
    with pytest.raises((AssertionError, IndexError)):
        CHECKS[name](MockPredictor(BROKEN[name]), FEATURES)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda f: f.rename(columns={"x": "y"}), "Its answer has no column 'prediction': ['y']."),
        (
            lambda f: pd.Series("late", index=f.index, dtype=object),
            "Its predictions are object: text must be a category or come with probabilities.",
        ),
        (
            lambda f: f["x"].where(f["x"] > 0.3),
            "Its predictions are null or infinite for the keys 'a', 'b'.",
        ),
        (
            lambda f: pd.DataFrame({"prediction": 1, "probability_1": f["x"]}),
            "Its probabilities are no shares of 1 for the keys 'a', 'b', 'c'.",
        ),
    ],
)
def test_check_of_values_says_what_is_wrong(
    answer: Callable[[pd.DataFrame], Any], message: str
) -> None:
    """The message names the column, the type or the keys."""
    with pytest.raises(AssertionError) as caught:
        CHECKS["check_predicts_usable_values"](MockPredictor(answer), FEATURES)

    assert str(caught.value) == message


def test_check_predictor_reports_every_failure_together() -> None:
    """One run tells all."""

    def answer(features: pd.DataFrame) -> Any:
        if len(features) == 0:
            raise RuntimeError("nothing to do")
        return features["x"] / 0

    with pytest.raises(AssertionError) as caught:
        check_predictor(MockPredictor(answer), FEATURES)

    assert str(caught.value).splitlines()[1:] == [
        "- check_predicts_usable_values: Its predictions are null or infinite for the keys "
        "'a', 'b', 'c'.",
        "- check_copes_with_no_rows: It raised RuntimeError: nothing to do",
    ]


def test_check_predictor_is_silent_when_all_promises_are_kept() -> None:
    """A sound predictor passes."""
    check_predictor(MockPredictor(0.5), FEATURES)
