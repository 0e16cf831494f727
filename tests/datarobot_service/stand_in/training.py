"""Train models of scikit-learn on an uploaded table, and measure them as an autopilot does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from datarobot_service.stand_in.deployments import Feature, Label
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss, r2_score, roc_auc_score, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

MANY = 10  # different numbers from which on a target is a quantity
ASCENDING = {"LogLoss": True, "RMSE": True, "AUC": False, "R Squared": False}
CANDIDATES: dict[bool, list[tuple[str, str, Callable[[], Any]]]] = {
    True: [
        ("Ridge Regressor", "GLM", Ridge),
        ("RandomForest Regressor", "RF", lambda: RandomForestRegressor(20, random_state=0)),
        (
            "Gradient Boosted Trees Regressor",
            "GBM",
            lambda: HistGradientBoostingRegressor(max_iter=20, random_state=0),
        ),
    ],
    False: [
        ("Regularized Logistic Regression", "GLM", lambda: LogisticRegression(max_iter=1000)),
        ("RandomForest Classifier", "RF", lambda: RandomForestClassifier(20, random_state=0)),
        (
            "Gradient Boosted Trees Classifier",
            "GBM",
            lambda: HistGradientBoostingClassifier(max_iter=20, random_state=0),
        ),
    ],
}


@dataclass(frozen=True)
class Partition:
    """A table cut into what is learned from and what is measured on.

    Attributes
    ----------
    training, validation : DataFrame
    target : str
    classes : tuple of labels
        Empty for a regression; of two the positive one comes first.
    features : tuple of Feature
    """

    training: pd.DataFrame
    validation: pd.DataFrame
    target: str
    classes: tuple[Label, ...]
    features: tuple[Feature, ...]

    @property
    def names(self) -> list[str]:
        """Names of the features."""
        return [feature.name for feature in self.features]

    @property
    def truth(self) -> "pd.Series[Any]":
        """What is to be predicted of the validation rows."""
        return self.validation[self.target]


def make_partition(table: pd.DataFrame, target: str) -> Partition:
    """Cut a table, a fifth for validation."""
    known = table[table[target].notna()]
    classes = find_classes(known[target])
    features = tuple(
        Feature(name, "Numeric" if pd.api.types.is_numeric_dtype(table[name]) else "Categorical")
        for name in table.columns
        if name != target
    )
    training, validation = train_test_split(
        known, test_size=0.2, random_state=0, stratify=known[target] if classes else None
    )
    return Partition(training, validation, target, classes, features)


def find_classes(target: "pd.Series[Any]") -> tuple[Label, ...]:
    """List the classes of a target; a number of many values has none."""
    values = sorted(target.unique().tolist(), key=str)
    if pd.api.types.is_numeric_dtype(target) and len(values) > MANY:
        return ()
    return tuple(reversed(values)) if len(values) == 2 else tuple(values)


def fit(partition: Partition, make_model: Callable[[], Any]) -> Any:
    """Fit a model with the preparation that its features need."""
    numbers = [it.name for it in partition.features if it.type == "Numeric"]
    texts = [it.name for it in partition.features if it.type != "Numeric"]
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False, max_categories=30)
    preparation = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers), (encoder, texts)
    )
    model = make_pipeline(preparation, make_model())
    return model.fit(partition.training[partition.names], partition.training[partition.target])


def predict(partition: Partition, model: Any, rows: pd.DataFrame) -> Any:
    """Predict numbers, or probabilities in the order of the classes."""
    if not partition.classes:
        return model.predict(rows[partition.names])
    order = [list(model.classes_).index(label) for label in partition.classes]
    return model.predict_proba(rows[partition.names])[:, order]


def measure(partition: Partition, model: Any) -> dict[str, float]:
    """Measure a model on the validation rows."""
    found, truth = predict(partition, model, partition.validation), partition.truth
    if not partition.classes:
        return {
            "RMSE": float(root_mean_squared_error(truth, found)),
            "R Squared": float(r2_score(truth, found)),
        }
    order = np.argsort([str(label) for label in partition.classes])
    labels = [partition.classes[i] for i in order]
    metrics = {"LogLoss": float(log_loss(truth, found[:, order], labels=labels))}
    if len(partition.classes) == 2:
        metrics["AUC"] = float(roc_auc_score(truth == partition.classes[0], found[:, 0]))
    return metrics


class Blend:
    """The mean of some models."""

    def __init__(self, models: list[Any]) -> None:
        self.models = models
        self.classes_ = getattr(models[0], "classes_", None)

    def predict(self, rows: pd.DataFrame) -> Any:
        """Predict numbers."""
        return np.mean([model.predict(rows) for model in self.models], axis=0)

    def predict_proba(self, rows: pd.DataFrame) -> Any:
        """Predict probabilities."""
        return np.mean([model.predict_proba(rows) for model in self.models], axis=0)
