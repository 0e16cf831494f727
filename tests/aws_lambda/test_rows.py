"""Given rows become the frame that `extract` would have returned."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from aws_lambda.calls import Late
from hypothesis import given
from hypothesis import strategies as st

from dspipe import Contract
from dspipe._responses import dumps, to_columns, to_records
from dspipe._runtime import score_part
from dspipe.aws_lambda.requests._rows import RowReader
from dspipe.errors import RequestError

EXTRACTED = pd.DataFrame(
    {
        "flight": pd.array(["007", "A"], dtype="str"),
        "seats": pd.array([180, None], dtype="Int64"),
        "weight": [1.5, np.nan],
        "rows": np.array([30, 31]),
        "is_full": [True, False],
        "may_board": pd.array([True, None], dtype="boolean"),
        "day": pd.to_datetime(["2013-06-01", "NaT"]).as_unit("s"),
        "left": pd.to_datetime(["2013-06-01T05:15:00+00:00", "NaT"], utc=True).as_unit("us"),
        "took": pd.to_timedelta(["PT1H", None]).as_unit("us"),
        "class": pd.Categorical(["first", None], categories=["first", "second"]),
    }
)
CONTRACT_OF_NUMBERS = Contract.infer(EXTRACTED[["weight"]])
TYPED = RowReader(Contract.infer(EXTRACTED).columns, is_complete=True)


def test_reader_reads_back_what_an_answer_says_of_extracted_rows() -> None:
    """Every dtype of a source survives JSON, as records and as columns."""
    records = json.loads(dumps(to_records(EXTRACTED)))
    columns = json.loads(dumps(to_columns(EXTRACTED)))
    for row in records:
        row.pop("index")
    columns.pop("index")

    pd.testing.assert_frame_equal(TYPED.read(records), EXTRACTED)
    pd.testing.assert_frame_equal(TYPED.read(columns), EXTRACTED)


def test_reader_reads_numbers_from_text_when_their_type_is_known() -> None:
    """CSV has text alone; the contract says what it means."""
    reader = RowReader(Contract.infer(EXTRACTED).columns)
    rows = {
        "flight": ["007"],
        "seats": ["180"],
        "weight": ["1.5"],
        "rows": ["30"],
        "is_full": ["True"],
        "may_board": ["1"],
    }

    frame = reader.read(rows)

    pd.testing.assert_frame_equal(frame, EXTRACTED[list(rows)].iloc[[0]])


def test_reader_puts_columns_into_order_when_all_are_known() -> None:
    """Who sends columns in another order gets the same frame."""
    reader = RowReader(Contract.infer(EXTRACTED[["rows", "flight"]]).columns, is_complete=True)

    frame = reader.read([{"flight": "007", "rows": 1}])

    assert frame.columns.tolist() == ["rows", "flight"]


def test_reader_takes_types_from_the_values_when_none_are_known() -> None:
    """JSON tells text, numbers and booleans apart; a null makes the dtype one that has it."""
    rows = [
        {"i": 1, "f": 1, "b": True, "s": "x", "ni": 1, "nb": True, "ns": "x", "o": 1, "l": [1]},
        {"i": 2, "f": 0.5, "b": False, "s": "y", "ni": None, "nb": None, "ns": None, "o": "x"},
    ]

    dtypes = RowReader().read(rows).dtypes

    text = str(pd.Series(["x"]).dtype)
    assert {name: str(dtype) for name, dtype in dtypes.items()} == {
        "i": "int64",
        "f": "float64",
        "b": "bool",
        "s": text,
        "ni": "Int64",
        "nb": "boolean",
        "ns": text,
        "o": "object",
        "l": "object",
    }


@pytest.mark.parametrize("values", [[2**64], [2**64, None], [2**53 + 1, 0.5], ["\ud800"]])
def test_reader_keeps_values_that_no_dtype_holds(values: list[object]) -> None:
    """No digit is lost to a float, and nothing overflows."""
    frame = RowReader().read({"x": values})

    assert frame["x"].tolist() == values


def test_reader_puts_the_key_into_the_index_when_asked() -> None:
    """Features have their key in the index; a row without it is told later, by its position."""
    reader = RowReader(index="flight")

    frame = reader.read([{"flight": "007", "x": 1.0}])
    other = reader.read([{"x": 1.0}])

    assert frame.index.tolist() == ["007"]
    assert frame.index.name == "flight"
    assert frame.columns.tolist() == ["x"]
    assert isinstance(other.index, pd.RangeIndex)


def test_reader_gives_no_rows_when_there_are_none() -> None:
    """An empty list has the columns that are known."""
    frame = TYPED.read([])

    pd.testing.assert_frame_equal(frame, EXTRACTED.iloc[:0])


@pytest.mark.parametrize("rows", [[], {"flight": [], "distance": []}], ids=["rows", "columns"])
def test_reader_types_no_rows_as_it_would_type_some(rows: Any) -> None:
    """Code between the rows and the model finds its columns; a key that no contract has as well."""
    types = [replace(column, name="distance") for column in CONTRACT_OF_NUMBERS.columns]

    frame = RowReader(types, key=["flight"]).read(rows)

    assert frame.columns.tolist() == ["flight", "distance"]
    assert frame["distance"].dtype == "float64"
    assert len(frame) == 0


def test_reader_refuses_no_rows_when_their_columns_are_not_known() -> None:
    """What columns they would have is said by nobody."""
    with pytest.raises(RequestError) as caught:
        RowReader(key=["flight"]).read([])

    assert caught.value.status == 422
    assert str(caught.value) == (
        "The request has no rows, and it is not known which columns they would have. Give at least "
        'one row, or every column with an empty list: {"columns": {"name": []}}.'
    )


def test_reader_gives_a_frame_back_as_it_is() -> None:
    """A trigger that reads a file has typed it already."""
    assert TYPED.read(EXTRACTED) is EXTRACTED


@pytest.mark.parametrize(
    ("rows", "status", "message"),
    [
        ([{"x": 1}, 5], 400,
         "Row 2 is an int. Give every row as an object with one name a column."),
        (5, 400, "The rows are an int. Give one object a row."),
        ({"x": 5}, 400, "The column 'x' holds an int. Give it a list with one value a row."),
        ({"x": [1], "y": []}, 400,
         "The columns have different numbers of values: 'x' 1, 'y' 0. Give every column one value "
         "a row."),
    ],
)  # fmt: skip
def test_reader_refuses_what_are_no_rows(rows: Any, status: int, message: str) -> None:
    """The form of the rows is checked before their values."""
    with pytest.raises(RequestError) as caught:
        RowReader().read(rows)

    assert str(caught.value) == message
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("n", ["seven", 1, 1.5], "The column 'n' holds what is no integer: 'seven', 1.5 (row 1, "
         "3). Give it values of the type int64."),
        ("n", [None], "The column 'n' holds what is no integer: None (row 1). Give it values of "
         "the type int64."),
        ("day", [20130601], "The column 'day' holds what is no datetime: 20130601 (row 1). Give it "
         "values of the type datetime64[s]."),
        ("took", [60], "The column 'took' holds what is no duration: 60 (row 1). Give it values of "
         "the type timedelta64[us]."),
        ("class", ["third"], "The column 'class' holds what is no category that the package knows: "
         "'third' (row 1). Give it values of the type category."),
        ("yes", ["maybe"], "The column 'yes' holds what is no boolean: 'maybe' (row 1). Give it "
         "values of the type bool."),
    ],
)  # fmt: skip
def test_reader_refuses_values_that_do_not_fit(
    name: str, values: list[object], message: str
) -> None:
    """Nothing is rounded or guessed; the first rows are named."""
    known = EXTRACTED[["day", "took", "class"]].assign(n=[1, 2], yes=[True, False])
    reader = RowReader(Contract.infer(known).columns)

    with pytest.raises(RequestError) as caught:
        reader.read({name: values})

    assert str(caught.value) == message
    assert caught.value.status == 422


def test_reader_refuses_columns_that_are_not_those_of_extract() -> None:
    """A misspelt column would else be null in every row."""
    reader = RowReader(Contract.infer(EXTRACTED[["flight", "seats"]]).columns, is_complete=True)

    with pytest.raises(RequestError) as caught:
        reader.read([{"flight": "007", "seat": 1}])

    assert str(caught.value) == (
        "The rows have the column 'seat', which is not known and do not have the column 'seats'. "
        "Give the columns that extract returns: 'flight', 'seats'. Did you mean 'seats'?"
    )
    assert caught.value.status == 422


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["a", "b", "c"]),
            st.none() | st.booleans() | st.integers() | st.text(max_size=3)
            | st.floats(allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
        max_size=5,
    )
)  # fmt: skip
def test_reader_keeps_every_value_when_no_types_are_known(rows: list[dict[str, Any]]) -> None:
    """What JSON says is in the frame; an absent value is null."""
    frame = RowReader().read(rows)

    answered = to_records(frame)
    names = {name for row in rows for name in row}
    assert [{name: row[name] for name in names} for row in answered] == [
        {name: row.get(name) for name in names} for row in rows
    ]


READ_WITHOUT_PYARROW = """
import sys
sys.modules["pyarrow"] = None
from dspipe.aws_lambda.requests._rows import RowReader
rows = [{"flight": "007", "crew": None, "gate": "A"}, {"flight": "A", "crew": "Ann", "gate": "B"}]
frame = RowReader(index="flight").read(rows)
print(frame.index.dtype, *frame.dtypes, frame["gate"].tolist(), frame["crew"].isna().tolist())
"""


@pytest.mark.skipif(int(pd.__version__[0]) < 3, reason="pandas 2 has no dtype for text")
def test_text_is_text_without_pyarrow_as_well() -> None:
    """A package for Lambda has none, and pandas then keeps text as Python's own."""
    done = subprocess.run(
        [sys.executable, "-c", READ_WITHOUT_PYARROW], capture_output=True, text=True, check=True
    )

    assert done.stdout == "str str str ['A', 'B'] [True, False]\n"


@given(
    st.lists(
        st.tuples(st.none() | st.integers(0, 3), st.none() | st.floats(0, 9)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([None, 2]),
)
def test_rows_come_to_the_same_run_wherever_their_key_is(
    pairs: list[tuple[int | None, float | None]], batch_rows: int | None
) -> None:
    """The short way, on which the key never was a column, rejects and predicts the same."""
    rows = [{"flight": key, "distance": distance} for key, distance in pairs]
    pipeline: Any = Late(batch_rows=batch_rows)
    types = [replace(column, name="distance") for column in CONTRACT_OF_NUMBERS.columns]
    keyed = RowReader(types, index="flight").read(rows)

    short = score_part(pipeline, keyed, {}, is_owned=True).run
    long = score_part(pipeline, RowReader(types).read(rows), {}).run

    assert to_records(short.predictions) == to_records(long.predictions)
    assert to_records(short.rejected) == to_records(long.rejected)
    assert short.rows == long.rows
