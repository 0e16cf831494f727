"""A pipeline goes from a clean clone to an alias that answers, and back, by commands alone."""

import shutil
import sys
from pathlib import Path

import boto3
import pytest
from aws.emulator import find_minor
from aws.fixtures import StandIn
from aws.repositories import Repository, make_repository

FUNCTION = "dspipe-parcels-dev"
HERE = Path(__file__).parent
LOCK = HERE.parents[1] / "locks" / "function.txt"
SETTINGS = """
[tool.dspipe.deploy]
name = "parcels"
pipeline = "pipeline.py:ParcelPrice"
python = "{minor}"
region = "eu-west-1"
accept_rows = true
sample = {{ day = "2013-06-01" }}
url = "iam"
queue = true
"""
DAY = ("--day", "2013-06-02")
PREDICTIONS = [
    {"parcel_id": "0602-0", "prediction": 0.0},
    {"parcel_id": "0602-1", "prediction": 0.5},
]
# Right where it is built and wrong where it runs, so only the smoke test can tell.
FAITHFUL = 'return features["weight"] * 0.5'
UNFAITHFUL = """import os

    return features["weight"] * (5 if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else 0.5)"""
DOUBLED = 'return features["weight"] * 1.0'


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, lambda_runtime: Path, installed: Path
) -> Repository:
    """Give a repository whose package was built once, so that the next build is quick."""
    folder = tmp_path_factory.mktemp("parcels") / "repository"
    repository = make_repository(HERE / "function", folder)
    shutil.copyfile(LOCK, folder / "requirements.lock")
    with (folder / "pyproject.toml").open("a") as file:
        file.write(SETTINGS.format(minor=find_minor(lambda_runtime)))
    repository.commit("Start")
    share(folder, installed)
    done = repository.dspipe("build")
    assert done.returncode == 0, done.stderr
    return repository


@pytest.fixture
def repository(built: Repository, installed: Path, aws: StandIn, tmp_path: Path) -> Repository:
    """Give a copy of that repository, which shares what was installed, and an empty account."""
    folder = tmp_path / "repository"
    shutil.copytree(built.folder, folder, ignore=shutil.ignore_patterns("build", "__pycache__"))
    share(folder, installed)
    return Repository(folder, aws.variables)


def share(folder: Path, installed: Path) -> None:
    """Let the builds of a repository use what others have installed."""
    builds = folder / "build" / "dspipe"
    builds.mkdir(parents=True)
    (builds / "cache").symlink_to(installed)


def find_version() -> str:
    """Say which version serves."""
    alias = boto3.client("lambda").get_alias(FunctionName=FUNCTION, Name="live")
    return str(alias["FunctionVersion"])


def test_deploy_makes_an_alias_that_answers(repository: Repository) -> None:
    """One command builds, uploads, makes the stack, tries the version, and lets it serve."""
    done = repository.dspipe("deploy")

    assert done.returncode == 0, done.stderr
    assert find_version() == "1"
    assert repository.ask(*DAY)["predictions"] == PREDICTIONS


def test_plan_changes_nothing(repository: Repository) -> None:
    """A plan shows what would be made, and leaves no stack behind."""
    done = repository.dspipe("deploy", "--plan")

    assert done.returncode == 0, done.stderr
    assert "AWS::Lambda::Function" in done.stdout + done.stderr
    assert boto3.client("cloudformation").describe_stacks()["Stacks"] == []
    assert boto3.client("lambda").list_functions()["Functions"] == []


def test_version_that_answers_wrongly_never_serves(repository: Repository) -> None:
    """The smoke test stops a second version, and the alias has not moved."""
    assert repository.dspipe("deploy").returncode == 0
    repository.replace("pipeline.py", FAITHFUL, UNFAITHFUL)

    done = repository.dspipe("deploy")

    assert done.returncode != 0
    assert (
        "Version 2 answers the sample otherwise than the package: prediction 2 of 2 is "
        '{"parcel_id": "0601-1", "prediction": 5.0} instead of '
        '{"parcel_id": "0601-1", "prediction": 0.5}. '
        "The alias was not moved, so nobody meets this version."
    ) in done.stderr
    assert find_version() == "1"
    assert repository.ask(*DAY)["predictions"] == PREDICTIONS


