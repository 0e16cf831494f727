"""Explanations of predictions: what each feature adds, measured on the model itself.

One after another, the features of a baseline row are replaced by those of the row to explain; what
the prediction moves at each step is that feature's strength. The strengths and the baseline's own
prediction add up to the prediction, as DataRobot's SHAP does; its XEMP adds a text of signs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from datarobot_service.stand_in.deployments import Deployment, Label
from datarobot_service.stand_in.parameters import Parameters
from datarobot_service.stand_in.scoring import Scores, Values, compute_values

STRONG, MIDDLING = 0.5, 0.2  # shares of the total


@dataclass(frozen=True)
class Explanation:
    """What one feature adds to one prediction."""

    feature: str
    value: Any
    strength: float
    signs: str
    label: Label


@dataclass(frozen=True)
class RowExplanations:
    """The explanations of one row, the strongest first.

    Attributes
    ----------
    explanations : list of Explanation
    base : float
        Prediction of the baseline row.
    remaining : float
        Sum of the strengths that are not listed.
    """

    explanations: list[Explanation]
    base: float = 0.0
    remaining: float = 0.0


def explain(
    deployment: Deployment, features: pd.DataFrame, scores: Scores, parameters: Parameters
) -> list[RowExplanations]:
    """Explain every row that the parameters ask for; the others have an empty list."""
    steps = walk_from_baseline(deployment, features)
    return [
        explain_row(deployment, features, steps[:, i], scores.numbers[i], i, parameters)
        for i in range(len(features))
    ]


def walk_from_baseline(deployment: Deployment, features: pd.DataFrame) -> Values:
    """Score the rows with 0, 1, ... of their features in the baseline: (n_features + 1, n_rows)."""
    current = features.copy()
    for feature in deployment.features:
        value = deployment.baseline.get(feature.name, 0.0 if feature.type == "Numeric" else None)
        current[feature.name] = pd.Series(
            value, index=features.index, dtype=features[feature.name].dtype
        )
    steps = [compute_values(deployment, current)]
    for name in deployment.names:
        current[name] = features[name]
        steps.append(compute_values(deployment, current))
    return np.stack(steps)


def explain_row(
    deployment: Deployment,
    features: pd.DataFrame,
    steps: Values,
    values: Any,
    row: int,
    parameters: Parameters,
) -> RowExplanations:
    """Explain one row, for each class that is to be explained."""
    if not is_explained(deployment, values, parameters):
        return RowExplanations([])
    found: list[Explanation] = []
    base = remaining = 0.0
    for position, label in choose_classes(deployment, values, parameters):
        path = steps if position is None else steps[:, position]
        strengths = np.diff(path)
        total = float(np.abs(strengths).sum()) or 1.0
        strongest = np.argsort(-np.abs(strengths), kind="stable")[: parameters.n_explanations]
        for i in strongest:
            name = deployment.names[i]
            strength = float(strengths[i])
            signs = make_signs(strength / total)
            found.append(Explanation(name, features[name].iloc[row], strength, signs, label))
        base = float(path[0])
        remaining = float(path[-1] - path[0] - strengths[strongest].sum())
    return RowExplanations(found, base, remaining)


def is_explained(deployment: Deployment, values: Any, parameters: Parameters) -> bool:
    """Say whether the thresholds leave a row to be explained; SHAP knows none."""
    if parameters.algorithm == "shap" or len(deployment.classes) > 2:
        return True
    if parameters.high is None and parameters.low is None:
        return True
    value = float(values[0]) if deployment.classes else float(values)
    is_high = parameters.high is not None and value >= parameters.high
    return is_high or (parameters.low is not None and value <= parameters.low)


def choose_classes(
    deployment: Deployment, values: Any, parameters: Parameters
) -> list[tuple[int | None, Label]]:
    """Choose the classes to explain, with their positions."""
    if not deployment.classes:
        return [(None, deployment.target)]
    if len(deployment.classes) == 2:
        return [(0, deployment.classes[0])]
    labels = [str(label) for label in deployment.classes]
    positions = [labels.index(name) for name in parameters.class_names]
    if not positions:
        positions = np.argsort(-values, kind="stable")[: parameters.top_classes].tolist()
    return [(i, deployment.classes[i]) for i in positions]


def make_signs(share: float) -> str:
    """Write a strength as DataRobot writes it for people."""
    n_signs = 3 if abs(share) >= STRONG else 2 if abs(share) >= MIDDLING else 1
    return ("+" if share >= 0 else "-") * n_signs
