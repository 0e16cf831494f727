"""SQS: what bodies hold through their wrappings, and which messages come again."""

import json
from typing import Any, ClassVar

import pandas as pd
import pytest
from aws_lambda.outcomes import answer, fail, finish, list_arguments, settle_and_answer
from aws_lambda.samples import load_event
from hypothesis import given
from hypothesis import strategies as st
from pipelines import GivesFrame, make_rows

from dspipe.aws_lambda import make_handler
from dspipe.aws_lambda.triggers._contents import ContentReader
from dspipe.aws_lambda.triggers._queues import QueueTrigger
from dspipe.errors import RequestError

DAY = {"day": "2013-06-01"}
READER = ContentReader(frozenset({"day", "carrier"}))
QUEUE = QueueTrigger(READER)
FIFO_ARN = "arn:aws:sqs:us-east-1:123456789012:flights.fifo"


def make_event(*bodies: str, arn: str = "arn:aws:sqs:us-east-1:123456789012:flights") -> Any:
    """Make an event with one message a body, called by its place."""
    return {
        "Records": [
            {"messageId": str(at), "body": body, "eventSource": "aws:sqs", "eventSourceARN": arn}
            for at, body in enumerate(bodies)
        ]
    }


def wrap_in_topic(message: str) -> str:
    """Wrap a message as SNS does for a queue."""
    return json.dumps({"Type": "Notification", "TopicArn": "arn:aws:sns:x", "Message": message})


def wrap_in_bus(detail: Any) -> str:
    """Wrap a detail as EventBridge does."""
    return json.dumps({"detail-type": "Day Closed", "source": "com.example", "detail": detail})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (json.dumps(DAY), [DAY]),
        (json.dumps([DAY, {"day": "2013-06-02"}]), [DAY, {"day": "2013-06-02"}]),
        (json.dumps({"rows": [{"flight": "007"}]}), [[{"flight": "007"}]]),
        (wrap_in_topic(json.dumps(DAY)), [DAY]),
        (wrap_in_bus(DAY), [DAY]),
        (wrap_in_topic(wrap_in_bus(DAY)), [DAY]),
        (json.dumps(load_event("destination")), [DAY]),
        (json.dumps(load_event("s3-test")), []),
        (
            json.dumps(
                {
                    "requestContext": {"condition": "Success"},
                    "requestPayload": {"x": 1},
                    "responsePayload": DAY,
                }
            ),
            [DAY],
        ),
    ],
)
def test_queue_reads_arguments_when_body_is_wrapped(body: str, expected: list[Any]) -> None:
    """Whatever sent the message to the queue, the tasks are those of what it meant."""
    assert list_arguments(QUEUE, make_event(body)) == [expected]


@given(st.lists(st.sampled_from([wrap_in_topic, lambda body: wrap_in_bus(json.loads(body))])))
def test_queue_reads_the_same_however_deep_the_wrapping(wrappers: list[Any]) -> None:
    """Wrappers nest in any order."""
    body = json.dumps(DAY)
    for wrap in wrappers[:6]:
        body = wrap(body)

    assert list_arguments(QUEUE, make_event(body)) == [[DAY]]


@pytest.mark.parametrize(
    ("body", "accept_rows", "expected"),
    [
        ("day,carrier\n2013-06-01,UA\n2013-06-02,\n",
         True, [{"day": "2013-06-01", "carrier": "UA"}, {"day": "2013-06-02"}]),
        ("day,distance\n2013-06-01,719\n", True, [{"day": ["2013-06-01"], "distance": ["719"]}]),
        ("day,distance\n2013-06-01,719\n", False, [{"day": "2013-06-01", "distance": "719"}]),
    ],
    ids=["all are arguments", "rows", "rows are not taken"],
)  # fmt: skip
def test_queue_reads_csv_when_content_type_says_so(
    body: str, *, accept_rows: bool, expected: list[Any]
) -> None:
    """Lines with columns of arguments alone are runs; others are rows, where they are taken."""
    event = make_event(body)
    event["Records"][0]["messageAttributes"] = {
        "Content-Type": {"stringValue": "text/csv; charset=utf-8", "dataType": "String"}
    }

    actual = list_arguments(QueueTrigger(ContentReader(READER.arguments, accept_rows)), event)

    assert actual == [expected]


