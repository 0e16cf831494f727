"""One pipeline, with an argument of every kind that the command line knows."""

from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BaseModel, Field

from dspipe import PredictionPipeline


class Season(Enum):
    """A part of the year."""

    SUMMER = "s"
    WINTER = "w"


class Window(BaseModel):
    """A span of days."""

    start: date
    n_days: int = 1


class Late(PredictionPipeline):
    """Tells how late a flight is."""

    key = "flight_id"
    batch_rows = 2

    def extract(
        self,
        day: date,
        n_rows: Annotated[int, Field(ge=0)] = 3,
        *,
        carriers: list[str] | None = None,
        weekend: bool = False,
        season: Season = Season.SUMMER,
        unit: Literal["minutes", 60] = "minutes",
        window: Window | None = None,
        format: str = "none",  # noqa: A002 - clashes with an option on purpose
    ) -> Iterator[pd.DataFrame]:
        """Make up rows.

        Parameters
        ----------
        day : date
            Day of departure
        carriers : list of str, optional
            Airlines [two letters].
        """
        said = [day, carriers, weekend, season.value, unit, window, format]
        for number in range(n_rows):
            yield pd.DataFrame(
                {
                    "flight_id": [f"{number:03}"],
                    "day": pd.to_datetime([day]),
                    "said": [str(said)],
                    "delay": [number / 3],
                }
            )

    def predict(self, features: pd.DataFrame, *, n_rows: int) -> Any:
        """Say it back."""
        assert n_rows >= len(features)
        return features[["delay"]].rename(columns={"delay": "prediction"})
