"""One column of given values becomes the dtype that is known for it.

JSON and CSV have no dates, and CSV has no numbers: text is read as what its column holds. A value
is read without loss, or refused with its row.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from dspipe._alignment import HAS_COPY_ON_WRITE
from dspipe._contract_columns import Column, Dtype, Kind, resolve_dtype
from dspipe._contract_values import Array, blank, can_hold_null, convert
from dspipe._text import quote_some
from dspipe.errors import RequestError

_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


def find_dtype(column: Column | None, values: Sequence[Any], kinds: frozenset[type]) -> str | None:
    """Tell the dtype that values become as they are, or None when they must be looked at.

    Parameters
    ----------
    column : Column or None
        What is known of the column; without it the values decide.
    values : sequence of object
        As JSON gives them.
    kinds : frozenset of type
        The types of the values.

    Examples
    --------
    >>> find_dtype(None, [1, 2.5], frozenset({int, float}))
    'float64'
    """
    if column is None:
        dtype = _BY_KINDS.get(kinds)
    else:
        fitting = _STR if column.kind == "text" else _FITTING.get(column.dtype)
        dtype = column.dtype if fitting and kinds and kinds <= fitting else None
    if dtype == "float64" and int in kinds and not _are_exact(values):
        return None
    return dtype


def make_alike(dtype: str, columns: Sequence[Sequence[Any]]) -> Sequence[Array] | np.ndarray:
    """Make columns that have the dtype which `find_dtype` told, all at once.

    Returns
    -------
    array or list of array
        One array of numpy with a row a column, or one extension array a column.

    Raises
    ------
    OverflowError, UnicodeError
        If a value has no place in it.

    Examples
    --------
    >>> make_alike("int64", [[1, 2], [3, 4]]).shape
    (2, 2)
    """
    if dtype in _FITTING:
        return np.array(columns, dtype=dtype)
    text, n_rows = _resolve_dtype(dtype), len(columns[0])
    if getattr(text, "storage", None) == "pyarrow":
        import pyarrow as pa

        joined = [*chain.from_iterable(columns)]
        whole = text.__from_arrow__(pa.array(joined, type=pa.large_string()))
        return [whole[start : start + n_rows] for start in range(0, len(whole), n_rows)]
    objects = np.array(columns, dtype=object)
    if isinstance(text, np.dtype):  # on a pandas that has no dtype for text
        return objects
    make = text.construct_array_type()
    if not HAS_COPY_ON_WRITE:  # pragma: no cover - pandas 2, where it takes no dtype
        make = make._from_sequence  # noqa: SLF001 - documented by pandas
    return [make(row, dtype=text) for row in objects]


def read_column(column: Column | None, values: Sequence[Any], kinds: frozenset[type]) -> Array:
    """Make a column of values as JSON or CSV gives them, of a known type or of their own.

    Parameters
    ----------
    column : Column or None
        What is known of the column; without it the values decide.
    values : sequence of object
        As JSON gives them, or text.
    kinds : frozenset of type
        The types of the values.

    Raises
    ------
    RequestError
        With status 422, naming the first rows whose value does not fit the type.

    Examples
    --------
    >>> from dspipe import Contract
    >>> column = Contract.infer(pd.DataFrame({"day": pd.to_datetime(["2013-06-01"])})).columns[0]
    >>> str(read_column(column, ["2013-06-02"], frozenset({str}))[0])
    '2013-06-02 00:00:00'
    """
    if column is None:
        dtype = _PANDAS_BY_KINDS.get(kinds)
        return make_objects(values) if dtype is None else _make(values, _resolve_dtype(dtype))
    if column.kind == "text" and kinds <= _TEXT_KINDS:
        return _make(values, column.pandas_dtype)
    return _read_slowly(column, values)


def make_objects(values: Sequence[Any]) -> Array:
    """Make a column of whatever the values are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _make(values: Sequence[Any], dtype: Dtype) -> Array:
    """Make an extension array, at a fraction of the price of `pandas.array`."""
    if isinstance(dtype, np.dtype):  # text, on a pandas that has no dtype for it
        return make_objects(values)
    try:
        if getattr(dtype, "storage", None) == "pyarrow":
            import pyarrow as pa

            return dtype.__from_arrow__(pa.array(values, type=pa.large_string()))
        make = dtype.construct_array_type()._from_sequence  # noqa: SLF001 - documented by pandas
        return make(values, dtype=dtype)
    except (OverflowError, UnicodeError):  # an integer beyond 64 bits, half of a surrogate pair
        return make_objects(values)


