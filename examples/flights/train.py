"""Train the model of `FlightDelay` on January to September, and measure it on what came after.

The features come out of the pipeline itself: what the model learns from and what it is given in
service is made by the same SQL and the same Python. Run this file to do it by hand:
``python train.py``.
"""

import hashlib
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from flight_delay import CATEGORIES, FlightDelay
from load import find_data_version
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

import dspipe
from dspipe import sql
from dspipe.errors import ModelFolderError
from dspipe.predictors import SklearnPredictor, save_sklearn

HERE = Path(__file__).resolve().parent
MODEL = HERE / "models" / "flight_delay"
LEARN = (date(2013, 1, 1), date(2013, 9, 30))
UNSEEN = (date(2013, 10, 1), date(2013, 12, 31))
Period = tuple[date, date]


def train_model(
    folder: Path = MODEL,
    *,
    learn: Period = LEARN,
    unseen: Period = UNSEEN,
    on_step: Callable[[str], object] | None = None,
) -> SklearnPredictor:
    """Train, measure and save the model, unless the folder holds the one this code would make.

    Parameters
    ----------
    folder : Path
        The model folder.
    learn, unseen : tuple of two dates
        First and last day to learn from, and to measure on.
    on_step : callable, optional
        Told what is done next, to show progress; not called when there is nothing to do.

    Returns
    -------
    SklearnPredictor
        Its card holds the measures: ``auc``, ``log_loss`` and ``share_late`` of the unseen period.
    """
    recipe = find_recipe(learn, unseen)
    if read_recipe(folder) == recipe:
        return SklearnPredictor(folder)
    say = on_step or (lambda _: None)
    say("reading what is known of each flight")
    features, status = get_training_data(*learn)
    later_features, later_status = get_training_data(*unseen)
    say(f"learning from {len(features):,} flights")
    model = make_model().fit(features, status)
    say(f"measuring on {len(later_features):,} later flights")
    metrics = measure(model, later_features, later_status)
    return save_sklearn(
        model, folder, features=features, target="status", metrics=metrics, model_version=recipe
    )


def get_training_data(first: date, last: date) -> tuple[pd.DataFrame, "pd.Series[str]"]:
    """Get the features of flights that arrived, and whether they were late.

    Returns
    -------
    features : DataFrame of shape (n_flights, n_features)
        As the pipeline makes them, indexed by flight_id.
    status : Series of str
        "late" or "in_time", on the same index.
    """
    features = FlightDelay().features(day=first, until=last)
    arrivals = sql(
        """
        select flight_id, arrival_delay_minutes
        from flights
        where day between :first and :last and arrival_delay_minutes is not null
        order by flight_id
        """,
        first=first,
        last=last,
    )
    delay = arrivals.to_frame().set_index("flight_id")["arrival_delay_minutes"]
    status = (delay > 15).map({True: "late", False: "in_time"})  # noqa: PLR2004 - the question
    return features.loc[status.index], status


def make_model() -> Pipeline:
    """Make the model: ordinary settings, not tuned."""
    # Codes instead of the model's own categories: this form can be exported to other engines.
    encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return make_pipeline(
        ColumnTransformer([("codes", encode, CATEGORIES)], remainder="passthrough"),
        HistGradientBoostingClassifier(random_state=2013),
    )


def measure(model: Pipeline, features: pd.DataFrame, status: "pd.Series[str]") -> dict[str, float]:
    """Compare what the model says of flights that it has never seen with what became of them."""
    is_late = status == "late"
    chance = model.predict_proba(features)[:, list(model.classes_).index("late")]
    return {
        "auc": roc_auc_score(is_late, chance),
        "log_loss": log_loss(is_late, chance),
        "share_late": is_late.mean(),
    }


def find_recipe(learn: Period, unseen: Period) -> str:
    """Name what a model is made of: data, code, periods and the libraries that it must suit."""
    files = (HERE / name for name in ("train.py", "flight_delay.py", "flights.sql"))
    libraries = [f"{name} {version(name)}" for name in ("pandas", "scikit-learn", "skops")]
    periods = map(str, (*learn, *unseen))
    parts = [find_data_version(), *periods, f"dspipe {dspipe.__version__}", *libraries]
    digest = hashlib.sha256("\n".join(parts).encode())
    for file in files:
        digest.update(file.read_bytes())
    return f"recipe-{digest.hexdigest()[:12]}"


def read_recipe(folder: Path) -> str | None:
    """Read what the model in a folder was made of; None when there is none that loads."""
    predictor = SklearnPredictor(folder)
    try:
        predictor.load()
    except ModelFolderError:
        return None
    return predictor.model_version


if __name__ == "__main__":
    print(train_model().card.metrics)
