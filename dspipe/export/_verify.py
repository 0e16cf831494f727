"""Compare an exported model with its original, answer by answer."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dspipe._text import count
from dspipe.errors import ExportError, PredictorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy.typing as npt

    from dspipe.export._rows import Rows
    from dspipe.predictors import Predictor

    FindCause = Callable[[pd.DataFrame], str | None]

_MOST_INPUTS = 8


@dataclass(frozen=True)
class Comparison:
    """How far an exported model is from its original.

    Attributes
    ----------
    n_rows : int
        Rows that both answered.
    n_refused : int
        Rows that both refused.
    largest_difference : float
        Of a probability or a score; for a regression in parts of the prediction, where that is
        larger than 1.
    """

    n_rows: int
    n_refused: int
    largest_difference: float


def compare(
    original: "Predictor",
    exported: "Predictor",
    parts: "Iterable[Rows]",
    *,
    tolerance: float,
    find_cause: "FindCause",
) -> Comparison:
    """Compare on all rows; refuse an export that is further from the original than it may be.

    Raises
    ------
    ExportError
        Naming the output, the rows and the inputs of the largest difference.
    """
    n_rows = n_refused = 0
    largest = 0.0
    for rows in parts:
        expected, actual = _ask(original, rows), _ask(exported, rows)
        _check_refusals(rows, expected, actual)
        if not (isinstance(expected, pd.DataFrame) and isinstance(actual, pd.DataFrame)):
            n_refused += len(rows.frame)
            continue
        n_rows += len(rows.frame)
        try:
            largest = max(largest, _find_largest(rows, expected, actual, tolerance))
        except ExportError as error:
            cause = find_cause(rows.frame)
            raise ExportError(f"{error}{_blame(cause)}") from error
    return Comparison(n_rows, n_refused, largest)


def _ask(predictor: "Predictor", rows: "Rows") -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of categories that were not seen, which is the purpose
        try:
            return predictor.predict(rows.frame)
        except PredictorError as error:
            return error


def _check_refusals(rows: "Rows", expected: Any, actual: Any) -> None:
    is_refused = [isinstance(answer, PredictorError) for answer in (expected, actual)]
    if is_refused[0] == is_refused[1]:
        return
    who, other = ("original", "exported model")[:: 1 if is_refused[0] else -1]
    raise ExportError(
        f"The {who} refuses {rows.about}, and the {other} answers them. The {who} says: "
        f"{expected if is_refused[0] else actual}"
    )


def _find_largest(
    rows: "Rows", expected: pd.DataFrame, actual: pd.DataFrame, tolerance: float
) -> float:
    if list(expected.dtypes.items()) != list(actual.dtypes.items()):
        raise ExportError(
            f"The exported model answers {dict(actual.dtypes)}, the original "
            f"{dict(expected.dtypes)}. Report this as an error of dspipe."
        )
    largest = 0.0
    for name in expected.columns:
        apart = _measure(expected, actual, name, tolerance)
        if len(apart) and apart.max() > tolerance:
            raise ExportError(_tell(rows, expected, actual, name, apart, tolerance))
        largest = max(largest, float(apart.max(initial=0.0)))
    return largest


def _measure(
    expected: pd.DataFrame, actual: pd.DataFrame, name: str, tolerance: float
) -> "npt.NDArray[np.float64]":
    """Measure how far two answers are apart; another label counts as infinitely far."""
    shares = [column for column in expected.columns if column.startswith("probability_")]
    if name == "prediction" and (shares or expected[name].dtype == "category"):
        is_other = (expected[name].astype(object) != actual[name].astype(object)).to_numpy()
        is_close = np.zeros(len(expected), dtype=bool)
        if len(shares) > 1:  # where two classes are equally probable, either is right
            ordered = np.sort(expected[shares].to_numpy(), axis=1)
            is_close = ordered[:, -1] - ordered[:, -2] <= tolerance
        return np.where(is_other & ~is_close, np.inf, 0.0)
    one, two = (frame[name].to_numpy(dtype=np.float64) for frame in (expected, actual))
    apart: npt.NDArray[np.float64] = np.abs(one - two)
    return apart if shares else apart / np.maximum(1.0, np.abs(one))


def _tell(
    rows: "Rows",
    expected: pd.DataFrame,
    actual: pd.DataFrame,
    name: str,
    apart: "npt.NDArray[np.float64]",
    tolerance: float,
) -> str:
    worst = int(apart.argmax())
    n_bad = int((apart > tolerance).sum())
    given = rows.frame.iloc[worst]
    inputs = [f"{key}={_plain(given[key])!r}" for key in list(given.index)]
    more = f" and {len(inputs) - _MOST_INPUTS} more" if len(inputs) > _MOST_INPUTS else ""
    one, two = (_plain(frame[name].iloc[worst]) for frame in (expected, actual))
    return (
        f"The exported model answers otherwise than the original in '{name}', on "
        f"{n_bad:,} of {count(len(rows.frame), 'row')} ({rows.about}). The largest difference is "
        f"in row {worst}: {two!r} instead of {one!r}, for "
        f"{', '.join(inputs[:_MOST_INPUTS])}{more}. "
        f"At most {tolerance:g} is accepted."
    )


def _blame(cause: str | None) -> str:
    if cause is None:
        return ""
    return f" The first step that differs is {cause}: train the model with another in its place."


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
