"""Canonical kinds: what a declared SQL type becomes in a frame, whichever driver brought it.

======================================  ==========================================
kind                                    column
======================================  ==========================================
integer                                 Int64
real (4 bytes), float                   float64, NULL is NaN
boolean                                 boolean
text, uuid                              str (object on pandas 2)
date                                    datetime64[s]
timestamp, timestamptz                  datetime64[us], datetime64[us, UTC]
interval                                timedelta64[us]
time, json, bytes, object               object of Python values
unknown                                 float64 of NaN; anything else is an error
======================================  ==========================================
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import pandas as pd

from dspipe._text import quote_some
from dspipe.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    Values = Sequence[Any]

DAY_MICROSECONDS = 86_400_000_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LARGEST_INTEGER = 2**63
# The span of Python's datetime: what databases call infinity, drivers deliver as years outside of
# it.
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
_LENGTHS = {"s": 1, "us": 1_000_000}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer: its name and its kind."""

    name: str
    kind: str


def check_names(columns: Sequence[Column]) -> None:
    """Refuse an answer in which two columns share a name: a frame could not tell them apart."""
    names = [column.name for column in columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise SourceError(
            f"The query returns more than one column named {quote_some(repeated)}. "
            f"Give each column its own name with AS."
        )


def make_frame(columns: Sequence[Column], arrays: "Iterable[Any]", n_rows: int) -> pd.DataFrame:
    """Put arrays of canonical dtypes into a frame with a RangeIndex from 0."""
    index = pd.RangeIndex(n_rows)
    content = {
        column.name: pd.Series(array, index=index, dtype=array.dtype, copy=False)
        for column, array in zip(columns, arrays, strict=True)
    }  # a Series, because a frame would look into an array of objects and choose another dtype
    return pd.DataFrame(content, index=index, copy=False)


def frame_from_rows(columns: Sequence[Column], rows: "Sequence[Sequence[Any]]") -> pd.DataFrame:
    """Turn rows of Python values into a canonical frame."""
    by_column: Iterable[Values] = zip(*rows, strict=True) if rows else ((),) * len(columns)
    arrays = [
        array_from_values(column, values) for column, values in zip(columns, by_column, strict=True)
    ]
    return make_frame(columns, arrays, len(rows))


def array_from_values(column: Column, values: "Values") -> Any:
    """Turn one column of Python values into its canonical array.

    Raises
    ------
    SourceError
        If a value has no faithful form in the column's kind.
    """
    try:
        return _BUILDERS[column.kind](column, values)
    except (TypeError, ValueError, OverflowError, ArithmeticError) as error:
        raise _refuse_value(column, values, error) from error


def integer_array(values: "NDArray[Any]", missing: "NDArray[np.bool_]") -> Any:
    """Make an Int64 array of numbers and a mask; both are kept, not copied."""
    return pd.arrays.IntegerArray(values, missing)


def text_array(values: "Values") -> Any:
    """Make a column of text as this pandas keeps text."""
    if IS_TEXT_OBJECT:
        return object_array(values)
    return pd.array(np.array(values, dtype=object), dtype="str")


def object_array(values: "Values") -> Any:
    """Make a column of Python values."""
    return np.fromiter(values, dtype=object, count=len(values))  # np.array would unpack lists


def instants(column: Column, values: "NDArray[Any]", unit: str) -> "NDArray[Any]":
    """Check that dates lie in the years 1 to 9999 and put them into their unit; NaT passes."""
    numbers = values.astype(f"datetime64[{unit}]").view("int64")
    length = _LENGTHS[unit]
    inside = (numbers >= _FIRST_SECOND * length) & (numbers < (_LAST_SECOND + 1) * length)
    outside = ~inside & (numbers != np.iinfo("int64").min)
    if outside.any():
        raise out_of_range(column)
    return numbers.view(f"datetime64[{unit}]")


def out_of_range(column: Column) -> SourceError:
    """Say that a date is infinite, or outside of what Python and pandas can hold."""
    return SourceError(
        f"Column '{column.name}' holds a {column.kind} that is infinite or outside the years 1 to "
        "9999. A frame has no such value. Replace it in the SQL, for example: CASE WHEN "
        f"isfinite({column.name}) THEN {column.name} END"
    )


def localize(values: "NDArray[Any]") -> Any:
    """Mark microseconds since 1970 in UTC as such."""
    return pd.DatetimeIndex(values).tz_localize("UTC").array


def _integers(_column: Column, values: "Values") -> Any:
    types = _types(values)
    if types == {int}:
        return integer_array(np.array(values, dtype=np.int64), _missing(values))
    numbers = [0 if value is None else _whole(value) for value in values]
    return integer_array(np.array(numbers, dtype=np.int64), _missing(values))


def _whole(value: Any) -> int:
    number = int(value)
    if number != value:
        raise ValueError(value)
    return number


def _floats(_column: Column, values: "Values") -> Any:
    if _types(values) & {str, bytes}:
        raise TypeError
    return np.array(values, dtype=float)  # None becomes NaN


def _reals(column: Column, values: "Values") -> Any:
    # The server writes 4-byte numbers with as few digits as tell them apart; the value is the
    # 4-byte one.
    return _floats(column, values).astype(np.float32).astype(float)


def _booleans(_column: Column, values: "Values") -> Any:
    if not {False, True, None}.issuperset(values):
        raise ValueError
    return pd.arrays.BooleanArray(np.array(values, dtype=bool), _missing(values))


def _texts(_column: Column, values: "Values") -> Any:
    if _types(values) - {str, type(None)}:
        raise TypeError
    return text_array(values)


def _uuids(_column: Column, values: "Values") -> Any:
    return text_array([None if value is None else str(_to_uuid(value)) for value in values])


def _to_uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _dates(column: Column, values: "Values") -> Any:
    days = [_parse(value, _read_date) for value in values]
    return instants(column, np.array(days, dtype="datetime64[D]"), "s")


def _timestamps(column: Column, values: "Values") -> Any:
    moments = [_drop_zone(_parse(value, _read_moment)) for value in values]
    return instants(column, np.array(moments, dtype="datetime64[us]"), "us")


def _zoned(column: Column, values: "Values") -> Any:
    moments = [_to_utc(_parse(value, _read_moment)) for value in values]
    return localize(instants(column, np.array(moments, dtype="datetime64[us]"), "us"))


def _parse(value: Any, read: "Callable[[str], Any]") -> Any:
    """Read text, which is how SQLite keeps dates; counts since 1970 and Python values stay."""
    return read(value) if isinstance(value, str) else value


def _read_date(text: str) -> dt.date:
    return dt.date.fromisoformat(_with(text, "-"))


def _read_moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(_with(text, "-"))


def _read_time(text: str) -> dt.time:
    return dt.time.fromisoformat(_with(text, ":"))


def _with(text: str, mark: str) -> str:
    """Refuse the forms without separators: they are what a bare number looks like."""
    if mark not in text:
        raise ValueError(text)
    return text


def _drop_zone(value: Any) -> Any:
    """Put a moment with a zone into UTC, as a column without zone can hold no other."""
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value


def _to_utc(value: Any) -> Any:
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        raise TypeError
    return _drop_zone(value)


def _intervals(_column: Column, values: "Values") -> Any:
    lengths = [_microseconds(value) for value in values]
    return pd.array(np.array(lengths, dtype="timedelta64[us]"))


def _microseconds(value: Any) -> Any:
    return value // dt.timedelta(microseconds=1) if isinstance(value, dt.timedelta) else value


def _times(_column: Column, values: "Values") -> Any:
    return object_array([_parse(value, _read_time) for value in values])


def _documents(_column: Column, values: "Values") -> Any:
    return object_array([_parse(value, json.loads) for value in values])


def _blobs(_column: Column, values: "Values") -> Any:
    if str in _types(values):
        raise TypeError
    return object_array([None if value is None else bytes(value) for value in values])


def _objects(_column: Column, values: "Values") -> Any:
    return object_array([to_lists(value) for value in values])


def to_lists(value: Any) -> Any:
    """Turn tuples inside a nested value into lists."""
    if isinstance(value, list | tuple):
        return [to_lists(item) for item in value]
    if isinstance(value, dict):
        return {key: to_lists(item) for key, item in value.items()}
    return value


def _nothing(_column: Column, values: "Values") -> Any:
    if any(value is not None for value in values):
        raise TypeError
    return np.full(len(values), np.nan)


def _missing(values: "Values") -> "NDArray[np.bool_]":
    if type(None) not in _types(values):
        return np.zeros(len(values), dtype=bool)
    return np.array([value is None for value in values], dtype=bool)


def _types(values: "Values") -> set[type]:
    """Collect the types of the values, at the speed of C."""
    return set(map(type, values))


def _refuse_value(column: Column, values: "Values", error: Exception) -> SourceError:
    odd = next((value for value in values if not _fits(column, value)), None)
    kind = type(odd).__name__ if odd is not None else type(error).__name__
    if column.kind == "integer" and isinstance(error, OverflowError):
        return integer_too_large(column)
    return wrong_kind(column, kind)


def _fits(column: Column, value: Any) -> bool:
    try:
        _BUILDERS[column.kind](column, [value])
    except Exception:  # noqa: BLE001  only asks whether it works
        return False
    return True


def wrong_kind(column: Column, found: str) -> SourceError:
    """Say that a column holds a value of another kind than it was declared, or began, with."""
    expected = "only NULL" if column.kind == "unknown" else column.kind
    return SourceError(
        f"Column '{column.name}' holds a value of type {found}, where its other values or its "
        f"declaration say {expected}. A column has one type. Convert it in the SQL: "
        f"CAST({column.name} AS ...)."
    )


def integer_too_large(column: Column) -> SourceError:
    """Say that a whole number does not fit into Int64."""
    return SourceError(
        f"Column '{column.name}' holds a whole number outside the range of a 64-bit integer. "
        f"Convert it in the SQL, for example: CAST({column.name} AS DOUBLE PRECISION) or to text."
    )


_BUILDERS: "dict[str, Callable[[Column, Values], Any]]" = {
    "integer": _integers,
    "real": _reals,
    "float": _floats,
    "boolean": _booleans,
    "text": _texts,
    "uuid": _uuids,
    "date": _dates,
    "timestamp": _timestamps,
    "timestamptz": _zoned,
    "interval": _intervals,
    "time": _times,
    "json": _documents,
    "bytes": _blobs,
    "object": _objects,
    "unknown": _nothing,
}
# pandas 3 has a dtype for text; pandas 2 keeps objects, unless it is told otherwise.
IS_TEXT_OBJECT = isinstance(pd.Series(["a"]).dtype, np.dtype)
