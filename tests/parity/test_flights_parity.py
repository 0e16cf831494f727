"""Golden runs of the flights example in its real package. Needs a package index."""

import shutil
from pathlib import Path

import pytest
from flight_delay import FlightDelay
from load import load_flights
from package.wheelhouse import find_any
from train import train_model

from dspipe.package import BuildSettings, build
from dspipe.package.proof._inside_run import can_run
from dspipe.parity import record, replay_package

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "flights"
FILES = ("flight_delay.py", "flights.sql", "pyproject.toml", "requirements.lock", "schema.sql")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_flights_package_comes_to_the_golden_run(tmp_path: Path) -> None:
    """Other versions of Python and numpy, no workshop, no environment: the same predictions."""
    load_flights()
    train_model()
    for name in FILES:
        shutil.copy(EXAMPLE / name, tmp_path / name)
    for name in ("data", "models"):
        shutil.copytree(EXAMPLE / name, tmp_path / name)
    interpreter = find_any()
    settings = BuildSettings(
        root=tmp_path,
        name="flights",
        pipeline="flight_delay.py:FlightDelay",
        python=interpreter.version.rpartition(".")[0],
    )
    if not can_run(settings.architecture):
        pytest.skip("This machine does not run what Lambda runs on x86_64.")
    golden = record(FlightDelay(), "monday", folder=tmp_path / "golden", day="2013-10-07")

    came_to = replay_package(golden, build(settings).folder, python=str(interpreter.path))

    assert str(came_to) == "FlightDelay, golden run 'monday', in the package: equal for 994 rows."
