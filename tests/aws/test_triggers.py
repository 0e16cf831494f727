"""Every trigger's sample event, answered by the built package under AWS's own runtime."""

import base64
import json
from typing import Any

import boto3
import pytest
from aws.emulator import Emulator
from aws_lambda.samples import EVENTS, load_event

DAY = {"day": "2013-06-01"}
PREDICTIONS = [
    {"parcel_id": "0601-0", "prediction": 0.0},
    {"parcel_id": "0601-1", "prediction": 0.5},
]
HTTP = ("alb", "function-url", "http-api", "rest-api")
BACKGROUND = (
    "destination", "eventbridge", "eventbridge-schedule", "s3", "s3-eventbridge", "scheduler",
    "scheduler-input", "sns",
)  # fmt: skip
PARTIAL = ("dynamodb", "kinesis", "sqs", "sqs-fifo", "sqs-sns")
BATCH = ("s3-batch", "s3-batch-2")
DIRECT = ("distributed-map", "step-functions")
ACKNOWLEDGED = ("s3-test",)
KEY = "in/june 1.csv"


def load_sample(name: str) -> Any:
    """Load an event of AWS's generators, with the arguments of our function."""
    event = load_event(name)
    if name in HTTP:
        # The generators put names of their own into the query, which are no arguments.
        for part in ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters"):
            event.pop(part, None)
        event["rawQueryString"] = ""
        event["body"], event["isBase64Encoded"] = json.dumps(DAY), False
    if name == "s3-batch":
        event["tasks"][0]["s3VersionId"] = None  # our bucket keeps no versions
    if name == "dynamodb":
        for record in event["Records"]:
            record["dynamodb"]["NewImage"] = {"day": {"S": DAY["day"]}}
    return event


def put_object() -> None:
    """Upload the object that the events of S3 tell of: a run a line."""
    boto3.client("s3").put_object(Bucket="flights", Key=KEY, Body=b"day\n2013-06-01\n")


def read_kept(address: str) -> Any:
    """Read an answer that was kept."""
    bucket, key = address.removeprefix("s3://").split("/", 1)
    return json.loads(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def test_every_sample_event_has_a_test() -> None:
    """No trigger gets a sample event that is not tried here."""
    names = {file.stem for file in EVENTS.glob("*.json")} - {"sources"}

    assert names == {*HTTP, *BACKGROUND, *PARTIAL, *BATCH, *DIRECT, *ACKNOWLEDGED}


@pytest.mark.parametrize("name", HTTP)
def test_request_is_answered_with_predictions(function: Emulator, name: str) -> None:
    """A request over HTTP gets status 200 and the predictions as JSON."""
    reply = function.invoke(load_sample(name))

    assert reply.payload["statusCode"] == 200
    assert json.loads(reply.payload["body"])["predictions"] == PREDICTIONS


@pytest.mark.parametrize("name", BACKGROUND)
def test_answer_is_kept_when_nobody_waits(function: Emulator, name: str) -> None:
    """The answer to an event without a caller lies in the bucket for answers."""
    put_object()

    reply = function.invoke(load_sample(name))

    (message,) = reply.payload["messages"]
    assert (message["runs"], message["rows"], message["rejected"]) == (1, 2, 0)
    assert read_kept(message["answer"])["predictions"] == PREDICTIONS


@pytest.mark.parametrize("name", PARTIAL)
def test_batch_reports_no_failures_when_all_is_well(function: Emulator, name: str) -> None:
    """A batch whose messages are all done reports none of them."""
    reply = function.invoke(load_sample(name))

    assert reply.payload == {"batchItemFailures": []}


@pytest.mark.parametrize("name", BATCH)
def test_batch_job_learns_where_the_answer_is(function: Emulator, name: str) -> None:
    """A task of S3 Batch Operations gets its result, which says where the answer is."""
    put_object()

    reply = function.invoke(load_sample(name))

    (result,) = reply.payload["results"]
    assert result["resultCode"] == "Succeeded"
    assert read_kept(result["resultString"])["predictions"] == PREDICTIONS


def test_state_of_a_machine_gets_the_answer_itself(function: Emulator) -> None:
    """A task of Step Functions gets the answer without a wrapping."""
    reply = function.invoke(load_sample("step-functions"))

    assert reply.payload["predictions"] == PREDICTIONS


def test_distributed_map_gets_an_answer_an_item(function: Emulator) -> None:
    """Every item of a batch is a run, in order."""
    reply = function.invoke(load_sample("distributed-map"))

    firsts = [answer["predictions"][0]["parcel_id"] for answer in reply.payload]
    assert firsts == ["0601-0", "0602-0"]


def test_test_event_of_a_bucket_is_acknowledged(function: Emulator) -> None:
    """The event that S3 sends when a notification is set up does nothing."""
    reply = function.invoke(load_sample("s3-test"))

    assert reply.payload == {"messages": []}


def test_given_rows_are_scored_with_their_types(function: Emulator) -> None:
    """Rows are read as the types of extracted rows, so a number that came as text is one."""
    rows = [{"parcel_id": "007", "weight": 3}, {"parcel_id": "008", "weight": 4.5}]

    reply = function.invoke({"rows": rows})

    assert reply.payload["predictions"] == [
        {"parcel_id": "007", "prediction": 1.5},
        {"parcel_id": "008", "prediction": 2.25},
    ]


def test_base64_body_is_decoded(function: Emulator) -> None:
    """A body that API Gateway took for binary is read as what it is."""
    event = load_sample("function-url")
    event["body"] = base64.b64encode(json.dumps(DAY).encode()).decode()
    event["isBase64Encoded"] = True

    reply = function.invoke(event)

    assert json.loads(reply.payload["body"])["predictions"] == PREDICTIONS


def test_caller_gets_csv_when_it_asks_for_it(function: Emulator) -> None:
    """The header Accept decides the form of the answer."""
    event = load_sample("function-url")
    event["headers"]["accept"] = "text/csv"

    reply = function.invoke(event)

    assert reply.payload["headers"]["content-type"].startswith("text/csv")
    assert reply.payload["body"].splitlines() == [
        "parcel_id,prediction,rejected",
        "0601-0,0.0,",
        "0601-1,0.5,",
    ]


def test_unknown_event_gets_a_typed_error(function: Emulator) -> None:
    """An event of no known form says what was recognised in it."""
    reply = function.invoke({"Records": [{"eventSource": "aws:codecommit"}]})

    assert reply.payload["errorType"] == "TriggerError"
    assert "with eventSource 'aws:codecommit'" in reply.payload["errorMessage"]


def test_user_code_and_sql_stay_inside(function: Emulator) -> None:
    """What the caller gets of a failure has no stack trace of dspipe's or the user's."""
    reply = function.invoke({"day": "not a day"})

    assert reply.payload["errorType"] == "ArgumentError"
    assert "pipeline.py" not in reply.text


def test_every_event_is_logged_as_json_with_its_request(function: Emulator) -> None:
    """One line an event tells trigger, pipeline, rows and outcome."""
    n_before = len(function.log_records)

    function.invoke(DAY)

    lines = function.log_records[n_before:]
    (line,) = [line for line in lines if line.get("message") == "invocation"]
    assert (line["trigger"], line["pipeline"], line["rows"]) == ("direct", "ParcelPrice", 2)
    assert line["cold_start"] is False
