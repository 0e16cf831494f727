"""What a pipeline makes and what a model takes, compared."""

import pandas as pd

from dspipe._contract import Contract
from dspipe.predictors import FeatureFinding, MockPredictor

TAKEN = Contract.infer(pd.DataFrame({"hour": [1], "tail": ["a"], "seats": [1.0]}))
MADE = Contract.infer(pd.DataFrame({"hour": ["1"], "seats": [2.0], "gate": [1]}))


def test_features_are_compared_with_the_contract_of_the_model() -> None:
    """What is missing or of another type comes before what is only too much."""
    findings = MockPredictor(1, contract=TAKEN).compare_features(MADE)

    assert [str(finding) for finding in findings] == [
        "The feature 'tail' is missing: the model takes str.",
        "The feature 'hour' has another type: it is str, where the model takes int64.",
        "The feature 'gate' is extra: the model does not use it.",
    ]


def test_nothing_is_found_when_the_model_takes_anything() -> None:
    """A predictor without a contract has nothing to compare with."""
    assert MockPredictor(1).compare_features(MADE) == []
    assert MockPredictor(1, contract=MADE).compare_features(MADE) == []


def test_findings_stand_in_the_order_of_importance() -> None:
    """The first line is what matters most."""
    findings = [
        FeatureFinding("extra", "z", "x"),
        FeatureFinding("missing", "b", "x", 0.1),
        FeatureFinding("wrong_type", "a", "x", 0.9),
        FeatureFinding("missing", "c", "x"),
    ]

    ordered = sorted(findings, key=lambda finding: finding.order)

    assert [finding.feature for finding in ordered] == ["a", "b", "c", "z"]
