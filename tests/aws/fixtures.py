"""Fixtures of the tests that need AWS: its runtime, and its stand-in.

The programs live in environments of their own, made by the Makefile, because their packages and
those of the tests exclude each other. Where one is not given, its tests say so and are skipped.
"""

import http.client
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from aws.variables import make_variables

TESTS = Path(__file__).parents[1]
VARIABLES = {
    "rie": "DSPIPE_TEST_RIE",
    "runtime": "DSPIPE_TEST_RUNTIME_PYTHON",
    "aws": "DSPIPE_TEST_AWS_PYTHON",
}


@dataclass(frozen=True, slots=True)
class StandIn:
    """A served stand-in of AWS: one account, empty at first.

    Attributes
    ----------
    url : str
        Where it listens.
    variables : mapping of str to str
        What a process needs in its environment so that boto3 talks to it.
    """

    url: str
    variables: Mapping[str, str]

    def send_faults(self, *faults: Mapping[str, object]) -> None:
        """Say which calls are to fail; `aws.stand_in.faults` says how."""
        self.post("/stand-in/faults", json.dumps(faults))

    def post(self, path: str, body: str = "") -> None:
        """Tell the stand-in something that no service of AWS has a call for."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=60)
        connection.request("POST", path, body)
        assert connection.getresponse().status == 200
        connection.close()


def find_program(variable: str) -> str:
    """Give the path in a variable, or skip the test."""
    path = os.environ.get(variable)
    if not path:
        pytest.skip(f"{variable} is not set; `make test` sets it")
    return path


@pytest.fixture(scope="session")
def lambda_runtime() -> Path:
    """Interpreter of AWS's runtime; a test that uses `Emulator` asks for it."""
    find_program(VARIABLES["rie"])
    return Path(find_program(VARIABLES["runtime"]))


@pytest.fixture(scope="session")
def aws_server() -> Iterator[StandIn]:
    """One stand-in for the whole session."""
    python = find_program(VARIABLES["aws"])
    server = subprocess.Popen(
        [python, "-m", "aws.stand_in"],
        env={**os.environ, "PYTHONPATH": str(TESTS), "PYTHONWARNINGS": "ignore"},
        stdin=subprocess.PIPE,  # it ends when this closes
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    try:
        yield StandIn(url, make_variables(url))
    finally:
        server.communicate(timeout=60)


@pytest.fixture
def aws(aws_server: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Give an empty account, and point boto3 to it by this process's environment."""
    aws_server.post("/moto-api/reset")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in aws_server.variables.items():
        monkeypatch.setenv(name, value)
    return aws_server


@pytest.fixture
def aws_endpoint(aws: StandIn) -> str:
    """Address of an empty account; the environment points to it."""
    return aws.url
