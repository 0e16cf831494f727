"""Where a frame differs from the recorded one: each column's own difference, by its kind."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dspipe._text import count, quote_some

_MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """One column, or the rows, of one stage that differ from a golden run.

    Attributes
    ----------
    stage : str
        "extract", "postprocess" or "predict".
    kind : str
        "rows", "columns", "column order", "dtype", "time zone", "category order", "categories",
        "null form" or "values" say what differs; for values the cause takes its place where it is
        known: "source data", "code", "model file", "library version", "nondeterminism", "other
        rows". "error" where a stage failed.
    column : str or None
        None for rows, and for the order of columns.
    n_rows : int
        How many rows differ.
    keys : tuple
        The first of them.
    found : str
        What was recorded and what is there now.
    cause : str
        What has changed besides; empty when nothing is known.
    """

    stage: str
    kind: str
    column: str | None
    n_rows: int
    keys: tuple[object, ...]
    found: str
    cause: str = ""

    def __str__(self) -> str:
        where = f"column '{self.column}'" if self.column is not None else "the frame"
        text = f"{self.stage}: {where} differs ({self.kind}): {self.found}"
        return f"{text} {self.cause}".rstrip()


def find_differences(
    recorded: pd.DataFrame,
    actual: pd.DataFrame,
    stage: str,
    *,
    tolerance: Mapping[str, float] | None = None,
) -> list[Difference]:
    """List how a frame differs from the recorded one; nothing when it does not.

    Parameters
    ----------
    recorded, actual : DataFrame
        With the key in the index. The order of rows does not count where keys are unique.
    stage : str
        Which stage gave them.
    tolerance : mapping of str to float, optional
        Largest relative difference by column; other columns must be equal.
    """
    rows = _find_rows(recorded, actual, stage)
    shared = [name for name in recorded.columns if name in actual.columns]
    differences = [*rows, *_find_columns(recorded, actual, stage)]
    left, right = _align(recorded, actual)
    for name in shared:
        allowed = (tolerance or {}).get(str(name), 0.0)
        found = _find_in_column(left[name], right[name], allowed)
        if found is not None:
            kind, n_rows, keys, said = found
            differences.append(Difference(stage, kind, str(name), n_rows, keys, said))
    return differences


_Found = tuple[str, int, tuple[object, ...], str]


def _find_rows(recorded: pd.DataFrame, actual: pd.DataFrame, stage: str) -> list[Difference]:
    lost = recorded.index.difference(actual.index)
    new = actual.index.difference(recorded.index)
    if not len(lost) and not len(new):
        if len(recorded) == len(actual):
            return []
        said = f"{count(len(recorded), 'row')} recorded, {len(actual):,} now."
        return [Difference(stage, "rows", None, abs(len(recorded) - len(actual)), (), said)]
    parts = [
        f"{count(len(keys), 'key')} {what}: {quote_some(keys.tolist())}."
        for keys, what in ((lost, "recorded and not there now"), (new, "there now, not recorded"))
        if len(keys)
    ]
    keys = tuple([*lost, *new][:_MOST_SHOWN])
    return [Difference(stage, "rows", None, len(lost) + len(new), keys, " ".join(parts))]


def _find_columns(recorded: pd.DataFrame, actual: pd.DataFrame, stage: str) -> Iterator[Difference]:
    before, after = list(recorded.columns), list(actual.columns)
    for name in before:
        if name not in after:
            yield Difference(stage, "columns", str(name), len(recorded), (), "It is not there now.")
    for name in after:
        if name not in before:
            yield Difference(stage, "columns", str(name), len(actual), (), "It was not recorded.")
    if before != after and sorted(map(str, before)) == sorted(map(str, after)):
        said = f"{quote_some(before, most=20)} recorded, {quote_some(after, most=20)} now."
        yield Difference(stage, "column order", None, len(recorded), (), said)


def _align(recorded: pd.DataFrame, actual: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bring both to the same rows: by key where keys are unique, else by place."""
    if recorded.index.is_unique and actual.index.is_unique:
        shared = recorded.index.intersection(actual.index, sort=False)
        return recorded.loc[shared], actual.loc[shared]
    n_rows = min(len(recorded), len(actual))
    return recorded.head(n_rows), actual.head(n_rows)


