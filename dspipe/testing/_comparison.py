"""Where two frames differ, and which answers JSON would garble, as sentences."""

from collections.abc import Hashable
from copy import deepcopy
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd

from dspipe._text import count, line_diff, quote_some

# The same row scored in another batch may differ in its last bits: matrix products and sums group
# their terms by the size of the batch.
RELATIVE_TOLERANCE = 1e-9

_WRITABLE = (
    str, bool, int, float, bytes, date, time, timedelta, Decimal, Enum, UUID,
    np.generic, np.ndarray, list, tuple, set, dict,
)  # fmt: skip


def find_difference(
    expected: pd.DataFrame, actual: pd.DataFrame, *, exactly: bool = False
) -> str | None:
    """Say where two frames differ: columns and types, else the first keys with both values.

    Parameters
    ----------
    expected, actual : DataFrame
        With the key in the index, in the same order.
    exactly : bool, default=False
        Compare floats bit by bit; otherwise by a relative tolerance of 1e-9.

    Returns
    -------
    str or None
        A sentence, or None when the frames are equal. Nulls are equal.
    """
    lines, others = _describe_columns(expected), _describe_columns(actual)
    if lines != others:
        return f"The columns differ:\n{line_diff(lines, others)}\n"
    if not expected.index.equals(actual.index):
        return (
            f"The rows differ: {quote_some(expected.index.tolist())} against "
            f"{quote_some(actual.index.tolist())}."
        )
    for position, name in enumerate(expected.columns):
        left, right = expected.iloc[:, position], actual.iloc[:, position]
        different = ~_mark_equal(left, right, exactly=exactly)
        if different.any():
            return _describe_rows(name, left[different], right[different])
    return None


def copy_deeply(frame: pd.DataFrame) -> pd.DataFrame:
    """Copy a frame and the lists, dicts and other objects in it."""
    copied: dict[Any, Any] = {
        name: pd.Series([deepcopy(value) for value in frame[name]], frame.index, dtype=object)
        for name in _object_columns(frame)
    }
    return frame.assign(**copied).copy()


def find_lossy_answers(predictions: pd.DataFrame) -> str | None:
    """Say which column has no name of its own in a JSON record, or holds what JSON cannot."""
    names = [str(name) for name in (*predictions.index.names, *predictions.columns)]
    shared = sorted({name for name in names if names.count(name) > 1})
    if shared:
        return (
            f"key and answers share the name {quote_some(shared)}, and a JSON record has each name "
            "once. Rename the column in extract or predict."
        )
    for name in _object_columns(predictions):
        values = predictions[name].dropna()
        odd = values[values.map(lambda value: not isinstance(value, _WRITABLE)).astype(bool)]
        if len(odd):
            kinds = sorted({type(value).__name__ for value in odd})
            return (
                f"'{name}' holds objects of the type {quote_some(kinds)}, which JSON cannot carry. "
                f"First keys: {quote_some(odd.index.tolist())}. Return numbers or text instead."
            )
    return None


def _object_columns(frame: pd.DataFrame) -> list[Any]:
    return [name for name, dtype in frame.dtypes.items() if dtype.kind == "O" and dtype == "object"]


def _describe_columns(frame: pd.DataFrame) -> list[str]:
    return [f"{name}: {dtype}" for name, dtype in frame.dtypes.items()]


def _mark_equal(left: pd.Series, right: pd.Series, *, exactly: bool) -> np.ndarray:
    """Mark the rows with equal values."""
    if not exactly and pd.api.types.is_float_dtype(left.dtype):
        one, two = (side.to_numpy("float64", na_value=np.nan) for side in (left, right))
        close: np.ndarray = np.isclose(one, two, rtol=RELATIVE_TOLERANCE, atol=0, equal_nan=True)
        return close
    pairs = zip(left.tolist(), right.tolist(), strict=True)
    return np.array([_is_equal(one, two) for one, two in pairs], dtype=bool)


def _is_equal(one: Any, two: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(two, np.ndarray):
        return np.array_equal(one, two)
    if _is_null(one) or _is_null(two):
        return _is_null(one) and _is_null(two)
    return bool(one == two)


def _is_null(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _describe_rows(name: Hashable, expected: pd.Series, actual: pd.Series) -> str:
    shown = [
        f"{key!r} ({one!r} against {two!r})"
        for key, one, two in zip(
            expected.index[:3].tolist(), expected.tolist(), actual.tolist(), strict=False
        )
    ]
    return (
        f"'{name}' differs in {count(len(expected), 'row')}, first for the keys {', '.join(shown)}."
    )
