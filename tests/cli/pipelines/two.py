"""Two pipelines in one file."""

import pandas as pd

from dspipe import PredictionPipeline
from dspipe.predictors import MockPredictor


class _Ones(PredictionPipeline):
    key = "row"
    predictor = MockPredictor(1.0)

    def extract(self, n_rows: int = 2) -> pd.DataFrame:
        return pd.DataFrame({"row": range(n_rows), "x": 1.0})


class First(_Ones):
    """The first."""


class Second(_Ones):
    """The second."""
