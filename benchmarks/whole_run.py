"""A whole run over the real flights with gradient boosting, against a bare loop.

The bare loop does the same work with the same calls: the query of the example streamed from DuckDB
in Arrow form, the example's postprocess, `predict_proba` per batch. It checks nothing, knows no
key, keeps no record, and puts the probabilities into a list.
"""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from measure import Line, interleave, save

sys.path.insert(0, str(Path(__file__).parents[1] / "examples" / "flights"))

from flight_delay import FlightDelay
from load import DATABASE, load_flights
from train import train_model

from dspipe.predictors._model_file import load_model

TARGET = 1.05
YEAR = {"day": date(2013, 1, 1), "until": date(2013, 12, 31)}


def run_bare_loop(pipe: FlightDelay, model: Any, batch_rows: int) -> list[np.ndarray]:
    """Query, postprocess, predict_proba per batch."""
    return [
        model.predict_proba(pipe.postprocess(data).set_index("flight_id"))
        for data in iter_frames(pipe, batch_rows)
    ]


def iter_frames(pipe: FlightDelay, batch_rows: int) -> Iterator[pd.DataFrame]:
    """Stream the answer as one does by hand."""
    compiled = pipe.extract(**YEAR).statement.compile("dollar")
    with duckdb.connect(str(DATABASE), read_only=True) as connection:
        relation = connection.sql(compiled.text, params=list(compiled.bound))
        for batch in relation.to_arrow_reader(batch_rows):
            yield batch.to_pandas()


def measure(batch_rows: int) -> Line:
    """Measure both ways in turn, after a look at whether they answer the same."""
    predictor = train_model()
    pipe = FlightDelay(predictor=predictor, batch_rows=batch_rows)
    run = pipe.run(**YEAR)
    model = load_model(predictor.folder / "model.skops", ())
    expected = np.concatenate(run_bare_loop(pipe, model, batch_rows))
    columns = [f"probability_{label}" for label in model.classes_]
    np.testing.assert_array_equal(run.predictions[columns].to_numpy(), expected)
    times = interleave(
        {
            "bare": lambda: run_bare_loop(pipe, model, batch_rows),
            "dspipe": lambda: pipe.run(**YEAR),
        },
        rounds=9,
    )
    ratio = times["dspipe"] / times["bare"]
    return Line(
        f"whole run of {len(run.predictions):,} rows, batches of {batch_rows:,}",
        "bare loop",
        f"at most {TARGET} times",
        times["bare"],
        times["dspipe"],
        "s",
        ratio,
        ratio <= TARGET,
    )


if __name__ == "__main__":
    load_flights()
    save("whole_run", [measure(10_000), measure(50_000)])
