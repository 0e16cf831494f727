"""Rows in, the same rows out: what a stage returned, brought back to the keys that it was given."""

from collections.abc import Hashable
from functools import lru_cache

import numpy as np
import pandas as pd

from dspipe._frames import make_frame
from dspipe._keys import take_keys
from dspipe._text import count, describe, quote_some
from dspipe.errors import StageOutputError

# From pandas 3 on a view or shallow copy is copied for real by the first write to it.
HAS_COPY_ON_WRITE = int(pd.__version__.partition(".")[0]) >= 3  # noqa: PLR2004 - the version
PREDICTION = "prediction"
PROBABILITY = "probability_"


def check_frame(returned: object, who: str) -> pd.DataFrame:
    """Return the frame, or say what came instead."""
    if not isinstance(returned, pd.DataFrame):
        hint = " Did you forget 'return data'?" if returned is None else ""
        raise StageOutputError(
            f"{who} returned {describe(returned)}. Return a pandas DataFrame with one row per row "
            f"given.{hint}"
        )
    if not returned.columns.is_unique:
        twice = returned.columns[returned.columns.duplicated()].unique()
        raise StageOutputError(
            f"{who} returned columns with the same name: {quote_some(twice)}. Give each column a "
            "name of its own."
        )
    return returned


def align_features(returned: pd.DataFrame, keys: pd.Index, who: str) -> pd.DataFrame:
    """Put the key into the index of what `postprocess` returned, in the order of `keys`.

    Parameters
    ----------
    returned : DataFrame
        Has the key columns, or the RangeIndex that the stage was given, in any order.
    keys : Index
        Unique keys of the rows that the stage was given.
    who : str
        Class and stage, for the error.

    Raises
    ------
    StageOutputError
        If rows were lost, added or repeated, or cannot be told apart.
    """
    key = [str(name) for name in keys.names]
    if all(name in returned.columns for name in key):
        if take_keys(returned, key).equals(keys):
            return move_key_to_index(returned, keys)
        return _reorder(returned.set_index(key), keys, who)
    if len(returned) != len(keys):
        raise _rows_error(returned.index, pd.RangeIndex(len(keys)), who, labels="row numbers")
    numbers = pd.RangeIndex(len(keys))
    if not returned.index.equals(numbers) and not _is_same_set(returned.index, numbers):
        raise StageOutputError(
            f"{who} returned a frame with neither the key ({quote_some(key)}) nor the index it "
            "was given, so its "
            "rows cannot be told apart. Keep the key columns, or the index."
        )
    features = returned.sort_index().drop(
        columns=[name for name in key if name in returned.columns]
    )
    features.index = keys
    return features


def move_key_to_index(data: pd.DataFrame, keys: pd.Index) -> pd.DataFrame:
    """Make features of rows whose keys are known: the key columns become the index."""
    key = list(keys.names)
    if not HAS_COPY_ON_WRITE:
        return data.set_index(key).set_axis(keys, axis=0)
    # A third of the price of set_index, which counts when a request has one row.
    names = data.columns.tolist()
    rest = [place for place, name in enumerate(names) if name not in key]
    features = data.take(rest, axis=1)
    features.index = keys
    features.columns = make_columns(tuple(names[place] for place in rest))
    return features


def make_columns(names: tuple[Hashable, ...]) -> pd.Index:
    """Make the index of some column names, sharing its hash table with those made before."""
    return _make_columns(names).view()


@lru_cache
def _make_columns(names: tuple[Hashable, ...]) -> pd.Index:
    return pd.Index(names, tupleize_cols=False)


