"""Expressions of time: what AWS takes is taken, and what it refuses is explained."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe.deploy.settings._schedule_expressions import check_expression, check_time_zone


@pytest.mark.parametrize(
    "text",
    [
        "cron(0 5 * * ? *)",
        "cron(*/15 8-17 ? * MON-FRI 2026-2030)",
        "cron(0,30 0/2 L JAN,JUL ? *)",
        "cron(0 0 15W * ? *)",
        "cron(0 0 ? * 6L *)",
        "cron(0 0 ? * FRI#2 *)",
        "rate(1 hour)",
        "rate(90 minutes)",
        "at(2026-12-31T05:00:00)",
    ],
)
def test_expression_is_given_back_when_aws_takes_it(text: str) -> None:
    """Every form of AWS's page on schedules is known."""
    assert check_expression(text) == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "daily",
            'write "cron(minutes hours day-of-month month day-of-week year)", such as '
            '"cron(0 5 * * ? *)", or "rate(1 day)", or "at(2026-12-31T05:00:00)"',
        ),
        ("rate(1 days)", 'write "rate(1 day)"'),
        ("rate(2 hour)", 'write "rate(2 hours)"'),
        (
            "rate(0 hours)",
            'write a number from 1 and minutes, hours or days: "rate(15 minutes)"',
        ),
        ("at(2026-12-31 05:00)", 'write a time as in "at(2026-12-31T05:00:00)"'),
        (
            "cron(0 5 * * *)",
            "it has 5 fields, and cron takes six: minutes, hours, day of month, month, day of "
            "week, year",
        ),
        ("cron(60 5 * * ? *)", "the minutes cannot be '60'; they go from 0 to 59"),
        ("cron(0 5 * FEB-13 ? *)", "the month cannot be 'FEB-13'; they go from 1 to 12"),
        ("cron(0 5 * * MON/0 *)", "the day of week cannot be 'MON/0'; they go from 1 to 7"),
        ("cron(? 5 * * ? *)", "the minutes cannot be '?'; they go from 0 to 59"),
        (
            "cron(0 5 * * * *)",
            "one of day of month and day of week, and not both, must be '?'",
        ),
        (
            "cron(0 5 ? * ? *)",
            "one of day of month and day of week, and not both, must be '?'",
        ),
    ],
)
def test_expression_is_explained_when_aws_would_refuse_it(text: str, problem: str) -> None:
    """The sentence says what to write, before anything is deployed."""
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the whole message is compared
        check_expression(text)

    assert str(raised.value) == problem


@given(st.integers(0, 59), st.integers(0, 23), st.integers(1, 31), st.integers(1, 12))
def test_cron_takes_every_moment_of_a_year(minute: int, hour: int, day: int, month: int) -> None:
    """A number in its range is always right."""
    text = f"cron({minute} {hour} {day} {month} ? *)"

    assert check_expression(text) == text


@given(st.datetimes(min_value=datetime(2000, 1, 1)))  # noqa: DTZ001 - as AWS writes it, without
def test_at_takes_every_time(moment: datetime) -> None:
    """Any time to the second can be named."""
    text = f"at({moment.replace(microsecond=0).isoformat()})"

    assert check_expression(text) == text


def test_time_zone_is_refused_with_a_close_match() -> None:
    """A misspelt zone would shift every run."""
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the whole message is compared
        check_time_zone("Europe/Zurch")

    assert str(raised.value) == (
        'write a time zone, such as "UTC" or "Europe/Zurich". Did you mean \'Europe/Zurich\'?'
    )
