"""Will this flight be late? One class, from the database to the prediction."""

from datetime import date

import pandas as pd

from dspipe import PredictionPipeline, sql
from dspipe.predictors import SklearnPredictor
from dspipe.sources import Query

CATEGORIES = ["carrier", "origin", "destination"]


class FlightDelay(PredictionPipeline):
    """Will this flight arrive more than 15 minutes late?"""  # noqa: D400 - the question is the best description

    key = "flight_id"
    predictor = SklearnPredictor("models/flight_delay")

    def extract(self, day: date, carrier: str | None = None, until: date | None = None) -> Query:
        """Get the flights of one day, or of several.

        Parameters
        ----------
        day
            Day of departure, or the first of several.
        carrier
            Two-letter code of one airline, such as UA; all airlines when not given.
        until
            Last day; the same day when not given.
        """
        return sql.file("flights.sql", first=day, last=until or day, carrier=carrier)

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        """Turn times into the hours, minutes and years that a model can use."""
        departure, arrival = data["scheduled_departure"], data["scheduled_arrival"]
        data["departure_minute"] = departure.dt.hour * 60 + departure.dt.minute
        data["arrival_minute"] = arrival.dt.hour * 60 + arrival.dt.minute
        data["weekday"] = departure.dt.day_of_week
        # By the clocks of two airports, so it holds the time zones; the destination explains them.
        data["clock_minutes"] = (arrival - departure).dt.total_seconds() / 60
        data["plane_age"] = departure.dt.year - data["year_built"]
        data["air_dryness"] = data["temperature_fahrenheit"] - data["dew_point_fahrenheit"]
        used_up = ["scheduled_departure", "scheduled_arrival", "year_built", "dew_point_fahrenheit"]
        features = data.drop(columns=used_up)
        # Floats have a place for a value that is missing, and scikit-learn knows it.
        numbers = features.columns.difference([self.key, *CATEGORIES])
        return features.astype(dict.fromkeys(numbers, "float64"))
