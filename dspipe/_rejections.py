"""Rows that cannot be scored: raised at once, or kept with their reason."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from dspipe._frames import make_frame
from dspipe._records import OnBadRow
from dspipe._text import MOST_SHOWN, count
from dspipe.errors import RunError, StageOutputError


class Rejections:
    """Collects the rejected rows of a batch, or raises when the pipeline says "raise"."""

    def __init__(self, name: str, key: Sequence[str], on_bad_row: OnBadRow) -> None:
        self._name = name
        self._key = key
        self._on_bad_row = on_bad_row
        self._parts: list[pd.DataFrame] = []
        self._positions: list[np.ndarray] = []

    def refuse(
        self,
        keys: pd.Index,
        positions: np.ndarray,
        reasons: Sequence[str],
        *,
        stage: str,
        error: type[RunError] = StageOutputError,
    ) -> None:
        """Take rows out of the run: their keys, their positions in the batch, one reason each.

        Raises
        ------
        RunError
            Of the type given, when the pipeline raises on bad rows; names the first keys and
            reasons.
        """
        if self._on_bad_row == "raise":
            raise error(_sentence(self._name, keys, reasons, stage))
        columns = {"stage": [stage] * len(keys), "reason": list(reasons)}
        self._parts.append(pd.DataFrame(columns, index=keys, dtype=object))
        self._positions.append(positions)

    def to_frame(self) -> pd.DataFrame:
        """Give the rejected rows in their order, with their ``stage`` and ``reason``."""
        if not self._parts:
            return no_rejections(self._key)
        order = np.argsort(np.concatenate(self._positions), kind="stable")
        return pd.concat(self._parts).iloc[order]


def no_rejections(key: Sequence[str]) -> pd.DataFrame:
    """Give the frame of rejected rows of a run that rejected none."""
    nothing = np.empty((len(_COLUMNS), 0), dtype=object)
    # An Index is dear for one row, and a view of it is not.
    index, columns = _empty_keys(tuple(key)).view(), _COLUMNS.view()
    return make_frame([(nothing, _PLACES)], index=index, columns=columns)


def empty_keys(key: Sequence[str]) -> pd.Index:
    """Give an index of no rows with the names of the key."""
    if len(key) == 1:
        return pd.Index([], name=key[0])
    return pd.MultiIndex.from_arrays([[] for _ in key], names=list(key))


_empty_keys = lru_cache(empty_keys)
_COLUMNS = pd.Index(["stage", "reason"])
_PLACES = np.arange(len(_COLUMNS))


def _sentence(name: str, keys: pd.Index, reasons: Sequence[str], stage: str) -> str:
    named = ", ".join(str(key_name) for key_name in keys.names)
    shown = [
        f"{named} {key!r}: {reason}"
        for key, reason in zip(keys[:MOST_SHOWN].tolist(), reasons, strict=False)
    ]
    more = f"\n  and {len(keys) - MOST_SHOWN:,} more" if len(keys) > MOST_SHOWN else ""
    listed = "\n  ".join(shown)
    return (
        f"{name} cannot score {count(len(keys), 'row')} after {stage}:\n  {listed}{more}\n"
        'Correct the rows, or set on_bad_row = "reject" to score the others and list these with '
        "their reasons."
    )
