"""A pipeline inside a package."""

import pandas as pd

from dspipe import PredictionPipeline
from dspipe.predictors import MockPredictor

from .prices import PRICE


class Buys(PredictionPipeline):
    """One price for all."""

    key = "row"
    predictor = MockPredictor(PRICE)

    def extract(self, n_rows: int = 1) -> pd.DataFrame:
        """Make up rows."""
        return pd.DataFrame({"row": range(n_rows), "x": 1.0})
