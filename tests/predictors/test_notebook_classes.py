"""`__main__` in a model's file means the module that makes the predictor."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from dspipe.errors import ModelFolderError
from dspipe.predictors import SklearnPredictor, save_sklearn
from dspipe.predictors._notebook_classes import main_means

KNOWN = pd.DataFrame({"size": [1.0, 2.2, 3.1]}, index=pd.Index([1, 2, 3], name="id"))
CODE = """from dspipe.predictors import SklearnPredictor
from sklearn.base import BaseEstimator, TransformerMixin

class Rounder(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.feature_names_in_ = X.columns.to_numpy()
        return self

    def transform(self, X):
        return X.round()

def make(folder, **options):
    return SklearnPredictor(folder, **options)
"""
Trained = tuple[Path, "pd.DataFrame"]


@pytest.fixture
def late() -> Iterator[Any]:
    """Make a module with a transformer, as a conversion would."""
    module = ModuleType("late_of_notebook")
    exec(CODE, module.__dict__)  # noqa: S102 - a module without a file
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


@pytest.fixture(params=["skops", "pickle"])
def trained(request: pytest.FixtureRequest, late: Any, tmp_path: Path) -> Trained:
    """Save a model while its transformer is of __main__, as it is in a notebook."""
    main: Any = sys.modules["__main__"]
    late.Rounder.__module__, main.Rounder = "__main__", late.Rounder
    try:
        model = make_pipeline(late.Rounder(), LinearRegression()).fit(KNOWN, [1.0, 2.0, 3.0])
        trust = "pickle" if request.param == "pickle" else ("__main__.Rounder",)
        made = save_sklearn(model, tmp_path / "model", features=KNOWN, trust=trust)
    finally:
        del main.Rounder
    return made.folder, made.predict(KNOWN)


def test_model_of_a_notebook_loads_in_its_module(trained: Trained, late: Any) -> None:
    """Nothing is said but the words that the notebook had, and __main__ is left as it was."""
    folder, expected = trained
    trust = "pickle" if (folder / "model.joblib").exists() else ("__main__.Rounder",)
    before = set(vars(sys.modules["__main__"]))

    predictor = late.make(folder, trust=trust)

    assert predictor.predict(KNOWN).equals(expected)
    assert set(vars(sys.modules["__main__"])) == before


def test_model_of_a_notebook_is_refused_where_its_class_is_not(trained: Trained) -> None:
    """A module without the class is told which one it lacks."""
    folder, _ = trained
    trust: Any = "pickle" if (folder / "model.joblib").exists() else ("__main__.Rounder",)

    with pytest.raises(ModelFolderError) as caught:
        SklearnPredictor(folder, trust=trust).load()

    file = next(folder.glob("model.*"))
    assert str(caught.value) == (
        f"The model file {file} cannot be loaded: LookupError: it names __main__.Rounder, a "
        f"class of a notebook, and {__name__} has no Rounder. Check that the packages of its types "
        "are installed, in the versions that its card names."
    )


def test_trusted_class_of_the_notebook_is_that_of_the_module_too(late: Any, tmp_path: Path) -> None:
    """A model that was trained with the module's own class needs no other words."""
    model = make_pipeline(late.Rounder(), LinearRegression()).fit(KNOWN, [1.0, 2.0, 3.0])
    folder = tmp_path / "model"
    save_sklearn(model, folder, features=KNOWN, trust=(f"{late.__name__}.Rounder",))

    late.make(folder, trust=("__main__.Rounder",)).load()

    with pytest.raises(ModelFolderError, match=r"does not trust: 'late_of_notebook\.Rounder'"):
        late.make(folder).load()


def test_names_of_a_program_that_finds_its_own_come_back(late: Any) -> None:
    """A `__getattr__` that was there is there again."""
    main: Any = sys.modules["__main__"]
    main.__getattr__ = before = {"mine": 1}.__getitem__
    try:
        with main_means(late.__name__):
            assert main.Rounder is late.Rounder

        assert main.__getattr__ is before
    finally:
        del main.__getattr__
