"""An answer that is too large to be returned is kept in S3, and linked."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from aws.fixtures import StandIn
from aws_lambda.calls import Context, Late, make_request, read_lines

from dspipe.aws_lambda import Handler, make_handler

TOO_MANY = 200_000


@pytest.fixture(scope="module")
def handler() -> Handler:
    """Make a handler."""
    return make_handler(Late)


@pytest.fixture
def bucket(aws: StandIn, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Say where answers are kept."""
    monkeypatch.setenv("DSPIPE_ANSWERS", "s3://answers/late")
    bucket = boto3.resource("s3").Bucket("answers")
    bucket.create(CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return bucket


def read_kept(bucket: Any, link: dict[str, Any]) -> Any:
    """Read what is kept where a link says."""
    return json.load(bucket.Object(link["key"]).get()["Body"])


def test_large_reply_is_a_link(handler: Handler, bucket: Any) -> None:
    """Who invokes directly follows the link to the same answer."""
    reply = handler({"n": TOO_MANY}, Context("r-1"))

    link = reply["answer"]
    assert (link["bucket"], link["key"]) == ("answers", "late/r-1.json")
    assert datetime.fromisoformat(link["expires"]) > datetime.now(UTC)
    assert len(read_kept(bucket, link)["predictions"]) == TOO_MANY


def test_large_response_is_a_link_whatever_its_form(handler: Handler, bucket: Any) -> None:
    """The link is JSON; what it leads to has the form that was asked for."""
    # A line of CSV is a third of an object of JSON.
    event = make_request(body=json.dumps({"n": 3 * TOO_MANY}), headers={"accept": "text/csv"})

    response = handler(event, Context("r-2"))

    assert response["statusCode"] == 200
    assert response["headers"]["content-type"] == "application/json"
    link = json.loads(response["body"])["answer"]
    assert link["key"] == "late/r-2.csv"
    kept = bucket.Object(link["key"]).get()
    assert kept["ContentType"] == "text/csv; charset=utf-8"
    assert kept["Body"].read().startswith(b"flight,prediction,rejected\n000,0.25,\n")


def test_large_response_is_a_failure_when_it_cannot_be_kept(
    handler: Handler,
    aws: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A bucket that is not there costs the answer, not the function."""
    monkeypatch.setenv("DSPIPE_ANSWERS", "s3://nowhere")

    response = handler(make_request(body=json.dumps({"n": TOO_MANY})), Context("r-3"))

    assert response["statusCode"] == 500
    assert json.loads(response["body"])["message"] == (
        "Late failed with ConfigurationError. The log of request r-3 says why."
    )
    failure, summary = read_lines(capsys)
    assert failure["error"].startswith("AWS answered NoSuchBucket to s3:PutObject")
    assert (summary["outcome"], summary["failures"], summary["faults"]) == ("failed", 1, 1)
