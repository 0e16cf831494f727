"""The contract of a model's features: inferred, kept in a file, compared and applied."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import dateutil.tz
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dspipe._contract import Column, Contract, Policy
from dspipe._contract_values import blank
from dspipe.errors import ConfigurationError, ContractError

ZONES = ("UTC", "Europe/Paris", "America/New_York")
TOP_OF_FLOAT = 2**53


def one(values: object, dtype: Any = None) -> pd.DataFrame:
    """Make a frame of one column."""
    return pd.DataFrame({"x": pd.Series(values, dtype=dtype)})


def moments(zone: str | None = None) -> pd.DataFrame:
    """Make a frame of two moments in microseconds."""
    naive = pd.Series(["2013-01-01 08:00", "2013-12-31 20:00"], dtype="datetime64[us]")
    return one(naive if zone is None else naive.dt.tz_localize(zone))


@st.composite
def any_column(draw: Any, n_rows: int) -> "pd.Series[Any]":
    """Draw a column of any kind that a contract holds."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    dtype, values = KINDS[kind]
    is_nullable = not str(dtype).startswith(("int", "uint", "bool"))
    drawn = st.one_of(values, st.none()) if is_nullable else values
    data = draw(st.lists(drawn, min_size=n_rows, max_size=n_rows))
    if dtype == "category":
        return pd.Series(pd.Categorical(data, ordered=draw(st.booleans())))
    if isinstance(dtype, tuple):
        return pd.Series(data, dtype=dtype[0]).dt.tz_localize("UTC").dt.tz_convert(dtype[1])
    return pd.Series(data, dtype=dtype)


_DAYS = st.datetimes(pd.Timestamp("1950-01-01"), pd.Timestamp("2100-01-01"))
KINDS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "boolean": ("boolean", st.booleans()),
    "bool": ("bool", st.booleans()),
    "category": ("category", st.text(st.characters(exclude_categories=["Cs"]), max_size=3)),
    "category of integers": ("category", st.integers(-9, 9)),
    "date": ("object", st.dates()),
    "datetime": ("datetime64[us]", _DAYS),
    "duration": ("timedelta64[us]", st.timedeltas(pd.Timedelta(0), pd.Timedelta(days=9))),
    "float": ("float64", st.floats()),
    "half float": ("float32", st.floats(width=32)),
    "Float64": ("Float64", st.floats(allow_nan=False)),
    "int8": ("int8", st.integers(-128, 127)),
    "int64": ("int64", st.integers(-(2**63), 2**63 - 1)),
    "uint64": ("uint64", st.integers(0, 2**64 - 1)),
    "Int64": ("Int64", st.integers(-(2**63), 2**63 - 1)),
    "object": ("object", st.one_of(st.lists(st.integers()), st.integers(), st.text(max_size=2))),
    "text": ("str", st.text(st.characters(exclude_categories=["Cs"]), max_size=5)),
    "string": ("string", st.text(st.characters(exclude_categories=["Cs"]), max_size=5)),
    "surrogates": ("object", st.text(st.characters(), min_size=1, max_size=5)),
    "zoned": (("datetime64[us]", "Europe/Paris"), _DAYS),
}


@st.composite
def any_frame(draw: Any) -> pd.DataFrame:
    """Draw a frame of columns of any kind."""
    n_rows = draw(st.integers(0, 6))
    names = draw(st.lists(st.text(max_size=3), unique=True, max_size=3))
    columns = {name: draw(any_column(n_rows)) for name in names}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(n_rows), columns=names)
    # Many rows take another way than few.
    return pd.concat([frame] * draw(st.sampled_from([1, 12])), ignore_index=True)


@settings(max_examples=50)
@given(any_frame())
def test_contract_applies_without_complaint_to_the_frame_it_was_inferred_from(
    frame: pd.DataFrame,
) -> None:
    """A frame fits its own contract, and comes back the same."""
    conformed = Contract.infer(frame).apply(frame)

    assert dict(conformed.bad_rows) == {}
    assert conformed.warnings == ()
    pd.testing.assert_frame_equal(conformed.features, frame, check_exact=True)


