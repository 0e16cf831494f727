"""The rows that an export is compared on: real ones, and ones that are made to find a difference.

Real rows alone would seldom meet the places where conversions go wrong: values exactly at a split
of a tree, nulls where none were, categories that nobody has seen.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from dspipe._contract_values import blank, can_hold_null
from dspipe.predictors._trees import iter_trees

if TYPE_CHECKING:
    import numpy.typing as npt

    from dspipe._contract import Column, Contract

_N_DRAWN = 2_000
_N_ODD = 8
_UNSEEN = "not seen in training"


class Rows(NamedTuple):
    """Rows, and what is particular about them."""

    about: str
    frame: pd.DataFrame


def iter_rows(model: Any, contract: "Contract", real: pd.DataFrame) -> Iterator[Rows]:
    """Give the real rows, then rows made of them; always the same ones."""
    rng = np.random.default_rng(0)
    yield Rows("the real rows", real)
    thresholds = find_thresholds(model)
    drawn = {
        column.name: _draw(column, real[column.name].iloc[places], thresholds, rng)
        for column in contract.columns
        for places in (rng.integers(0, len(real), _N_DRAWN),)
    }
    yield Rows("rows with values at splits", pd.DataFrame(drawn))
    few = real.head(_N_ODD).reset_index(drop=True)
    for column in contract.columns:
        if can_hold_null(column.pandas_dtype):
            nulls = blank(column.pandas_dtype, len(few))
            yield Rows(f"rows with nulls in '{column.name}'", few.assign(**{column.name: nulls}))
        if column.kind == "text":
            text = pd.array([_UNSEEN] * len(few), dtype=column.pandas_dtype)
            about = f"rows with an unseen category in '{column.name}'"
            yield Rows(about, few.assign(**{column.name: text}))


def find_thresholds(model: Any) -> "npt.NDArray[np.float64]":
    """Collect the thresholds of all trees in a model, sorted."""
    found = [np.empty(0)]
    for tree, _ in iter_trees(model):
        nodes = getattr(tree, "nodes", None)
        found.append(tree.threshold if nodes is None else nodes["num_threshold"])
    return np.unique(np.concatenate(found))


def _draw(
    column: "Column",
    real: "pd.Series[Any]",
    thresholds: "npt.NDArray[np.float64]",
    rng: np.random.Generator,
) -> "pd.Series[Any]":
    """Replace half of the values of a column of numbers by ones at and beside splits."""
    values = real.reset_index(drop=True)
    low: Any = column.minimum
    high: Any = column.maximum
    if column.kind not in ("integer", "number") or low is None or high is None:
        return values
    inside = thresholds[(thresholds >= low) & (thresholds <= high)]
    splits = inside if len(inside) else np.array([low, high], dtype=np.float64)
    chosen = rng.choice(splits, len(values))
    toward = rng.choice(np.array([-np.inf, np.inf]), len(values))
    beside = [chosen, np.nextafter(chosen, toward), chosen.astype(np.float32).astype(np.float64)]
    at_split = np.choose(rng.integers(0, len(beside), len(values)), beside)
    if column.kind == "integer":
        at_split = np.floor(at_split)
    made = pd.Series(np.clip(at_split, low, high)).astype(column.pandas_dtype)
    return values.where(pd.Series(rng.random(len(values)) < 1 / 2), made)
