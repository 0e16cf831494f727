"""Exports to ONNX answer as their originals do, or are refused."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from export.conftest import ExportOne, save
from export.models import MODELS, boosting, filled, make_features, make_targets, ordinal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, PolynomialFeatures

from dspipe.errors import ConfigurationError, ExportError, PredictorError
from dspipe.export import export_onnx
from dspipe.predictors import OnnxPredictor, Predictor
from dspipe.testing import frames
from dspipe.testing._predictor_checks import predictor_checks

FEATURES = make_features()
TARGETS = make_targets(FEATURES)
EXACT = 1e-13
NUMBER_COLUMNS = make_column_transformer(("passthrough", ["seats", "narrow"]))
SAMPLE_OF_MODELS = ("boosting", "own categories", "forest of three", "logistic that refuses")


@pytest.mark.parametrize("name", MODELS)
def test_export_answers_as_the_original_does(export_one: ExportOne, name: str) -> None:
    """Real rows, values at splits, nulls and new categories: doubles stay doubles all the way."""
    original, export, features = export_one(name)

    expected, actual = original.predict(features), export.predictor.predict(features)

    assert export.comparison.largest_difference < EXACT
    assert export.comparison.n_rows >= len(features) + 2_000
    assert_frame_equal(actual, expected, rtol=EXACT, atol=EXACT)


@pytest.mark.parametrize("check", predictor_checks(), ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", ["boosting", "boosting of numbers", "vectors"])
def test_onnx_predictor_keeps_the_promises_of_predictors(
    export_one: ExportOne, name: str, check: object
) -> None:
    """One suite holds for all predictors."""
    pair = export_one(name)

    assert callable(check)
    check(pair.export.predictor, pair.features.head(40))


def ask(predictor: Predictor, features: pd.DataFrame) -> "pd.DataFrame | None":
    """Ask for predictions; None where they are refused."""
    try:
        return predictor.predict(features)
    except PredictorError:
        return None


@pytest.mark.parametrize("name", SAMPLE_OF_MODELS)
@given(data=st.data())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_export_answers_drawn_frames_as_the_original_does(
    export_one: ExportOne, name: str, data: st.DataObject
) -> None:
    """Whatever the contract lets through gets the same answer, or is refused by both."""
    original, export, _ = export_one(name)
    drawn = data.draw(frames(original.contract, valid=True, max_rows=6))

    expected, actual = ask(original, drawn), ask(export.predictor, drawn)

    assert (expected is None) == (actual is None)
    if expected is not None and actual is not None:
        assert_frame_equal(actual, expected, rtol=EXACT, atol=EXACT)


def test_export_keeps_the_models_own_categories(tmp_path: Path) -> None:
    """Splits by category, which others convert without complaint and wrongly, are exact."""
    features = FEATURES.assign(carrier=FEATURES["carrier"].astype("category"))
    model = HistGradientBoostingClassifier(max_iter=30, categorical_features="from_dtype")
    folder = save(model.fit(features, TARGETS["two"]), tmp_path / "model", features)

    export = export_onnx(folder, rows=features)

    splits = [tree.nodes["is_categorical"].any() for (tree,) in model._predictors]
    assert any(splits)
    assert export.comparison.largest_difference < EXACT


def test_export_keeps_rows_at_their_side_of_a_split(tmp_path: Path) -> None:
    """Doubles that single precision cannot tell from a threshold stay on their side."""
    beside = np.nextafter(0.1, [0, 1] * 50)
    features = pd.DataFrame({"x": beside})
    model = HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=1)
    model.fit(features, beside > 0.1)
    folder = save(model, tmp_path / "model", features)

    export = export_onnx(folder, rows=features)

    answer = export.predictor.predict(features)["prediction"]
    assert answer.tolist() == (beside > 0.1).tolist()
    assert len({np.float32(value) for value in beside}) == 1


def test_export_says_what_was_compared_on_its_card(export_one: ExportOne) -> None:
    """The card names the original, the rows, the tolerance, the difference and the versions."""
    original, export, features = export_one("logistic that refuses")

    card = export.predictor.card

    assert card.exported == {
        "from_model_id": original.model_id,
        "from_model_file": "model.skops",
        "tolerance": 1e-5,
        "opset": 21,
        "ml_opset": 5,
        "largest_difference": export.comparison.largest_difference,
        "n_rows": export.comparison.n_rows,
        "n_real_rows": len(features),
        "n_rows_refused_by_both": 8,  # an unseen category, which this encoder refuses
    }
    assert {"onnx", "onnxruntime", "scikit-learn", "dspipe"} <= set(card.library_versions)
    assert card.model_id != original.model_id
    assert card.classes == original.card.classes
    assert export.predictor.contract == original.contract


def test_export_is_refused_when_it_is_further_from_the_original_than_accepted(
    tmp_path: Path,
) -> None:
    """The sentence names output, row, inputs and step; and nothing is left behind."""
    features = pd.DataFrame({"x": np.linspace(-3, 3, 60) / 3, "y": np.linspace(1, 2, 60) ** 3})
    model = make_pipeline(FunctionTransformer(), LinearRegression())
    model.fit(features, features["x"] * 0.3 + features["y"] / 7)
    folder = save(model, tmp_path / "model", features)

    with pytest.raises(ExportError) as caught:
        export_onnx(folder, rows=features, tolerance=0)

    message = str(caught.value)
    assert message.startswith("The exported model answers otherwise than the original in")
    assert " 60 rows (the real rows). The largest difference is in row " in message
    assert ", for x=" in message
    assert message.endswith(
        "At most 0 is accepted. The first step that differs is 'linearregression' "
        "(LinearRegression): train the model with another in its place."
    )
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["model"]


def refuse(model: object, target: str = "two") -> object:
    """Fit a model that cannot be exported."""
    return model.fit(FEATURES, TARGETS[target])  # type: ignore[attr-defined]


KNOWN = (
    "Keep the model as it is, with SklearnPredictor, or train it with another step in that place."
)


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (
            make_pipeline(NUMBER_COLUMNS, PolynomialFeatures(), LogisticRegression(max_iter=5_000)),
            "The step 'polynomialfeatures' (PolynomialFeatures) cannot be converted to ONNX: "
            "dspipe "
            "converts ColumnTransformer, FeatureUnion, ",
        ),
        (
            make_pipeline(NUMBER_COLUMNS, GaussianNB()),
            "The step 'gaussiannb' (GaussianNB) cannot be converted to ONNX: dspipe converts ",
        ),
        (
            make_pipeline(
                make_column_transformer(
                    (KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"), ["seats"])
                ),
                boosting(),
            ),
            "The step 'columntransformer.kbinsdiscretizer' (KBinsDiscretizer) cannot be converted "
            "to ONNX: it encodes its bins with 'onehot', not 'ordinal'. ",
        ),
        (
            make_pipeline(
                make_column_transformer((FunctionTransformer(np.cbrt), ["seats"])), boosting()
            ),
            "The step 'columntransformer.functiontransformer' (FunctionTransformer) cannot be "
            "converted to ONNX: its function cbrt is Python, which ONNX cannot run. ",
        ),
        (
            make_pipeline(
                make_column_transformer((SimpleImputer(missing_values=0), ["seats"])), boosting()
            ),
            "The step 'columntransformer.simpleimputer' (SimpleImputer) cannot be converted to "
            "ONNX: it fills 0 instead of nulls. ",
        ),
        (
            make_pipeline(filled(), GradientBoostingClassifier(loss="exponential", n_estimators=2)),
            "The step 'gradientboostingclassifier' (GradientBoostingClassifier) cannot be "
            "converted to ONNX: its loss is exponential. ",
        ),
        (
            make_pipeline(
                filled(), GradientBoostingClassifier(init=LogisticRegression(), n_estimators=2)
            ),
            "The step 'gradientboostingclassifier' (GradientBoostingClassifier) cannot be "
            "converted to ONNX: it begins with another model (init). ",
        ),
        (
            make_pipeline(filled(), SGDClassifier(loss="log_loss", random_state=0)),
            "The step 'sgdclassifier' (SGDClassifier) cannot be converted to ONNX: its "
            "probabilities are not those of a logistic regression. ",
        ),
        (
            make_pipeline(filled(), VotingClassifier([("one", boosting())])),
            "The step 'votingclassifier' (VotingClassifier) cannot be converted to ONNX: it counts "
            "votes (voting='hard'); take voting='soft'. ",
        ),
    ],
)
def test_export_names_the_step_when_it_cannot_be_converted(
    tmp_path: Path, model: object, sentence: str
) -> None:
    """Nobody gets an error of the converter's own."""
    folder = tmp_path / "model"
    save(refuse(model), folder, FEATURES)

    with pytest.raises(ExportError) as caught:
        export_onnx(folder, rows=FEATURES)

    assert str(caught.value).startswith(sentence)
    assert str(caught.value).endswith(KNOWN)


