"""SNS and destinations: nobody waits, so what fails is raised and what is done is told."""

from typing import Any

import pytest
from aws_lambda.outcomes import answer, fail, finish, list_arguments, settle_and_answer
from aws_lambda.samples import load_event

from dspipe.aws_lambda.triggers._contents import ContentReader
from dspipe.aws_lambda.triggers._destinations import DestinationTrigger
from dspipe.aws_lambda.triggers._notifications import TopicTrigger

DAY = {"day": "2013-06-01"}
READER = ContentReader(frozenset({"day"}))
TOPIC, DESTINATION = TopicTrigger(READER), DestinationTrigger(READER)


def make_notifications(*messages: str) -> Any:
    """Make an event with several records, which SNS may send one day."""
    return {
        "Records": [
            {"EventSource": "aws:sns", "Sns": {"MessageId": str(at), "Message": message}}
            for at, message in enumerate(messages)
        ]
    }


def test_topic_reads_arguments_when_message_is_json() -> None:
    """The message of SNS is the body."""
    assert list_arguments(TOPIC, load_event("sns")) == [[DAY]]


def test_topic_reads_csv_when_attribute_says_so() -> None:
    """A message may say by an attribute what it is."""
    event = make_notifications("flight,distance\n007,719\n")
    event["Records"][0]["Sns"]["MessageAttributes"] = {
        "Content-Type": {"Type": "String", "Value": "text/csv"}
    }

    assert list_arguments(TOPIC, event) == [[{"flight": ["007"], "distance": ["719"]}]]


def test_topic_raises_first_failure_when_all_messages_were_tried() -> None:
    """The kind is the name of the class, the message is redacted, and no cause is chained."""
    event = make_notifications("{}", "{}", "{}")
    first, second, third = TOPIC.read(event)
    outcomes = [finish(first), fail(second, KeyError("tulip")), fail(third)]

    with pytest.raises(Exception, match="failed with KeyError") as caught:
        settle_and_answer(TOPIC, event, outcomes)

    assert type(caught.value).__name__ == "KeyError"
    assert "tulip" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_topic_tells_what_was_done_when_nothing_failed() -> None:
    """What is returned goes to the destination of the function, if it has one."""
    assert answer(TOPIC, make_notifications("{}"), [True]) == {
        "messages": [{"id": "0", "runs": 1, "rows": 2, "rejected": 0, "answer": None}]
    }


def test_topic_raises_deadline_when_run_was_cut_short() -> None:
    """A run that was not finished is a failure of its message."""
    event = make_notifications("{}")
    (message,) = TOPIC.read(event)

    with pytest.raises(Exception, match="time of the function") as caught:
        settle_and_answer(TOPIC, event, [finish(message, continuation="x")])

    assert type(caught.value).__name__ == "DeadlineError"
    assert str(caught.value) == (
        "The time of the function was over after 2 rows, and more are left. Give the function more "
        "time or memory, or send messages that ask for fewer rows."
    )


def test_destination_reads_what_was_asked_for_when_function_failed() -> None:
    """A failed invocation is done by this function in its place."""
    assert list_arguments(DESTINATION, load_event("destination")) == [[DAY]]


def test_destination_reads_what_was_answered_when_function_succeeded() -> None:
    """The answer of the function before this one is what is asked for."""
    event = load_event("destination")
    event["requestContext"]["condition"] = "Success"
    event["responsePayload"] = {"day": "2013-06-02"}

    assert list_arguments(DESTINATION, event) == [[{"day": "2013-06-02"}]]