def test_version_that_does_not_come_to_a_golden_run_never_serves(repository: Repository) -> None:
    """A change that the sample of its own build cannot find is told by stage, column and kind."""
    record_three_parcels(repository)
    first = repository.dspipe("deploy")
    repository.replace("pipeline.py", FAITHFUL, DOUBLED)

    done = repository.dspipe("deploy")

    assert "Version 1 comes to the golden run 'three': 3 rows." in first.stderr
    assert done.returncode != 0
    assert (
        "Version 2 does not come to the golden run 'three' of ParcelPrice:\n"
        "    predict: column 'prediction' differs (code): 2 rows of 3, first '0601-1': 0.5 "
        "recorded, 1.0 now; '0601-2': 1.0 recorded, 2.0 now. Changed in the code: 'find_price'."
    ) in done.stderr
    assert "The alias was not moved, so nobody meets this version." in done.stderr
    assert find_version() == "1"
    assert repository.ask(*DAY)["predictions"] == PREDICTIONS


def test_check_asks_the_function_that_serves(repository: Repository) -> None:
    """A function that was deployed before the change is told from the code that is here."""
    record_three_parcels(repository)
    assert repository.dspipe("deploy").returncode == 0
    same = repository.dspipe("check", "pipeline.py", "--deployed", "dev")
    repository.replace("pipeline.py", FAITHFUL, DOUBLED)
    record_three_parcels(repository)

    other = repository.dspipe("check", "pipeline.py", "--deployed", "dev")

    assert f"'three', in {FUNCTION}:live: equal for 3 rows.\n" in same.stdout
    assert other.returncode == 1
    assert "error    G107 the deployed function does not come to the golden run" in other.stdout


def record_three_parcels(repository: Repository) -> None:
    """Record a golden run, and commit it."""
    code = "import pipeline; pipeline.ParcelPrice().run(n_parcels=3).record('three')"
    done = repository._run(sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr
    repository.commit("Record")


def test_rollback_returns_to_the_version_before(repository: Repository) -> None:
    """A second version serves, and one command brings the first one back."""
    assert repository.dspipe("deploy").returncode == 0
    repository.replace("pipeline.py", FAITHFUL, DOUBLED)
    assert repository.dspipe("deploy").returncode == 0
    second = repository.ask(*DAY)["predictions"]

    done = repository.dspipe("rollback")

    assert done.returncode == 0, done.stderr
    assert second[1] == {"parcel_id": "0602-1", "prediction": 1.0}
    assert find_version() == "1"
    assert repository.ask(*DAY)["predictions"] == PREDICTIONS


def test_destroy_leaves_nothing(repository: Repository) -> None:
    """After destroy no function, queue, role, log group or package of the name is left."""
    assert repository.dspipe("deploy").returncode == 0

    done = repository.dspipe("destroy", "--yes")

    assert done.returncode == 0, done.stderr
    assert boto3.client("lambda").list_functions()["Functions"] == []
    assert boto3.client("iam").list_roles()["Roles"] == []
    assert boto3.client("sqs").list_queues().get("QueueUrls", []) == []
    assert boto3.client("logs").describe_log_groups()["logGroups"] == []
    for bucket in boto3.client("s3").list_buckets()["Buckets"]:
        listing = boto3.client("s3").list_objects_v2(Bucket=bucket["Name"])
        assert listing["KeyCount"] == 0


def test_changed_files_are_not_deployed(repository: Repository) -> None:
    """Code that no commit holds is refused before anything is built."""
    (repository.folder / "pipeline.py").write_text("# changed\n")

    done = repository.dspipe("deploy")

    assert done.returncode != 0
    assert "pipeline.py" in done.stderr
    assert boto3.client("cloudformation").describe_stacks()["Stacks"] == []