def _find_in_column(
    recorded: "pd.Series[Any]", actual: "pd.Series[Any]", tolerance: float
) -> _Found | None:
    structure = _compare_dtypes(recorded.dtype, actual.dtype)
    if structure is not None:
        kind, said = structure
        return kind, len(recorded), (), said
    if str(recorded.dtype) != "object" and recorded.equals(actual):
        return None
    pairs = list(zip(recorded.tolist(), actual.tolist(), strict=True))
    different = np.array([not is_equal(*pair, tolerance) for pair in pairs], dtype=bool)
    if different.any():
        return _describe("values", recorded, actual, different)
    other = np.array([_is_other_null(*pair) for pair in pairs], dtype=bool)
    return _describe("null form", recorded, actual, other) if other.any() else None


def _compare_dtypes(recorded: Any, actual: Any) -> tuple[str, str] | None:
    said = f"{recorded} recorded, {actual} now."
    if isinstance(recorded, pd.CategoricalDtype) and isinstance(actual, pd.CategoricalDtype):
        return _compare_categories(recorded, actual)
    if str(recorded) == str(actual):
        return None
    zones = [getattr(dtype, "tz", None) for dtype in (recorded, actual)]
    is_time = all(getattr(dtype, "kind", "") == "M" for dtype in (recorded, actual))
    return ("time zone" if is_time and zones[0] != zones[1] else "dtype"), said


def _compare_categories(
    recorded: pd.CategoricalDtype, actual: pd.CategoricalDtype
) -> tuple[str, str] | None:
    before, after = recorded.categories.tolist(), actual.categories.tolist()
    if before == after and recorded.ordered == actual.ordered:
        inner = _compare_dtypes(recorded.categories.dtype, actual.categories.dtype)
        return inner and ("dtype", f"Its categories are {inner[1]}")
    is_same_set = len(before) == len(after) and set(before) == set(after)
    kind = "category order" if is_same_set else "categories"
    words = ["ordered" if dtype.ordered else "unordered" for dtype in (recorded, actual)]
    tail = "" if words[0] == words[1] else f" ({words[0]}, now {words[1]})"
    return kind, f"{quote_some(before)} recorded, {quote_some(after)} now{tail}."


def is_equal(one: Any, two: Any, tolerance: float = 0.0) -> bool:
    """Say whether two values are equal; all nulls are, and types must be the same.

    >>> is_equal(0.1, 0.1), is_equal(float("nan"), None), is_equal(1.0, 1.0001, tolerance=0.01)
    (True, True, True)
    """
    if _is_null(one) or _is_null(two):
        return _is_null(one) and _is_null(two)
    if isinstance(one, np.ndarray) or isinstance(two, np.ndarray):
        return np.array_equal(one, two)
    if tolerance and isinstance(one, float) and isinstance(two, float):
        return bool(np.isclose(two, one, rtol=tolerance, atol=0))
    return type(one) is type(two) and bool(one == two)


def _is_other_null(one: Any, two: Any) -> bool:
    return _is_null(one) and type(one) is not type(two)


def _is_null(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _describe(
    kind: str,
    recorded: "pd.Series[Any]",
    actual: "pd.Series[Any]",
    different: "np.ndarray[Any, Any]",
) -> _Found:
    keys: list[Hashable] = recorded.index[different].tolist()
    shown = [
        f"{key!r}: {one!r} recorded, {two!r} now"
        for key, one, two in zip(
            keys[:_MOST_SHOWN],
            recorded[different].tolist(),
            actual[different].tolist(),
            strict=False,
        )
    ]
    said = f"{count(len(keys), 'row')} of {len(recorded):,}, first {'; '.join(shown)}."
    return kind, len(keys), tuple(keys[:_MOST_SHOWN]), said
