"""A function with a trivial model, whose rows come from memory or from a database."""

from datetime import date
from time import sleep

import pandas as pd

from dspipe import PredictionPipeline, sql
from dspipe.predictors import MockPredictor
from dspipe.sources import Query


def find_price(features: pd.DataFrame) -> pd.Series:
    """Charge half of the weight."""
    return features["weight"] * 0.5


class ParcelPrice(PredictionPipeline):
    """What does a parcel cost?"""  # noqa: D400 - the question is the best description

    key = "parcel_id"
    predictor = MockPredictor(find_price)
    batch_rows = 1_000

    def extract(
        self,
        day: date = date(2013, 6, 1),
        n_parcels: int = 2,
        is_stored: bool = False,  # noqa: FBT001, FBT002 - arguments have names everywhere
        seconds_a_batch: float = 0.0,
    ) -> pd.DataFrame | Query:
        """Get the parcels of a day.

        Parameters
        ----------
        day
            Day of posting.
        n_parcels
            How many, where they are made up.
        is_stored
            Whether to read them from the database.
        seconds_a_batch
            How long every batch takes at least.
        """
        if is_stored:
            return sql("SELECT parcel_id, weight FROM parcels WHERE day = :day", day=day)
        names = [f"{day:%m%d}-{number}" for number in range(n_parcels)]
        return pd.DataFrame({"parcel_id": names, "weight": [float(n) for n in range(n_parcels)]})

    def postprocess(self, data: pd.DataFrame, seconds_a_batch: float) -> pd.DataFrame:
        """Take the time that was asked for."""
        sleep(seconds_a_batch)
        return data
