"""Tiny pipelines of a user, each named for what it shows."""

from collections.abc import Iterator

import pandas as pd

from dspipe import PredictionPipeline
from dspipe.predictors import MockPredictor


def make_rows(n_rows: int) -> pd.DataFrame:
    """Make rows with a key and one number."""
    return pd.DataFrame({"row_id": range(n_rows), "size": [float(n % 7) for n in range(n_rows)]})


def double_size(features: pd.DataFrame) -> pd.Series:
    """Predict twice the size: each row's answer depends on that row alone."""
    return features["size"] * 2


class GivesFrame(PredictionPipeline):
    """Extracts a frame of `n_rows` rows and predicts twice their size."""

    key = "row_id"
    predictor = MockPredictor(double_size)

    def extract(self, n_rows: int = 5) -> pd.DataFrame:
        """Make the rows."""
        return make_rows(n_rows)


class GivesIterator(GivesFrame):
    """Extracts the same rows three at a time."""

    def extract(self, n_rows: int = 5) -> Iterator[pd.DataFrame]:
        """Yield the rows in pieces."""
        frame = make_rows(n_rows)
        for start in range(0, n_rows, 3):
            yield frame.iloc[start : start + 3]


class AddsFeature(GivesFrame):
    """Writes into the frame that it is given, as notebooks do."""

    predictor = MockPredictor(lambda features: features["area"])

    def postprocess(self, data: pd.DataFrame, n_rows: int) -> pd.DataFrame:
        """Add a feature that also depends on an argument."""
        data["area"] = data["size"] ** 2 + n_rows
        return data
