"""The class of a user: what is wrong with it is said when it is defined, all at once."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from pipelines import GivesFrame

from dspipe import PredictionPipeline
from dspipe.errors import ConfigurationError, PipelineDefinitionError
from dspipe.predictors import MockPredictor


def test_pipeline_without_stage_or_key_is_refused_with_both_faults() -> None:
    """A missing stage and a missing key are told together."""
    with pytest.raises(PipelineDefinitionError) as caught:

        class Churn(PredictionPipeline):
            pass

    assert str(caught.value) == (
        "Churn cannot be used:\n"
        "  - it does not define 'extract'. Add a method extract(self, ...) that returns one row "
        "per "
        "prediction.\n"
        "  - it does not say its 'key'. Add key = \"COLUMN\", the column that names a row in every "
        "answer."
    )
    assert len(caught.value.faults) == 2


def test_pipeline_with_many_faults_is_refused_with_all_of_them() -> None:
    """Misspelt stage, missing type, unknown argument and wrong attributes come in one error."""
    with pytest.raises(PipelineDefinitionError) as caught:

        class Churn(PredictionPipeline):
            key = ("id", "id")
            batch_rows = 0
            on_bad_row = "rejct"  # type: ignore[assignment]  # the fault under test
            predictor = 0.5  # type: ignore[assignment]  # the fault under test

            def extract(self, as_of):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
                return None

            def post_process(self, data: pd.DataFrame) -> pd.DataFrame:
                return data

            def predict(self, features: pd.DataFrame, as_off: date) -> Any:
                return None

    assert caught.value.faults == (
        "it has a method 'post_process', which nothing calls. Did you mean 'postprocess'?",
        "extract has a parameter 'as_of' without a type. Write one, such as as_of: date.",
        "predict asks for 'as_off', which is no parameter of extract. Did you mean 'as_of'?",
        "its 'key' is ('id', 'id'). A key names each column once.",
        "its 'predictor' is 0.5. It must be a Predictor, not a float.",
        "its 'batch_rows' is 0. It must be a whole number of at least 1, or None for all rows at "
        "once.",
        "its 'on_bad_row' is 'rejct'. It must be one of 'raise', 'reject'. Did you mean 'reject'?",
    )


def test_pipeline_definition_error_is_a_type_error() -> None:
    """An ordinary except clause catches it."""
    assert issubclass(PipelineDefinitionError, TypeError)


def test_pipeline_names_a_raw_model_in_place_of_a_predictor() -> None:
    """Who sets a scikit-learn model as predictor reads how to save it."""

    class Model:
        def predict(self, features: object) -> object:
            return features

        def __repr__(self) -> str:
            return "Model()"

    with pytest.raises(PipelineDefinitionError) as caught:

        class Churn(GivesFrame):
            predictor = Model()  # type: ignore[assignment]  # the fault under test

    assert str(caught.value) == (
        "Churn cannot be used: its 'predictor' is Model(). It must be a Predictor, not a Model. "
        "Save a scikit-learn model with save_sklearn and name its folder: "
        "SklearnPredictor('models/NAME')."
    )


def test_abstract_pipeline_may_leave_stages_to_its_subclasses() -> None:
    """A base of a company's own need not be complete, and cannot be created."""

    class Company(PredictionPipeline, abstract=True):
        on_bad_row = "reject"

    class Churn(Company):
        key = "id"
        predictor = MockPredictor(1.0)

        def extract(self) -> pd.DataFrame:
            return pd.DataFrame({"id": [1]})

    assert Churn().run().predictions["prediction"].tolist() == [1.0]
    with pytest.raises(TypeError, match="abstract"):
        Company()  # type: ignore[abstract]  # the fault under test


def test_helper_methods_of_a_user_are_not_taken_for_misspelt_stages() -> None:
    """Names that only share a word with a stage are left alone."""

    class Churn(GivesFrame):
        keywords = ("a",)

        def extract_features(self) -> None:
            """Belongs to the user."""

        def predict_one(self) -> None:
            """Belongs to the user."""

    assert Churn().run().rows["extract"] == 5


def test_pipeline_options_take_the_place_of_class_attributes() -> None:
    """One object may have another predictor without a class of its own."""
    pipe = GivesFrame(predictor=MockPredictor(3.0), batch_rows=2)

    run = pipe.run(n_rows=3)

    assert run.predictions["prediction"].tolist() == [3.0, 3.0, 3.0]
    assert run.n_batches == 2
    assert GivesFrame.batch_rows == 50_000


def test_pipeline_refuses_an_unknown_option_with_a_close_match() -> None:
    """A misspelt option is named, with those there are."""
    with pytest.raises(ConfigurationError) as caught:
        GivesFrame(batch_size=5)

    assert str(caught.value) == (
        "GivesFrame got an unknown option 'batch_size'. It takes: predictor, batch_rows, "
        "on_bad_row. Did you mean 'batch_rows'? Arguments of extract go to run()."
    )


def test_pipeline_refuses_an_option_that_does_not_fit() -> None:
    """A wrong value is named with what was expected."""
    with pytest.raises(ConfigurationError) as caught:
        GivesFrame(batch_rows=-1)

    assert str(caught.value) == (
        "GivesFrame got batch_rows=-1. It must be a whole number of at least 1, or None for all "
        "rows at once."
    )


def test_pipeline_shows_its_key_and_predictor() -> None:
    """The repr is one line with the vital facts."""
    pipe = GivesFrame(predictor=MockPredictor(0.5))

    assert repr(pipe) == f"<GivesFrame: key row_id, predictor {MockPredictor(0.5)!r}>"
