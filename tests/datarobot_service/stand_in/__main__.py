"""Serve the stand-in as a program, print its address, and end when the input ends.

Its two deployments are always the same: ``64a0...1`` is a dedicated regression of ``a`` and ``b``,
and ``64a0...2`` a serverless binary model. Another file of deployments is one with a function
``deploy(served)``.
"""

import argparse
import runpy
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from datarobot_service.stand_in import faults
from datarobot_service.stand_in.served import DataRobot


def main() -> None:
    """Serve until the process that started this one closes the input."""
    options = read_options()
    with DataRobot(options.folder, port=options.port) as served:
        served.delay_seconds = options.delay_seconds
        served.account.pace.rows_a_look = options.rows_a_look
        load_deploy(options.deployments)(served)
        if options.faults:
            kinds = [faults.throttled("0"), faults.cold(), faults.reset(), faults.lost()]
            served.faults.randomly(options.faults, kinds, seed=options.seed)
        sys.stdout.write(f"{served.prediction_server}\n")
        sys.stdout.flush()
        sys.stdin.read()


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="datarobot_service.stand_in", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--folder", type=Path, help="keeps batch jobs; a restart goes on with them")
    parser.add_argument("--deployments", type=Path, help="file with a function deploy(served)")
    parser.add_argument("--delay-seconds", type=float, default=0.0, help="of each scoring request")
    parser.add_argument("--faults", type=float, default=0.0, help="share of requests that fail")
    parser.add_argument("--seed", type=int, default=0, help="of the faults")
    parser.add_argument("--rows-a-look", type=int, help="rows a batch job scores for each look")
    options = parser.parse_args()
    if options.folder is None:
        options.folder = Path(tempfile.mkdtemp(prefix="datarobot-"))
    return options


def load_deploy(path: Path | None) -> Callable[[DataRobot], object]:
    """Load the function that makes the deployments."""
    if path is None:
        return deploy
    found: Callable[[DataRobot], object] = runpy.run_path(str(path))["deploy"]
    return found


def deploy(served: DataRobot) -> None:
    """Make two deployments to look at."""
    served.add_deployment(
        lambda frame: frame["a"] * 2 + frame["b"], target="price", features=["a", "b"]
    )
    served.add_deployment(
        lambda frame: pd.DataFrame({"yes": frame["a"] / 10, "no": 1 - frame["a"] / 10}),
        target="late",
        kind="serverless",
        classes=["yes", "no"],
        features=["a"],
    )


if __name__ == "__main__":
    main()