def test_queue_reads_each_line_as_a_body_when_content_is_json_lines() -> None:
    """A line of JSON says itself whether it holds arguments or rows."""
    event = make_event('{"day": "2013-06-01"}\n{"columns": {"flight": ["007"]}}\n')
    event["Records"][0]["messageAttributes"] = {
        "Content-Type": {"stringValue": "application/x-ndjson", "dataType": "String"}
    }

    assert list_arguments(QUEUE, event) == [[DAY, {"flight": ["007"]}]]


def test_queue_fails_one_message_when_its_body_is_poisoned() -> None:
    """The other messages are read as ever."""
    first, second = QUEUE.read(make_event("{day", json.dumps(DAY)))

    with pytest.raises(RequestError) as caught:
        first.read()

    assert str(caught.value) == (
        "The body is not JSON: Expecting property name enclosed in double quotes at line 1, "
        "column 2. Correct it, or name what it is in the content type."
    )
    assert second.read()[0].arguments == DAY


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_queue_asks_again_for_those_that_failed_when_order_is_free(is_done: list[bool]) -> None:
    """A standard queue sends again what failed, and nothing else."""
    event = make_event(*["{}"] * len(is_done))

    actual = answer(QUEUE, event, is_done)

    again = [str(at) for at, done in enumerate(is_done) if not done]
    assert actual == {"batchItemFailures": [{"itemIdentifier": id_} for id_ in again]}


@given(st.lists(st.booleans(), min_size=1, max_size=10))
def test_queue_asks_again_for_all_from_the_first_failure_when_it_is_fifo(
    is_done: list[bool],
) -> None:
    """In a FIFO queue no message overtakes one that failed; the handler stops there."""
    event = make_event(*["{}"] * len(is_done), arn=FIFO_ARN)
    n_done = is_done.index(False) if False in is_done else len(is_done)

    actual = answer(QUEUE, event, is_done[: n_done + 1])

    again = [str(at) for at in range(n_done, len(is_done))]
    assert actual == {"batchItemFailures": [{"itemIdentifier": id_} for id_ in again]}


def test_queue_is_ordered_when_it_is_fifo() -> None:
    """The name of a FIFO queue ends in .fifo."""
    assert QUEUE.is_ordered(load_event("sqs-fifo"))
    assert not QUEUE.is_ordered(load_event("sqs"))


def test_queue_asks_again_for_a_message_when_its_run_was_cut_short() -> None:
    """To acknowledge an unfinished run would lose its other rows."""
    event = make_event("{}", "{}", "{}")
    first, second, third = QUEUE.read(event)

    actual = settle_and_answer(
        QUEUE, event, [finish(first), finish(second, continuation="x"), fail(third)]
    )

    assert actual == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]}


class Remembers(GivesFrame):
    """Remembers what it was asked for."""

    asked: ClassVar[list[int]] = []

    def extract(self, n_rows: int = 5) -> pd.DataFrame:
        """Make the rows, and remember how many."""
        self.asked.append(n_rows)
        return make_rows(n_rows)


@pytest.mark.parametrize(("arn", "expected"), [(FIFO_ARN, [1]), ("arn:aws:sqs:x", [1, 2])])
def test_handler_keeps_each_answer_before_the_next_message_is_read(
    arn: str, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that cannot be kept is a failure, which nothing overtakes in a FIFO queue."""
    monkeypatch.setenv("DSPIPE_ANSWERS", "nowhere")
    Remembers.asked.clear()
    handler = make_handler(Remembers)

    actual = handler(make_event('{"n_rows": 1}', '{"n_rows": 2}', arn=arn))

    assert Remembers.asked == expected
    assert actual == {"batchItemFailures": [{"itemIdentifier": "0"}, {"itemIdentifier": "1"}]}