@settings(max_examples=50)
@given(frame=any_frame(), columns=st.randoms(use_true_random=False))
def test_contract_gives_the_same_frame_when_columns_are_shuffled(
    frame: pd.DataFrame, columns: Any
) -> None:
    """The order of columns comes from the contract."""
    shuffled = list(frame.columns)
    columns.shuffle(shuffled)

    conformed = Contract.infer(frame).apply(frame[shuffled].assign(**{"one more": 1}))

    pd.testing.assert_frame_equal(conformed.features, frame, check_exact=True)


@settings(max_examples=50)
@given(any_frame())
def test_contract_is_equal_when_it_was_written_and_read(
    tmp_path_factory: pytest.TempPathFactory, frame: pd.DataFrame
) -> None:
    """A contract survives its file exactly."""
    path = tmp_path_factory.mktemp("contract") / "contract.json"
    contract = Contract.infer(frame, policy=Policy(extra="warn"))

    contract.save(path)

    loaded = Contract.load(path)
    assert loaded == contract
    assert [column.pandas_dtype for column in loaded.columns] == [
        column.pandas_dtype for column in contract.columns
    ]
    assert contract.diff(loaded) == ""


@settings(max_examples=50)
@given(frame=any_frame(), row=st.integers(0, 71))
def test_contract_judges_a_row_alone_as_among_others(frame: pd.DataFrame, row: int) -> None:
    """The way for few rows and the way for many come to the same end."""
    half = frame.head(len(frame) // 2)
    alone = frame.iloc[[row % len(frame)]] if len(frame) else frame
    contract = Contract.infer(half)
    many = pd.concat([alone] * 70)

    one_by_one, at_once = contract.apply(alone), contract.apply(many)

    assert set(one_by_one.bad_rows.values()) == set(at_once.bad_rows.values())
    pd.testing.assert_frame_equal(one_by_one.features, at_once.features.head(len(alone)))


def test_contract_file_is_readable_when_it_is_saved(tmp_path: Path) -> None:
    """The file has one block a column, and nothing that changes by itself."""
    frame = pd.DataFrame(
        {
            "hour": [5, 23],
            "carrier": pd.Categorical(["UA", "B6"], categories=["UA", "B6"]),
            "left": pd.Series(["2013-01-01 05:15", None], dtype="datetime64[s]"),
        }
    )

    Contract.infer(frame).save(tmp_path / "contract.json")

    content = json.loads((tmp_path / "contract.json").read_text())
    assert content == {
        "format": "dspipe.contract",
        "format_version": 1,
        "policy": {
            "missing": "error",
            "extra": "ignore",
            "wrong_type": "error",
            "unexpected_null": "error",
            "unseen_category": "warn",
            "out_of_range": "warn",
        },
        "columns": [
            {
                "name": "hour",
                "kind": "integer",
                "dtype": "int64",
                "nullable": False,
                "minimum": 5,
                "maximum": 23,
            },
            {
                "name": "carrier",
                "kind": "category",
                "dtype": "category",
                "nullable": False,
                "categories": ["UA", "B6"],
                "categories_dtype": "str" if pd.__version__ >= "3" else "object",
            },
            {
                "name": "left",
                "kind": "datetime",
                "dtype": "datetime64[s]",
                "nullable": True,
                "minimum": "2013-01-01T05:15:00",
                "maximum": "2013-01-01T05:15:00",
            },
        ],
    }


@pytest.mark.parametrize(
    ("trained_on", "given_values", "dtype"),
    [
        pytest.param(one([1, 2]), one([1, 2], "Int64"), "int64", id="Int64 to int64"),
        pytest.param(one([1, 2]), one([1.0, 2.0]), "int64", id="whole floats to int64"),
        pytest.param(one([1, 2]), one([1, Decimal(2)], object), "int64", id="objects to int64"),
        pytest.param(one([1, 2], "Int64"), one([1, 2]), "Int64", id="int64 to Int64"),
        pytest.param(one([1, 2], "int8"), one([1, 2]), "int8", id="int64 to int8"),
        pytest.param(one([0.5, 2]), one([1, 2], "Int64"), "float64", id="Int64 to float64"),
        pytest.param(one([0.5, 2]), one([1.5, 0.5], "float32"), "float64", id="float32 to float64"),
        pytest.param(one([0.5, 2]), one([1.5, 0.5]).astype("Float64"), "float64", id="Float64"),
        pytest.param(one([0.5, 2], "float32"), one([1.5, 0.5]), "float32", id="to float32"),
        pytest.param(
            one([0.1, 2]), one([Decimal("0.1"), 2], object), "float64", id="decimals to float64"
        ),
        pytest.param(one([True, False]), one([True, False], "boolean"), "bool", id="boolean"),
        pytest.param(
            one([True, False]), one([np.True_, False], object), "bool", id="objects to bool"
        ),
        pytest.param(one(["a", "b"], "string"), one(["b", "a"], object), "string", id="to string"),
        pytest.param(one(["a", "b"], object), one(["b", "a"], "string"), "object", id="to objects"),
        pytest.param(
            one(["a", "b"], "string"), one(["a", "b"], "category"), "string", id="from category"
        ),
        pytest.param(
            moments("UTC"), moments("UTC").astype("datetime64[ns, UTC]"), "datetime64[us, UTC]",
            id="unit",
        ),
        pytest.param(
            moments(), one([date(2013, 5, 1), pd.Timestamp("2013-05-02")], object),
            "datetime64[us]", id="objects to datetime",
        ),
        pytest.param(
            one(pd.to_timedelta(["1h", "9h"])), one([pd.Timedelta("2h")] * 2, object),
            str(one(pd.to_timedelta(["1h"]))["x"].dtype), id="objects to durations",
        ),
    ],
)  # fmt: skip
def test_contract_converts_values_when_nothing_is_lost(
    trained_on: pd.DataFrame, given_values: pd.DataFrame, dtype: str
) -> None:
    """Values take the contract's dtype where it holds them exactly."""
    contract = Contract.infer(trained_on)

    conformed = contract.apply(given_values)

    assert str(conformed.features["x"].dtype) == dtype
    assert list(conformed.features["x"].astype(object)) == [
        float(v) if isinstance(v, Decimal) else v for v in _plain(given_values)
    ]
    assert dict(conformed.bad_rows) == {}
    assert conformed.warnings == ()


def _plain(frame: pd.DataFrame) -> list[object]:
    is_moment = [isinstance(value, date) for value in frame["x"]]
    return [
        pd.Timestamp(value) if moment else value
        for value, moment in zip(frame["x"], is_moment, strict=True)
    ]


@pytest.mark.parametrize(
    ("trained_on", "value", "reason"),
    [
        (one([1, 2]), "abc", "Column 'x' is 'abc'; int64 cannot hold that without loss."),
        (one([1, 2]), 1.5, "Column 'x' is 1.5; int64 cannot hold that without loss."),
        (one([1, 2]), "007", "Column 'x' is '007'; int64 cannot hold that without loss."),
        (one([1, 2]), True, "Column 'x' is True; int64 cannot hold that without loss."),
        (one([1, 2]), float("inf"), "Column 'x' is inf; int64 cannot hold that without loss."),
        (one([1, 2], "int8"), 300, "Column 'x' is 300; int8 cannot hold that without loss."),
        (one([1, 2]), None, "Column 'x' is null; int64 has no null."),
        (one([1, 2], "Int64"), None, "Column 'x' is null; the contract allows no null there."),
        (
            one([0.5, 2]),
            TOP_OF_FLOAT + 1,
            "Column 'x' is 9007199254740993; float64 cannot hold that without loss.",
        ),
        (one([0.5], "float32"), 0.1, "Column 'x' is 0.1; float32 cannot hold that without loss."),
        (one([True]), 1, "Column 'x' is 1; bool cannot hold that without loss."),
        (one(["a"], "string"), 7, "Column 'x' is 7; string cannot hold that without loss."),
        (
            one(["a"], "category"),
            7,
            "Column 'x' is 7; the categories of the contract are of the kind text.",
        ),
        (
            one([date(2013, 1, 1)], object),
            pd.Timestamp("2013-01-01 05:00"),
            "Column 'x' is 2013-01-01 05:00:00; object cannot hold that without loss.",
        ),
        (
            moments(),
            pd.Timestamp("2013-05-01", tz="UTC"),
            "Column 'x' is 2013-05-01 00:00:00+00:00; "
            "datetime64[us] cannot hold that without loss.",
        ),
        (
            one(pd.Series(["2013-01-01"], dtype="datetime64[s]")),
            pd.Timestamp("2013-01-01 00:00:00.5"),
            "Column 'x' is 2013-01-01 00:00:00.500000; "
            "datetime64[s] cannot hold that without loss.",
        ),
        (
            one(["a"], "string"),
            b"x" * 100,
            f"Column 'x' is b'{'x' * 58}...; string cannot hold that without loss.",
        ),
    ],
)
def test_contract_makes_a_bad_row_when_a_value_cannot_be_converted(
    trained_on: pd.DataFrame, value: object, reason: str
) -> None:
    """Nothing is rounded, parsed or guessed: the row is refused with value and type."""
    right = trained_on["x"].iloc[0]

    conformed = Contract.infer(trained_on).apply(one([right, value, right], object))

    assert dict(conformed.bad_rows) == {1: reason}
    assert len(conformed.features) == 3
    assert conformed.features.dtypes.equals(trained_on.dtypes)


def test_contract_makes_bad_rows_when_typed_values_do_not_fit() -> None:
    """Columns of numbers are judged like objects, value by value."""
    contract = Contract.infer(pd.DataFrame({"a": [1, 9], "b": [0.5, 9.0]}))

    conformed = contract.apply(
        pd.DataFrame(
            {
                "a": [1.0, 1.5, np.nan, 2.0**63],
                "b": pd.array([2, TOP_OF_FLOAT + 1, None, 3], dtype="Int64"),
            }
        )
    )

    assert dict(conformed.bad_rows) == {
        1: "Column 'a' is 1.5; int64 cannot hold that without loss. "
        "Column 'b' is 9007199254740993; float64 cannot hold that without loss.",
        2: "Column 'a' is null; int64 has no null. "
        "Column 'b' is null; the contract allows no null there.",
        3: "Column 'a' is 9.223372036854776e+18; int64 cannot hold that without loss.",
    }


def test_contract_takes_a_column_without_values_when_nulls_are_allowed() -> None:
    """A batch whose column is all null says nothing about its type, and gets the contract's."""
    frame = pd.DataFrame(
        {
            "number": [1.5, None],
            "whole": pd.array([1, None], dtype="Int64"),
            "text": ["a", None],
            "kind": pd.Categorical(["a", None]),
            "left": pd.Series(["2013-01-01", None], dtype="datetime64[us]"),
        }
    )
    contract = Contract.infer(frame)

    for dtype in (object, "float64", "Int64", "string"):
        conformed = contract.apply(pd.DataFrame(None, range(2), frame.columns, dtype=dtype))

        assert conformed.features.dtypes.equals(frame.dtypes)
        assert conformed.features.isna().to_numpy().all()
        assert dict(conformed.bad_rows) == {}


def test_contract_uses_its_own_order_of_categories_when_the_batch_has_another() -> None:
    """Codes mean the same in every batch."""
    contract = Contract.infer(one(pd.Categorical(["b", "a"], categories=["b", "a"])))

    for batch in (one(["a", "b"], "category"), one(["a", "b"], "string"), one(["a", "b"], object)):
        conformed = contract.apply(batch)

        assert conformed.features["x"].cat.categories.tolist() == ["b", "a"]
        assert conformed.features["x"].cat.codes.tolist() == [1, 0]


def test_contract_warns_when_a_category_was_not_seen() -> None:
    """Text stays as it is, a category becomes null, and both are said."""
    frame = pd.DataFrame({"text": ["a", "b"], "kind": pd.Categorical(["a", "b"])})

    conformed = Contract.infer(frame).apply(
        pd.DataFrame({"text": ["a", "z", "z"], "kind": pd.Categorical(["a", "y", "z"])})
    )

    assert conformed.warnings == (
        "Column 'text' is 'z' in 2 rows; the contract knows 'a', 'b'.",
        "Column 'kind' is 'y', 'z' in 2 rows; the contract knows 'a', 'b'.",
    )
    assert conformed.features["text"].tolist() == ["a", "z", "z"]
    assert conformed.features["kind"].isna().tolist() == [False, True, True]
    assert dict(conformed.bad_rows) == {}


def test_contract_follows_its_policy_when_rows_break_it() -> None:
    """Each rule about values makes a bad row, a warning or nothing."""
    contract = Contract.infer(
        pd.DataFrame({"hour": [0, 23], "text": ["a", "b"], "speed": [1.0, 2.0]})
    )
    batch = pd.DataFrame({"hour": [25, 1], "text": ["z", "a"], "speed": [1.0, None]})
    strict = Policy(out_of_range="error", unseen_category="error")
    mild = Policy(unexpected_null="warn")
    blind = Policy(unexpected_null="ignore", out_of_range="ignore", unseen_category="ignore")

    answers = [contract.with_policy(policy).apply(batch) for policy in (strict, mild, blind)]

    assert [dict(answer.bad_rows) for answer in answers] == [
        {
            0: "Column 'hour' is 25; the contract's range is 0 to 23. "
            "Column 'text' is 'z'; the contract knows 'a', 'b'.",
            1: "Column 'speed' is null; the contract allows no null there.",
        },
        {},
        {},
    ]
    assert [answer.warnings for answer in answers] == [
        (),
        (
            "Column 'hour' is 25 in 1 row; the contract's range is 0 to 23.",
            "Column 'text' is 'z' in 1 row; the contract knows 'a', 'b'.",
            "Column 'speed' is null in 1 row; the contract allows no null there.",
        ),
        (),
    ]


def test_contract_refuses_the_batch_when_columns_do_not_fit() -> None:
    """Missing columns and wrong types are told together, with a line diff."""
    contract = Contract.infer(pd.DataFrame({"hour": [0, 23], "speed": [1.5, 2.5], "day": [1, 7]}))
    batch = pd.DataFrame({"hours": [1], "speed": pd.Series(["fast"], dtype="string"), "day": [3]})

    with pytest.raises(ContractError) as caught:
        contract.apply(batch)

    assert str(caught.value) == (
        "The features do not fit the model's contract: column 'hour' is missing (there is "
        "'hours'), column 'speed' is string where the contract has float64. Return the columns of "
        "the contract (-) instead of these (+) from postprocess, or train the model anew:\n"
        "- hour: int64\n"
        "+ hours: int64\n"
        "- speed: float64\n"
        "+ speed: string"
    )


@pytest.mark.parametrize(
    ("trained_zone", "given_zone", "sentence"),
    [
        (
            "Europe/Paris",
            None,
            "column 'x' holds datetimes without a time zone (datetime64[us]) where the contract "
            "has datetimes in the time zone Europe/Paris (datetime64[us, Europe/Paris])",
        ),
        (
            None,
            "UTC",
            "column 'x' holds datetimes in the time zone UTC (datetime64[us, UTC]) where the "
            "contract has datetimes without a time zone (datetime64[us])",
        ),
    ],
)
def test_contract_says_so_when_a_time_zone_is_missing_or_too_much(
    trained_zone: str | None, given_zone: str | None, sentence: str
) -> None:
    """No time zone is ever guessed or dropped."""
    with pytest.raises(ContractError) as caught:
        Contract.infer(moments(trained_zone)).apply(moments(given_zone))

    assert sentence in str(caught.value)


@pytest.mark.parametrize("zone", ZONES)
def test_contract_keeps_the_moment_when_the_time_zone_is_another(zone: str) -> None:
    """The same moment in another zone is converted."""
    contract = Contract.infer(moments("UTC"))
    batch = one(moments("UTC")["x"].dt.tz_convert(zone))

    conformed = contract.apply(batch)

    pd.testing.assert_frame_equal(conformed.features, moments("UTC"))


def test_contract_follows_its_policy_when_columns_do_not_fit() -> None:
    """Columns let through are filled, passed on or dropped, and warned of."""
    lenient = Policy(missing="warn", wrong_type="warn", extra="warn")
    contract = Contract.infer(pd.DataFrame({"a": [1.5], "b": [2.5]}), policy=lenient)
    batch = pd.DataFrame({"b": pd.Series(["x"], dtype="string"), "c": [1]})

    conformed = contract.apply(batch)

    assert conformed.warnings == (
        "Column 'a' is missing.",
        "Column 'b' is string where the contract has float64.",
        "Column 'c' is not in the contract.",
    )
    assert conformed.features["a"].isna().tolist() == [True]
    assert conformed.features["b"].tolist() == ["x"]
    assert list(conformed.features) == ["a", "b"]


def test_contract_refuses_a_missing_column_when_its_type_has_no_null() -> None:
    """A missing int64 column cannot be filled, whatever the policy says."""
    contract = Contract.infer(pd.DataFrame({"a": [1]}), policy=Policy(missing="ignore"))

    with pytest.raises(ContractError) as caught:
        contract.apply(pd.DataFrame({"b": [1]}))

    assert str(caught.value) == (
        "The features have no column 'a', and its type int64 has no null to put there. "
        "Return that column from postprocess."
    )


def test_contract_refuses_a_column_when_the_batch_has_it_twice() -> None:
    """Which of two columns is meant is never guessed."""
    contract = Contract.infer(pd.DataFrame({"a": [1]}))

    with pytest.raises(ContractError) as caught:
        contract.apply(pd.DataFrame([[1, 2]], columns=["a", "a"]))

    assert str(caught.value) == (
        "The features have the column 'a' more than once. "
        "The contract has each column once: drop or rename the others."
    )


def test_contract_leaves_its_input_and_index_as_they_are_when_it_converts() -> None:
    """The batch is not modified, and a repeated index is no obstacle."""
    contract = Contract.infer(pd.DataFrame({"a": [1.5, 3.0]}))
    batch = pd.DataFrame({"a": [2, 3]}, index=pd.Index(["k", "k"], name="key"))
    before = batch.copy(deep=True)

    conformed = contract.apply(batch)

    pd.testing.assert_frame_equal(batch, before)
    pd.testing.assert_index_equal(conformed.features.index, before.index)
    assert conformed.features["a"].tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            pd.DataFrame({1: [1]}),
            "The features have columns whose names are not text: 1. "
            "Rename them, for example with frame.columns = frame.columns.map(str).",
        ),
        (
            pd.DataFrame([[1, 2]], columns=["a", "a"]),
            "The features have the column 'a' more than once. Drop or rename the others.",
        ),
        (
            one(pd.period_range("2013-01", periods=2, freq="M")),
            "Column 'x' has the dtype period[M], which a contract cannot hold. A contract holds "
            "integers, numbers, booleans, text, categories, dates, datetimes, durations and "
            "objects. Convert the column with astype first.",
        ),
        (
            one(pd.cut(pd.Series([1, 2]), [0, 1, 2])),
            "Column 'x' has categories that a contract cannot hold: "
            "Interval(0, 1, closed='right'), Interval(1, 2, closed='right'). Categories are text, "
            "integers, finite numbers or booleans. Convert them to text first, with "
            ".cat.rename_categories(str).",
        ),
    ],
)
def test_contract_is_not_inferred_when_it_could_not_hold_the_frame(
    frame: pd.DataFrame, message: str
) -> None:
    """What cannot be kept is refused before anything is written."""
    with pytest.raises(ContractError) as caught:
        Contract.infer(frame)

    assert str(caught.value) == message


