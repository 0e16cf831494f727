"""One row through a model: exported to ONNX, against the scikit-learn pipeline that it came from.

Gradient boosting of 100 trees behind a column transformer, on 12 columns, a third of them text.
Both are asked as a run asks them: the `predict` of the predictor, on a frame of one row. One
thread each.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from measure import Line, interleave, save
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from threadpoolctl import threadpool_limits

from dspipe._text import count
from dspipe.export import export_onnx
from dspipe.predictors import SklearnPredictor, save_sklearn

NUMBERS = [f"n{place}" for place in range(8)]
TEXTS = [f"t{place}" for place in range(4)]
N_ROWS = 20_000
LEAST_FASTER, MOST_APART = 20, 1e-5
BASELINE = "scikit-learn pipeline"


def make_features() -> tuple[pd.DataFrame, np.ndarray]:
    """Make features with nulls, and a target that depends on some of them."""
    rng = np.random.default_rng(0)
    columns: dict[str, object] = {name: rng.normal(size=N_ROWS) for name in NUMBERS}
    columns |= {name: rng.choice([f"x{n}" for n in range(20)], N_ROWS) for name in TEXTS}
    features = pd.DataFrame(columns)
    late = features["n0"] + features["n1"] * (features["t0"] < "x5") > rng.normal(size=N_ROWS)
    return features.mask(rng.random(features.shape) < 1 / 50), late.to_numpy()


def save_model(folder: Path) -> tuple[SklearnPredictor, pd.DataFrame]:
    """Train the model and save it."""
    features, late = make_features()
    encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = make_column_transformer((encode, TEXTS), remainder="passthrough")
    model = make_pipeline(columns, HistGradientBoostingClassifier(random_state=0))
    return save_sklearn(model.fit(features, late), folder, features=features), features


def measure(n_rows: int, repeat: int, target: str) -> list[Line]:
    """Measure some rows, by the predictors and by the session of ONNX Runtime alone."""
    rows = features.head(n_rows).copy()
    inputs = model.make_inputs(rows)
    times = interleave(
        {
            "sklearn": lambda: original.predict(rows),
            "onnx": lambda: exported.predictor.predict(rows),
            "session": lambda: session.run(None, inputs),
        },
        rounds=15,
        repeat=repeat,
        warmup=2,
    )
    return [
        Line(
            f"{count(n_rows, 'row')}, {title}",
            BASELINE,
            wanted,
            times["sklearn"] * 1e3,
            times[way] * 1e3,
            "ms",
            times[way] / times["sklearn"],
            wanted == "for comparison" or times["sklearn"] / times[way] >= LEAST_FASTER,
        )
        for way, title, wanted in (
            ("onnx", "OnnxPredictor", target),
            ("session", "session from columns", "for comparison"),
        )
    ]


if __name__ == "__main__":
    with TemporaryDirectory() as place, threadpool_limits(1):
        original, features = save_model(Path(place) / "model")
        exported = export_onnx(Path(place) / "model", rows=features)
        model = exported.predictor._load()  # noqa: SLF001 - the session is no part of the public face
        session = model.session
        apart = exported.comparison.largest_difference
        reached = f"at most 1/{LEAST_FASTER} of the time"
        save(
            "onnx_row",
            [
                *measure(1, 50, reached),
                *measure(1_000, 5, "for comparison"),
                Line(
                    f"largest difference on {exported.comparison.n_rows:,} rows",
                    "accepted",
                    f"at most {MOST_APART:g}",
                    MOST_APART,
                    apart,
                    "",
                    apart / MOST_APART,
                    apart <= MOST_APART,
                ),
            ],
        )
