"""Frames survive files with every dtype, category order, time zone and form of null."""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe.parity._cells import from_plain, to_plain
from dspipe.parity._columns import PlainColumn, from_json, read_frame, to_json, write_frame
from dspipe.parity._files import read_values, write_values

ZONED = pd.DatetimeIndex(["2013-06-01 06:30", None]).tz_localize("Europe/Berlin")
COLUMNS = {
    "int8": pd.Series([1, -2], dtype="int8"),
    "uint64": pd.Series([1, 2**64 - 1], dtype="uint64"),
    "float32": pd.Series([0.1, np.nan], dtype="float32"),
    "float64": pd.Series([-0.0, np.inf]),
    "bool": pd.Series([True, False]),
    "Int64": pd.Series([2**62 + 1, None], dtype="Int64"),
    "boolean": pd.Series([True, None], dtype="boolean"),
    "Float32": pd.Series([0.1, None], dtype="Float32"),
    "str": pd.Series(["007", None], dtype="str"),
    "string": pd.Series(["ä\n", None], dtype="string"),
    "seconds": pd.Series(pd.to_datetime(["2013-06-01", None])).dt.as_unit("s"),
    "nanoseconds": pd.Series(pd.to_datetime(["2013-06-01", None])).dt.as_unit("ns"),
    "zoned": pd.Series(ZONED),
    "durations": pd.Series(pd.to_timedelta([1, None], unit="s")),
    "category": pd.Series(pd.Categorical(["M", None], ["S", "M", "L"], ordered=True)),
    "numbers": pd.Series(pd.Categorical([2, 1], [2, 1])),
    "mixed": pd.Series([None, np.nan], dtype=object),
    "others": pd.Series([pd.NA, pd.NaT], dtype=object),
    "texts": pd.Series(["a", 1], dtype=object),
    "dates": pd.Series([date(2013, 6, 1), None], dtype=object),
    "lists": pd.Series([[1, "a"], {"b": (2.5, None)}], dtype=object),
    "arrow": pd.Series([1, None], dtype="int64[pyarrow]"),
}


def assert_same(frame: pd.DataFrame, other: pd.DataFrame) -> None:
    """Compare types, values, and the types of values."""
    pd.testing.assert_frame_equal(frame, other, check_exact=True)
    for name in frame:
        kinds = [[type(v) for v in each[name].tolist()] for each in (frame, other)]
        assert kinds[0] == kinds[1]


@pytest.mark.parametrize("name", COLUMNS)
def test_column_survives_json(name: str) -> None:
    """What is read is what was written, to the type of each null."""
    frame = COLUMNS[name].to_frame("x")

    read = read_frame(from_json(json.loads(json.dumps(to_json(write_frame(frame))))))

    assert_same(read, frame)


@pytest.mark.parametrize("name", COLUMNS)
def test_column_survives_parquet(name: str, tmp_path: Path) -> None:
    """The file holds plain values, and the dtype beside them says what they were."""
    frame = COLUMNS[name].to_frame("x")
    columns = write_frame(frame)

    write_values(tmp_path / "frame", columns)
    values = read_values(tmp_path / "frame")

    (column,) = columns
    assert_same(read_frame([PlainColumn(column.about, values[0])]), frame)


def test_index_of_several_levels_survives() -> None:
    """A key of two columns is an index of two levels again."""
    index = pd.MultiIndex.from_arrays([["a", "b"], [1, 2]], names=["shop", "day"])
    frame = pd.DataFrame({"prediction": [0.5, 0.25]}, index=index)

    assert_same(read_frame(write_frame(frame), ("shop", "day")), frame)


def test_value_that_cannot_be_read_again_is_refused_with_its_column() -> None:
    """An object of a class of one's own has no form in a file."""
    frame = pd.DataFrame({"shape": [object()]})

    with pytest.raises(TypeError) as caught:
        write_frame(frame)

    assert str(caught.value) == "'shape' holds values of the type object"


moments = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1))  # noqa: DTZ001 - naive on purpose
cells = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(),
        st.dates(),
        moments,
        st.times(),
        st.timedeltas(),
        st.decimals(allow_nan=False),
        st.uuids(),
        st.binary(),
        moments.map(pd.Timestamp),
    ),
    lambda inner: st.one_of(
        st.lists(inner), st.tuples(inner, inner), st.dictionaries(st.text(), inner)
    ),
    max_leaves=8,
)


@given(cells)
def test_any_cell_survives_json(value: object) -> None:
    """A law: what is read is equal, and of the same type."""
    read = from_plain(json.loads(json.dumps(to_plain(value))))

    assert type(read) is type(value)
    assert read == value


def test_cells_of_the_standard_library_are_readable_in_git() -> None:
    """A diff of a golden run shows values as people write them."""
    values = [time(6, 30), timedelta(days=1), Decimal("1.10"), UUID(int=1), np.int8(3)]

    assert [to_plain(value) for value in values] == [
        {"time": "06:30:00"},
        {"timedelta": [1, 0, 0]},
        {"decimal": "1.10"},
        {"uuid": "00000000-0000-0000-0000-000000000001"},
        {"numpy": ["|i1", 3]},
    ]
