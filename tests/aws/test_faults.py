"""The function under AWS's own runtime when something is wrong: it answers, and it recovers."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws.emulator import Emulator
from aws.fixtures import StandIn
from aws.test_triggers import DAY, PREDICTIONS, load_sample
from postgres import PASSWORD, PostgresServer, make_server
from sqlalchemy import create_engine, text

STORED = {"day": "2013-06-01", "is_stored": True}
Start = Callable[..., Emulator]


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    """Start a database of the test's own, with one parcel; it may be stopped."""
    server, folder = make_server()
    engine = create_engine(server.url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE parcels (parcel_id text, weight float, day date)"))
        connection.execute(text("INSERT INTO parcels VALUES ('a', 3, '2013-06-01')"))
    with (
        engine.connect() as connection
    ):  # the server is stopped as by a crash, which loses the rest
        connection.execute(text("CHECKPOINT"))
    engine.dispose()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def ask(function: Emulator, arguments: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Send a request, and give status and body."""
    event = load_sample("function-url")
    event["body"] = json.dumps(arguments)
    reply = function.invoke(event)
    return reply.payload["statusCode"], json.loads(reply.payload["body"])


def test_function_answers_again_when_its_database_comes_back(
    database: PostgresServer, start_function: Start
) -> None:
    """A database that is down at the cold start costs requests, and no redeployment."""
    database.stop()
    function = start_function({"PARCELS_DATABASE": database.url})

    while_down = ask(function, STORED)
    without_it = ask(function, DAY)
    database.start()
    after = ask(function, STORED)

    assert while_down[0] == 503
    assert while_down[1]["error"] == "SourceUnavailableError"
    assert without_it == (200, without_it[1])
    assert after[0] == 200
    assert after[1]["predictions"] == [{"parcel_id": "a", "prediction": 1.5}]
    assert function.n_inits == 1
    assert PASSWORD not in json.dumps([while_down, after]) + function.log


def test_function_answers_again_when_its_database_was_restarted(
    database: PostgresServer, start_function: Start
) -> None:
    """A connection that died between two events is made anew."""
    function = start_function({"PARCELS_DATABASE": database.url})
    before = ask(function, STORED)

    database.stop()
    database.start()
    after = [ask(function, STORED) for _ in range(2)]

    assert before[0] == 200
    assert after[-1][1]["predictions"] == before[1]["predictions"]


def test_secret_is_fetched_from_secrets_manager(
    aws: StandIn, database: PostgresServer, start_function: Start
) -> None:
    """The database's URL may lie in a secret, and stays there."""
    boto3.client("secretsmanager").create_secret(Name="parcels/db", SecretString=database.url)
    environment = {**aws.variables, "PARCELS_DATABASE": "secret://parcels/db"}
    function = start_function(environment)

    status, body = ask(function, STORED)

    assert status == 200
    assert body["predictions"] == [{"parcel_id": "a", "prediction": 1.5}]
    assert PASSWORD not in json.dumps(body) + function.log


def test_secret_that_changed_is_fetched_again_when_the_old_one_is_refused(
    aws: StandIn, database: PostgresServer, start_function: Start
) -> None:
    """A password that was renewed is taken from the secret, without a redeployment."""
    api = boto3.client("secretsmanager")
    wrong = database.url.replace(PASSWORD, "outdated")
    api.create_secret(Name="parcels/db", SecretString=wrong)
    environment = {**aws.variables, "PARCELS_DATABASE": "secret://parcels/db"}
    function = start_function(environment)
    refused = ask(function, STORED)

    api.put_secret_value(SecretId="parcels/db", SecretString=database.url)
    renewed = ask(function, STORED)

    assert refused[0] in {500, 503}
    assert renewed[0] == 200
    assert "outdated" not in json.dumps([refused, renewed]) + function.log


def test_secret_that_does_not_exist_is_named(aws: StandIn, start_function: Start) -> None:
    """A missing secret costs the requests that need it; the log names it, the caller does not."""
    environment = {**aws.variables, "PARCELS_DATABASE": "secret://parcels/absent"}
    function = start_function(environment)

    status, body = ask(function, STORED)

    assert status in {500, 503}
    assert "parcels/absent" in function.log
    assert "predictions" not in body
    assert ask(function, DAY)[0] == 200


def test_run_that_cannot_finish_answers_what_is_done_and_goes_on(start_function: Start) -> None:
    """A run that the deadline would kill answers its first rows and a token for the rest."""
    function = start_function(timeout_seconds=2)
    function.invoke(DAY)  # loading counts against the first event's time here, not on AWS
    arguments = {**DAY, "n_parcels": 5_000, "seconds_a_batch": 0.5}

    answers = [function.invoke(arguments).payload]
    for _ in range(5):  # one for each batch, at the slowest
        event = {"arguments": arguments, "continuation": answers[-1]["continuation"]}
        if event["continuation"] is not None:
            answers.append(function.invoke(event).payload)

    assert len(answers) > 1
    assert answers[-1]["continuation"] is None
    names = [row["parcel_id"] for answer in answers for row in answer["predictions"]]
    assert names == [f"0601-{number}" for number in range(5_000)]
    assert function.n_inits == 1


def test_run_without_time_for_one_batch_fails_before_it_is_killed(start_function: Start) -> None:
    """Where not even the first batch fits, the failure has a name and the function lives on."""
    function = start_function(timeout_seconds=2)
    function.invoke(DAY)

    reply = function.invoke({**DAY, "seconds_a_batch": 30})

    assert reply.payload["errorType"] == "DeadlineError"
    assert function.n_inits == 1


def test_only_the_poisoned_message_of_a_batch_comes_again(function: Emulator) -> None:
    """One message that cannot be read fails alone."""
    event = load_sample("sqs")
    (record,) = event["Records"]
    event["Records"] = [
        {**record, "messageId": "good"},
        {**record, "messageId": "poisoned", "body": '{"day": '},
        {**record, "messageId": "wrong", "body": '{"day": "not a day"}'},
        {**record, "messageId": "good too"},
    ]

    reply = function.invoke(event)

    assert reply.payload == {
        "batchItemFailures": [{"itemIdentifier": "poisoned"}, {"itemIdentifier": "wrong"}]
    }


@pytest.mark.parametrize("name", ["sqs-fifo", "kinesis"])
def test_ordered_batch_stops_at_its_first_failure(function: Emulator, name: str) -> None:
    """Nothing behind a failed message of an ordered source is done."""
    event = load_sample(name)
    record = event["Records"][0]
    good, bad, last = (json.loads(json.dumps(record)) for _ in range(3))
    for number, copy in enumerate((good, bad, last)):
        if name == "kinesis":
            copy["kinesis"]["sequenceNumber"] = str(number)
        else:
            copy["messageId"] = str(number)
    bad.update(
        {"body": "{"} if name == "sqs-fifo" else {"kinesis": {**bad["kinesis"], "data": "ew=="}}
    )
    event["Records"] = [good, bad, last]

    reply = function.invoke(event)

    failed = [item["itemIdentifier"] for item in reply.payload["batchItemFailures"]]
    assert failed == (["1", "2"] if name == "sqs-fifo" else ["1"])


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"body": '{"day": '}, 400, "RequestError"),
        ({"body": '{"dya": "2013-06-01"}'}, 400, "ArgumentError"),
        ({"body": '{"day": "never"}'}, 400, "ArgumentError"),
    ],
)
def test_bad_request_gets_the_status_that_says_so(
    function: Emulator, change: dict[str, Any], status: int, kind: str
) -> None:
    """What the caller did wrong is a 4xx with a sentence."""
    reply = function.invoke({**load_sample("http-api"), **change})

    assert reply.payload["statusCode"] == status
    assert json.loads(reply.payload["body"])["error"] == kind


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [("content-type", "application/pdf", 415), ("accept", "image/png", 406)],
)
def test_unknown_media_type_is_refused(
    function: Emulator, header: str, value: str, status: int
) -> None:
    """A body or an answer of an unknown type is refused by its own status."""
    event = load_sample("function-url")
    event["headers"][header] = value

    reply = function.invoke(event)

    assert reply.payload["statusCode"] == status


