"""Answers of DataRobot, JSON or CSV, as columns: text and numbers as they came, none guessed."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from dspipe._remote._messages import NoAnswerError, Response
from dspipe._text import quote_some
from dspipe.errors import PredictorAnswerError
from dspipe.predictors.datarobot._rows import ROW

_CUT = "its answer was cut off"
_OUTLIER = ("IS_OUTLIER_PREDICTION", "isOutlierPrediction")
_SUFFIX = "_PREDICTION"


@dataclass(slots=True)
class Read:
    """An answer as columns.

    Attributes
    ----------
    rows : list of int or None
        The numbers that were sent with the rows.
    predictions : list
        Numbers, or labels.
    classes : dict of label to list of float
        Probabilities; empty for a regression.
    reasons : list of list of str
        Explanations of each rank, in sentences.
    more : dict of str to list
        Other columns.
    """

    rows: list[int | None]
    predictions: list[Any]
    classes: dict[Any, list[float]] = field(default_factory=dict)
    reasons: list[list[str | None]] = field(default_factory=list)
    more: dict[str, list[Any]] = field(default_factory=dict)


def check_type(response: Response, wanted: str, name: str) -> None:
    """Refuse an answer that is a page, a message or anything else than was asked for."""
    given = response.headers.get("content-type", "")
    if given.partition(";")[0].strip().lower() == wanted:
        return
    text = " ".join(response.body[:2000].decode("utf-8", "replace").split())
    raise PredictorAnswerError(
        f"{name} answered {given or 'without a type of content'} where {wanted} was asked for, "
        f"beginning with {text[:60]!r}. See whether the address is DataRobot's, or the login page "
        "of a proxy."
    )


def read_json(response: Response, name: str, first_row: int) -> Read:
    """Read JSON, which tells text from numbers.

    Raises
    ------
    NoAnswerError
        If it was cut off.
    PredictorAnswerError
        If it is no list of predictions.
    """
    try:
        content = json.loads(response.body)
    except ValueError as error:
        raise NoAnswerError(_CUT) from error
    try:
        rows: list[dict[str, Any]] = content["data"]
        return _read_rows(rows, first_row)
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
        raise PredictorAnswerError(
            f"{name} answered JSON that holds no predictions as DataRobot writes them "
            f"({type(error).__name__}: {error}). See whether the address is that of a deployment."
        ) from error


def _read_rows(rows: list[dict[str, Any]], first_row: int) -> Read:
    values = [row["predictionValues"] for row in rows]
    labels = [entry["label"] for entry in values[0]] if values else []
    predictions = [row["prediction"] for row in rows]
    read = Read([_find_number(row, first_row) for row in rows], predictions)
    if not _is_regression(labels, values, predictions):
        by_row = [{_know(entry["label"]): entry["value"] for entry in row} for row in values]
        read.classes = {label: [row[_know(label)] for row in by_row] for label in labels}
    explained = [row.get("predictionExplanations") or () for row in rows]
    read.reasons = [
        [_describe(row[rank]) if rank < len(row) else None for row in explained]
        for rank in range(max(map(len, explained), default=0))
    ]
    if rows and "isOutlierPrediction" in rows[0]:
        read.more["is_outlier"] = [bool(row["isOutlierPrediction"]) for row in rows]
    return read


def _know(label: object) -> tuple[str, object]:
    return type(label).__name__, label  # in a dict 1 and True are the same


def _is_regression(labels: list[Any], values: list[Any], predictions: list[Any]) -> bool:
    return len(labels) == 1 and all(
        len(row) == 1 and row[0]["value"] == prediction
        for row, prediction in zip(values, predictions, strict=True)
    )


def _find_number(row: dict[str, Any], first_row: int) -> int | None:
    """Find the number of a row; a server without passthrough still counts rows from 0."""
    sent = row.get("passthroughValues") or {}
    return _to_number(sent[ROW]) if ROW in sent else first_row + int(row["rowId"])


def _describe(explanation: dict[str, Any]) -> str:
    return _say(explanation["feature"], explanation.get("featureValue"), explanation["strength"])


def read_csv(response: Response, name: str, target: str | None) -> Read:
    """Read CSV, all of it as text; columns go by their names.

    Raises
    ------
    NoAnswerError
        If it was cut off.
    PredictorAnswerError
        If it has no column of predictions.
    """
    if not response.body.endswith(b"\n"):
        raise NoAnswerError(_CUT)
    try:
        table = pd.read_csv(io.BytesIO(response.body), dtype=str, na_filter=False, encoding="utf-8")
    except (ValueError, UnicodeDecodeError) as error:
        raise PredictorAnswerError(
            f"{name} answered CSV that cannot be read: {error}. See whether the address is that of "
            "a deployment."
        ) from error
    columns = {column: table[column].tolist() for column in table.columns}
    target = target or _find_target(list(columns))
    label = f"{target}{_SUFFIX}"
    if target is None or label not in columns:
        raise PredictorAnswerError(
            f"{name} answered no column '{target or '<target>'}{_SUFFIX}', but "
            f"{quote_some(columns)}. Name the target with DataRobotPredictor(target=...)."
        )
    return _read_columns(columns, target, len(table), name)


def _read_columns(columns: dict[str, list[str]], target: str, n_rows: int, name: str) -> Read:
    prefix, label = f"{target}_", f"{target}{_SUFFIX}"
    classes = {
        column[len(prefix) : -len(_SUFFIX)]: column
        for column in columns
        if column != label and column.startswith(prefix) and column.endswith(_SUFFIX)
    }
    try:
        numbers = {each: _to_floats(columns[column]) for each, column in classes.items()}
        answers: list[Any] = columns[label] if classes else _to_floats(columns[label])
    except ValueError as error:
        raise PredictorAnswerError(
            f"{name} answered what is no number where a prediction stands: {error}. Name the "
            "target with DataRobotPredictor(target=...)."
        ) from error
    rows = [_to_number(value) for value in columns.get(ROW, [""] * n_rows)]
    read = Read(rows, answers, numbers, _read_reasons(columns, n_rows))
    outlier = next((column for column in _OUTLIER if column in columns), None)
    if outlier is not None:
        read.more["is_outlier"] = [value.lower() == "true" for value in columns[outlier]]
    return read


def _find_target(columns: Sequence[str]) -> str | None:
    """Find the target as what all columns of predictions begin with."""
    named = [column.removesuffix(_SUFFIX) for column in columns if column.endswith(_SUFFIX)]
    named = [column for column in named if column != "IS_OUTLIER"]
    shortest = min(named, key=len, default=None)
    fits = shortest is not None and all(
        column == shortest or column.startswith(f"{shortest}_") for column in named
    )
    return shortest if fits else None


def _read_reasons(columns: dict[str, list[str]], n_rows: int) -> list[list[str | None]]:
    reasons = []
    rank = 1
    while (names := columns.get(f"EXPLANATION_{rank}_FEATURE_NAME")) is not None:
        strengths = columns[f"EXPLANATION_{rank}_STRENGTH"]
        values = columns.get(f"EXPLANATION_{rank}_ACTUAL_VALUE", [""] * n_rows)
        triples = zip(names, values, strengths, strict=True)
        reasons.append([_say(f, v, float(s)) if f else None for f, v, s in triples])
        rank += 1
    return reasons


def _say(feature: str, value: object, strength: float) -> str:
    shown = "null" if value is None or value == "" else value
    return f"{feature} = {shown} ({strength:+.4g})"


def _to_floats(values: list[str]) -> list[float]:
    # Python's own reading of a number is exact, that of pandas nearly so.
    return [float(value) if value else float("nan") for value in values]


def _to_number(value: object) -> int | None:
    try:
        number = float(str(value))
        return int(number) if number == int(number) else None
    except (ValueError, OverflowError):
        return None
