"""Features as an ONNX model takes them: one tensor of doubles or of text for each column."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

    from dspipe._contract import Column

# ONNX has no null for text. This is a code point that is never a character of anybody's text.
NULL_TEXT = "\ufdd0"
_NAN = float("nan")


def is_text(column: "Column") -> bool:
    """Say whether a column goes to the model as text."""
    return column.value_kind == "text"


def is_number(column: "Column") -> bool:
    """Say whether a column goes to the model as doubles, nulls as NaN."""
    return column.value_kind in ("boolean", "integer", "number")


def read_cells(values: list[Any], *, is_text: bool) -> "npt.NDArray[Any]":
    """Make a tensor of a few values of one column."""
    if is_text:
        cells = [[value] if type(value) is str else [_read_text(value)] for value in values]
        return np.array(cells, dtype=object)
    return np.array([[_read_number(value)] for value in values])


def read_column(column: "pd.Series[Any]", *, is_text: bool) -> "npt.NDArray[Any]":
    """Make a tensor of a whole column."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = read_cells([*column.cat.categories.tolist(), None], is_text=is_text)
        return known[column.cat.codes.to_numpy()]  # the code of a null is -1: the last line
    if column.dtype == object:
        return read_cells(column.tolist(), is_text=is_text)
    if is_text:
        return column.to_numpy(dtype=object, na_value=NULL_TEXT).reshape(-1, 1)
    return column.to_numpy(dtype=np.float64, na_value=np.nan).reshape(-1, 1)


def _read_number(value: Any) -> float:
    if isinstance(value, str):
        raise TypeError(f"the text {value!r} stands where the model takes a number.")
    return _NAN if value is None or value is pd.NA else float(value)


def _read_text(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    if not pd.isna(value):
        raise TypeError(f"the value {value!r} stands where the model takes text.")
    return NULL_TEXT
