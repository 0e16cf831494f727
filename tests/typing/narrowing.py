"""Types as a user sees them: checked by mypy --strict and pyright, never run."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, assert_type

import numpy as np
import pandas as pd
from pydantic import Field

from dspipe import BatchResult, PredictionPipeline, Query, Run, sql
from dspipe.predictors import MockPredictor, SklearnPredictor


class Narrows(PredictionPipeline):
    """Narrows every stage to the arguments and results it really has."""

    key = "flight_id"
    predictor = SklearnPredictor("models/flight_delay")
    batch_rows = None
    on_bad_row = "reject"

    def extract(
        self,
        day: date,
        carrier: Literal["AA", "UA"] | None = None,
        top: Annotated[int, Field(ge=1)] = 10,
    ) -> Query:
        """Take typed arguments."""
        return sql("select * from flights where day = :day", day=day)

    def postprocess(self, data: pd.DataFrame, day: date) -> pd.DataFrame:
        """Ask for one argument."""
        return data.assign(weekday=day.weekday())

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Answer with an array."""
        return np.zeros(len(features))


class KeyOfTwo(PredictionPipeline):
    """Has a key of two columns and yields frames."""

    key = ["shop", "day"]  # noqa: RUF012 - as a user writes it
    predictor = MockPredictor(0.5)

    def extract(self, *, since: date) -> Iterator[pd.DataFrame]:
        """Yield frames."""
        yield pd.DataFrame({"shop": ["a"], "day": [since]})


class ReturnsFrame(PredictionPipeline):
    """Returns a frame, without arguments."""

    key = "id"

    def extract(self) -> pd.DataFrame:
        """Return a frame."""
        return pd.DataFrame({"id": [1]})

    def predict(self, features: pd.DataFrame) -> "pd.Series[float]":
        """Answer with a Series."""
        return features["x"]


def use(pipe: Narrows) -> None:
    """Show what calls give."""
    run = pipe.run(day="2013-10-01")
    assert_type(run, Run)
    assert_type(run.predictions, pd.DataFrame)
    assert_type(pipe.stream(day="2013-10-01"), Iterator[BatchResult])
    assert_type(pipe.score(pd.DataFrame()), Run)
