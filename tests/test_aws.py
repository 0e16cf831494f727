"""Calls of AWS: each thing that goes wrong has its sentence, and boto3 waits to be needed."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from alarm import free_alarm
from aws.variables import make_variables

from dspipe._aws import calling, client, find_code, forget_clients
from dspipe._deadline import time_limit
from dspipe.errors import (
    ConfigurationError,
    DspipeError,
    SourceError,
    SourceTimeoutError,
    SourceUnavailableError,
)

__all__ = ["free_alarm"]

SECRET = "arn:aws:secretsmanager:*:*:secret:db-??????"  # noqa: S105  the name of one
CALL = f"secretsmanager:GetSecretValue on {SECRET}"
Answer = Callable[[str, int], None]


@pytest.fixture(autouse=True)
def _fresh_clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give boto3 an environment of its own, and close its clients after the test."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in make_variables("http://127.0.0.1:9").items():
        monkeypatch.setenv(name, value)
    yield
    forget_clients()


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answer]:
    """Let an AWS of our own answer every call with one code and status."""
    given: list[tuple[str, int]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            code, status = given[0]
            self.rfile.read(int(self.headers["Content-Length"]))
            body = f'{{"__type": "{code}", "message": "No such luck."}}'.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    yield lambda code, status: given.append((code, status))
    server.shutdown()
    thread.join()
    server.server_close()


def get_secret() -> None:
    """Ask for a secret."""
    with calling("secretsmanager:GetSecretValue", SECRET) as secrets_manager:
        secrets_manager.get_secret_value(SecretId="db")


@pytest.mark.parametrize(
    ("code", "status", "kind", "sentence"),
    [
        (
            "AccessDeniedException",
            400,
            ConfigurationError,
            f"AWS refused {CALL}. Allow the action on that resource in the policy of the role. A "
            "secret with a key of its own also needs kms:Decrypt on that key.",
        ),
        (
            "ExpiredTokenException",
            400,
            ConfigurationError,
            f"AWS took the credentials for {CALL} as wrong or expired (ExpiredTokenException). "
            "Renew them, for instance with 'aws sso login'.",
        ),
        (
            "DecryptionFailure",
            400,
            ConfigurationError,
            f"AWS answered DecryptionFailure to {CALL}: No such luck. Correct what it names.",
        ),
    ],
)
def test_call_is_explained_when_aws_answers_an_error(
    answer: Answer, code: str, status: int, kind: type[DspipeError], sentence: str
) -> None:
    """The action and the ARN are named, so that a policy can be written from the message."""
    answer(code, status)

    with pytest.raises(kind) as caught:
        get_secret()

    assert type(caught.value) is kind
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ThrottlingException", 400, SourceError),
        ("InternalServiceError", 500, SourceUnavailableError),
    ],
)
def test_call_is_told_apart_when_aws_may_do_it_later(
    answer: Answer, code: str, status: int, kind: type[DspipeError]
) -> None:
    """What passes with time is no fault of the settings; the cause keeps AWS's code."""
    answer(code, status)

    with pytest.raises(kind) as caught:
        get_secret()

    assert type(caught.value) is kind
    assert str(caught.value) == (
        f"AWS did not do {CALL} after 3 attempts ({code}). Try again later."
    )
    assert find_code(caught.value.__cause__ or caught.value) == code


def test_call_raises_what_is_given_when_resource_is_absent(answer: Answer) -> None:
    """The caller knows best what a resource that is not there means."""
    answer("ResourceNotFoundException", 400)
    absent = ConfigurationError("There is no secret.")

    with (
        pytest.raises(ConfigurationError) as caught,
        calling("secretsmanager:GetSecretValue", SECRET, absent=absent) as secrets_manager,
    ):
        secrets_manager.get_secret_value(SecretId="db")

    assert caught.value is absent


def test_call_is_explained_when_there_are_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has not logged in is told how."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)

    with pytest.raises(ConfigurationError) as caught:
        get_secret()

    assert str(caught.value) == (
        f"There are no AWS credentials for {CALL}. Log in with 'aws sso login', set AWS_PROFILE, "
        "or give the function a role."
    )


def test_call_is_explained_when_there_is_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client cannot be made without a region."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)

    with pytest.raises(ConfigurationError) as caught:
        get_secret()

    assert str(caught.value) == (
        f"No AWS region is set for {CALL}. Set AWS_REGION, or a region in the AWS profile."
    )


def test_client_is_of_the_region_that_the_variable_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 alone would look for AWS_DEFAULT_REGION only."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "us-east-2")

    assert client("s3").meta.region_name == "us-east-2"


@pytest.mark.usefixtures("free_alarm")
def test_call_ends_when_the_time_of_the_run_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """An AWS that takes the call and never answers costs no more than the time there is."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        client("secretsmanager")  # to make one takes longer than this time

        with pytest.raises(SourceTimeoutError) as caught, time_limit(0.05):
            get_secret()

    assert str(caught.value) == (
        f"AWS had not done {CALL} when the time of this run was over. Give the run more time, or "
        "see to the network."
    )


def test_call_is_explained_when_aws_cannot_be_reached() -> None:
    """A function without a way to AWS is told of VPC endpoints."""
    with pytest.raises(SourceUnavailableError) as caught:
        get_secret()

    assert str(caught.value) == (
        f"AWS could not be reached for {CALL}. A function in a VPC needs a NAT gateway or an "
        "endpoint of that service in the VPC; elsewhere, see to the network."
    )


def test_call_leaves_error_as_it_is_when_it_is_not_of_aws() -> None:
    """What the caller does with an answer fails in its own words."""
    with pytest.raises(ZeroDivisionError), calling("s3:GetObject", "arn:aws:s3:::a/b"):
        _ = 1 / 0


def test_client_is_the_same_until_clients_are_forgotten() -> None:
    """One client a service and region keeps its connections; a snapshot needs new ones."""
    first = client("s3")
    again, elsewhere = client("s3"), client("s3", "us-west-2")

    forget_clients()

    assert again is first
    assert elsewhere.meta.region_name == "us-west-2"
    assert client("s3") is not first


def test_boto3_is_not_imported_when_settings_are_read() -> None:
    """Who uses no reference never pays for boto3."""
    code = (
        "import sys; from pathlib import Path; from dspipe._config import load_config; "
        "load_config(Path('/'), environ={'DSPIPE_SOURCE_A': 'sqlite:///a'}).sources['a']; "
        "print([name for name in ('boto3', 'botocore', 'pandas') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
