"""Turn the values of a column into the dtype of a contract, without loss or not at all.

A value has a faithful form in the wanted dtype, or it fails; nothing is rounded, parsed or guessed.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from dspipe._contract_columns import Column, Dtype, Kind, kind_of_dtype

Mask = npt.NDArray[np.bool_]
Array = Any  # numpy.ndarray or a pandas extension array; pandas has no public name for both

# What a column of one kind may be made from, besides objects, which are judged value by value.
_MADE_FROM: dict[Kind, tuple[Kind, ...]] = {
    "integer": ("integer", "number"),
    "number": ("integer", "number"),
    "boolean": ("boolean",),
    "text": ("text",),
    "datetime": ("datetime",),
    "duration": ("duration",),
    "date": (),
}


class Converted(NamedTuple):
    """A column in its new dtype; failed and unseen values are null there, or 0."""

    values: Array
    failed: Mask
    unseen: Mask


def find_wrong_type(column: Column, values: "pd.Series[Any]") -> str | None:
    """Say why no value of a column can ever fit, or None; a column without values always fits."""
    dtype = values.cat.categories.dtype if _is_categorical(values.dtype) else values.dtype
    found, wanted = kind_of_dtype(dtype), column.value_kind
    if found == "object" or wanted == "object":
        return None
    fault = None
    if found not in _MADE_FROM[wanted]:
        fault = f"column '{column.name}' is {values.dtype} where the contract has {column.dtype}"
    elif wanted == "datetime" and _is_zoned(dtype) != _is_zoned(_value_dtype(column)):
        fault = (
            f"column '{column.name}' holds {_zone_words(dtype)} where the contract has "
            f"{_zone_words(_value_dtype(column))}"
        )
    return None if fault is None or values.isna().all() else fault


def convert(column: Column, values: "pd.Series[Any]") -> Converted:
    """Give the values of a column that is of no wrong type the dtype of its contract."""
    present = ~values.isna().to_numpy()
    if not present.any():
        return Converted(blank(column.pandas_dtype, len(values)), present, present)
    array = values.array[present]
    if _is_categorical(array.dtype):
        array = array.astype(array.categories.dtype)
    wanted = column.pandas_dtype
    fitting, made = _CONVERTERS[column.value_kind](array, _value_dtype(column))
    filled = np.flatnonzero(present)[fitting]
    failed = present.copy()
    failed[filled] = False
    if column.kind != "category":
        return Converted(_spread(made, filled, len(values), wanted), failed, np.zeros_like(failed))
    return _encode(made, filled, failed, wanted)


def _value_dtype(column: Column) -> Dtype:
    return (
        column.pandas_dtype.categories.dtype if column.kind == "category" else column.pandas_dtype
    )


def can_hold_null(dtype: Dtype) -> bool:
    """Say whether a dtype has a null at all."""
    return not (isinstance(dtype, np.dtype) and dtype.kind in "iub")


def blank(dtype: Dtype, n: int) -> Array:
    """Make an array of nulls, or of zeros where the dtype has no null."""
    if not can_hold_null(dtype):
        return np.zeros(n, dtype)
    if kind_of_dtype(dtype) == "object":
        return np.full(n, None, dtype=object)
    if isinstance(dtype, np.dtype) and dtype.kind == "m":
        # What pandas 2 fills a duration with, in other units than nanoseconds, is not null.
        return pd.array(np.full(n, "NaT", dtype=dtype))
    return pd.Series(index=range(n), dtype=dtype).array.copy()


def plain(array: Array) -> npt.NDArray[Any]:
    """Give the numpy array behind numbers without nulls."""
    numpy_dtype: np.dtype[Any] = getattr(array.dtype, "numpy_dtype", array.dtype)
    return np.asarray(array.to_numpy(dtype=numpy_dtype))


def _encode(made: Array, filled: Any, failed: Mask, dtype: Any) -> Converted:
    found = dtype.categories.get_indexer(pd.Index(made, dtype=dtype.categories.dtype))
    codes = np.full(len(failed), -1, dtype=np.intp)
    codes[filled] = found
    unseen = np.zeros_like(failed)
    unseen[filled[found < 0]] = True
    return Converted(pd.Categorical.from_codes(codes, dtype=dtype), failed, unseen)


def _spread(made: Array, filled: Any, n: int, dtype: Dtype) -> Array:
    if len(filled) == n:
        return made
    spread = blank(dtype, n)
    spread[filled] = made
    return spread


def _to_integers(array: Array, dtype: Dtype) -> tuple[Mask, Array]:
    if kind_of_dtype(array.dtype) == "object":
        return _one_by_one(array, dtype, _read_integer(dtype))
    numbers, limits = plain(array), np.iinfo(getattr(dtype, "numpy_dtype", dtype))
    fitting = _is_whole(numbers) & (numbers >= limits.min)
    # The limit itself has no float form; the power of two above it has.
    fitting &= (
        numbers < float(limits.max + 1) if numbers.dtype.kind == "f" else numbers <= limits.max
    )
    return fitting, pd.array(numbers[fitting].astype(limits.dtype), dtype=dtype)


def _is_whole(numbers: npt.NDArray[Any]) -> Mask:
    if numbers.dtype.kind != "f":
        return np.ones(len(numbers), dtype=bool)
    return np.asarray(np.isfinite(numbers) & (numbers == np.trunc(numbers)))


def _read_integer(dtype: Dtype) -> Callable[[Any], object]:
    limits = np.iinfo(getattr(dtype, "numpy_dtype", dtype))

    def read(value: Any) -> object:
        if isinstance(value, bool | np.bool_) or not isinstance(value, _NUMBERS):
            raise ValueError  # noqa: TRY004 - every reader refuses a value in the same way
        number = int(value)  # an infinity raises OverflowError
        if number != value or not limits.min <= number <= limits.max:
            raise ValueError
        return number

    return read


_NUMBERS = (int, float, np.integer, np.floating, Decimal)


def _to_numbers(array: Array, dtype: Dtype) -> tuple[Mask, Array]:
    if kind_of_dtype(array.dtype) == "object":
        return _one_by_one(array, dtype, _read_number(dtype))
    numbers = plain(array)
    with np.errstate(over="ignore"):  # an overflow shows as infinity, which is not the value
        made = numbers.astype(getattr(dtype, "numpy_dtype", dtype))
    fitting = _is_exact(numbers, made)
    return fitting, pd.array(made[fitting], dtype=dtype)


def _is_exact(numbers: npt.NDArray[Any], made: npt.NDArray[Any]) -> Mask:
    if numbers.dtype.kind == "f":
        return np.asarray((made.astype(numbers.dtype) == numbers) | np.isnan(numbers))
    exact = np.abs(made) <= 2.0 ** np.finfo(made.dtype).nmant
    for position in np.flatnonzero(~exact):  # only Python compares such integers and floats exactly
        exact[position] = float(made[position]) == int(numbers[position])
    return np.asarray(exact)


def _read_number(dtype: Dtype) -> Callable[[Any], object]:
    make: Any = np.dtype(getattr(dtype, "numpy_dtype", dtype)).type

    def read(value: Any) -> object:
        if isinstance(value, bool | np.bool_) or not isinstance(value, _NUMBERS):
            raise ValueError  # noqa: TRY004 - every reader refuses a value in the same way
        with np.errstate(over="ignore"):
            number = make(value)
        # A decimal is taken as databases' decimals are: 0.1 is the float that is written 0.1.
        same = Decimal(repr(float(number))) if isinstance(value, Decimal) else float(number)
        if same != value:
            raise ValueError
        return number

    return read


def _to_booleans(array: Array, dtype: Dtype) -> tuple[Mask, Array]:
    if kind_of_dtype(array.dtype) == "object":
        return _one_by_one(array, dtype, _read_if(bool, np.bool_))
    return _all_of(pd.array(plain(array), dtype=dtype))


def _to_text(array: Array, dtype: Dtype) -> tuple[Mask, Array]:
    if kind_of_dtype(array.dtype) == "object" and pd.api.types.infer_dtype(array) != "string":
        return _one_by_one(array, dtype, _read_if(str))
    return _all_of(pd.array(array.astype(object), dtype=dtype))


def _to_dates(array: Array, dtype: Dtype) -> tuple[Mask, Array]:
    return _one_by_one(array, dtype, _read_date)


def _read_date(value: object) -> object:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError  # noqa: TRY004 - every reader refuses a value in the same way
    return value


def _to_datetimes(array: Array, dtype: Dtype) -> tuple[Mask, Array]:
    if kind_of_dtype(array.dtype) == "object":
        return _one_by_one(array, dtype, _read_datetime(dtype))
    moments = array.tz_convert(dtype.tz) if _is_zoned(dtype) else array
    return _to_unit(moments, dtype, _read_datetime(dtype))


def _to_durations(array: Array, dtype: Dtype) -> tuple[Mask, Array]:
    if kind_of_dtype(array.dtype) == "object":
        return _one_by_one(array, dtype, _read_duration(dtype))
    return _to_unit(array, dtype, _read_duration(dtype))


def _to_unit(array: Array, dtype: Dtype, read: Callable[[Any], object]) -> tuple[Mask, Array]:
    """Change the unit of moments at once; where one of them overflows, value by value."""
    try:
        made = array.as_unit(_unit(dtype))
    except pd.errors.OutOfBoundsDatetime:
        return _one_by_one(array, dtype, read)
    except pd.errors.OutOfBoundsTimedelta:
        return _one_by_one(array, dtype, read)
    fitting = np.asarray(made.as_unit(array.unit) == array)
    return fitting, made[fitting]


def _read_datetime(dtype: Dtype) -> Callable[[Any], object]:
    unit, zone = _unit(dtype), getattr(dtype, "tz", None)

    def read(value: Any) -> object:
        if not isinstance(value, date | np.datetime64):
            raise ValueError  # noqa: TRY004 - every reader refuses a value in the same way
        moment = pd.Timestamp(value)
        if (moment.tz is None) != (zone is None):
            raise ValueError
        return (moment if zone is None else moment.tz_convert(zone)).as_unit(unit, round_ok=False)

    return read


def _read_duration(dtype: Dtype) -> Callable[[Any], object]:
    unit = _unit(dtype)

    def read(value: Any) -> object:
        if not isinstance(value, timedelta | np.timedelta64):
            raise ValueError  # noqa: TRY004 - every reader refuses a value in the same way
        return pd.Timedelta(value).as_unit(unit, round_ok=False)

    return read


def _to_objects(array: Array, dtype: Dtype) -> tuple[Mask, Array]:
    del dtype  # it is object, or the dtype of no categories at all
    return _all_of(array.astype(object))


def _all_of(array: Array) -> tuple[Mask, Array]:
    return np.ones(len(array), dtype=bool), array


def _read_if(*types: type) -> Callable[[Any], object]:
    def read(value: Any) -> object:
        if not isinstance(value, types):
            raise ValueError  # noqa: TRY004 - every reader refuses a value in the same way
        return value

    return read


def _one_by_one(array: Array, dtype: Dtype, read: Callable[[Any], object]) -> tuple[Mask, Array]:
    fitting, made = np.zeros(len(array), dtype=bool), []
    for position, value in enumerate(array):
        try:
            made.append(read(value))
        except (ValueError, OverflowError):
            continue
        fitting[position] = True
    return fitting, pd.Series(made, dtype=dtype).array


_CONVERTERS: dict[Kind, Callable[[Array, Dtype], tuple[Mask, Array]]] = {
    "integer": _to_integers,
    "number": _to_numbers,
    "boolean": _to_booleans,
    "text": _to_text,
    "date": _to_dates,
    "datetime": _to_datetimes,
    "duration": _to_durations,
    "object": _to_objects,
}


def _is_categorical(dtype: Dtype) -> bool:
    return isinstance(dtype, pd.CategoricalDtype)


def _is_zoned(dtype: Dtype) -> bool:
    return isinstance(dtype, pd.DatetimeTZDtype)


def _zone_words(dtype: Dtype) -> str:
    if _is_zoned(dtype):
        return f"datetimes in the time zone {dtype.tz} ({dtype})"
    return f"datetimes without a time zone ({dtype})"


def _unit(dtype: Dtype) -> Any:
    return dtype.unit if _is_zoned(dtype) else np.datetime_data(dtype)[0]
