"""EventBridge: schedules say when they were due, other events bring arguments in their detail."""

from typing import Any

import pytest
from aws_lambda.outcomes import answer, list_arguments
from aws_lambda.samples import load_event

from dspipe.aws_lambda.triggers._contents import ContentReader
from dspipe.aws_lambda.triggers._recognition import default_triggers, find_trigger
from dspipe.aws_lambda.triggers._schedules import BusTrigger, ScheduleTrigger
from dspipe.errors import RequestError

READER = ContentReader(frozenset({"day"}))


@pytest.mark.parametrize("name", ["eventbridge-schedule", "scheduler"])
def test_schedule_has_no_arguments_when_it_has_no_input(name: str) -> None:
    """The defaults of `extract` hold; Scheduler writes its empty detail as text."""
    assert list_arguments(ScheduleTrigger(READER), load_event(name)) == [[{}]]


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({"day": "2013-06-01"}, [{"day": "2013-06-01"}]),
        ({"arguments": {"day": "2013-06-01"}}, [{"day": "2013-06-01"}]),
        ({"rows": [{"flight": "007"}]}, [[{"flight": "007"}]]),
    ],
)
def test_bus_reads_detail_as_a_body_when_event_is_of_others(
    detail: Any, expected: list[Any]
) -> None:
    """The detail of an event holds what a body would."""
    event = load_event("eventbridge") | {"detail": detail}

    assert list_arguments(BusTrigger(READER), event) == [expected]


def test_bus_names_event_when_it_is_done() -> None:
    """The id is that of the event, so that a second delivery is seen as the same."""
    actual = answer(BusTrigger(READER), load_event("eventbridge"), [True])

    assert actual["messages"][0]["id"] == "7bf73129-1428-4cd3-a780-95db273d1602"


def test_schedule_asks_for_the_day_at_which_it_was_due_in_its_own_zone() -> None:
    """Half past three in Greenwich is still the evening before in New York."""
    assert list_arguments(ScheduleTrigger(READER), load_event("scheduler-input")) == [
        [{"day": "2013-06-01"}]
    ]


def test_schedule_asks_for_the_same_when_it_comes_again() -> None:
    """A retry has the same arguments, and its answer takes the place of the first."""
    first, second = (ScheduleTrigger(READER).read(load_event("scheduler-input")) for _ in range(2))

    assert [list(message.read()) for message in first] == [
        list(message.read()) for message in second
    ]
    assert [message.name for message in first] == [message.name for message in second]


def test_schedule_is_of_utc_when_a_rule_says_only_the_time() -> None:
    """The input transformer of a rule can write the same event with the time of its own."""
    event = {
        "schedule": {"time": load_event("eventbridge-schedule")["time"]},
        "arguments": {"day": "{date - 1 day}", "until": "{time}"},
    }

    (message,) = ScheduleTrigger(READER).read(event)

    assert message.name == "schedule/schedule/1970-01-01T000000Z"
    assert [dict(task.arguments) for task in message.read()] == [
        {"day": "1969-12-31", "until": "1970-01-01T00:00:00+00:00"}
    ]


@pytest.mark.parametrize(
    "event",
    [
        {"schedule": "daily", "arguments": {}},
        {"schedule": {"time_zone": "UTC"}, "arguments": {}},
        {"schedule": {"time": "2013-06-01T05:00:00Z", "of": "trains"}, "arguments": {}},
        {"schedule": {"time": "2013-06-01T05:00:00Z"}},
        {"schedule": {"time": "2013-06-01T05:00:00Z"}, "arguments": {}, "rows": []},
    ],
)
def test_event_is_not_of_a_schedule_when_it_only_has_an_argument_of_that_name(event: Any) -> None:
    """An argument may be called schedule; only dspipe's own names together are a schedule."""
    assert not ScheduleTrigger(READER).recognise(event)
    assert find_trigger(default_triggers(), event).name == "direct"


def test_message_fails_when_arguments_of_a_schedule_are_no_object() -> None:
    """Whoever writes the input by hand is told what belongs there."""
    event = {"schedule": {"time": "2013-06-01T05:00:00Z"}, "arguments": ["{date}"]}
    (message,) = ScheduleTrigger(READER).read(event)

    with pytest.raises(RequestError) as caught:
        message.read()

    assert str(caught.value) == (
        "'arguments' holds a list. Give it an object with one name an argument; an argument that "
        'is itself called so is written {"arguments": {"arguments": ...}}.'
    )
