"""Arguments of a schedule: what would never be filled in is refused, and real text is not."""

import json
from datetime import date, datetime
from typing import Any

import pytest
from deploy.drawn_settings import FACTS, placeholders, schedules
from deploy.test_template import make_settings
from hypothesis import given
from hypothesis import strategies as st

from dspipe.aws_lambda.triggers._contents import ContentReader
from dspipe.aws_lambda.triggers._schedules import ScheduleTrigger
from dspipe.deploy.settings._schedule_arguments import SCHEDULED_TIME, check_argument
from dspipe.deploy.template._make import make_template

FORMS = 'it is no placeholder: write "{date}", "{date - 1 day}", "{time}" or "{time - 1 hour}"'

# As EventBridge Scheduler writes it.
times = st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001 - of UTC, which the text says
    datetime(2200, 1, 1),  # noqa: DTZ001 - as above
).map(lambda moment: f"{moment.replace(microsecond=0).isoformat()}Z")


@given(placeholders)
def test_placeholder_is_given_back(text: str) -> None:
    """Every form that the function fills in is taken."""
    assert check_argument(text) == text


@pytest.mark.parametrize(
    "value",
    [
        "UA",
        "{UA}",
        "{1,2}",
        "{flight}",
        "{gate}",
        "{date of birth}",
        '{"date": "today"}',
        "flights-{date}.csv",
        "{{date}}",
        "<aws.scheduler.attempt-number>",
        ["{date}", {"from": "{date - 7 days}"}],
        date(2013, 6, 1),
        5,
        None,
    ],
)
def test_value_is_given_back_when_it_is_nothing_like_a_placeholder(value: Any) -> None:
    """Braces alone make no placeholder, and a placeholder within a text is text."""
    assert check_argument(value) == value


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("{dat}", 'it is no placeholder. Did you mean "{date}"?'),
        ("{day}", 'it is no placeholder. Did you mean "{date}"?'),
        ("{ Date }", 'it is no placeholder. Did you mean "{date}"?'),
        ("{yesterday}", 'it is no placeholder. Did you mean "{date - 1 day}"?'),
        ("{now}", 'it is no placeholder. Did you mean "{time}"?'),
        ("{date-1day}", 'it is no placeholder. Did you mean "{date - 1 day}"?'),
        ("{date + 7}", 'it is no placeholder. Did you mean "{date + 7 days}"?'),
        ("{today - 2 days}", 'it is no placeholder. Did you mean "{date - 2 days}"?'),
        ("{time - 2h}", 'it is no placeholder. Did you mean "{time - 2 hours}"?'),
        ("{time - 5  min}", 'it is no placeholder. Did you mean "{time - 5 minutes}"?'),
        ("{date - 1 week}", FORMS),
        ("{date - one day}", FORMS),
        ("{date - 10000 days}", FORMS),
        ("{time - 1 day}", FORMS),
        ("{tomorrow + 1 day}", FORMS),
        (["{date}", "{dates}"], 'it is no placeholder. Did you mean "{date}"?'),
        ({"from": "{dates}"}, 'it is no placeholder. Did you mean "{date}"?'),
        (
            "<aws.scheduler.scheduled-time>",
            'AWS writes the time in UTC there, which is no day. Write "{date}" for the day in the '
            'time zone of the schedule, or "{time}" for the time',
        ),
    ],
)
def test_value_is_refused_with_what_was_meant_when_it_is_like_a_placeholder(
    value: Any, problem: str
) -> None:
    """What the function would hand over as it is fails before it is deployed."""
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the whole message is compared
        check_argument(value)

    assert str(raised.value) == problem


def write_input(schedule: dict[str, Any]) -> str:
    """Write the text that the template makes a schedule send."""
    settings = make_settings(schedules=[schedule])
    template = make_template(settings, FACTS)
    text: str = template["Resources"]["Schedule1"]["Properties"]["Target"]["Input"]
    return text


def read_arguments(text: str, time: str) -> Any:
    """Read the arguments of the run that a schedule asks for when it is due."""
    event = json.loads(text.replace(SCHEDULED_TIME, time))
    trigger = ScheduleTrigger(ContentReader())
    assert trigger.recognise(event)
    ((task,),) = [message.read() for message in trigger.read(event)]
    return dict(task.arguments)


@given(schedules, times)
def test_schedule_asks_for_its_arguments_when_nothing_is_to_be_filled_in(
    schedule: dict[str, Any], time: str
) -> None:
    """What the template writes comes out of the trigger, whenever it is due."""
    fixed = {
        name: value
        for name, value in schedule.get("arguments", {}).items()
        if not (isinstance(value, str) and value.startswith(("{date", "{time")))
    }

    arguments = read_arguments(write_input(schedule | {"arguments": fixed}), time)

    assert arguments == {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in fixed.items()
    }


def test_schedule_asks_for_the_day_before_when_it_is_due() -> None:
    """At five in Zurich it is still the day before in New York, and neither is asked."""
    schedule = {
        "expression": "cron(0 5 * * ? *)",
        "time_zone": "Europe/Zurich",
        "arguments": {"day": "{date - 1 day}", "until": "{time}", "carriers": ["UA", "{date}"]},
    }

    arguments = read_arguments(write_input(schedule), "2013-06-02T03:00:00Z")

    assert arguments == {
        "day": "2013-06-01",
        "until": "2013-06-02T05:00:00+02:00",
        "carriers": ["UA", "2013-06-02"],
    }