def test_large_answer_becomes_a_link(function: Emulator) -> None:
    """An answer that Lambda cannot carry lies in the bucket, and a link to it comes back."""
    event = load_sample("function-url")
    event["body"] = json.dumps({**DAY, "n_parcels": 150_000})

    reply = function.invoke(event)

    body = json.loads(reply.payload["body"])
    assert reply.payload["statusCode"] == 200
    assert len(reply.text) < 5_000
    kept = boto3.client("s3").list_objects_v2(Bucket="answers")["Contents"]
    assert [item["Size"] > 6_000_000 for item in kept] == [True]
    assert "predictions" not in body


def test_large_answer_without_a_place_says_what_to_set(start_function: Start) -> None:
    """Without a place for answers the caller is told, and the function lives on."""
    function = start_function()
    event = load_sample("function-url")
    event["body"] = json.dumps({**DAY, "n_parcels": 150_000})

    reply = function.invoke(event)

    assert reply.payload["statusCode"] == 413
    assert "DSPIPE_ANSWERS" in reply.payload["body"]
    assert function.invoke(DAY).payload["predictions"] == PREDICTIONS
    assert function.n_inits == 1


def test_handler_cannot_write_beside_its_code(package_folder: Path, start_function: Start) -> None:
    """The folder of the function is as read-only as on AWS, and nothing minds."""
    before = sorted(package_folder.rglob("*"))
    function = start_function()

    function.invoke(DAY)

    assert sorted(package_folder.rglob("*")) == before
