"""Bring a batch of features into the form of a contract, and note every row that does not fit.

Most batches fit as they come. A few rows are looked at value by value, which is the fastest way for
one request; more rows are looked at column by column.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from dspipe._contract_columns import Column, is_same_dtype, kind_of
from dspipe._contract_findings import Fault, Findings, Policy, word_of
from dspipe._contract_values import (
    Array,
    Mask,
    blank,
    can_hold_null,
    convert,
    find_wrong_type,
)
from dspipe._notices import Notice, Word
from dspipe._text import line_diff, quote_some, suggest
from dspipe.errors import ContractError

MOST_ROWS_ONE_BY_ONE = 8
_MOST_VALUES_ONE_BY_ONE = 64


@dataclass(frozen=True)
class Conformed:
    """Features in the form of a contract.

    Attributes
    ----------
    features : DataFrame of shape (n_rows, n_columns)
        The contract's columns in its order and dtypes; every row and the index as given. It is the
        given frame itself where that fitted as it came. A value that broke the contract may stand
        there as null or 0, so drop the bad rows before you predict.
    bad_rows : mapping of int to str
        Position of each bad row, in order, and why it is bad.
    notices : tuple of Notice
        What was let through.
    """

    features: pd.DataFrame
    bad_rows: Mapping[int, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """The notices as sentences."""
        return tuple(map(str, self.notices))


def conform(
    columns: Sequence[Column], names: "pd.Index[Any]", policy: Policy, features: pd.DataFrame
) -> Conformed:
    """Check features against columns; see `Contract.apply`."""
    is_exact = features.columns.equals(names)
    if is_exact and len(features) <= MOST_ROWS_ONE_BY_ONE and _fits_as_it_is(columns, features):
        return Conformed(features)
    findings = Findings(policy)
    found = _find_columns(columns, features)
    wrong = _check_columns(columns, found, features, findings)
    changed = {
        column.name: made
        for column in columns
        if column.name not in wrong
        and (made := _conform_column(column, found.get(column.name), len(features), findings))
        is not None
    }
    if changed or not is_exact:
        features = _assemble(columns, found, changed, features.index)
    return Conformed(features, findings.reasons(), tuple(findings.notices))


def _fits_as_it_is(columns: Sequence[Column], features: pd.DataFrame) -> bool:
    for column, dtype in zip(columns, features.dtypes, strict=True):
        wanted = column.pandas_dtype
        if dtype is not wanted and not is_same_dtype(dtype, wanted):
            return False
    n_rows, value_at = len(features), features.iat
    return all(
        _is_right(column, value_at[row, position])
        for position, column in enumerate(columns)
        for row in range(n_rows)
    )


def _is_right(column: Column, value: Any) -> bool:
    """Say that a value surely fits; False only sends the batch on the longer way."""
    if value is None or value is pd.NA or value is pd.NaT or _is_nan(value):
        return column.nullable
    match column.kind:
        case "integer" | "number" | "datetime":
            low, high = column.minimum, column.maximum
            return (low is None or low <= value) and (high is None or value <= high)
        case "text":
            return type(value) is str and (column.known is None or value in column.known)
        case "date":
            return isinstance(value, date) and not isinstance(value, datetime)
        case _:
            return True


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and isnan(value)


def _find_columns(columns: Sequence[Column], features: pd.DataFrame) -> "dict[str, pd.Series[Any]]":
    """Pick the columns of the contract that are there, each of them once."""
    present = set(features.columns)
    repeated = (
        set()
        if features.columns.is_unique
        else set(features.columns[features.columns.duplicated()])
    )
    refused = [column.name for column in columns if column.name in repeated]
    if refused:
        raise ContractError(
            f"The features have the column {quote_some(refused)} more than once. "
            "The contract has each column once: drop or rename the others."
        )
    return {column.name: features[column.name] for column in columns if column.name in present}


def _check_columns(
    columns: Sequence[Column],
    found: "Mapping[str, pd.Series[Any]]",
    features: pd.DataFrame,
    findings: Findings,
) -> set[str]:
    """Refuse or note columns as a whole; give the names of those to pass on as they came."""
    extra = [str(name) for name in features.columns if name not in found]
    wrong = {
        column.name: sentence
        for column in columns
        if column.name in found and (sentence := find_wrong_type(column, found[column.name]))
    }
    problems = {
        "missing": [_miss(column, extra) for column in columns if column.name not in found],
        "wrong_type": list(wrong.values()),
        "extra": [f"column '{name}' is not in the contract" for name in extra],
    }
    refused = [
        text
        for rule in problems
        if getattr(findings.policy, rule) == "error"
        for text in problems[rule]
    ]
    if refused:
        fitting = found.keys() - wrong.keys()
        raise ContractError(
            f"The features do not fit the model's contract: {quote_some(map(Word, refused))}. "
            "Return the columns of the contract (-) instead of these (+) from postprocess, or "
            f"train the model anew:\n{_column_diff(columns, features, fitting)}"
        )
    for rule, sentences in problems.items():
        if getattr(findings.policy, rule) == "warn":
            findings.notices.extend(Notice("", problem=sentence) for sentence in sentences)
    return set(wrong)


def _miss(column: Column, extra: Sequence[str]) -> str:
    hint = suggest(column.name, extra).removeprefix(" Did you mean ").rstrip("?")
    return f"column '{column.name}' is missing" + (f" (there is {hint})" if hint else "")


def _column_diff(
    columns: Sequence[Column], features: pd.DataFrame, fitting: AbstractSet[str]
) -> str:
    """Show the columns that differ; one that can be converted does not."""
    expected = [column.line for column in columns if column.name not in fitting]
    pairs = zip(features.columns, features.dtypes, strict=True)
    return line_diff(expected, [f"{name}: {dtype}" for name, dtype in pairs if name not in fitting])


def _conform_column(
    column: Column, values: "pd.Series[Any] | None", n_rows: int, findings: Findings
) -> Array | None:
    """Check one column; give its new values, or None where it stays as it is."""
    if values is None:
        return _fill_missing(column, n_rows)
    is_same = is_same_dtype(values.dtype, column.pandas_dtype)
    if is_same and _fits_at_a_glance(column, values):
        return None
    made, failed, unseen = None, np.zeros(n_rows, dtype=bool), np.zeros(n_rows, dtype=bool)
    if not is_same or not _is_right_object(column, values):
        made, failed, unseen = convert(column, values)
        _note_failed(column, values, failed, findings)
    _note_nulls(column, values, findings)
    _note_categories(column, values, failed, unseen, findings)
    _note_range(column, values if made is None else made, values, failed, findings)
    return made


def _fits_at_a_glance(column: Column, values: "pd.Series[Any]") -> bool:
    """Say that a whole column surely fits; False only sends it on the longer way."""
    if len(values) <= _MOST_VALUES_ONE_BY_ONE:
        return all(_is_right(column, value) for value in values.tolist())
    if column.kind == "text" and column.known is not None:
        return all(_is_right(column, value) for value in values.unique().tolist())
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "f":
        numbers = values.to_numpy()
        nulls = np.isnan(numbers)
        if nulls.any():
            if not column.nullable:
                return False
            numbers = numbers[~nulls]
        ends = (numbers.min(), numbers.max()) if len(numbers) else ()
        return all(_is_right(column, end) for end in ends)
    return False


def _fill_missing(column: Column, n_rows: int) -> Array:
    if can_hold_null(column.pandas_dtype):
        return blank(column.pandas_dtype, n_rows)
    raise ContractError(
        f"The features have no column '{column.name}', and its type {column.dtype} has no null to "
        "put there. Return that column from postprocess."
    )


def _assemble(
    columns: Sequence[Column],
    found: "Mapping[str, pd.Series[Any]]",
    changed: Mapping[str, Array],
    index: "pd.Index[Any]",
) -> pd.DataFrame:
    """Put columns side by side as Series: from a bare array of objects, pandas guesses a dtype."""
    series = {
        column.name: pd.Series(changed[column.name], index, column.pandas_dtype, copy=False)
        if column.name in changed
        else found[column.name]
        for column in columns
    }
    return pd.DataFrame(series, index=index, columns=list(series), copy=False)


def _is_right_object(column: Column, values: "pd.Series[Any]") -> bool:
    """Say whether objects are what the contract wants; of any other dtype, all values are."""
    if values.dtype != object or column.kind == "object" or values.isna().all():
        return True
    return kind_of(values) == column.kind


def _note_failed(
    column: Column, values: "pd.Series[Any]", failed: Mask, findings: Findings
) -> None:
    expected = f"{column.dtype} cannot hold that without loss"
    if column.kind == "category":
        expected = f"the categories of the contract are of the kind {column.value_kind}"
    forced = not can_hold_null(column.pandas_dtype)
    _note("wrong_type", column, values, failed, expected, findings, forced=forced)


def _note_nulls(column: Column, values: "pd.Series[Any]", findings: Findings) -> None:
    forced = not can_hold_null(column.pandas_dtype)
    if column.nullable and not forced:
        return
    expected = f"{column.dtype} has no null" if forced else "the contract allows no null there"
    nulls = values.isna().to_numpy()
    _note("unexpected_null", column, values, nulls, expected, findings, forced=forced)


def _note_categories(
    column: Column, values: "pd.Series[Any]", failed: Mask, unseen: Mask, findings: Findings
) -> None:
    if column.categories is None or column.known is None:
        return
    if column.kind == "text" and set(values.dropna().tolist()) - column.known:
        unseen = ~(values.isin(column.categories) | values.isna()).to_numpy(dtype=bool) & ~failed
    expected = f"the contract knows {quote_some(column.categories)}"
    if not column.categories:
        expected = "the contract knows no value there"
    _note("unseen_category", column, values, unseen, expected, findings)


def _note_range(
    column: Column, made: Any, values: "pd.Series[Any]", failed: Mask, findings: Findings
) -> None:
    low, high = column.minimum, column.maximum
    outside = np.zeros(len(values), dtype=bool)
    if low is not None:
        outside |= _as_mask(made < low)
    if high is not None:
        outside |= _as_mask(made > high)
    if outside.any():
        outside &= ~failed & ~values.isna().to_numpy()  # a 0 may stand where a value has no place
    ends = " to ".join(str(word_of(end)) for end in (low, high) if end is not None)
    _note("out_of_range", column, values, outside, f"the contract's range is {ends}", findings)


def _as_mask(found: Any) -> Mask:
    if isinstance(found.dtype, np.dtype):
        return np.asarray(found)
    return np.asarray(found.to_numpy(dtype=bool, na_value=False))


def _note(
    rule: str,
    column: Column,
    values: "pd.Series[Any]",
    mask: Mask,
    expected: str,
    findings: Findings,
    *,
    forced: bool = False,
) -> None:
    if not mask.any():
        return
    positions = np.flatnonzero(mask)
    found = values.iloc[positions].tolist()
    findings.add(Fault(rule, column.name, positions, found, expected, forced))