@pytest.mark.parametrize("unit", ["s", "ms", "ns"])
@pytest.mark.parametrize("kind", ["datetime64", "timedelta64"])
def test_contract_converts_moments_when_their_unit_is_another(kind: str, unit: str) -> None:
    """Whole units are converted; a part of a unit makes a bad row."""
    contract = Contract.infer(one(np.array([0, 10**12], dtype=f"{kind}[{unit}]")))
    finer = {"s": "ms", "ms": "us", "ns": "us"}[unit]
    batch = one(np.array([2_000, 2_001], dtype=f"{kind}[{finer}]"))

    conformed = contract.apply(batch)

    assert conformed.features["x"].dtype == np.dtype(f"{kind}[{unit}]")
    assert conformed.features["x"].iloc[0] == batch["x"].iloc[0]
    assert list(conformed.bad_rows) == ([] if unit == "ns" else [1])


@pytest.mark.parametrize("kind", ["datetime64", "timedelta64"])
def test_contract_makes_a_bad_row_when_a_moment_is_too_far_for_its_unit(kind: str) -> None:
    """Nanoseconds reach less far than seconds; only the row that is too far is bad."""
    contract = Contract.infer(one(np.array([0, 10**18], dtype=f"{kind}[ns]")))
    batch = one(np.array([5, 10**11, 7], dtype=f"{kind}[s]"))

    conformed = contract.apply(batch)

    assert list(conformed.bad_rows) == [1]
    assert f"{kind}[ns] cannot hold that without loss." in conformed.bad_rows[1]
    assert conformed.features["x"].iloc[2] == batch["x"].iloc[2]


