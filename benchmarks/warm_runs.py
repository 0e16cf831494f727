"""A warm run against a handler written by hand: what the checks and the record of a run cost.

Both sides begin with the same rows in memory and end with the same JSON text. The handler by hand
builds typed columns from the request, as one does who knows what is fast; the pipeline is given its
frame by `extract`, which builds it in the same way from the same request.
"""

import json

import numpy as np
import pandas as pd
from measure import Line, interleave, save

from dspipe import PredictionPipeline
from dspipe._responses import dumps, to_answer
from dspipe._text import count
from dspipe.predictors import MockPredictor

NUMBERS = [f"n{place}" for place in range(8)]
TEXTS = [f"t{place}" for place in range(4)]


def make_request(n_rows: int) -> str:
    """Make the body of a request: 12 columns, a third of them text, as records."""
    return json.dumps(
        [
            {"row_id": row, **dict.fromkeys(NUMBERS, row * 0.5), **dict.fromkeys(TEXTS, f"x{row}")}
            for row in range(n_rows)
        ]
    )


def read_columns(body: str) -> pd.DataFrame:
    """Build typed columns, the fast way to a frame."""
    rows = json.loads(body)
    columns: dict[str, object] = {
        "row_id": np.array([row["row_id"] for row in rows], dtype="int64")
    }
    for name in NUMBERS:
        columns[name] = np.array([row[name] for row in rows], dtype="float64")
    for name in TEXTS:
        columns[name] = np.array([row[name] for row in rows], dtype=object)
    return pd.DataFrame(columns)


def predict(features: pd.DataFrame) -> np.ndarray:
    """Stand for a model that costs next to nothing."""
    return features["n0"].to_numpy() * 0.5


def handle_by_hand(body: str) -> str:
    """Do what one writes by hand: no check, no record."""
    frame = read_columns(body)
    answers = predict(frame)
    pairs = zip(frame["row_id"].tolist(), answers.tolist(), strict=True)
    return json.dumps(
        {"predictions": [{"row_id": key, "prediction": value} for key, value in pairs]}
    )


class Trivial(PredictionPipeline):
    """Scores the rows of a request."""

    key = "row_id"
    predictor = MockPredictor(predict)
    bodies: dict[int, str] = {}  # noqa: RUF012 - filled below, read only

    def extract(self, n_rows: int) -> pd.DataFrame:
        """Build the frame as the handler by hand does."""
        return read_columns(self.bodies[n_rows])


class Given(Trivial):
    """Is handed a frame that is already there."""

    frames: dict[int, pd.DataFrame] = {}  # noqa: RUF012 - filled below, read only

    def extract(self, n_rows: int) -> pd.DataFrame:
        """Hand out the frame."""
        return self.frames[n_rows]


def measure(n_rows: int, target: float, repeat: int) -> list[Line]:
    """Measure a request of some rows, built by both sides and given to one."""
    body = make_request(n_rows)
    Trivial.bodies[n_rows] = body
    Given.frames[n_rows] = read_columns(body)
    built, given = Trivial(), Given()
    assert json.loads(handle_by_hand(body))["predictions"] == json.loads(
        dumps(to_answer(built.run(n_rows=n_rows)))
    )["predictions"]  # fmt: skip
    times = interleave(
        {
            "hand": lambda: handle_by_hand(body),
            "built": lambda: dumps(to_answer(built.run(n_rows=n_rows))),
            "given": lambda: dumps(to_answer(given.run(n_rows=n_rows))),
        },
        rounds=15,
        repeat=repeat,
        warmup=2,
    )
    return [
        Line(
            f"warm run of {count(n_rows, 'row')}, {title}",
            "handler by hand",
            f"at most {bound} times" if bound else "for comparison",
            times["hand"] * 1e3,
            times[way] * 1e3,
            "ms",
            times[way] / times["hand"],
            bound is None or times[way] / times["hand"] <= bound,
        )
        for way, title, bound in (
            ("given", "frame given", target),
            ("built", "frame built by extract too", None),
        )
    ]


if __name__ == "__main__":
    save("warm_runs", [*measure(1, 1.5, 200), *measure(1000, 1.1, 20)])
