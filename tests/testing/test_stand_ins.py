"""Rows in the place of a source: the same pipeline, arguments checked, no database."""

import pandas as pd
import pytest

from dspipe import PredictionPipeline, Query, sql
from dspipe.errors import ArgumentError
from dspipe.predictors import MockPredictor
from dspipe.testing import with_rows
from dspipe.testing._stand_ins import collect_features

ROWS = pd.DataFrame({"flight": [7, 8, 9], "distance": [1.0, 2.0, 3.0]})


class Late(PredictionPipeline):
    """Reads a source that is not there."""

    key = "flight"
    predictor = MockPredictor(lambda features: features["distance"])

    def extract(self, day: int, carrier: str = "UA") -> Query:
        """Ask for the flights of a day."""
        return sql("select * from flights where day = :day", day=day).on("nowhere")

    def postprocess(self, data: pd.DataFrame, day: int) -> pd.DataFrame:
        """Use the argument."""
        return data.assign(distance=data["distance"] * day)


def test_with_rows_runs_without_the_source() -> None:
    """The rows come in the place of the query, and all else is the pipeline's own."""
    run = with_rows(Late(batch_rows=2), ROWS).run(day="10")

    assert run.predictions["prediction"].to_dict() == {7: 10.0, 8: 20.0, 9: 30.0}
    assert run.arguments == {"day": 10, "carrier": "UA"}
    assert run.n_batches == 2
    assert run.provenance.pipeline == "Late"


def test_with_rows_checks_arguments_like_the_pipeline() -> None:
    """The signature of the real extract holds."""
    with pytest.raises(ArgumentError) as caught:
        with_rows(Late(), ROWS).run(dya=1)

    assert str(caught.value) == (
        "Late got an unknown argument 'dya'. It takes: day, carrier. Did you mean 'day'?"
    )


def test_with_rows_leaves_pipeline_and_rows_alone() -> None:
    """The pipeline still asks its own source, and the rows are as they were."""
    pipeline, before = Late(), ROWS.copy()

    made = with_rows(pipeline, ROWS)
    made.run(day=2)

    assert type(pipeline) is Late
    assert isinstance(made, Late)
    assert type(made).extract is not Late.extract
    pd.testing.assert_frame_equal(ROWS, before)


def test_collect_features_joins_what_reaches_predict() -> None:
    """The features of all batches come in the order of the rows, on their keys."""
    features = collect_features(Late(batch_rows=2), ROWS, {"day": 3})

    assert features["distance"].to_dict() == {7: 3.0, 8: 6.0, 9: 9.0}
