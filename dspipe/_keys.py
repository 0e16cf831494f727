"""The key of every row: taken from a frame, checked, never met twice in a run."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def take_keys(frame: pd.DataFrame, key: Sequence[str]) -> pd.Index:
    """Build the index that names each row: a MultiIndex for a key of several columns."""
    if len(key) == 1:
        index: pd.Index = pd.Index(frame[key[0]], name=key[0])
        return index
    return pd.MultiIndex.from_frame(frame[list(key)])


def find_null(keys: pd.Index) -> np.ndarray:
    """Mark the rows whose key, or any part of it, is null."""
    if isinstance(keys, pd.MultiIndex):
        parts = [np.asarray(codes) == -1 for codes in keys.codes]
        return np.asarray(np.stack(parts).any(axis=0))
    return np.asarray(keys.isna()) if keys.hasnans else np.zeros(len(keys), dtype=bool)


def hash_keys(keys: pd.Index) -> np.ndarray:
    """Hash each key to 64 bits, in the same way in every process."""
    return np.asarray(pd.util.hash_pandas_object(keys, index=False, categorize=False))


class SeenKeys:
    """Remembers the keys of a run, so that a key met again in a later batch is found.

    Whole numbers that only rise from row to row, as an ordered query gives them, cannot repeat and
    are kept as they are. As soon as any do not, all keys are kept as 64-bit hashes, 8 bytes each,
    in a few sorted arrays that are merged when they grow alike, as in a log-structured tree. Two
    different keys in ten million share a hash with a chance of about 3 in a million; the run would
    then call one of them repeated, which is loud and never silent.
    """

    def __init__(self) -> None:
        self._waiting: list[pd.Index] = []
        self._levels: list[np.ndarray] = []

    def mark_repeated(self, keys: pd.Index) -> np.ndarray:
        """Mark the rows whose key was met before in this run, and remember the others."""
        if self._is_new_by_order(keys):
            return np.zeros(len(keys), dtype=bool)
        self._hash_waiting()
        repeated = np.asarray(keys.duplicated())
        hashes = hash_keys(keys)
        for level in self._levels:
            repeated |= _is_in(hashes, level)
        self._add(np.unique(hashes))
        return repeated

    def _is_new_by_order(self, keys: pd.Index) -> bool:
        """Tell without a hash that no key repeats: in the first batch, and while numbers rise."""
        if self._levels or not len(keys):
            return False
        if self._waiting:
            before = self._waiting[-1]
            is_new = _rises(before) and _rises(keys) and bool(keys[0] > before[-1])
        else:
            is_new = len(keys) == 1 or keys.is_unique
        if is_new:
            self._waiting.append(keys)
        return is_new

    def _hash_waiting(self) -> None:
        for keys in self._waiting:
            self._add(np.unique(hash_keys(keys)))
        self._waiting.clear()

    def _add(self, hashes: np.ndarray) -> None:
        if not len(hashes):
            return
        while self._levels and len(self._levels[-1]) <= 2 * len(hashes):
            # A stable sort merges the two sorted halves in linear time.
            hashes = np.sort(np.concatenate([self._levels.pop(), hashes]), kind="stable")
        self._levels.append(hashes)


def _rises(keys: pd.Index) -> bool:
    """Say whether keys are whole numbers, each larger than the one before."""
    is_integer = pd.api.types.is_integer_dtype(keys.dtype)
    return is_integer and keys.is_unique and keys.is_monotonic_increasing


def _is_in(hashes: np.ndarray, level: np.ndarray) -> np.ndarray:
    places = np.minimum(np.searchsorted(level, hashes), len(level) - 1)
    return np.asarray(level[places] == hashes)
