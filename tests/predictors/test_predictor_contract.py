"""Every predictor keeps every promise of the contract."""

from typing import Any

import pandas as pd
import pytest

from dspipe.predictors import MockPredictor, Predictor
from dspipe.testing._predictor_checks import PredictorCheck, predictor_checks

MOCKED = pd.DataFrame({"hour": [6, 18, 7]}, index=pd.Index(["a", "b", "c"], name="id"))
MOCKS = {
    "constant": MockPredictor(0.5),
    "function": MockPredictor(lambda features: features["hour"] / 24),
    "recorded": MockPredictor.recorded(
        MOCKED, pd.DataFrame({"prediction": [0.1, 0.2, 0.3]}, index=MOCKED.index)
    ),
}
SAVED = ("array", "cancer", "diabetes", "iris", "vectors", "wine")


@pytest.fixture(params=[*MOCKS, *SAVED])
def case(request: pytest.FixtureRequest) -> tuple[Predictor, pd.DataFrame]:
    """Give each predictor with rows that it can score."""
    if request.param in MOCKS:
        return MOCKS[request.param], MOCKED
    found: Any = request.getfixturevalue("saved")[request.param]
    return found.predictor, found.features.iloc[::40]


@pytest.mark.parametrize("check", predictor_checks(), ids=lambda check: check.__name__)
def test_predictor_keeps_its_promises(
    case: tuple[Predictor, pd.DataFrame], check: PredictorCheck
) -> None:
    """One suite holds for all predictors."""
    predictor, features = case

    check(predictor, features)


def test_predictor_cannot_be_made_when_predict_is_not_written() -> None:
    """The one abstract method is required."""
    with pytest.raises(TypeError, match=r"abstract method '?predict"):
        Predictor()  # type: ignore[abstract]  # the claim is that this fails


def test_predictor_has_defaults_when_only_predict_is_written() -> None:
    """All else has a working default."""

    class Zero(Predictor):
        def predict(self, features: pd.DataFrame) -> "pd.Series[float]":
            return pd.Series(0.0, index=features.index)

    predictor = Zero()
    predictor.load()

    assert predictor.contract is None
    assert predictor.model_id is None
    assert predictor.model_version is None
    assert repr(predictor) == "<Zero>"