def test_export_names_the_column_when_it_is_neither_number_nor_text(tmp_path: Path) -> None:
    """A moment has no form in ONNX that a model of scikit-learn takes."""
    features = FEATURES.assign(at=pd.Timestamp("2013-01-01"))
    columns = make_column_transformer(("passthrough", ["seats"]))
    model = make_pipeline(columns, boosting()).fit(features, TARGETS["two"])
    folder = save(model, tmp_path / "model", features)

    with pytest.raises(ExportError) as caught:
        export_onnx(folder, rows=features)

    assert str(caught.value) == (
        "The model takes the column 'at', which holds datetime values (datetime64[us]); an ONNX "
        "model takes numbers, booleans and text. Make numbers or text of it in postprocess, and "
        "train the model on them."
    )


def test_export_is_refused_when_no_row_keeps_the_contract(tmp_path: Path) -> None:
    """An export that was compared with nothing is worth nothing."""
    model = make_pipeline(ordinal(), boosting()).fit(FEATURES, TARGETS["two"])
    folder = save(model, tmp_path / "model", FEATURES)

    with pytest.raises(ExportError) as caught:
        export_onnx(folder, rows=FEATURES.head(0))

    assert str(caught.value) == (
        f"There is no row to compare the export of {folder} on: of 0 given, none keeps the "
        "contract of the model. Give features as they reach predict, such as those of a golden run."
    )


