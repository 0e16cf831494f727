"""Arrow batches to canonical frames: the fast way, for types known to be faithful."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dspipe.sources._kinds import (
    DAY_MICROSECONDS,
    IS_TEXT_OBJECT,
    Column,
    array_from_values,
    instants,
    integer_array,
    integer_too_large,
    localize,
    make_frame,
    object_array,
)

_INTERVAL = np.dtype([("months", "<i4"), ("days", "<i4"), ("nanoseconds", "<i8")])
_READ_FROM_TEXT = {"date", "timestamp", "timestamptz", "time"}
_EXACT_DIGITS = (
    15  # whole numbers of so many digits, and their powers of ten, are exact in a float64
)


def is_faithful(kind: str, type_: pa.DataType) -> bool:
    """Say whether an Arrow type gives the same values as Python rows would for this kind.

    >>> is_faithful("integer", pa.int32()), is_faithful("integer", pa.string())
    (True, False)
    """
    return kind in _CHECKS and bool(_CHECKS[kind](_storage(type_)))


def iter_arrow_frames(
    columns: Sequence[Column], batches: Iterable[pa.RecordBatch], schema: pa.Schema, n_rows: int
) -> Iterator[pd.DataFrame]:
    """Turn batches of any size into frames of exactly `n_rows`, the last excepted.

    An empty answer gives one frame without rows.
    """
    is_first = True
    for table in _iter_tables(batches, schema, n_rows):
        yield frame_from_arrow(columns, table)
        is_first = False
    if is_first:
        yield frame_from_arrow(columns, schema.empty_table())


def frame_from_arrow(columns: Sequence[Column], table: pa.Table) -> pd.DataFrame:
    """Turn one table into a canonical frame that owns its values."""
    arrays = (
        _convert(column, _one_array(values))
        for column, values in zip(columns, table.columns, strict=True)
    )
    return make_frame(columns, arrays, table.num_rows)


def _iter_tables(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, n_rows: int
) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    n_held = 0
    for batch in batches:
        rest = batch
        while n_held + rest.num_rows >= n_rows:
            wanted = n_rows - n_held
            yield pa.Table.from_batches([*held, rest.slice(0, wanted)], schema)
            rest, held, n_held = rest.slice(wanted), [], 0
        if rest.num_rows:
            held.append(rest)
            n_held += rest.num_rows
    if held:
        yield pa.Table.from_batches(held, schema)


def _storage(type_: pa.DataType) -> pa.DataType:
    return type_.storage_type if isinstance(type_, pa.BaseExtensionType) else type_


def _one_array(values: pa.ChunkedArray) -> pa.Array:
    if isinstance(values.type, pa.BaseExtensionType):
        storage = [chunk.storage for chunk in values.chunks]
        values = pa.chunked_array(storage, type=values.type.storage_type)
    return (
        values.chunk(0)
        if values.num_chunks == 1
        else pa.concat_arrays(values.chunks or [pa.array([], values.type)])
    )


def _convert(column: Column, values: pa.Array) -> Any:
    if column.kind in _READ_FROM_TEXT and _is_text(values.type):
        return array_from_values(column, values.to_pylist())
    return _CONVERTERS[column.kind](column, values)


def _own(values: pa.Array) -> Any:
    """Copy to NumPy: what Arrow lends may not be written to."""
    return np.array(values.to_numpy(zero_copy_only=False))


def _mask(values: pa.Array) -> Any:
    return _own(values.is_null()) if values.null_count else np.zeros(len(values), dtype=bool)


def _integers(column: Column, values: pa.Array) -> Any:
    try:
        whole = values.cast(pa.int64())
    except pa.ArrowInvalid as error:
        raise integer_too_large(column) from error
    return integer_array(_own(whole.fill_null(0)), _mask(values))


def _floats(_column: Column, values: pa.Array) -> Any:
    if pa.types.is_decimal(values.type):
        return _decimals(values)
    return _own(values.cast(pa.float64()))


def _decimals(values: pa.Array) -> Any:
    """Round each decimal to the nearest float once, as Python's float(Decimal) does."""
    if values.type.precision > _EXACT_DIGITS or not pa.types.is_decimal128(values.type):
        return _own(values.cast(pa.string()).cast(pa.float64()))
    low = np.frombuffer(values.buffers()[1], dtype="<i8")[::2]
    numbers = low[values.offset : values.offset + len(values)] / 10.0**values.type.scale
    numbers[_mask(values)] = np.nan
    return numbers


def _booleans(_column: Column, values: pa.Array) -> Any:
    if pa.types.is_integer(values.type):
        values = pc.not_equal(values, 0)
    return pd.arrays.BooleanArray(_own(values.fill_null(False)), _mask(values))  # noqa: FBT003  Arrow's signature


def _texts(_column: Column, values: pa.Array) -> Any:
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if IS_TEXT_OBJECT:
        return values.to_numpy(zero_copy_only=False)
    return pd.array(values.cast(pa.large_string()), dtype="str")


