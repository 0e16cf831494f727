"""What a run keeps of its rows, so that it can be recorded later without asking for them again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of a run: all of them, or those of the keys with the smallest hashes.

    Attributes
    ----------
    pipeline : PredictionPipeline
        The object that ran.
    query : Query or None
        What `extract` returned, where that was a query.
    extracted, features : tuple of DataFrame
        What left `extract` and what reached `predict`, in pieces, in the order of `extract`.
    n_rows : int
        Rows that the whole run extracted.
    threshold : int or None
        Rows of keys whose hash is above it do not count, though some may still be here; None when
        all rows are.
    """

    pipeline: Any
    query: Any
    extracted: "tuple[pd.DataFrame, ...]"
    features: "tuple[pd.DataFrame, ...]"
    n_rows: int
    threshold: int | None
