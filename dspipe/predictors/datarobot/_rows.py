"""Features to CSV: every value as it is, a null as nothing, text in quotes."""

from collections.abc import Iterable
from numbers import Number
from typing import TYPE_CHECKING, Any

from dspipe._text import quote_some
from dspipe.errors import ConfigurationError

if TYPE_CHECKING:
    import pandas as pd

ROW = "dspipe_row"  # comes back with each answer, and proves whose it is


def write_rows(rows: "pd.DataFrame", first_row: int, *, has_key: bool) -> bytes:
    """Write rows with a header and their numbers, counted from `first_row`.

    Raises
    ------
    ConfigurationError
        If two columns would have the same name.
    """
    frame = rows.reset_index() if has_key else rows
    names = [str(name) for name in frame.columns] + [ROW]
    if len(set(names)) < len(names):
        repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        raise ConfigurationError(
            f"The rows for DataRobot would have the column {quote_some(repeated)} twice. Rename "
            "the one that postprocess returns."
        )
    columns = [_write(frame.iloc[:, place]) for place in range(len(names) - 1)]
    numbers = map(str, range(first_row, first_row + len(frame)))
    lines = map(",".join, zip(*columns, numbers, strict=True))
    return "\n".join([",".join(map(_quote, names)), *lines, ""]).encode()


def _write(values: "pd.Series[Any]") -> Iterable[str]:
    import numpy as np  # there already, but not while the predictor is only imported

    if isinstance(values.dtype, np.dtype):
        if values.dtype.kind in "iub":
            return map(str, values.tolist())
        if values.dtype.kind == "f":
            # A NaN is the only number that differs from itself.
            return ["" if value != value else repr(value) for value in values.tolist()]  # noqa: PLR0124
    nulls = values.isna().tolist()
    objects = values.astype(object).tolist()
    return ["" if null else _quote(value) for null, value in zip(nulls, objects, strict=True)]


def _quote(value: object) -> str:
    if isinstance(value, Number) or type(value).__name__ == "bool_":  # numpy's is no Number
        return str(value)
    return '"' + str(value).replace('"', '""') + '"'