def _uuids(column: Column, values: pa.Array) -> Any:
    if not pa.types.is_fixed_size_binary(values.type):
        return _texts(column, values)
    names = [None if value is None else str(UUID(bytes=value)) for value in values.to_pylist()]
    return _texts(column, pa.array(names, pa.string()))


def _dates(column: Column, values: pa.Array) -> Any:
    return instants(column, _days(values), "s")


def _days(values: pa.Array) -> Any:
    # Seconds before checking: 'infinity' is a day far outside of what Python's dates take.
    days = _own(values.cast(pa.int32()).fill_null(0)).astype("int64")
    moments = (days * (DAY_MICROSECONDS // 1_000_000)).astype("datetime64[s]")
    moments[_mask(values)] = np.datetime64("NaT", "s")
    return moments


def _timestamps(column: Column, values: pa.Array) -> Any:
    numbers = _own(values.cast(pa.int64()).fill_null(0))
    moments = _to_microseconds(numbers, values.type.unit)
    moments[_mask(values)] = np.datetime64("NaT", "us")
    return instants(column, moments, "us")


def _to_microseconds(numbers: Any, unit: str) -> Any:
    if unit == "ns":
        numbers = numbers // 1000
    elif unit != "us":
        factor = {"s": 1_000_000, "ms": 1000}[unit]
        limit = np.iinfo("int64").max // factor
        numbers = np.clip(numbers, -limit, limit) * factor  # infinity must stay large, not wrap
    return numbers.astype("datetime64[us]")


def _zoned(column: Column, values: pa.Array) -> Any:
    return localize(_timestamps(column, values))


def _intervals(_column: Column, values: pa.Array) -> Any:
    content = values.buffers()[1]
    parts = np.frombuffer(content, dtype=_INTERVAL)[values.offset : values.offset + len(values)]
    months = parts["months"].astype("int64")
    years = np.trunc(months / 12).astype("int64")
    days = years * 365 + (months - years * 12) * 30 + parts["days"]
    lengths = (days * DAY_MICROSECONDS + parts["nanoseconds"] // 1000).astype("timedelta64[us]")
    lengths[_mask(values)] = np.timedelta64("NaT", "us")
    return pd.array(lengths)


def _objects(_column: Column, values: pa.Array) -> Any:
    return object_array(values.to_pylist())


def _documents(_column: Column, values: pa.Array) -> Any:
    texts = values.to_pylist()
    return object_array([None if text is None else json.loads(text) for text in texts])


def _is_text(type_: pa.DataType) -> bool:
    is_plain = pa.types.is_string(type_) or pa.types.is_large_string(type_)
    return is_plain or (pa.types.is_dictionary(type_) and _is_text(type_.value_type))


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_floating(type_) or pa.types.is_decimal(type_) or _is_text(type_))


def _is_whole(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or (pa.types.is_decimal(type_) and type_.scale == 0))


def _is_moment(type_: pa.DataType, *, zoned: bool) -> bool:
    return bool(pa.types.is_timestamp(type_) and (type_.tz is not None) == zoned)


def _is_simple_nested(type_: pa.DataType) -> bool:
    """Accept lists and structs of what Arrow and every driver read as the same Python values."""
    if pa.types.is_list(type_) or pa.types.is_fixed_size_list(type_):
        return _is_simple_nested(type_.value_type)
    if pa.types.is_struct(type_):
        return all(_is_simple_nested(field.type) for field in type_)
    simple = pa.types.is_integer(type_) or pa.types.is_boolean(type_) or pa.types.is_string(type_)
    return bool(simple or pa.types.is_float64(type_))


_CHECKS: dict[str, Callable[[pa.DataType], bool]] = {
    "integer": _is_whole,
    "real": pa.types.is_float32,
    "float": _is_number,
    "boolean": lambda type_: pa.types.is_boolean(type_) or pa.types.is_integer(type_),
    "text": _is_text,
    "uuid": lambda type_: _is_text(type_) or pa.types.is_fixed_size_binary(type_),
    "date": pa.types.is_date32,
    "timestamp": lambda type_: _is_moment(type_, zoned=False),
    "timestamptz": lambda type_: _is_moment(type_, zoned=True),
    "interval": lambda type_: type_ == pa.month_day_nano_interval(),
    "time": lambda type_: pa.types.is_time64(type_) and type_.unit == "us",
    "json": _is_text,
    "bytes": pa.types.is_binary,
    "object": _is_simple_nested,
}
_CONVERTERS: dict[str, Callable[[Column, pa.Array], Any]] = {
    "integer": _integers,
    "real": _floats,
    "float": _floats,
    "boolean": _booleans,
    "text": _texts,
    "uuid": _uuids,
    "date": _dates,
    "timestamp": _timestamps,
    "timestamptz": _zoned,
    "interval": _intervals,
    "time": _objects,
    "json": _documents,
    "bytes": _objects,
    "object": _objects,
}