def test_export_is_refused_early_when_its_options_cannot_be_meant(export_one: ExportOne) -> None:
    """The original is not overwritten, and a tolerance is no negative number."""
    original, _, features = export_one("boosting")

    with pytest.raises(ConfigurationError) as over:
        export_onnx(original.folder, original.folder, rows=features)
    with pytest.raises(ConfigurationError) as negative:
        export_onnx(original.folder, rows=features, tolerance=-1)

    assert str(over.value) == (
        f"The export would take the place of its original, {original.folder}. Give another folder."
    )
    assert str(negative.value) == "The tolerance is -1. It must be 0 or larger."


def test_export_replaces_an_older_one(tmp_path: Path) -> None:
    """The card tells which original the folder now answers for."""
    one = make_pipeline(ordinal(), boosting()).fit(FEATURES, TARGETS["two"])
    other = make_pipeline(ordinal(), boosting()).fit(FEATURES, TARGETS["three"])
    export_onnx(save(one, tmp_path / "model", FEATURES), rows=FEATURES)

    export = export_onnx(save(other, tmp_path / "model", FEATURES), rows=FEATURES)

    card = json.loads((tmp_path / "model_onnx" / "card.json").read_text(encoding="utf-8"))
    assert card["classes"] == [0, 1, 2]
    assert OnnxPredictor(tmp_path / "model_onnx").model_id == export.predictor.model_id
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["model", "model_onnx"]
