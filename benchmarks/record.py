"""What a golden run costs: keeping rows during a run over the real flights, and writing them.

The baseline is the same run with a scorer that shows its rows to nobody, as `score` and Lambda do.
"""

import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from measure import Line, interleave, save

sys.path.insert(0, str(Path(__file__).parents[1] / "examples" / "flights"))

from flight_delay import FlightDelay
from load import load_flights
from train import train_model

from dspipe import _runtime
from dspipe._arguments import check_arguments
from dspipe._recording import RunRecorder

TARGET = 1.05
RUNS = {
    "a year": {"day": date(2013, 1, 1), "until": date(2013, 12, 31)},
    "three months": {"day": date(2013, 10, 1), "until": date(2013, 12, 31)},
}


def run_without(pipe: FlightDelay, given: dict[str, Any]) -> int:
    """Run without a witness."""
    recorder = RunRecorder(pipe)
    arguments = check_arguments(type(pipe), given)
    for result in _runtime._iter_results(pipe, arguments):  # noqa: SLF001 - the same, less one thing
        recorder.add(result)
    return len(recorder.finish(arguments).predictions)


def measure(name: str, folder: Path) -> Line:
    """Measure both in turn; writing takes as long for a short run as for a long one."""
    pipe, given = FlightDelay(predictor=train_model()), RUNS[name]
    n_rows = run_without(pipe, given)
    times = interleave(
        {
            "without": lambda: run_without(pipe, given),
            "recorded": lambda: pipe.run(**given).record("bench", folder=folder),
        },
        rounds=15,
    )
    ratio = times["recorded"] / times["without"]
    return Line(
        f"run of {n_rows:,} rows ({name}), recorded",
        "the run, keeping nothing",
        f"at most {TARGET} times",
        times["without"],
        times["recorded"],
        "s",
        ratio,
        ratio <= TARGET,
    )


if __name__ == "__main__":
    load_flights()
    with TemporaryDirectory() as place:
        save("record", [measure(name, Path(place)) for name in RUNS])
