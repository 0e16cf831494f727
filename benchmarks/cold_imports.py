"""What dspipe adds to the init phase of a function, as CPU of whole processes.

Both sides import pandas, SQLAlchemy and psycopg, as any handler does that reads from PostgreSQL.
The other one then imports dspipe, defines a pipeline and makes its handler, model and warm-up
included. CPU and not time that passes: a shared machine has little to say about the latter.
"""

import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from measure import Line, save

TARGET_MS = 100.0
ROUNDS = 15
WARMUP = 2

BARE = """
import json
import pandas, sqlalchemy, psycopg

def handler(event, context):
    return {}
"""

DSPIPE = """
import json
from datetime import date
import pandas, sqlalchemy, psycopg
from dspipe import PredictionPipeline, sql
from dspipe.aws_lambda import make_handler
from dspipe.predictors import MockPredictor

class FlightDelay(PredictionPipeline):
    key = "flight_id"
    predictor = MockPredictor(0.25)

    def extract(self, day: date, carrier: str | None = None):
        return sql("select * from flights where day = :day", day=day)

handler = make_handler(FlightDelay, accept_rows=True)
"""

TELL = "\nimport time; print(time.process_time() * 1e3)\n"


def measure(modules: dict[str, Path]) -> dict[str, float]:
    """Start each module in turn, round by round, and give its median milliseconds of CPU."""
    spent: dict[str, list[float]] = {name: [] for name in modules}
    for turn in range(WARMUP + ROUNDS):
        for name, folder in modules.items():
            gc.collect()
            milliseconds = start(folder)
            if turn >= WARMUP:
                spent[name].append(milliseconds)
    return {name: median(values) for name, values in spent.items()}


def start(folder: Path) -> float:
    """Import the handler in a fresh process, from bytecode, and read what it spent."""
    done = subprocess.run(
        [sys.executable, "-c", f"import handler{TELL}"],
        cwd=folder,
        env={**os.environ, "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout.splitlines()[-1])


def write_modules(folder: Path) -> dict[str, Path]:
    """Write the two handlers, each into a folder of its own."""
    modules = {}
    for name, code in (("bare", BARE), ("dspipe", DSPIPE)):
        modules[name] = folder / name
        modules[name].mkdir()
        (modules[name] / "handler.py").write_text(code, encoding="utf-8")
    return modules


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        spent = measure(write_modules(Path(place)))
    save(
        "cold_imports",
        [
            Line(
                "init of a handler, CPU",
                "pandas, SQLAlchemy and psycopg alone",
                f"at most {TARGET_MS:.0f} ms more",
                spent["bare"],
                spent["dspipe"],
                "ms",
                spent["dspipe"] / spent["bare"],
                spent["dspipe"] - spent["bare"] <= TARGET_MS,
            )
        ],
    )
