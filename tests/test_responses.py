"""Answers: any JSON reader takes them, and every value is as it was."""

import json
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipelines import GivesFrame

from dspipe._responses import dumps, to_answer, to_columns, to_plain, to_records


class Colour(Enum):
    """Stands for an enum of a user."""

    RED = "red"


PLAIN = [
    (np.int64(2**62), 2**62),
    (np.float32(0.5), 0.5),
    (np.bool_(True), True),  # noqa: FBT003 - the value under test
    (float("inf"), None),
    (pd.NA, None),
    (pd.NaT, None),
    (np.datetime64("2013-10-01T05:00", "us"), "2013-10-01T05:00:00"),
    (date(2013, 10, 1), "2013-10-01"),
    (datetime(2013, 10, 1, 5, tzinfo=UTC), "2013-10-01T05:00:00+00:00"),
    (pd.Timestamp("2013-10-01 05:00", tz="UTC"), "2013-10-01T05:00:00+00:00"),
    (time(5, 30), "05:30:00"),
    (timedelta(hours=1), "P0DT1H0M0S"),
    (Decimal("1.10"), "1.10"),
    (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    (b"\x00\xff", "AP8="),
    (Colour.RED, "red"),
    ((1, {2}), [1, [2]]),
    (np.array([[1.0, np.nan]]), [[1.0, None]]),
    ({1: pd.NA, 2.5: 2}, {"1": None, "2.5": 2}),
    ({"day": date(2013, 10, 1)}, {"day": "2013-10-01"}),
]


@pytest.mark.parametrize(("value", "expected"), PLAIN)
def test_plain_values_keep_their_meaning(value: Any, expected: Any) -> None:
    """Every kind of value a run can hold has one JSON form."""
    actual = to_plain(value)

    assert actual == expected
    assert type(actual) is type(expected)


COLUMNS = [
    (pd.Series([1, None], dtype="Int64"), [1, None]),
    (pd.Series([2**63 - 1, -(2**63)]), [2**63 - 1, -(2**63)]),
    (pd.Series([True, None], dtype="boolean"), [True, None]),
    (pd.Series([0.1, np.nan, np.inf]), [0.1, None, None]),
    (pd.Series([0.1], dtype="float32"), [0.1]),
    (pd.Series(["007", None], dtype="str"), ["007", None]),
    (pd.Series(["007", None], dtype="object"), ["007", None]),
    (pd.Series(["b", None], dtype=pd.CategoricalDtype(["a", "b"])), ["b", None]),
    (pd.Series(["2013-10-01", None]).astype("datetime64[s]"), ["2013-10-01", None]),
    (pd.Series(["2013-10-01T05:00"]).astype("datetime64[s]"), ["2013-10-01T05:00:00"]),
    (pd.Series(["2013-10-01"]).astype("datetime64[us]"), ["2013-10-01T00:00:00"]),
    (
        pd.Series(["2013-10-01T05:00", None]).astype("datetime64[us]").dt.tz_localize("UTC"),
        ["2013-10-01T05:00:00+00:00", None],
    ),
    (pd.Series([timedelta(days=1), None]).astype("timedelta64[us]"), ["P1DT0H0M0S", None]),
    (pd.Series([[1, None], {"a": np.nan}], dtype=object), [[1, None], {"a": None}]),
]


@pytest.mark.parametrize(("column", "expected"), COLUMNS)
def test_columns_keep_their_values_in_json(column: pd.Series, expected: list[Any]) -> None:
    """Nullable integers, leading zeros, zones, categories and nulls survive."""
    frame = pd.DataFrame({"x": column}).set_axis(pd.Index(range(len(column)), name="id"))

    actual = json.loads(dumps(to_columns(frame)))

    assert actual == {"id": list(range(len(column))), "x": expected}


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.timedeltas(timedelta(-9999), timedelta(9999))
    | st.decimals()
    | st.uuids()
    | st.binary()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=12,
)


@given(VALUES)
def test_any_value_becomes_valid_json(value: Any) -> None:
    """Strict JSON: it can be read back, and holds no NaN or infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    json.loads(dumps({"value": value}), parse_constant=refuse)


@given(st.lists(st.floats() | st.none(), max_size=20))
def test_finite_floats_survive_json_bit_for_bit(values: list[float | None]) -> None:
    """What is finite is read back as the same double; what is not is null."""
    frame = pd.DataFrame({"x": pd.Series(values, dtype="float64")})

    actual = json.loads(dumps(to_columns(frame)))["x"]

    expected = [v if v is not None and math.isfinite(v) else None for v in values]
    assert actual == expected


def test_answer_of_a_run_holds_predictions_rejections_and_where_they_come_from() -> None:
    """One answer tells what was predicted, what was refused, and by what."""
    rows = pd.DataFrame({"row_id": pd.array([1, None], dtype="Int64"), "size": [1.0, 2.0]})

    answer = json.loads(dumps(to_answer(GivesFrame(on_bad_row="reject").score(rows))))

    assert answer["predictions"] == [{"row_id": 1, "prediction": 2.0}]
    assert answer["rejected"] == [{"row_id": None, "stage": "extract", "reason": "the key is null"}]
    assert answer["rows"] == {"extract": 2, "postprocess": 1, "predict": 1, "rejected": 1}
    assert answer["provenance"]["pipeline"] == "GivesFrame"
    assert answer["arguments"] == {}


def test_records_write_every_part_of_a_key() -> None:
    """A key of two columns is two fields."""
    index = pd.MultiIndex.from_tuples([("a", 1)], names=["shop", "n"])

    actual = to_records(pd.DataFrame({"prediction": [0.5]}, index=index))

    assert actual == [{"shop": "a", "n": 1, "prediction": 0.5}]
