"""Watch a run and keep a bounded part of its rows: whole keys, the same ones every time.

Keys are chosen by their hash, so the choice depends neither on the order of rows nor on batches.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dspipe._alignment import HAS_COPY_ON_WRITE
from dspipe._batching import Batch
from dspipe._kept import MOST_ROWS, Kept
from dspipe._keys import hash_keys
from dspipe._rejections import Rejections
from dspipe._scoring import BatchScorer, Prepared, Stages

_PATIENCE = 4


class Witness:
    """Keeps rows of one run.

    Parameters
    ----------
    stages : PredictionPipeline
    most_rows : int or None, default=1000
        How many rows to keep at most, but for rows that share a key; None keeps all.
    threshold : int, optional
        Keep the rows of keys whose hash is not above it, however many they are: the keys that
        another run kept.
    """

    def __init__(
        self,
        stages: Stages,
        *,
        most_rows: int | None = MOST_ROWS,
        threshold: int | None = None,
    ) -> None:
        self.query: Any = None
        self._stages = stages
        self._most_rows = None if threshold is not None else most_rows
        self._threshold = threshold
        self._wanted: np.ndarray[Any, Any] | None = None
        self._extracted: list[pd.DataFrame] = []
        self._features: list[pd.DataFrame] = []
        self._keys: list[pd.Index] = []
        self._n_rows = 0

    def hold(self, batch: Batch, keys: pd.Index) -> None:
        """Keep what is wanted of a batch as extracted, before the user's code may change it."""
        frame, most = batch.frame, self._most_rows
        self._n_rows += len(frame)
        if self._threshold is None and (most is None or len(frame) <= most):
            may_change = batch.is_owned and self._stages.has_postprocess
            self._wanted = None
            self._extracted.append(frame.copy(deep=may_change and not HAS_COPY_ON_WRITE))
            self._keys.append(keys)
            return
        hashes = hash_keys(keys)
        if self._threshold is None and most is not None:
            self._threshold = _find_threshold(hashes, most)
        # Copies of the few rows: a reference would make each write of the user copy the batch.
        self._wanted = hashes <= self._threshold
        self._extracted.append(frame[self._wanted])
        self._keys.append(keys[self._wanted])

    def keep(self, features: pd.DataFrame) -> None:
        """Keep what is wanted of the features of the batch that was held."""
        wanted = self._wanted
        if wanted is None:
            self._features.append(features.copy(deep=not HAS_COPY_ON_WRITE))
        else:
            # Features stand in the order of their batch; rows are missing where some were bad.
            is_whole = len(wanted) == len(features)
            mask = wanted if is_whole else hash_keys(features.index) <= self._threshold
            self._features.append(features[mask])
        # Not at every batch, as each time all that is kept is cut anew.
        self._narrow()

    def finish(self) -> Kept:
        """Give what was kept; the last cut is left to who records, for few runs are recorded."""
        return Kept(
            self._stages,
            self.query,
            tuple(self._extracted),
            tuple(self._features),
            self._n_rows,
            self._find_last_threshold(),
        )

    def _find_last_threshold(self) -> int | None:
        most, n_kept = self._most_rows, sum(map(len, self._keys))
        if most is None or n_kept <= most:
            return self._threshold
        return _find_threshold(np.concatenate([hash_keys(keys) for keys in self._keys]), most)

    def _narrow(self) -> None:
        """Lower the threshold where too many rows are kept; rows that share a key stay whole."""
        most = self._most_rows
        if most is None or sum(map(len, self._keys)) <= _PATIENCE * most:
            return
        hashes = [hash_keys(keys) for keys in self._keys]
        threshold = _find_threshold(np.concatenate(hashes), most)
        masks = [each <= threshold for each in hashes]
        self._extracted = [f[m] for f, m in zip(self._extracted, masks, strict=True)]
        self._keys = [k[m] for k, m in zip(self._keys, masks, strict=True)]
        self._features = [f[hash_keys(f.index) <= threshold] for f in self._features]
        self._threshold = threshold


class WatchedScorer(BatchScorer):
    """Scores batches as every scorer does, and shows their rows to a witness."""

    def __init__(self, stages: Stages, arguments: Mapping[str, object], witness: Witness) -> None:
        super().__init__(stages, arguments)
        self._witness = witness

    def prepare(self, batch: Batch) -> Prepared:
        """Make the features of a batch, and let the witness keep what it wants of them."""
        prepared = super().prepare(batch)
        self._witness.keep(prepared.features)
        return prepared

    def _take_good_keys(
        self, batch: Batch, rejections: Rejections
    ) -> "tuple[pd.DataFrame, pd.Index, np.ndarray[Any, Any]]":
        taken = super()._take_good_keys(batch, rejections)
        self._witness.hold(batch, self.keys)
        return taken


def _find_threshold(hashes: "np.ndarray[Any, Any]", most_rows: int) -> int:
    return int(np.partition(hashes, most_rows - 1)[most_rows - 1])
