"""Frames as plain lists and back, with every dtype, category order, time zone and null form.

Parquet and CSV each lose some of these, so a column is written as its dtype in words and values
that every format holds: whole numbers, floats, truth, text.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dspipe.parity._cells import from_plain, to_plain


@dataclass(frozen=True, slots=True)
class PlainColumn:
    """One column: what JSON says of it, and its values.

    Attributes
    ----------
    about : dict
        ``name``, ``dtype``, ``storage``; for categories ``categories`` and ``ordered`` too.
    content : list
        None, bool, int, float or str, all of one type.
    """

    about: Mapping[str, Any]
    content: list[Any]


def write_frame(frame: pd.DataFrame) -> list[PlainColumn]:
    """Write the columns of a frame; the levels of a named index come first.

    Raises
    ------
    TypeError
        If a column holds what could not be read again; the message begins with its name.
    """
    keyed = frame.reset_index() if frame.index.names[0] is not None else frame
    columns = []
    for name, column in keyed.items():
        try:
            about, values = _write_values(column)
            columns.append(PlainColumn({"name": to_plain(name), **about}, values))
        except TypeError as error:
            raise TypeError(f"{name!r} holds {error}") from error
    return columns


def read_frame(columns: list[PlainColumn], key: tuple[str, ...] = ()) -> pd.DataFrame:
    """Read a frame; the columns named in `key` become its index.

    Examples
    --------
    >>> frame = pd.DataFrame({"size": pd.Categorical(["M"], ["S", "M"])})
    >>> read_frame(write_frame(frame))["size"].cat.categories.tolist()
    ['S', 'M']
    """
    names = [from_plain(column.about["name"]) for column in columns]
    series = [_read_values(column.about, column.content) for column in columns]
    made = pd.DataFrame(dict(enumerate(series)))
    made.columns = pd.Index(names) if names else made.columns
    return made.set_index(list(key)) if key else made


def to_json(columns: list[PlainColumn]) -> list[list[Any]]:
    """Give the columns as one JSON value."""
    return [[column.about, column.content] for column in columns]


def from_json(content: list[list[Any]]) -> list[PlainColumn]:
    """Give the columns that `to_json` wrote."""
    return [PlainColumn(about, values) for about, values in content]


def _write_values(column: "pd.Series[Any]") -> tuple[dict[str, Any], list[Any]]:
    dtype: Any = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        about, categories = _write_values(pd.Series(dtype.categories))
        facts = {"ordered": bool(dtype.ordered), "categories": [about, categories]}
        return {"dtype": "category", "storage": "integer", **facts}, column.cat.codes.tolist()
    storage = _find_storage(dtype)
    return {"dtype": str(dtype), "storage": storage}, _WRITERS[storage](column)


def _find_storage(dtype: Any) -> str:
    """Name what holds the values of a dtype: cells are JSON texts, and hold anything."""
    if isinstance(dtype, pd.StringDtype):
        return "text"
    if isinstance(dtype, np.dtype | pd.DatetimeTZDtype):
        kinds = {"M": "moment", "m": "moment", "O": "cell", "U": "cell", "c": "cell"}
        return kinds.get(dtype.kind) or _NUMBERS.get(dtype.kind, "cell")
    is_masked = isinstance(dtype, pd.api.extensions.ExtensionDtype) and hasattr(
        dtype, "numpy_dtype"
    )
    is_arrow = isinstance(dtype, pd.ArrowDtype)
    return _NUMBERS.get(dtype.kind, "cell") if is_masked and not is_arrow else "cell"


def _write_nullable(column: "pd.Series[Any]") -> list[Any]:
    return [None if value is pd.NA else value for value in column.tolist()]


def _write_text(column: "pd.Series[Any]") -> list[Any]:
    return [value if isinstance(value, str) else None for value in column.tolist()]


def _write_moments(column: "pd.Series[Any]") -> list[Any]:
    values: Any = column.array
    whole: list[Any] = values.asi8.tolist()
    return whole


def _write_cells(column: "pd.Series[Any]") -> list[Any]:
    return [json.dumps(to_plain(value), ensure_ascii=False) for value in column.astype(object)]


_NUMBERS = {"b": "bool", "i": "integer", "u": "integer", "f": "float"}
_WRITERS = {
    "bool": _write_nullable,
    "integer": _write_nullable,
    "float": _write_nullable,
    "text": _write_text,
    "moment": _write_moments,
    "cell": _write_cells,
}


def _read_values(about: Mapping[str, Any], values: list[Any]) -> "pd.Series[Any]":
    if about["dtype"] == "category":
        categories = pd.Index(_read_values(*about["categories"]))
        dtype = pd.CategoricalDtype(categories, ordered=about["ordered"])
        return pd.Series(pd.Categorical.from_codes(values, dtype=dtype))
    if about["storage"] == "moment":
        return _read_moments(about["dtype"], values)
    if about["storage"] == "cell":
        cells = np.empty(len(values), dtype=object)
        cells[:] = [from_plain(json.loads(value)) for value in values]
        values = cells  # type: ignore[assignment] # an array holds lists as they are
    made: pd.Series[Any] = pd.Series(values, dtype=about["dtype"])
    return made


def _read_moments(name: str, values: list[int]) -> "pd.Series[Any]":
    dtype: Any = pd.api.types.pandas_dtype(name)
    whole = np.array(values, dtype="int64")
    if not isinstance(dtype, pd.DatetimeTZDtype):
        return pd.Series(whole.view(dtype))
    naive = pd.DatetimeIndex(whole.view(f"M8[{dtype.unit}]"))
    moments: pd.Series[Any] = pd.Series(naive.tz_localize("UTC").tz_convert(dtype.tz))
    return moments
