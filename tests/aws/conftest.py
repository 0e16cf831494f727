"""The function of these tests: built as users build theirs, and run as AWS runs it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import boto3
import pytest
from aws.emulator import Emulator, find_minor
from aws.fixtures import StandIn

from dspipe.package import BuildSettings, build

HANDLER = "dspipe.aws_lambda.handler"
HERE = Path(__file__).parent
LOCK = HERE.parents[1] / "locks" / "function.txt"
BUCKETS = ("answers", "flights")
StartFunction = Callable[..., Emulator]


@pytest.fixture(scope="session")
def installed(pytestconfig: pytest.Config) -> Path:
    """Give the folder of what packages depend on, which is kept between sessions."""
    assert pytestconfig.cache is not None
    return Path(pytestconfig.cache.mkdir("dspipe-packages"))


@pytest.fixture(scope="session")
def package_folder(
    lambda_runtime: Path, installed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Build the function, and give the unpacked package."""
    out = tmp_path_factory.mktemp("function")
    (out / "cache").symlink_to(installed)
    settings = BuildSettings(
        root=HERE / "function",
        name="parcels",
        pipeline="pipeline.py:ParcelPrice",
        python=find_minor(lambda_runtime),
        lock=LOCK,
        sample={"day": "2013-06-01"},
        accept_rows=True,
        format="zip",
        out=out,
    )
    return build(settings).folder


@pytest.fixture
def start_function(package_folder: Path) -> Iterator[StartFunction]:
    """Start the function in an environment of its own."""
    with ExitStack() as stack:

        def start(
            environment: Mapping[str, str] | None = None, *, timeout_seconds: int = 30
        ) -> Emulator:
            emulator = Emulator(
                package_folder,
                HANDLER,
                environment=environment,
                timeout_seconds=timeout_seconds,
            )
            return stack.enter_context(emulator)

        yield start


@pytest.fixture(scope="session")
def running_function(package_folder: Path, aws_server: StandIn) -> Iterator[Emulator]:
    """One function for the tests that need nothing special of it."""
    environment = {**aws_server.variables, "DSPIPE_ANSWERS": "s3://answers/parcels"}
    with Emulator(package_folder, HANDLER, environment=environment) as emulator:
        yield emulator


@pytest.fixture
def function(running_function: Emulator, aws: StandIn) -> Emulator:
    """Give the running function, and an account with its two buckets."""
    for bucket in BUCKETS:
        boto3.client("s3").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
    return running_function
