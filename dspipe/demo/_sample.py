"""Make up visits to a shop, always the same ones. They are a sample, not anybody's data."""

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dspipe._extras import load_extra

if TYPE_CHECKING:
    import pandas as pd

FIRST_DAY = date(2026, 1, 1)
LAST_TRAINING_DAY = date(2026, 5, 31)
N_DAYS = 181
N_VISITS = 20_000

_SHARE_RETURNING = 0.35
_SHARE_WITHOUT_BASKET = 0.4
_EVENING = 19
_CHANNELS = ["search", "mail", "social", "direct"]
_DEVICES = ["phone", "desktop", "tablet"]


def write_visits(file: Path) -> None:
    """Write the table ``visits`` to a DuckDB file, unless the file is there."""
    if file.exists():
        return
    duckdb = load_extra("duckdb", extra="duckdb", needed_by="dspipe demo")
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{os.getpid()}.part")
    with duckdb.connect(str(aside)) as connection:
        connection.register("made_up", make_visits())
        connection.execute("create table visits as select * from made_up order by visit_id")
    aside.replace(file)


def make_visits() -> "pd.DataFrame":
    """Make one row a visit: what is known while it lasts, and whether the visitor bought."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(2026)
    minute = np.sort(random.integers(0, N_DAYS * 24 * 60, N_VISITS))
    start = pd.Timestamp(FIRST_DAY).as_unit("us")
    basket = random.gamma(2.0, 30.0, N_VISITS).round(2)
    visits = pd.DataFrame(
        {
            "visit_id": [f"V{number:06}" for number in range(1, N_VISITS + 1)],
            "started_at": start + pd.to_timedelta(minute, unit="min"),
            "channel": random.choice(_CHANNELS, N_VISITS, p=[0.45, 0.15, 0.25, 0.15]),
            "device": random.choice(_DEVICES, N_VISITS, p=[0.6, 0.32, 0.08]),
            "pages": random.geometric(0.2, N_VISITS),
            "is_returning": random.random(N_VISITS) < _SHARE_RETURNING,
            "basket": np.where(random.random(N_VISITS) < _SHARE_WITHOUT_BASKET, np.nan, basket),
        }
    )
    chance = 1 / (1 + np.exp(-_log_odds_of_buying(visits)))
    return visits.assign(bought=random.random(N_VISITS) < chance)


def _log_odds_of_buying(visits: "pd.DataFrame") -> "pd.Series[float]":
    basket = visits["basket"]
    odds: pd.Series[float] = (
        -2.6
        + 0.12 * visits["pages"].clip(upper=15)
        + 0.9 * visits["is_returning"]
        + 0.8 * (visits["channel"] == "mail")
        + 0.5 * (visits["device"] == "desktop")
        + 0.4 * (visits["started_at"].dt.hour >= _EVENING)
        + (0.01 * basket).where(basket.notna(), -0.6)
    )
    return odds
