"""Tell whether a visitor of the shop will buy: the pipeline of `dspipe demo`, on sample data."""

from datetime import date, timedelta

import pandas as pd

from dspipe import PredictionPipeline, Query, sql
from dspipe.predictors import SklearnPredictor

SATURDAY = 5


class WillBuy(PredictionPipeline):
    """Tell how likely a visitor is to buy something."""

    key = "visit_id"
    predictor = SklearnPredictor("models/will_buy")

    def extract(self, day: date, n_days: int = 1, channel: str | None = None) -> Query:
        """Read the visits of some days.

        Parameters
        ----------
        day : date
            First day.
        n_days : int
            How many days.
        channel : str, optional
            Only visitors who came this way: search, mail, social or direct.
        """
        return sql(
            """
            select visit_id, started_at, channel, device, pages, is_returning, basket
            from visits
            where started_at >= :day and started_at < :end
              and (:channel is null or channel = :channel)
            order by visit_id
            """,
            day=day,
            end=day + timedelta(days=n_days),
            channel=channel,
        )

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        """Add what SQL said too dryly."""
        started = data.pop("started_at")
        data["hour"] = started.dt.hour
        data["is_weekend"] = started.dt.day_of_week >= SATURDAY
        return data