def align_predictions(
    returned: object, keys: pd.Index, who: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """Make the frame of predictions from what `predict` returned: a frame, a Series or an array.

    An array goes by position. A Series or frame goes by its index, which must be that of the
    features; it may come in another order.

    Returns
    -------
    predictions : DataFrame
        One row per key, in the order of `keys`.
    bad : array of bool
        Marks the rows with a null or infinite prediction or probability.

    Raises
    ------
    StageOutputError
        If it is none of these, if rows were lost, added or repeated, or if an answer is not a
        number or a label.
    """
    if isinstance(returned, np.ndarray):
        returned = _check_array(returned, keys, who)
        columns = make_columns((PREDICTION,))
        if returned.dtype.kind in "fiub" and type(returned) is np.ndarray:
            block = returned[np.newaxis].copy(), np.zeros(1, dtype=np.intp)
            return make_frame([block], index=keys, columns=columns), ~np.isfinite(returned)
        frame = pd.DataFrame(returned[:, np.newaxis], index=keys, columns=columns)
    elif isinstance(returned, pd.Series):
        frame = _reorder_by_index(returned.to_frame(PREDICTION), keys, who)
    elif isinstance(returned, pd.DataFrame):
        frame = _reorder_by_index(_check_columns(returned, who), keys, who)
    else:
        raise StageOutputError(
            f"{who} returned {describe(returned)}. Return a DataFrame with the column "
            f"'{PREDICTION}', a Series or an array, with one row per feature row."
        )
    return frame, _check_answers(frame, who)


def _check_array(returned: np.ndarray, keys: pd.Index, who: str) -> np.ndarray:
    if returned.ndim == 2 and returned.shape[1] == 1:  # noqa: PLR2004 - a column vector
        returned = returned[:, 0]
    if returned.ndim != 1:
        raise StageOutputError(
            f"{who} returned an array of shape {returned.shape}. Return one number per row, or a "
            f"DataFrame with the columns '{PREDICTION}' and '{PROBABILITY}<class>'."
        )
    if len(returned) != len(keys):
        raise StageOutputError(
            f"{who} returned {count(len(returned), 'prediction')} for "
            f"{count(len(keys), 'feature row')}. Return one prediction per row, in the same order."
        )
    return returned


def _check_columns(returned: pd.DataFrame, who: str) -> pd.DataFrame:
    checked = check_frame(returned, who)
    if PREDICTION not in checked.columns:
        raise StageOutputError(
            f"{who} returned the columns {quote_some(checked.columns)}. One of them must be "
            f"'{PREDICTION}'."
        )
    return checked


def _reorder_by_index(frame: pd.DataFrame, keys: pd.Index, who: str) -> pd.DataFrame:
    """Refuse rows that are only numbered: by label they could fall on the wrong keys."""
    if _is_default(frame.index) and len(frame) == len(keys) and not frame.index.equals(keys):
        raise StageOutputError(
            f"{who} returned a frame or Series numbered from 0 instead of indexed by the key "
            f"({quote_some(list(keys.names))}). Build it with index=features.index, or return an "
            "array."
        )
    return _reorder(frame, keys, who)


def _reorder(frame: pd.DataFrame, keys: pd.Index, who: str) -> pd.DataFrame:
    if frame.index.equals(keys):
        # The labels are equal; names and dtype are those of the keys.
        return frame if frame.index is keys else frame.set_axis(keys, axis=0)
    if not _is_same_set(frame.index, keys):
        raise _rows_error(frame.index, keys, who, labels="keys")
    return frame.reindex(keys)


def _is_same_set(index: pd.Index, keys: pd.Index) -> bool:
    return len(index) == len(keys) and index.is_unique and bool(index.isin(keys).all())


def _is_default(index: pd.Index) -> bool:
    return index.name is None and index.equals(pd.RangeIndex(len(index)))


def _rows_error(index: pd.Index, keys: pd.Index, who: str, *, labels: str) -> StageOutputError:
    lost = keys[~keys.isin(index)]
    added = index[~index.isin(keys)].unique()
    repeated = index[index.duplicated()].unique()
    found = [
        f"{title} {labels}: {quote_some(_plain(where))}."
        for title, where in (("Missing", lost), ("Unknown", added), ("Repeated", repeated))
        if len(where)
    ]
    return StageOutputError(
        f"{who} returned {count(len(index), 'row')} for {count(len(keys), 'row')}. "
        f"Return one row per row given, each once. {' '.join(found)}"
    )


def _plain(values: "pd.Index | pd.Series") -> list[object]:
    return list(values.tolist())


def _check_answers(frame: pd.DataFrame, who: str) -> np.ndarray:
    """Accept numbers and booleans, and labels whose classes are known; mark what is not finite."""
    probabilities = [name for name in frame.columns if str(name).startswith(PROBABILITY)]
    bad = np.zeros(len(frame), dtype=bool)
    for name in (PREDICTION, *probabilities):
        answers = frame[name]
        is_label = name == PREDICTION and (
            bool(probabilities) or isinstance(answers.dtype, pd.CategoricalDtype)
        )
        if not is_label and not pd.api.types.is_numeric_dtype(answers.dtype):
            raise StageOutputError(
                f"{who} returned what is no number in '{name}', first "
                f"{quote_some(_plain(answers.head(1)))}. Return numbers; for labels, return a "
                f"frame with one '{PROBABILITY}<class>' column per class, or a categorical."
            )
        bad |= _is_not_finite(answers)
    return bad


def _is_not_finite(answers: pd.Series) -> np.ndarray:
    values = answers.to_numpy() if isinstance(answers.dtype, np.dtype) else None
    if values is not None and values.dtype.kind in "biu":
        return np.zeros(len(values), dtype=bool)
    if pd.api.types.is_float_dtype(answers.dtype):
        values = answers.to_numpy(dtype="float64", na_value=np.nan)
    if values is not None and values.dtype.kind == "f":
        return np.asarray(~np.isfinite(values))
    return np.asarray(answers.isna())
