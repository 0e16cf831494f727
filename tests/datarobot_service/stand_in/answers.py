"""Answers to scoring requests, in CSV and in JSON, name by name as DataRobot writes them."""

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from datarobot_service.stand_in.deployments import Deployment
from datarobot_service.stand_in.explanations import Explanation, RowExplanations
from datarobot_service.stand_in.parameters import Parameters
from datarobot_service.stand_in.scoring import Scores


@dataclass(frozen=True)
class Scored:
    """All that is known about some rows.

    Attributes
    ----------
    deployment : Deployment
    scores : Scores
    explanations : list of RowExplanations
        Empty when none are wanted.
    passthrough : DataFrame
        Columns to send back, as they came.
    parameters : Parameters
    threshold : float
        From which on a binary label is the positive class.
    """

    deployment: Deployment
    scores: Scores
    explanations: list[RowExplanations]
    passthrough: pd.DataFrame
    parameters: Parameters
    threshold: float

    @property
    def n_explanations(self) -> int:
        """How many explanations the longest row has."""
        return max((len(row.explanations) for row in self.explanations), default=0)

    @property
    def is_outlier(self) -> list[bool]:
        """Whether each prediction is unusual."""
        low, high = self.deployment.outliers or (-math.inf, math.inf)
        return [not low <= float(value) <= high for value in self.scores.predictions]


# --- JSON -----------------------------------------------------------------------------------------
def write_json(scored: Scored, *, first_row: int = 0) -> bytes:
    """Write the rows as JSON."""
    rows = list(iter_json(scored, first_row))
    return json.dumps({"data": rows}, allow_nan=False).encode("ascii")


def iter_json(scored: Scored, first_row: int) -> Iterator[dict[str, Any]]:
    """Give one object a row."""
    deployment = scored.deployment
    has_passthrough = len(scored.passthrough.columns) > 0
    records = scored.passthrough.to_dict("records") if has_passthrough else []
    is_outlier = scored.is_outlier if scored.parameters.has_warnings else []
    for i, prediction in enumerate(scored.scores.predictions):
        row: dict[str, Any] = {
            "rowId": first_row + i,
            "prediction": prediction,
            "predictionValues": make_prediction_values(scored, i),
            "deploymentApprovalStatus": deployment.approval,
        }
        if len(deployment.classes) == 2:
            row["predictionThreshold"] = scored.threshold
        if scored.parameters.has_warnings:
            row["isOutlierPrediction"] = is_outlier[i]
        if has_passthrough:
            row["passthroughValues"] = records[i]
        if scored.explanations:
            row |= describe_explanations(scored, scored.explanations[i])
        yield row


def make_prediction_values(scored: Scored, i: int) -> list[dict[str, Any]]:
    """List a number for each class, or the one of a regression."""
    deployment = scored.deployment
    if not deployment.classes:
        return [{"label": deployment.target, "value": scored.scores.predictions[i]}]
    pairs = zip(deployment.classes, scored.scores.numbers[i].tolist(), strict=True)
    return [{"label": label, "value": value} for label, value in pairs]


def describe_explanations(scored: Scored, row: RowExplanations) -> dict[str, Any]:
    """Describe the explanations of a row."""
    is_shap = scored.parameters.algorithm == "shap"
    described = [describe_explanation(found, is_shap=is_shap) for found in row.explanations]
    if not is_shap:
        return {"predictionExplanations": described}
    metadata = {"baseValue": row.base, "remainingTotal": row.remaining, "warnings": []}
    return {"predictionExplanations": described, "shapExplanationsMetadata": [metadata]}


def describe_explanation(found: Explanation, *, is_shap: bool) -> dict[str, Any]:
    """Describe one explanation; SHAP has no signs."""
    described = {
        "feature": found.feature,
        "featureValue": None if pd.isna(found.value) else found.value,
        "strength": found.strength,
        "label": found.label,
    }
    return described if is_shap else described | {"qualitativeStrength": found.signs}


# --- CSV ------------------------------------------------------------------------------------------
def write_csv(scored: Scored, *, has_header: bool = True) -> bytes:
    """Write the rows as CSV."""
    columns = make_columns(scored)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if has_header:
        writer.writerow(name for name, _ in columns)
    writer.writerows(zip(*(cells for _, cells in columns), strict=True))
    return out.getvalue().encode()


def make_columns(scored: Scored) -> list[tuple[str, Sequence[Any]]]:
    """List the columns from left to right; a passthrough column may repeat a name."""
    n_rows = len(scored.scores.predictions)
    columns = make_prediction_columns(scored)
    if scored.parameters.has_warnings:
        columns.append(("IS_OUTLIER_PREDICTION", scored.is_outlier))
    if scored.explanations:
        columns += make_explanation_columns(scored)
    columns.append(("DEPLOYMENT_APPROVAL_STATUS", [scored.deployment.approval] * n_rows))
    for name in scored.passthrough.columns:
        columns.append((name, scored.passthrough[name].tolist()))
    return columns


def make_prediction_columns(scored: Scored) -> list[tuple[str, Sequence[Any]]]:
    """List the columns of the prediction itself."""
    deployment, target = scored.deployment, scored.deployment.target
    n_rows = len(scored.scores.predictions)
    columns: list[tuple[str, Sequence[Any]]] = [
        (f"{target}_{label}_PREDICTION", scored.scores.numbers[:, i].tolist())
        for i, label in enumerate(deployment.classes)
    ]
    columns.append((f"{target}_PREDICTION", scored.scores.predictions))
    if len(deployment.classes) == 2:
        columns.append(("THRESHOLD", [scored.threshold] * n_rows))
        columns.append(("POSITIVE_CLASS", [deployment.classes[0]] * n_rows))
    return columns


def make_explanation_columns(scored: Scored) -> list[tuple[str, Sequence[Any]]]:
    """List the columns of the explanations; a row with fewer of them has empty cells.

    Where the two columns of SHAP stand, and that a multiclass model names the class of each
    explanation in a column of its own, are guesses: readers go by name.
    """
    columns: list[tuple[str, Sequence[Any]]] = []
    is_shap = scored.parameters.algorithm == "shap"
    for k in range(scored.n_explanations):
        cells = [make_cells(row, k) for row in scored.explanations]
        columns.append((f"EXPLANATION_{k + 1}_FEATURE_NAME", [cell[0] for cell in cells]))
        columns.append((f"EXPLANATION_{k + 1}_STRENGTH", [cell[1] for cell in cells]))
        columns.append((f"EXPLANATION_{k + 1}_ACTUAL_VALUE", [cell[2] for cell in cells]))
        if not is_shap:
            columns.append((f"EXPLANATION_{k + 1}_QUALITATIVE_STRENGTH", [c[3] for c in cells]))
        if len(scored.deployment.classes) > 2:
            columns.append((f"EXPLANATION_{k + 1}_CLASS_NAME", [cell[4] for cell in cells]))
    if is_shap:
        columns.append(("SHAP_BASE_VALUE", [row.base for row in scored.explanations]))
        columns.append(("SHAP_REMAINING_TOTAL", [row.remaining for row in scored.explanations]))
    return columns


def make_cells(row: RowExplanations, k: int) -> tuple[Any, ...]:
    """Give the cells of one explanation."""
    if k >= len(row.explanations):
        return ("", "", "", "", "")
    found = row.explanations[k]
    value = "" if pd.isna(found.value) else found.value
    return (found.feature, found.strength, value, found.signs, found.label)
