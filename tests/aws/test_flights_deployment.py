"""The example goes from a clean clone to an alias that predicts what the notebook predicts."""

import json
import shutil
from datetime import date
from pathlib import Path

import boto3
import pytest
from aws.emulator import find_minor
from aws.fixtures import StandIn
from aws.repositories import Repository, make_repository
from load import load_flights
from test_flights import EXAMPLE, _fill_postgresql
from train import train_model

pytestmark = pytest.mark.slow
ASKED = ("--day", "2013-10-07", "--carrier", "UA")


@pytest.fixture
def flights(
    aws: StandIn,
    lambda_runtime: Path,
    postgresql_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Repository:
    """Give a clean clone with a model of a week, and flights in PostgreSQL."""
    source = tmp_path / "flights.duckdb"
    load_flights(source)
    database = _fill_postgresql(postgresql_url, source)
    made = make_repository(
        EXAMPLE, tmp_path / "flights", ignore=("data", "models", "reports", "build")
    )
    with monkeypatch.context() as patch:
        patch.setenv("DSPIPE_SOURCE_DEFAULT", f"duckdb:///{source}")
        learn, unseen = (date(2013, 1, 1), date(2013, 1, 7)), (date(2013, 1, 8), date(2013, 1, 9))
        train_model(made.folder / "models" / "flight_delay", learn=learn, unseen=unseen)
    settings = made.folder / "pyproject.toml"
    minor = f'name = "flights"\npython = "{find_minor(lambda_runtime)}"\nregion = "eu-west-1"'
    settings.write_text(settings.read_text().replace('name = "flights"', minor))
    made.commit("Start")
    boto3.client("secretsmanager").create_secret(Name="flights/database", SecretString=database)
    return Repository(made.folder, {**aws.variables, "DSPIPE_SOURCE_DEFAULT": database})


def test_deployed_flights_predict_what_the_notebook_predicts(flights: Repository) -> None:
    """The alias, under AWS's own runtime, answers the very predictions of a run here."""
    here = flights.dspipe("run", "flight_delay.py:FlightDelay", *ASKED, "--format", "json")

    done = flights.dspipe("deploy")

    assert done.returncode == 0, done.stderr
    assert here.returncode == 0, here.stderr
    predictions = flights.ask(*ASKED)["predictions"]
    assert len(predictions) > 100
    assert predictions == json.loads(here.stdout)["predictions"]
    shutil.rmtree(flights.folder / "build")  # pytest would keep half a gigabyte
