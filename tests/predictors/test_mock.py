"""The predictor without a model."""

import numpy as np
import pandas as pd
import pytest

from dspipe._contract import Contract
from dspipe.errors import ConfigurationError, PredictorError
from dspipe.predictors import MockPredictor

FEATURES = pd.DataFrame(
    {"hour": [6, 18], "tail": [None, "N1"], "stops": [["JFK"], []]},
    index=pd.Index(["a", "b"], name="id"),
)
ANSWERS = pd.DataFrame({"prediction": [0.1, 0.7]}, index=FEATURES.index)


@pytest.mark.parametrize("constant", [1, 0.5, True, np.float32(0.5), np.True_])
def test_mock_predictor_answers_every_row_when_it_has_a_constant(constant: float) -> None:
    """Any number of Python's or numpy's is a constant."""
    predictor = MockPredictor(constant)

    answer = predictor.predict(FEATURES)

    assert np.asarray(answer).tolist() == [constant, constant]
    assert predictor.calls == [(2, 3)]
    assert repr(predictor) == f"<MockPredictor of {constant}>"


def test_mock_predictor_keeps_its_contract_when_one_is_given() -> None:
    """A mock can stand for a model that is strict."""
    contract = Contract.infer(FEATURES[["hour"]])

    assert MockPredictor(1, contract=contract).contract is contract


def test_mock_predictor_is_refused_when_its_answer_is_text() -> None:
    """Text would only fail later, in the runtime."""
    with pytest.raises(ConfigurationError) as caught:
        MockPredictor("late")  # type: ignore[arg-type]  # the claim is about a wrong value

    assert str(caught.value) == (
        "MockPredictor cannot answer 'late'. Give it a number, or a function that takes the "
        "features and returns one prediction a row."
    )


def test_mock_predictor_names_its_function_when_it_shows_itself() -> None:
    """The repr is one line."""
    assert repr(MockPredictor(np.ravel)) == "<MockPredictor of ravel>"
    recorded = MockPredictor.recorded(FEATURES, ANSWERS)
    assert repr(recorded) == "<MockPredictor of 2 recorded rows>"


def test_mock_predictor_answers_as_recorded_when_types_differ_but_values_do_not() -> None:
    """1, 1.0 and the nulls of all types are the same request."""
    predictor = MockPredictor.recorded(FEATURES, ANSWERS)
    request = FEATURES.iloc[[1, 0]].astype({"hour": "float64", "tail": "string"}).assign(more=1)

    answer = predictor.predict(request)

    pd.testing.assert_frame_equal(pd.DataFrame(answer), ANSWERS.iloc[[1, 0]])


def test_mock_predictor_fails_when_a_row_was_not_recorded() -> None:
    """An unknown key and a changed value are both unknown requests; their keys are named."""
    predictor = MockPredictor.recorded(FEATURES, ANSWERS)
    request = FEATURES.rename(index={"a": "z"}).assign(hour=[6, 19])

    with pytest.raises(PredictorError) as caught:
        predictor.predict(request)

    assert str(caught.value) == (
        "MockPredictor has no recorded answer for the rows with these keys (either the key or a "
        "value of its features is new): 'z', 'b'. Record the answers anew."
    )


def test_mock_predictor_fails_when_a_recorded_column_is_absent() -> None:
    """A request without a recorded column cannot be known."""
    predictor = MockPredictor.recorded(FEATURES, ANSWERS)

    with pytest.raises(PredictorError) as caught:
        predictor.predict(FEATURES[["hour"]])

    assert str(caught.value) == (
        "MockPredictor has recorded the columns 'tail', 'stops', which the features do not have. "
        "Record the answers anew."
    )


def test_mock_predictor_is_refused_when_answers_are_missing() -> None:
    """Every recorded row needs an answer."""
    with pytest.raises(ConfigurationError) as caught:
        MockPredictor.recorded(FEATURES, ANSWERS.head(1))

    assert str(caught.value) == (
        "MockPredictor.recorded got 2 rows of features and 1 of predictions. "
        "Give one prediction for every recorded row, in the same order."
    )
