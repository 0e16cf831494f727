"""The package of the flights example: real wheels, model and proof. Needs a package index."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from load import load_flights
from package.wheelhouse import find_any
from train import train_model

from dspipe.package import BuildSettings, Package, build
from dspipe.package._table import LIMIT_BYTES
from dspipe.package.proof._inside_run import can_run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "flights"
FILES = ("flight_delay.py", "flights.sql", "pyproject.toml", "requirements.lock", "schema.sql")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> BuildSettings:
    """Make a repository of the example's files, with its data and model."""
    root = tmp_path_factory.mktemp("flights")
    for name in FILES:
        shutil.copy(EXAMPLE / name, root / name)
    load_flights()
    train_model()
    for name in ("data", "models"):
        shutil.copytree(EXAMPLE / name, root / name)
    return BuildSettings(
        root=root,
        name="flights",
        pipeline="flight_delay.py:FlightDelay",
        python=find_any().version.rpartition(".")[0],
        sample={"day": "2013-10-07"},
        accept_rows=True,
    )


@pytest.fixture(scope="module")
def built(settings: BuildSettings) -> Iterator[Package]:
    """Build it once."""
    if not can_run(settings.architecture):
        pytest.skip("This machine does not run what Lambda runs on x86_64.")
    yield build(settings)
    shutil.rmtree(settings.root, ignore_errors=True)


def test_flights_package_fits_and_is_proven(built: Package) -> None:
    """Libraries, model and bytecode fit a zip, and the answer is the one made here."""
    parts = {part.name: part for part in built.report.parts}

    assert (built.format, built.is_proven) == ("zip", True)
    assert built.size_bytes <= LIMIT_BYTES
    assert built.report.proof.startswith(
        "The package gives the same answer for 200 rows as this machine, "
    )
    assert parts["dspipe"].size_bytes < 1_000_000
    assert parts["pandas 3.1.1"].bytecode_bytes > 1_000_000


def test_flights_package_holds_the_model_and_no_data(built: Package) -> None:
    """What the pipeline opened ships; the database does not."""
    assert built.file is not None
    with ZipFile(built.file) as archive:
        names = {name for name in archive.namelist() if name.startswith(("models/", "data/"))}

    assert names == {f"models/flight_delay/{name}" for name in (
        "card.json", "contract.json", "model.skops",
    )}  # fmt: skip


def test_flights_package_is_made_again_in_a_fraction_of_the_time(
    settings: BuildSettings, built: Package
) -> None:
    """A change of code costs two runs of the sample and a copy; a change back gives the same."""
    pipeline = settings.root / "flight_delay.py"
    text = pipeline.read_text(encoding="utf-8")
    pipeline.write_text(f"{text}\n# A change.\n", encoding="utf-8")

    changed = build(settings)
    pipeline.write_text(text, encoding="utf-8")
    restored = build(settings)

    assert changed.digest != built.digest
    assert changed.n_seconds < built.n_seconds / 2
    assert (restored.digest, restored.code_sha256) == (built.digest, built.code_sha256)


def test_flights_package_for_arm_is_built_and_not_claimed_to_be_proven(
    settings: BuildSettings, built: Package
) -> None:
    """Wheels, bytecode and report of a machine that this one is not."""
    package = build(replace(settings, architecture="arm64", format="auto"))

    assert not package.is_proven
    assert package.report.proof == "Not proven: this machine cannot run arm64 for Lambda's Linux."
    assert sum(part.bytecode_bytes for part in package.report.parts) > 20_000_000