def test_contract_is_not_inferred_when_a_dtype_has_no_readable_name() -> None:
    """A zone that is only a file on this machine would not come back."""
    zone = dateutil.tz.gettz("Europe/Paris")
    frame = one(moments()["x"].dt.tz_localize(zone))

    with pytest.raises(ContractError) as caught:
        Contract.infer(frame)

    assert str(caught.value) == (
        f"Column 'x' has the dtype {frame['x'].dtype}, which cannot be written to a contract and "
        "read back. Convert the column with astype first, or name its time zone, as in "
        "'Europe/Paris'."
    )


def test_contract_is_not_inferred_when_a_category_is_infinite() -> None:
    """JSON has no infinity."""
    with pytest.raises(ContractError, match=r"categories that a contract cannot hold: inf\."):
        Contract.infer(one(pd.Categorical([1.5, np.inf])))


def test_contract_is_refused_when_its_file_is_no_text(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are told like broken JSON."""
    (tmp_path / "contract.json").write_bytes(b"\xff")

    with pytest.raises(ContractError, match="is not valid JSON: 'utf-8' codec"):
        Contract.load(tmp_path / "contract.json")


def test_contract_holds_half_a_surrogate_pair_when_a_category_has_one(tmp_path: Path) -> None:
    """Text that has no UTF-8 form is written as an escape."""
    contract = Contract.infer(one(["\ud800", "é"], object))

    contract.save(tmp_path / "contract.json")

    assert Contract.load(tmp_path / "contract.json") == contract


def _written(tmp_path: Path, **changes: object) -> Path:
    path = tmp_path / "contract.json"
    Contract.infer(one([1, 2])).save(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


_BLOCK = {"name": "x", "kind": "integer", "dtype": "int64", "nullable": False}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"format": "other"},
            "{path} is not a contract of dspipe: its 'format' is not 'dspipe.contract'. "
            "Give the path of a file that Contract.save wrote.",
        ),
        (
            {"format_version": 9},
            "{path} is a contract of format version 9; this dspipe reads version 1. "
            "Update dspipe, or save the contract anew with this one.",
        ),
        ({"columns": 1}, "it has no list 'columns'"),
        ({"columns": [1]}, "block 1 of its columns is no object"),
        ({"columns": [{"kind": "integer"}]}, "block 1 of its columns has no 'name'"),
        ({"columns": [_BLOCK, _BLOCK]}, "it has the column 'x' more than once"),
        (
            {"columns": [_BLOCK | {"nulable": True}]},
            "column 'x' has an unknown entry 'nulable' (did you mean 'nullable'?)",
        ),
        (
            {"columns": [_BLOCK | {"kind": "intger"}]},
            "column 'x' has the unknown kind 'intger' (did you mean 'integer'?)",
        ),
        (
            {"columns": [_BLOCK | {"dtype": "int65"}]},
            "column 'x' has an entry that cannot be read (data type 'int65' not understood)",
        ),
        ({"policy": None}, "it has no block 'policy'"),
        (
            {"policy": {"mising": "warn"}},
            "its policy has an unknown rule 'mising' (did you mean 'missing'?)",
        ),
        (
            {"policy": {"missing": "panic"}},
            "its policy 'missing' is 'panic', not one of 'error', 'warn', 'ignore'",
        ),
    ],
)
def test_contract_is_refused_when_a_part_of_its_file_cannot_be_read(
    tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    """A file that is not understood whole is not used at all."""
    path = _written(tmp_path, **changes)
    whole = f"The contract {path} cannot be used: {reason}. Save it anew with Contract.save."

    with pytest.raises(ContractError) as caught:
        Contract.load(path)

    assert str(caught.value) == (reason.format(path=path) if "{path}" in reason else whole)


def test_contract_is_refused_when_its_file_is_broken(tmp_path: Path) -> None:
    """Broken JSON is told with its line."""
    path = tmp_path / "contract.json"
    path.write_text('{"format": ')

    with pytest.raises(ContractError) as caught:
        Contract.load(path)

    assert str(caught.value) == (
        f"The contract {path} is not valid JSON: Expecting value: line 1 column 12 (char 11). "
        "Restore the file, or save it anew with Contract.save."
    )


def test_contract_is_refused_when_its_file_is_missing_or_unreadable(tmp_path: Path) -> None:
    """A path without a file is told apart from one that cannot be read."""
    messages = []
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(ContractError) as caught:
            Contract.load(path)
        messages.append(str(caught.value))

    assert messages == [
        f"The contract {tmp_path}/none.json does not exist. Write it with Contract.save.",
        f"The contract {tmp_path} cannot be read: Is a directory. Check the file and its rights.",
    ]


def test_contract_diff_names_every_difference_when_two_contracts_differ() -> None:
    """Columns, types, ranges, categories, orders and policies are compared."""
    before = Contract.infer(
        pd.DataFrame(
            {
                "hour": [0, 12],
                "text": ["a", "b"],
                "gone": [1.5, 2.5],
                "kind": pd.Categorical(["a", "b"]),
            }
        )
    )
    after = Contract.infer(
        pd.DataFrame(
            {
                "text": ["a", "c"],
                "hour": [0.5, 12.0],
                "kind": pd.Categorical(["a", "b"], categories=["b", "a"]),
                "new": [True, False],
            }
        ),
        policy=Policy(extra="warn"),
    )

    assert before.diff(after).splitlines() == [
        "- hour: kind integer",
        "- hour: dtype int64",
        "- hour: minimum 0",
        "- hour: maximum 12",
        "+ hour: kind number",
        "+ hour: dtype float64",
        "+ hour: minimum 0.5",
        "+ hour: maximum 12.0",
        "- text: category 'b'",
        "+ text: category 'c'",
        "- gone: float64",
        "- kind: categories 'a', 'b'",
        "+ kind: categories 'b', 'a'",
        "+ new: bool",
        "- order: hour, text, kind",
        "+ order: text, hour, kind",
        "- policy: extra ignore",
        "+ policy: extra warn",
    ]


def test_policy_is_refused_when_a_reaction_does_not_exist() -> None:
    """A misspelt reaction fails where it is written."""
    with pytest.raises(ConfigurationError) as caught:
        Policy(missing="panic")  # type: ignore[arg-type]  # the claim is about a wrong value

    assert str(caught.value) == (
        "The policy 'missing' is 'panic'. It must be one of: 'error', 'warn', 'ignore'."
    )


def test_contract_shows_itself_in_one_line_when_it_has_many_columns() -> None:
    """The first names and the number of columns are enough to know it."""
    wide = Contract.infer(pd.DataFrame({name: [1] for name in "abcdef"}))

    assert repr(wide) == "<Contract of 6 columns: a, b, c, d, e, ...>"
    assert repr(Contract(())) == "<Contract of 0 columns: none>"


def test_column_has_the_object_dtype_when_pandas_has_no_str_dtype() -> None:
    """A contract written on one pandas is read on another."""
    column = Column(name="x", kind="text", dtype="str", nullable=False)

    assert column.pandas_dtype == pd.Series(["a"]).dtype


@pytest.mark.parametrize(
    "dtype", ["timedelta64[s]", "timedelta64[us]", "datetime64[us]", "Int64", "float64", "string"]
)
def test_blank_column_is_null_in_every_row(dtype: str) -> None:
    """A null must be one in each dtype, whatever its unit, on every pandas."""
    made = pd.Series(blank(pd.Series(dtype=dtype).dtype, 2))

    assert made.dtype == dtype
    assert made.isna().tolist() == [True, True]
