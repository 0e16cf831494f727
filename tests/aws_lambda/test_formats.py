"""The form of an answer is chosen by what the caller accepts."""

import json
from typing import Any

import pandas as pd
import pytest
from aws_lambda.calls import Late
from hypothesis import given
from hypothesis import strategies as st

from dspipe._responses import dumps, to_records, write_records
from dspipe.aws_lambda import Result
from dspipe.aws_lambda.answers._formats import (
    COLUMNS,
    CSV,
    RECORDS,
    Format,
    check_format,
    choose_format,
    write_answer,
)
from dspipe.errors import RequestError


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", RECORDS),
        ("*/*", RECORDS),
        ("application/json", RECORDS),
        ("Application/JSON; orient=records", RECORDS),
        ("application/json;orient=columns", COLUMNS),
        ("text/csv", CSV),
        ("text/*;q=0.2, application/json;q=0.1", CSV),
        ("text/html, application/xhtml+xml, */*;q=0.8", RECORDS),
        ("text/csv;q=0, application/json", RECORDS),
        ("text/csv;q=high, application/json;q=0.5", RECORDS),
    ],
)
def test_format_is_the_one_that_the_caller_likes_best(accept: str, expected: Format) -> None:
    """Weights decide, then the order; what has no weight above 0 is refused."""
    actual = choose_format(accept)

    assert actual == expected


@pytest.mark.parametrize(
    "accept", ["text/html", "application/json;q=0", "application/json;orient=x"]
)
def test_format_is_refused_when_it_is_none_of_ours(accept: str) -> None:
    """The caller is told what there is."""
    with pytest.raises(RequestError) as caught:
        choose_format(accept)

    assert str(caught.value) == (
        f"The request accepts '{accept}', which no answer is. Accept application/json, "
        "application/json; orient=columns, or text/csv."
    )
    assert caught.value.status == 406


def test_csv_is_refused_when_there_is_more_than_one_run() -> None:
    """Two tables do not fit into one."""
    with pytest.raises(RequestError) as caught:
        check_format(CSV, 2)

    assert str(caught.value) == (
        "The request accepts text/csv and asks for 2 runs, which are not one table. Accept "
        "application/json, or ask for one run."
    )
    assert caught.value.status == 406


def make_result() -> Result:
    """Score two flights, of which one has no distance."""
    rows = pd.DataFrame({"flight": ["007", "008"], "distance": [500.0, None]})
    return Result(Late().score(rows), continuation="token")


def test_answer_holds_one_object_a_row_when_it_is_of_records() -> None:
    """The answer of a run is one JSON object with all that the run learned."""
    answer = json.loads(write_answer([make_result()], RECORDS))

    assert answer.pop("provenance")["pipeline"] == "Late"
    assert answer == {
        "predictions": [{"flight": "007", "prediction": 0.5}],
        "rejected": [
            {
                "flight": "008",
                "stage": "predict",
                "reason": "the prediction is null or not finite",
            }
        ],
        "rows": {"extract": 2, "postprocess": 2, "predict": 1, "rejected": 1},
        "arguments": {},
        "warnings": [],
        "continuation": "token",
    }


def test_answer_holds_one_list_a_column_when_it_is_of_columns() -> None:
    """A frame is built of columns at a fifth of the price."""
    answer = json.loads(write_answer([make_result()], COLUMNS))

    assert answer["predictions"] == {"flight": ["007"], "prediction": [0.5]}
    assert answer["rejected"]["flight"] == ["008"]


def test_answer_is_a_list_when_there_are_several_runs() -> None:
    """Who asks for two runs gets two answers."""
    answer = json.loads(write_answer([make_result(), make_result()], RECORDS))

    assert [one["continuation"] for one in answer] == ["token", "token"]


def test_answer_names_rejected_rows_when_it_is_csv() -> None:
    """No row is lost: those without a prediction have a reason instead."""
    text = write_answer([make_result()], CSV)

    assert text == (
        "flight,prediction,rejected\n007,0.5,\n008,,predict: the prediction is null or not finite\n"
    )


@given(
    st.lists(
        st.tuples(
            st.text(max_size=5),
            st.floats(),
            st.none() | st.integers(),
            st.booleans(),
            st.sampled_from([pd.NaT, pd.Timestamp("2013-06-01 05:15")]),
        ),
        max_size=5,
    )
)
def test_records_are_written_as_any_other_answer_is(rows: list[tuple[Any, ...]]) -> None:
    """The fast way to text gives what the plain way gives, letter for letter."""
    names = ["100 %", 'a "b"', "whole", "is", "left"]
    frame = pd.DataFrame(rows, columns=names).set_index("100 %")

    assert write_records(frame) == dumps(to_records(frame))
