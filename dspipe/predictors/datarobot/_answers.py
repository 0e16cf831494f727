"""From what DataRobot answered to predictions on the rows that were sent, or a reason for each."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dspipe._remote._messages import Answer
from dspipe._text import count, quote_some
from dspipe.errors import PredictorAnswerError

if TYPE_CHECKING:
    from dspipe.predictors.datarobot._reading import Read

Labels = Sequence[Any]


def make_answer(
    read: "Read",
    rows: pd.DataFrame,
    first_row: int,
    *,
    name: str,
    labels: Labels | None,
    n_reasons: int,
) -> Answer:
    """Bring an answer into the order of the rows, in the form in which predictors answer.

    Raises
    ------
    PredictorAnswerError
        If it holds rows that were not sent, or classes that are unknown.
    """
    places, reasons = _find_places(read.rows, len(rows), first_row, name)
    columns = _make_columns(read, labels, n_reasons, name)
    frame = pd.DataFrame(columns)
    if not reasons and places == list(range(len(rows))):
        return Answer(frame.set_axis(rows.index, axis=0))
    kept = frame.iloc[[place for place in places if place is not None]]
    positions = [row for row, place in enumerate(places) if place is not None]
    answered = kept.set_axis(positions, axis=0)
    if reasons:
        answered = answered.reindex(range(len(rows)))
    return Answer(answered.set_axis(rows.index, axis=0), reasons)


def _find_places(
    numbers: list[int | None], n_rows: int, first_row: int, name: str
) -> tuple[list[int | None], dict[int, str]]:
    """Find where the answer of each row stands; rows with none or two of them have none."""
    wanted = range(first_row, first_row + n_rows)
    if numbers == list(wanted):
        return list(range(n_rows)), {}
    foreign = [number for number in numbers if number is None or number not in wanted]
    if foreign:
        raise PredictorAnswerError(
            f"{name} answered {count(len(numbers), 'row')} for {count(n_rows, 'row')}, and "
            f"{len(foreign):,} of them were not asked for (their numbers: {quote_some(foreign)}). "
            "The answer belongs to other rows; ask again."
        )
    times = Counter(numbers)
    where = {number: place for place, number in enumerate(numbers)}
    reasons = {
        row: f"{name} answered {count(len(numbers), 'row')} for {count(n_rows, 'row')}: this one "
        f"{'is missing' if not times[number] else f'came {times[number]} times'}."
        for row, number in enumerate(wanted)
        if times[number] != 1
    }
    return [where[n] if times[n] == 1 else None for n in wanted], reasons


def _make_columns(read: "Read", labels: Labels | None, n_reasons: int, name: str) -> dict[str, Any]:
    columns: dict[str, Any]
    if read.classes:
        columns = _make_classes(read, labels, name)
    elif labels is not None:
        raise PredictorAnswerError(
            f"{name} answered numbers without classes, where {quote_some(labels)} were expected. "
            "Leave out labels= for a regression."
        )
    else:
        columns = {"prediction": _to_array(read.predictions, name)}
    for rank in range(n_reasons or len(read.reasons)):
        reasons = read.reasons[rank] if rank < len(read.reasons) else [None] * len(read.rows)
        columns[f"reason_{rank + 1}"] = pd.Series(reasons, dtype=object)
    return columns | read.more


def _make_classes(read: "Read", labels: Labels | None, name: str) -> dict[str, Any]:
    known = sorted(map(_plain, read.classes), key=str) if labels is None else list(labels)
    found = {label: _recognise(label, known) for label in read.classes}
    unknown = [label for label, match in found.items() if match is None]
    absent = [label for n, label in enumerate(known) if n not in found.values()]
    if unknown or absent:
        raise PredictorAnswerError(
            f"{name} answered the classes {quote_some(read.classes)}, where {quote_some(known)} "
            "were expected. Correct labels=, or see whether the deployment's model was replaced."
        )
    by_place = {match: read.classes[label] for label, match in found.items()}
    matches = {value: _recognise(value, known) for value in set(read.predictions)}
    odd = [value for value, match in matches.items() if match is None]
    if odd:
        raise PredictorAnswerError(
            f"{name} answered the predictions {quote_some(odd)}, which are none of the classes "
            f"{quote_some(known)}. Correct labels=."
        )
    chosen = [known[matches[value] or 0] for value in read.predictions]
    probabilities = {
        f"probability_{label}": _to_array(by_place[place], name)
        for place, label in enumerate(known)
    }
    return {"prediction": pd.Series(chosen), **probabilities}


def _recognise(label: object, known: Sequence[Any]) -> int | None:
    """Find a label among those known: as it is, as text, or as the same number."""
    for place, other in enumerate(known):
        if str(label) == str(other):
            return place
    for place, other in enumerate(known):
        # Text stays text: "007" is not 7.
        if not isinstance(other, str) and _number(label) == _number(other) is not None:
            return place
    return None


def _number(label: object) -> float | None:
    try:
        return float({"true": 1, "false": 0}.get(str(label).lower(), label))  # type: ignore[arg-type] # refused below
    except (TypeError, ValueError):
        return None


def _plain(label: object) -> object:
    return int(label) if isinstance(label, float) and label.is_integer() else label


def _to_array(values: list[Any], name: str) -> "np.ndarray[Any, Any]":
    try:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise PredictorAnswerError(
            f"{name} answered what is no number where a prediction stands: {error}."
        ) from error