_resolve_dtype = lru_cache(resolve_dtype)  # pandas tries one dtype after the other


def _are_exact(values: Sequence[Any]) -> bool:
    """Say whether the integers among numbers are floats too."""
    return all(type(value) is not int or abs(value) <= _LARGEST_EXACT for value in values)


_NONE = type(None)
_LARGEST_EXACT = 2**53
_STR = frozenset({str})
_TEXT_KINDS = frozenset({str, _NONE})
# Values of these types become the dtype at once, and none of them is changed by it.
_FITTING: dict[str, frozenset[type]] = {
    "float64": frozenset({float, int, _NONE}),
    "int64": frozenset({int}),
    "bool": frozenset({bool}),
}
_BY_KINDS: dict[frozenset[type], str] = {
    frozenset({float}): "float64",
    frozenset({float, int}): "float64",
    frozenset({float, _NONE}): "float64",
    frozenset({float, int, _NONE}): "float64",
    frozenset({int}): "int64",
    frozenset({bool}): "bool",
    _STR: "str",
}
_PANDAS_BY_KINDS: dict[frozenset[type], str] = {
    frozenset({int, _NONE}): "Int64",
    frozenset({bool, _NONE}): "boolean",
    frozenset({str, _NONE}): "str",
}


def _read_slowly(column: Column, values: Sequence[Any]) -> Array:
    """Read value by value, then let the contract's own conversion judge what came out."""
    read = _READERS.get(column.value_kind)
    objects = np.empty(len(values), dtype=object)
    bad: list[int] = []
    for place, value in enumerate(values):
        try:
            objects[place] = value if read is None or value is None else read(value)
        except (ValueError, OverflowError, TypeError):
            bad.append(place)
    if not bad:
        made = convert(column, pd.Series(objects, dtype=object))
        bad = np.flatnonzero(made.failed | made.unseen).tolist()
    if not bad and not can_hold_null(column.pandas_dtype):
        bad = [place for place, value in enumerate(values) if value is None]
    if bad:
        raise _value_error(column, values, bad)
    return made[0] if len(values) else blank(column.pandas_dtype, 0)


def _value_error(column: Column, values: Sequence[Any], bad: Sequence[int]) -> RequestError:
    shown = quote_some([values[place] for place in bad])
    rows = quote_some([place + 1 for place in bad])
    return RequestError(
        f"The column '{column.name}' holds what is no {_word_for(column)}: {shown} (row {rows}). "
        f"Give it values of the type {column.dtype}.",
        status=422,
    )


def _word_for(column: Column) -> str:
    if column.kind == "category":
        return "category that the package knows"
    return column.kind


def _read_integer(value: Any) -> int:
    if isinstance(value, str):
        return int(value)
    if isinstance(value, float) and not value.is_integer():
        raise ValueError
    return value if isinstance(value, bool) else int(value)


def _read_number(value: Any) -> Any:
    return float(value) if isinstance(value, str) else value


def _read_boolean(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError
    return word in _TRUE


def _read_date(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _read_datetime(value: Any) -> Any:
    # A number would be taken as nanoseconds since 1970, which nobody means.
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - every reader refuses a value in the same way
    return pd.Timestamp(value)


def _read_duration(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - every reader refuses a value in the same way
    return pd.Timedelta(value)


_READERS: dict[Kind, Callable[[Any], Any]] = {
    "integer": _read_integer,
    "number": _read_number,
    "boolean": _read_boolean,
    "date": _read_date,
    "datetime": _read_datetime,
    "duration": _read_duration,
}
