"""Make up visits to a shop and what was paid, always the same. A sample, not anybody's data."""

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dspipe._extras import load_extra

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FIRST_DAY = date(2026, 1, 1)
LAST_TRAINING_DAY = date(2026, 5, 31)
N_DAYS = 181
N_VISITS = 20_000

_SHARE_RETURNING = 0.35
_SHARE_WITHOUT_BASKET = 0.4
_SHARE_OF_BUYERS_WHO_PAID = 0.75
_SHARE_OF_OTHERS_WHO_PAID = 0.35
_EVENING = 19
_CHANNELS = ["search", "mail", "social", "direct"]
_DEVICES = ["phone", "desktop", "tablet"]
_METHODS = ["card", "invoice", "wallet"]


def write_sample(file: str | Path) -> None:
    """Write the tables ``visits`` and ``payments`` to a DuckDB file, unless the file is there.

    Parameters
    ----------
    file : str or Path
        Its folder is made when absent.

    Raises
    ------
    MissingExtraError
        If DuckDB is not installed.
    """
    file = Path(file)
    if file.exists():
        return
    duckdb = load_extra("duckdb", extra="duckdb", needed_by="The sample of dspipe")
    visits = make_visits()
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{os.getpid()}.part")
    with duckdb.connect(str(aside)) as connection:
        connection.register("made_up", visits)
        connection.execute("create table visits as select * from made_up order by visit_id")
        connection.register("made_up_too", make_payments(visits))
        connection.execute(
            "create table payments as select * replace (amount::decimal(9, 2) as amount) "
            "from made_up_too order by payment_id"
        )
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
    visits = visits.assign(bought=random.random(N_VISITS) < chance)
    visits.insert(1, "customer_id", _choose_customers(visits, random))
    return visits


def make_payments(visits: "pd.DataFrame") -> "pd.DataFrame":
    """Make one row a visit that ended in a purchase: when it was paid, how, and how much."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(6202)
    bought = visits[visits["bought"]]
    n_payments = len(bought)
    late = pd.to_timedelta(random.integers(2, 40, n_payments), unit="min")
    without_basket = random.gamma(2.0, 25.0, n_payments).round(2) + 1
    return pd.DataFrame(
        {
            "payment_id": [f"P{number:06}" for number in range(1, n_payments + 1)],
            "customer_id": bought["customer_id"].to_numpy(),
            "paid_at": (bought["started_at"] + late).to_numpy(),
            "amount": bought["basket"].fillna(pd.Series(without_basket, bought.index)).to_numpy(),
            "method": random.choice(_METHODS, n_payments, p=[0.55, 0.2, 0.25]),
        }
    )


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


def _choose_customers(visits: "pd.DataFrame", random: "np.random.Generator") -> list[str]:
    """Give new visitors a name, and returning ones that of an earlier one.

    Who buys on returning is more often somebody who has paid before: history tells something.
    """
    facts = zip(visits["is_returning"], visits["bought"], random.random((N_VISITS, 2)), strict=True)
    names: list[str] = []
    known: list[str] = []
    paid: list[str] = []
    for is_returning, has_bought, (luck, place) in facts:
        share = _SHARE_OF_BUYERS_WHO_PAID if has_bought else _SHARE_OF_OTHERS_WHO_PAID
        earlier = paid if paid and luck < share else known
        name = f"C{len(known) + 1:05}"
        if is_returning and earlier:
            name = earlier[int(place * len(earlier))]
        else:
            known.append(name)
        names.append(name)
        if has_bought:
            paid.append(name)
    return names
