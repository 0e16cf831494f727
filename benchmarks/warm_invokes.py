"""A warm call of the handler against one written by hand: what events, checks and logs cost.

Both sides get the same event of an HTTP API with rows in its body, and return the response. The
handler by hand builds typed columns, as one does who knows what is fast, and neither checks nor
logs anything. Each situation is a process of its own: with pyarrow, and without it, as in a package
for Lambda, where pandas keeps text as Python's own, which makes both sides faster.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from measure import Line, interleave, save
from warm_runs import NUMBERS, TEXTS, make_request, predict

from dspipe import PredictionPipeline
from dspipe._text import count
from dspipe.aws_lambda import make_handler
from dspipe.predictors import MockPredictor


class Trivial(PredictionPipeline):
    """Scores the rows of a request."""

    key = "row_id"
    predictor = MockPredictor(predict)

    def extract(self) -> pd.DataFrame:
        """Have no rows of its own."""
        return pd.DataFrame({"row_id": []})


class Context:
    """Stands for what Lambda tells of a call."""

    aws_request_id = "5e7a0c1e-7a0b-4c63-9a3e-0c6a52c1f7d1"

    def get_remaining_time_in_millis(self) -> int:
        """Leave half a minute."""
        return 30_000


def make_event(n_rows: int) -> dict[str, Any]:
    """Make the event of an HTTP API for a request with rows."""
    return {
        "version": "2.0",
        "routeKey": "POST /",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "accept": "application/json"},
        "requestContext": {
            "domainName": "example.lambda-url.eu-west-1.on.aws",
            "http": {"method": "POST", "path": "/"},
            "requestId": "JKJaXmPLvHcESHA=",
        },
        "body": json.dumps({"rows": json.loads(make_request(n_rows))}),
        "isBase64Encoded": False,
    }


def handle_by_hand(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Do what one writes by hand: no check, no record, no log."""
    rows = json.loads(event["body"])["rows"]
    columns: dict[str, object] = {
        "row_id": np.array([row["row_id"] for row in rows], dtype="int64")
    }
    for name in NUMBERS:
        columns[name] = np.array([row[name] for row in rows], dtype="float64")
    for name in TEXTS:
        columns[name] = np.array([row[name] for row in rows], dtype=object)
    frame = pd.DataFrame(columns)
    answers = predict(frame)
    pairs = zip(frame["row_id"].tolist(), answers.tolist(), strict=True)
    predictions = [{"row_id": key, "prediction": value} for key, value in pairs]
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"predictions": predictions}),
    }


def measure(n_rows: int, target: float, repeat: int, situation: str) -> Line:
    """Measure a request of some rows."""
    handler, event, context = make_handler(Trivial, accept_rows=True), make_event(n_rows), Context()
    mine, theirs = (call(event, context)["body"] for call in (handler, handle_by_hand))
    assert json.loads(mine)["predictions"] == json.loads(theirs)["predictions"]
    times = interleave(
        {
            "hand": lambda: handle_by_hand(event, context),
            "handler": lambda: handler(event, context),
        },
        rounds=25,
        repeat=repeat,
        warmup=3,
    )
    ratio = times["handler"] / times["hand"]
    return Line(
        f"warm invoke with {count(n_rows, 'row')}, HTTP API event, {situation}",
        "typed columns by hand",
        f"at most {target} times",
        times["hand"] * 1e3,
        times["handler"] * 1e3,
        "ms",
        ratio,
        ratio <= target,
    )


def measure_all(situation: str) -> list[Line]:
    """Measure in this process, which must not have imported pyarrow where there is to be none."""
    os.environ["DSPIPE_COMMIT"] = "0" * 40  # as the package sets it
    shown, sys.stdout = sys.stdout, StringIO()  # the log lines of the handler
    lines = [measure(1, 1.4, 100, situation), measure(1000, 1.1, 20, situation)]
    sys.stdout = shown
    return lines


def measure_apart(situation: str) -> list[Line]:
    """Measure in a process of its own; pandas looks for pyarrow when it is imported."""
    hide = "sys.modules['pyarrow'] = None; " if situation == WITHOUT else ""
    code = (
        f"import sys; {hide}sys.path.insert(0, {str(Path(__file__).parent)!r}); "
        f"import warm_invokes as w; w.print_lines({situation!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [Line(**line) for line in json.loads(done.stdout)]


def print_lines(situation: str) -> None:
    """Hand the lines to the process that asked for them."""
    print(json.dumps([asdict(line) for line in measure_all(situation)]))


WITHOUT, WITH = "without pyarrow as on Lambda", "with pyarrow"

if __name__ == "__main__":
    save("warm_invokes", [line for each in (WITHOUT, WITH) for line in measure_apart(each)])
