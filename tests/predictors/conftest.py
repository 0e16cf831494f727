"""Real models on data that scikit-learn brings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from dspipe.predictors import SklearnPredictor, save_sklearn


class Saved(NamedTuple):
    """A model, what it was trained on, and the predictor that loads it."""

    model: Any
    features: pd.DataFrame
    predictor: SklearnPredictor


def _keyed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_index(pd.Index([f"{n:04d}" for n in range(len(frame))], name="id"))


def fit_cancer_forest() -> tuple[Any, pd.DataFrame]:
    """Fit a forest on two classes of integers."""
    data = load_breast_cancer(as_frame=True)
    features = _keyed(data.data)
    return RandomForestClassifier(8, random_state=0).fit(features, data.target), features


def fit_diabetes() -> tuple[Any, pd.DataFrame]:
    """Fit a regression with categories that the trees take as they are."""
    data = load_diabetes(as_frame=True, scaled=False)
    sex = pd.Categorical(data.data["sex"].map({1.0: "f", 2.0: "m"}))
    features = _keyed(data.data.assign(sex=sex))
    model = HistGradientBoostingRegressor(max_iter=8, categorical_features="from_dtype")
    return model.fit(features, data.target), features


def fit_wine() -> tuple[Any, pd.DataFrame]:
    """Fit a pipeline with a column transformer on text and numbers, for true and false."""
    data = load_wine(as_frame=True)
    shade = np.where(data.data["hue"] > 1, "light", "dark")
    features = _keyed(data.data[["alcohol", "ash"]].assign(shade=shade))
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["shade"]), (StandardScaler(), ["alcohol", "ash"])
    )
    return make_pipeline(columns, LogisticRegression()).fit(features, data.target == 1), features


def fit_iris() -> tuple[Any, pd.DataFrame]:
    """Fit gradient boosting on three classes of text."""
    data = load_iris(as_frame=True)
    features = _keyed(data.data)
    labels = data.target_names[data.target]
    return HistGradientBoostingClassifier(max_iter=8).fit(features, labels), features


def fit_iris_vectors() -> tuple[Any, pd.DataFrame]:
    """Fit a classifier that has no probabilities."""
    data = load_iris(as_frame=True)
    features = _keyed(data.data)
    return LinearSVC(random_state=0).fit(features, data.target_names[data.target]), features


def fit_array() -> tuple[Any, pd.DataFrame]:
    """Fit a regression on an array, so that it knows no names."""
    data = load_diabetes(as_frame=True)
    return LinearRegression().fit(data.data.to_numpy(), data.target), _keyed(data.data)


MODELS: dict[str, Callable[[], tuple[Any, pd.DataFrame]]] = {
    "array": fit_array,
    "cancer": fit_cancer_forest,
    "diabetes": fit_diabetes,
    "iris": fit_iris,
    "vectors": fit_iris_vectors,
    "wine": fit_wine,
}


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Saved]:
    """Give every model, saved once; tests that change a folder copy it first."""
    folder = tmp_path_factory.mktemp("models")
    answer = {}
    for name, fit in MODELS.items():
        model, features = fit()
        answer[name] = Saved(model, features, save_sklearn(model, folder / name, features=features))
    return answer


@pytest.fixture
def iris_folder(saved: dict[str, Saved], tmp_path: Path) -> Path:
    """Give a model folder that the test may break."""
    folder = tmp_path / "iris"
    folder.mkdir()
    for file in Path(saved["iris"].predictor.folder).iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder
