"""Pipelines that fail while they run, each in its own way."""

import pandas as pd

from dspipe import PredictionPipeline
from dspipe.predictors import MockPredictor


class Raises(PredictionPipeline):
    """Fails with an exception of its own in its second batch."""

    key = "row"
    predictor = MockPredictor(1.0)
    batch_rows = 2

    def extract(self) -> pd.DataFrame:
        """Make up rows."""
        return pd.DataFrame({"row": range(4), "x": [1, 2, 3, 4]})

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        """Fail on large values."""
        if data["x"].max() > 2:
            raise ValueError("x is above 2")
        return data


class Refuses(PredictionPipeline):
    """Has a row without a key."""

    key = "row"
    predictor = MockPredictor(1.0)

    def extract(self) -> pd.DataFrame:
        """Make up rows."""
        return pd.DataFrame({"row": ["a", None], "x": [1, 2]})
