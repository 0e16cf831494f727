"""Every sample event has the form that AWS documents, and exactly one trigger takes it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_lambda.samples import EVENTS, SOURCES, load_event
from hypothesis import given
from hypothesis import strategies as st

from dspipe.aws_lambda.triggers._event_triggers import make_event_triggers
from dspipe.aws_lambda.triggers._recognition import default_triggers, find_trigger
from dspipe.errors import TriggerError

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "triggers.md"
TRIGGERS = default_triggers()
*TOLD_BY_WHAT_THEY_HOLD, DIRECT = TRIGGERS
# What Powertools has no model of is an argument set of ours, or is documented in prose alone.
MODELS = {
    "alb": "AlbModel",
    "dynamodb": "DynamoDBStreamModel",
    "eventbridge": "EventBridgeModel",
    "function-url": "LambdaFunctionUrlModel",
    "http-api": "APIGatewayProxyEventV2Model",
    "kinesis": "KinesisDataStreamModel",
    "rest-api": "APIGatewayProxyEventModel",
    "s3": "S3Model",
    "s3-batch": "S3BatchOperationModel",
    "s3-batch-2": "S3BatchOperationModel",
    "s3-eventbridge": "S3EventNotificationEventBridgeModel",
    "scheduler": "EventBridgeModel",
    "sns": "SnsModel",
    "sqs": "SqsModel",
    "sqs-fifo": "SqsModel",
    "sqs-sns": "SqsModel",
}


def test_every_sample_event_has_its_source() -> None:
    """No event is without a word on how it was made."""
    files = {file.stem for file in EVENTS.glob("*.json")} - {"sources"}

    assert files == SOURCES.keys()


def test_reference_has_a_line_for_each_trigger() -> None:
    """The page names the triggers as the log does."""
    page = REFERENCE.read_text(encoding="utf-8")
    table = page.partition("\n\nYour own triggers")[0]

    named = re.findall(r"^\| `([^`|]+)` \|", table, re.MULTILINE)

    assert sorted(named) == sorted(trigger.name for trigger in TRIGGERS)


@pytest.mark.parametrize("name", SOURCES)
def test_event_is_taken_by_one_trigger_when_it_is_a_sample(name: str) -> None:
    """No two triggers take the same event, but for the buses, of which the first is right."""
    event = load_event(name)

    takers = [trigger.name for trigger in TOLD_BY_WHAT_THEY_HOLD if trigger.recognise(event)]

    expected = [SOURCES[name]["trigger"]]
    assert takers in ([], expected, [*expected, "eventbridge"])
    assert bool(takers) == (expected != [DIRECT.name])


@pytest.mark.parametrize("name", SOURCES)
def test_event_is_taken_by_its_trigger_when_all_are_asked(name: str) -> None:
    """What no other trigger takes is a direct invocation."""
    actual = find_trigger(TRIGGERS, load_event(name))

    assert actual.name == SOURCES[name]["trigger"]


@pytest.mark.parametrize("name", MODELS)
def test_event_has_the_form_of_aws_when_powertools_reads_it(name: str) -> None:
    """The models of Powertools, which dspipe does not use, take every sample."""
    from aws_lambda_powertools.utilities.parser import models

    text = (EVENTS / f"{name}.json").read_text(encoding="utf-8")
    # AWS's generator leaves out the addresses that SNS sends.
    event = json.loads(text.replace('Url": "EXAMPLE"', 'Url": "https://sns.example.com/"'))

    parsed = getattr(models, MODELS[name]).model_validate(event)

    assert parsed.model_fields_set


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dynamodb", "dynamodb/c4ca4238a0b923820dcc509a6f75849b"),
        ("eventbridge", "eventbridge/7bf73129-1428-4cd3-a780-95db273d1602"),
        ("kinesis", "kinesis/shardId-000000000000/"
         "49545115243490985018280067714973144582180062593244200961"),
        ("destination", "destination/e4b46cbf-b738-xmpl-8880-a18cdf61200e"),
        ("s3", "flights/in/june 1.csv"),
        ("s3-batch", "flights/in/june 1.csv"),
        ("s3-eventbridge", "flights/in/june 1.csv"),
        ("scheduler", "schedule/4f6a2d0e-5ad8-4c5e-a8a7-2f6f1a3b9c10"),
        ("scheduler-input", "schedule/schedule-1/2013-06-02T033000Z"),
        ("sns", "sns/95df01b4-ee98-5cb9-9903-4c221d41eb5e"),
        ("sqs", "sqs/19dd0b57-b21e-4ac1-bd88-01bbb068cb78"),
    ],
)  # fmt: skip
def test_answer_is_called_after_what_stays_the_same_when_event_comes_twice(
    name: str, expected: str
) -> None:
    """A second delivery of the same message writes its answer to the same key."""
    event = load_event(name)

    actual = find_trigger(TRIGGERS, event).read(event)[0].name

    assert actual == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["Records", "requestContext", "detail", "detail-type", "source", "eventSource", "Event",
             "tasks", "invocationSchemaVersion", "requestPayload", "Items", "http", "elb", "x"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
def test_recognise_never_raises_whatever_the_event(event: Any) -> None:
    """A trigger says yes or no to any JSON, also to what only looks like an event of AWS."""
    for trigger in TRIGGERS:
        assert trigger.recognise(event) in (True, False)


def test_event_is_refused_by_its_marks_when_no_trigger_knows_it() -> None:
    """The message names what was recognised, so that a trigger can be written for it."""
    event = {"Records": [{"eventSource": "aws:codecommit", "codecommit": {}}]}

    with pytest.raises(TriggerError) as caught:
        find_trigger(make_event_triggers(), event)

    assert str(caught.value) == (
        "The event is of no known form: it is an object with 'Records', with eventSource "
        "'aws:codecommit'. Known forms: sqs, sns, s3, kinesis, dynamodb, s3 batch, destination, "
        "s3 eventbridge, schedule, eventbridge. Teach the handler another one with a subclass of "
        "dspipe.aws_lambda.Trigger, and make_handler(..., triggers=[...])."
    )
