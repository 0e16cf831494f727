"""Train the model of the sample on the features that the pipeline itself makes."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dspipe._config import load_config
from dspipe._extras import load_extra

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

TEXTS = ["channel", "device"]
N_TEST_DAYS = 30


def train(folder: Path, model_folder: Path, first: date, last: date) -> float:
    """Train on the days from `first` to `last`, save the model, and measure it on the days after.

    Returns
    -------
    float
        Area under the ROC curve on the days after.
    """
    metrics = load_extra("sklearn.metrics", extra="sklearn", needed_by="dspipe demo")
    from dspipe.predictors import save_sklearn

    features, bought = _read(folder, first, (last - first).days + 1)
    unseen, truly_bought = _read(folder, last + timedelta(days=1), N_TEST_DAYS)
    model = _make_model().fit(features, bought)
    auc = float(metrics.roc_auc_score(truly_bought, model.predict_proba(unseen)[:, 1]))
    save_sklearn(
        model, model_folder, features=features, target="bought", metrics={"auc_unseen_days": auc}
    )
    return auc


def _read(folder: Path, day: date, n_days: int) -> "tuple[pd.DataFrame, pd.Series[bool]]":
    """Read features as the pipeline makes them, and what came of each visit."""
    from dspipe.demo.pipeline import WillBuy
    from dspipe.sources import sql

    pipe, config = WillBuy(), load_config(folder)
    query = pipe.extract(day, n_days)
    (data,) = query.iter_frames(batch_rows=None, config=config)
    (known,) = sql("select visit_id, bought from visits").iter_frames(
        batch_rows=None, config=config
    )
    features = pipe.postprocess(data).set_index("visit_id")
    return features, known.set_index("visit_id")["bought"].loc[features.index].astype(bool)


def _make_model() -> "Pipeline":
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer([("texts", encoder, TEXTS)], remainder="passthrough")
    boosting = HistGradientBoostingClassifier(max_iter=80, learning_rate=0.05, random_state=0)
    return make_pipeline(columns, boosting)
