"""Differences between frames are found, named by key, and nulls are equal to nulls."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dspipe.testing._comparison import copy_deeply, find_difference, find_lossy_answers

KEYS = pd.Index(["a", "b"], name="id")


def make(**columns: list[Any]) -> pd.DataFrame:
    """Make a frame of two rows."""
    return pd.DataFrame(columns, index=KEYS)


@pytest.mark.parametrize(
    "values",
    [
        [1.0, np.nan],
        [1, 2],
        ["x", None],
        [[1], {"k": 2}],
        [np.array([1, 2]), None],
        [pd.NaT, pd.NaT],
    ],
    ids=repr,
)
@pytest.mark.parametrize("exactly", [True, False])
def test_find_difference_is_none_when_frames_are_equal(values: list[Any], *, exactly: bool) -> None:
    """Equal values, nulls and arrays among them, are no difference."""
    assert find_difference(make(x=values), make(x=values), exactly=exactly) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1, 2], [1, 3], "'x' differs in 1 row, first for the keys 'b' (2 against 3)."),
        (
            [1.0, np.nan],
            [1.0, 2.0],
            "'x' differs in 1 row, first for the keys 'b' (nan against 2.0).",
        ),
        (
            [1, 2],
            [1.0, 2.0],
            "The columns differ:\n- x: int64\n+ x: float64\n",
        ),
    ],
)
def test_find_difference_names_first_keys_or_columns(
    one: list[Any], other: list[Any], expected: str
) -> None:
    """The sentence has the keys and both values, or a diff of the columns."""
    assert find_difference(make(x=one), make(x=other)) == expected


def test_find_difference_compares_the_keys() -> None:
    """Other keys are a difference even where the values are equal."""
    other = make(x=[1, 2]).set_axis(["a", "c"], axis=0)

    assert find_difference(make(x=[1, 2]), other) == "The rows differ: 'a', 'b' against 'a', 'c'."


def test_find_difference_tolerates_last_bits_unless_told_to_be_exact() -> None:
    """Sums of another order are equal; features must be bit by bit."""
    one, other = make(x=[1.0, 2.0]), make(x=[1.0, 2.0 * (1 + 1e-12)])

    assert find_difference(one, other) is None
    assert find_difference(one, other, exactly=True) is not None


def test_find_lossy_answers_takes_everything_json_can_carry() -> None:
    """Text, dates, lists and nulls are written as they are."""
    answers = make(prediction=[0.1, 0.2], reason_1=["late", None], parts=[[1], {"x": 1}])

    assert find_lossy_answers(answers) is None


def test_copy_deeply_shares_nothing_and_keeps_dtypes() -> None:
    """A list in the copy is another list, and every column keeps its dtype."""
    frame = make(tags=[["a"], None], day=[pd.NaT, pd.NaT]).assign(n=pd.array([1, None], "Int64"))

    copied = copy_deeply(frame)
    copied["tags"].tolist()[0].append("b")

    assert frame["tags"].tolist() == [["a"], None]
    assert copied.dtypes.equals(frame.dtypes)
