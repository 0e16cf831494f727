"""Golden runs in a built package under AWS's own emulator, as `dspipe check` sends them."""

import importlib.util
import os
from pathlib import Path

import pytest
from aws.emulator import find_minor

from dspipe.parity import GoldenRun, record
from dspipe.parity._emulator import Emulator, emulating, find_emulator
from dspipe.parity._function import find_obstacle, replay_function

PIPELINE = Path(__file__).parent / "function" / "pipeline.py"
STATION = "the package under Lambda's emulator"


@pytest.fixture
def golden(tmp_path: Path) -> GoldenRun:
    """Record three parcels with the class that is in the package."""
    spec = importlib.util.spec_from_file_location("parcel_pipeline", PIPELINE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return record(module.ParcelPrice(), "three", folder=tmp_path, n_parcels=3)


@pytest.fixture
def emulator(lambda_runtime: Path) -> Emulator:
    """Find the emulator as a user names it."""
    variables = {
        "DSPIPE_LAMBDA_EMULATOR": os.environ["DSPIPE_TEST_RIE"],
        "DSPIPE_LAMBDA_PYTHON": str(lambda_runtime),
    }
    found = find_emulator(find_minor(lambda_runtime), None, environ=variables)
    assert isinstance(found, Emulator), found
    return found


def test_package_comes_to_the_golden_run_under_the_emulator(
    golden: GoldenRun, emulator: Emulator, package_folder: Path
) -> None:
    """What Lambda would answer is what was recorded, to the last bit."""
    with emulating(emulator, package_folder) as ask:
        came_to = replay_function(golden, ask, STATION)

    assert find_obstacle(golden, package_folder) is None
    assert str(came_to) == f"ParcelPrice, golden run 'three', in {STATION}: equal for 3 rows."


def test_failure_under_the_emulator_is_told_by_its_kind(
    golden: GoldenRun, emulator: Emulator, package_folder: Path
) -> None:
    """A column that the function does not know is refused there, and not here."""
    golden.extracted["colour"] = "red"

    with emulating(emulator, package_folder) as ask:
        (found,) = replay_function(golden, ask, STATION).differences

    assert (found.stage, found.kind) == ("predict", "error")
    assert found.found.startswith(
        "It fails: RequestError: The rows have the column 'colour', which is not known."
    )


def test_package_that_cannot_be_loaded_fails_under_the_emulator(
    golden: GoldenRun, emulator: Emulator, tmp_path: Path
) -> None:
    """An empty folder has no handler."""
    (tmp_path / "empty").mkdir()

    with emulating(emulator, tmp_path / "empty") as ask:
        (found,) = replay_function(golden, ask, STATION).differences

    assert found.kind == "error"
    assert "Unable to import module 'dspipe.aws_lambda'" in found.found
