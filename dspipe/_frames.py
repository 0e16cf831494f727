"""Frames of arrays that are ready: a third of the price of a dict of columns, for one row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

try:
    from pandas.api.internals import (  # type: ignore[import-not-found]  # not in the stubs
        create_dataframe_from_blocks,
    )
except ImportError:  # pragma: no cover - pandas 2
    create_dataframe_from_blocks = None

# Values of some columns, one row a column, or an extension array; and the places of these columns.
Block = tuple[Any, np.ndarray]


def make_frame(
    blocks: Sequence[Block], *, index: "pd.Index[Any]", columns: "pd.Index[Any]"
) -> pd.DataFrame:
    """Make a frame that holds the arrays themselves; nobody else may write to them.

    Examples
    --------
    >>> numbers = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> make_frame(
    ...     [(numbers, np.array([0, 1]))], index=pd.RangeIndex(2), columns=pd.Index(["a", "b"])
    ... )
         a    b
    0  1.0  3.0
    1  2.0  4.0
    """
    if create_dataframe_from_blocks is None:  # pragma: no cover - pandas 2
        return _join_blocks(blocks, index).set_axis(columns, axis=1)
    frame: pd.DataFrame = create_dataframe_from_blocks(blocks, index=index, columns=columns)
    return frame


def _join_blocks(  # pragma: no cover - pandas 2
    blocks: Sequence[Block], index: "pd.Index[Any]"
) -> pd.DataFrame:
    series = {}
    for array, places in blocks:
        rows = array if isinstance(array, np.ndarray) else [array]
        series.update(
            {int(place): pd.Series(row, index) for place, row in zip(places, rows, strict=True)}
        )
    return pd.DataFrame({place: series[place] for place in sorted(series)}, index=index)
