"""One column of a feature contract: its record, and how it is read off a frame.

The kind says what a value means (a number, a text, a moment); the dtype says how the model wants it
stored. Conversions are judged by kind, and end in exactly the dtype.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from dspipe._text import quote_some
from dspipe.errors import ContractError

Kind = Literal[
    "integer", "number", "boolean", "text", "category", "date", "datetime", "duration", "object"
]
KINDS: tuple[str, ...] = get_args(Kind)
Bound = int | float | pd.Timestamp
Dtype = Any  # numpy.dtype or a pandas extension dtype; pandas has no public name for both

MOST_TEXT_CATEGORIES = 100
_KIND_OF_NUMPY: dict[str, Kind] = {
    "i": "integer",
    "u": "integer",
    "f": "number",
    "b": "boolean",
    "M": "datetime",
    "m": "duration",
    "O": "object",
}
_KIND_OF_OBJECTS: dict[str, Kind] = {"string": "text", "date": "date"}
_RANGED: tuple[str, ...] = ("integer", "number", "datetime")


@dataclass(frozen=True)
class Column:
    """What the model expects of one feature.

    Attributes
    ----------
    name : str
    kind : str
        integer, number, boolean, text, category, date, datetime, duration or object.
    dtype : str
        Name of the exact pandas dtype that the model gets.
    nullable : bool
        Whether nulls were seen.
    minimum, maximum : int, float, Timestamp or None
        Smallest and largest value seen (integer, number, datetime). Zoned moments are in UTC.
    categories : tuple or None
        The categories in their order, or the distinct values of a text column with few of them.
    categories_dtype : str or None
        The dtype of the categories; for the kind category only.
    ordered : bool
        Whether the order of the categories has a meaning.
    time_zone : str or None
        Name of the time zone of zoned moments.
    """

    name: str
    kind: Kind
    dtype: str
    nullable: bool
    minimum: Bound | None = None
    maximum: Bound | None = None
    categories: tuple[Any, ...] | None = None
    categories_dtype: str | None = None
    ordered: bool = False
    time_zone: str | None = None

    @property
    def line(self) -> str:
        """The column as one line of a diff."""
        return f"{self.name}: {self.dtype}"

    @cached_property
    def pandas_dtype(self) -> Dtype:
        """The dtype itself, on the pandas that is installed."""
        if self.kind != "category":
            return resolve_dtype(self.dtype)
        index = pd.Index(
            list(self.categories or ()), dtype=resolve_dtype(self.categories_dtype or "object")
        )
        return pd.CategoricalDtype(index, ordered=self.ordered)

    @cached_property
    def known(self) -> frozenset[Any] | None:
        """The categories as a set."""
        return None if self.categories is None else frozenset(self.categories)

    @cached_property
    def value_kind(self) -> Kind:
        """The kind of the values: that of the categories where the column is a category."""
        if self.kind != "category":
            return self.kind
        categories = pd.Series(self.pandas_dtype.categories)
        # Without any category nothing is known about the values, so that all kinds are let through.
        return kind_of(categories) if len(categories) else "object"


def infer_column(name: str, values: pd.Series) -> Column:
    """Read one column off a frame that is right."""
    kind = kind_of(values)
    time_zone = str(values.dt.tz) if isinstance(values.dtype, pd.DatetimeTZDtype) else None
    minimum, maximum = _range(values) if kind in _RANGED else (None, None)
    column = Column(
        name=name,
        kind=kind,
        dtype="category" if kind == "category" else str(values.dtype),
        nullable=bool(values.isna().any()),
        minimum=minimum,
        maximum=maximum,
        categories=_categories(values, kind),
        categories_dtype=str(values.cat.categories.dtype) if kind == "category" else None,
        ordered=kind == "category" and bool(values.cat.ordered),
        time_zone=time_zone,
    )
    _check_is_storable(column, values)
    return column


def kind_of(values: "pd.Series[Any]") -> Kind:
    """Say what kind of values a column holds; objects are judged by their values."""
    kind = kind_of_dtype(values.dtype)
    if kind == "object":
        found = _KIND_OF_OBJECTS.get(pd.api.types.infer_dtype(values, skipna=True), "object")
        # pandas calls a datetime among dates a date.
        is_mixed = found == "date" and any(isinstance(value, datetime) for value in values.dropna())
        return "object" if is_mixed else found
    if kind is None:
        raise ContractError(
            f"Column '{values.name}' has the dtype {values.dtype}, which a contract cannot hold. "
            "A contract holds integers, numbers, booleans, text, categories, dates, datetimes, "
            "durations and objects. Convert the column with astype first."
        )
    return kind


def kind_of_dtype(dtype: Dtype) -> Kind | None:
    """Say what kind of values a dtype holds, or None for one that a contract cannot hold."""
    if isinstance(dtype, np.dtype):
        return _KIND_OF_NUMPY.get(dtype.kind)
    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    if isinstance(dtype, pd.StringDtype):
        return "text"
    if isinstance(dtype, pd.DatetimeTZDtype):
        return "datetime"
    is_masked = hasattr(dtype, "numpy_dtype") and not isinstance(dtype, pd.ArrowDtype)
    return _KIND_OF_NUMPY.get(dtype.kind) if is_masked else None


def resolve_dtype(name: str) -> Dtype:
    """Find the dtype of a name; ``str`` is object where pandas has no such dtype yet."""
    if name == "str" and not isinstance(pd.api.types.pandas_dtype("str"), pd.StringDtype):
        return np.dtype(object)
    return pd.api.types.pandas_dtype(name)


def is_same_dtype(actual: Dtype, expected: Dtype) -> bool:
    """Compare dtypes by what they hold: the order of categories counts, how text lies not."""
    if isinstance(expected, pd.CategoricalDtype):
        return (
            isinstance(actual, pd.CategoricalDtype)
            and actual.ordered == expected.ordered
            and is_same_dtype(actual.categories.dtype, expected.categories.dtype)
            and actual.categories.equals(expected.categories)
        )
    if isinstance(expected, pd.StringDtype):
        return isinstance(actual, pd.StringDtype) and str(actual) == str(expected)
    return bool(actual == expected)


def _range(values: "pd.Series[Any]") -> tuple[Bound | None, Bound | None]:
    """Find the smallest and largest value; a bound that JSON cannot hold (infinity) is no bound."""
    present = values.dropna()
    if present.empty:
        return None, None
    return _plain_bound(present.min()), _plain_bound(present.max())


def _plain_bound(bound: Any) -> Bound | None:
    if isinstance(bound, pd.Timestamp):
        return bound if bound.tz is None else bound.tz_convert("UTC")
    plain: int | float = bound.item() if isinstance(bound, np.generic) else bound
    return plain if np.isfinite(plain) else None


def _categories(values: "pd.Series[Any]", kind: Kind) -> tuple[Any, ...] | None:
    if kind == "category":
        return tuple(values.cat.categories.tolist())
    if kind != "text":
        return None
    distinct = set(values.dropna().tolist())
    return tuple(sorted(distinct)) if 0 < len(distinct) <= MOST_TEXT_CATEGORIES else None


def _check_is_storable(column: Column, values: "pd.Series[Any]") -> None:
    """Refuse a column whose dtype would not come back from a file as it was."""
    odd = [value for value in column.categories or () if not _is_json_safe(value)]
    if odd:
        raise ContractError(
            f"Column '{column.name}' has categories that a contract cannot hold: "
            f"{quote_some(odd)}. Categories are text, integers, finite numbers or booleans. "
            "Convert them to text first, with .cat.rename_categories(str)."
        )
    try:
        same = is_same_dtype(values.dtype, column.pandas_dtype)
    except (TypeError, ValueError):  # the name of the dtype is not one that pandas reads
        same = False
    if not same:
        raise ContractError(
            f"Column '{column.name}' has the dtype {values.dtype}, which cannot be written to a "
            "contract and read back. Convert the column with astype first, or name its time zone, "
            "as in 'Europe/Paris'."
        )


def _is_json_safe(value: object) -> bool:
    if isinstance(value, float):
        return bool(np.isfinite(value))
    return isinstance(value, str | int)
