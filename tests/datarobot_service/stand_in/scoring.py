"""Scores: a real model is asked, and its answer put into DataRobot's terms."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from datarobot_service.stand_in.deployments import Deployment, Label

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """What a model says of some rows.

    Attributes
    ----------
    numbers : array of shape (n_rows,) or (n_rows, n_classes)
        Numbers of a regression, or probabilities in the order of the deployment's classes.
    predictions : list
        Numbers or labels.
    """

    numbers: Values
    predictions: list[float] | list[Label]


def score(deployment: Deployment, features: pd.DataFrame, threshold: float | None = None) -> Scores:
    """Score rows; a binary label is the positive class from the threshold on."""
    values = compute_values(deployment, features)
    if not deployment.classes:
        return Scores(values, values.tolist())
    if len(deployment.classes) == 2:
        cut = deployment.threshold if threshold is None else threshold
        chosen = np.where(values[:, 0] >= cut, 0, 1)
    else:
        chosen = values.argmax(axis=1)
    return Scores(values, [deployment.classes[i] for i in chosen])


def compute_values(deployment: Deployment, features: pd.DataFrame) -> Values:
    """Ask the model."""
    model = deployment.model
    if not deployment.classes:
        answer = model(features) if callable(model) else model.predict(features)
        return np.asarray(answer, dtype=float).reshape(len(features))
    if callable(model):
        return np.asarray(model(features), dtype=float).reshape(len(features), -1)
    known = [str(label) for label in model.classes_]
    order = [known.index(find_label(label, known)) for label in deployment.classes]
    values: Values = model.predict_proba(features)[:, order]
    return values


def find_label(label: Any, known: list[str]) -> str:
    """Find a label among those of the model, which may write 1 for 1.0."""
    text = str(label)
    return text if text in known else str(int(float(text)))
