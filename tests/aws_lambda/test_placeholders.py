"""Placeholders of a schedule: the day and the time at which it was due, in its own time zone."""

import sys
from datetime import UTC, date, datetime, timedelta
from subprocess import run
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe.aws_lambda.triggers._placeholders import fill_placeholders, find_due_time
from dspipe.errors import ConfigurationError, RequestError

ZONES = [
    "UTC", "America/New_York", "Europe/Zurich", "Asia/Kathmandu", "Australia/Lord_Howe",
    "Pacific/Apia", "Pacific/Kiritimati", "America/Sao_Paulo",
]  # fmt: skip

instants = st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2200, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))
zones = st.sampled_from(ZONES)
shifts = st.integers(-9_999, 9_999)


def fill(value: Any, time: str, time_zone: str) -> Any:
    """Fill a value in as the trigger does."""
    return fill_placeholders(value, find_due_time(time, time_zone))


def write_shift(n: int) -> str:
    """Write a number of something to add, with its sign."""
    return f"{'-' if n < 0 else '+'} {abs(n)}"


@given(instants, zones, shifts)
def test_date_is_the_local_day_of_pandas_whatever_the_instant_and_zone(
    instant: datetime, zone: str, days: int
) -> None:
    """The day is that of the clocks there, counted on the calendar."""
    local_day = pd.Timestamp(instant).tz_convert(zone).date()

    actual = fill(["{date}", f"{{date {write_shift(days)} days}}"], instant.isoformat(), zone)

    assert actual == [f"{local_day}", f"{local_day + timedelta(days=days)}"]


@given(instants, zones, shifts)
def test_time_is_the_same_instant_with_the_local_offset(
    instant: datetime, zone: str, hours: int
) -> None:
    """The text says the instant, as the clocks there do; hours and minutes pass evenly."""
    n = write_shift(hours)

    actual = fill(
        ["{time}", f"{{time {n} hours}}", f"{{time {n} minutes}}"], instant.isoformat(), zone
    )

    moments = [datetime.fromisoformat(text) for text in actual]
    added = [timedelta(), timedelta(hours=hours), timedelta(minutes=hours)]
    assert moments == [instant + shift for shift in added]
    assert [moment.utcoffset() for moment in moments] == [
        moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in moments
    ]


@pytest.mark.parametrize(
    ("time", "zone", "value", "expected"),
    [
        ("2013-06-02T03:59:59Z", "America/New_York", "{date}", "2013-06-01"),
        ("2013-06-02T04:00:00Z", "America/New_York", "{date}", "2013-06-02"),
        ("2013-06-01T22:00:00Z", "Europe/Zurich", "{date}", "2013-06-02"),
        ("2013-03-31T00:30:00Z", "Europe/Zurich", "{time}", "2013-03-31T01:30:00+01:00"),
        # The night in which the clocks go from two to three.
        ("2013-03-31T01:30:00Z", "Europe/Zurich", "{time}", "2013-03-31T03:30:00+02:00"),
        ("2013-03-31T01:30:00Z", "Europe/Zurich", "{time - 1 hour}", "2013-03-31T01:30:00+01:00"),
        ("2013-03-31T22:30:00Z", "Europe/Zurich", "{date - 1 day}", "2013-03-31"),
        # The night in which they go back: both are half past two.
        ("2013-10-27T00:30:00Z", "Europe/Zurich", "{time}", "2013-10-27T02:30:00+02:00"),
        ("2013-10-27T01:30:00Z", "Europe/Zurich", "{time}", "2013-10-27T02:30:00+01:00"),
        ("2013-10-27T22:59:00Z", "Europe/Zurich", "{date - 1 day}", "2013-10-26"),
        ("2013-10-27T23:00:00Z", "Europe/Zurich", "{date - 1 day}", "2013-10-27"),
        # Samoa left out 30 December, so its clocks say another day there than the calendar.
        ("2011-12-30T10:00:00Z", "Pacific/Apia", "{date}", "2011-12-31"),
        ("2011-12-30T10:00:00Z", "Pacific/Apia", "{date - 1 day}", "2011-12-30"),
        ("2012-02-29T12:00:00+01:00", "UTC", "{date + 366 days}", "2013-03-01"),
        ("2013-01-01T00:00:00Z", "UTC", "{time - 1 minute}", "2012-12-31T23:59:00+00:00"),
    ],
)  # fmt: skip
def test_value_is_right_at_midnight_and_when_the_clocks_change(
    time: str, zone: str, value: str, expected: str
) -> None:
    """Instants at which a day or an hour is easily lost."""
    assert fill(value, time, zone) == expected


@given(st.text() | st.sampled_from(["{date}.csv", "{ date }", "{day}", "{{date}}", "{date}\n"]))
def test_text_stays_as_it_is_when_it_is_no_placeholder(text: str) -> None:
    """Only what is a placeholder and nothing else is filled in."""
    assert fill(text, "2013-06-01T05:00:00Z", "UTC") == text


def test_values_stay_as_they_are_when_they_are_no_text() -> None:
    """Lists and tables are filled in, without changing what was given; keys are never."""
    given_ = {"n": 5, "x": None, "days": ["{date}", {"{date}": "{date}"}], "is_late": True}

    actual = fill(given_, "2013-06-01T05:00:00Z", "UTC")

    assert actual == {
        "n": 5, "x": None, "days": ["2013-06-01", {"{date}": "2013-06-01"}], "is_late": True
    }  # fmt: skip
    assert given_["days"] == ["{date}", {"{date}": "{date}"}]


def test_date_is_one_that_pydantic_takes() -> None:
    """A text of the form that a date argument takes from JSON."""
    from pydantic import TypeAdapter

    text = fill("{date}", "2013-06-02T03:30:00Z", "America/New_York")

    assert TypeAdapter(date).validate_json(f'"{text}"') == date(2013, 6, 1)


@pytest.mark.parametrize(
    "time",
    ["<aws.scheduler.scheduled-time>", "2013-06-01T05:00:00", "", None, 5, "0001-01-01T00:00:00Z"],
)
def test_time_is_refused_when_it_is_none_with_its_offset(time: object) -> None:
    """A time without an offset could be that of any zone."""
    with pytest.raises(RequestError) as caught:
        find_due_time(time, "America/New_York")

    assert str(caught.value) == (
        f"The event was due at {time!r}, which is no time with its offset. Send a time such as "
        "'2013-06-01T05:00:00Z'; EventBridge Scheduler writes it in the place of "
        "<aws.scheduler.scheduled-time>."
    )


@pytest.mark.parametrize("zone", ["Europe/Zurch", "../UTC", "America", "", None, ["UTC"]])
def test_zone_is_refused_when_it_is_not_known(zone: object) -> None:
    """The sentence serves a wrong zone and a runtime without the data alike."""
    with pytest.raises(ConfigurationError) as caught:
        find_due_time("2013-06-01T05:00:00Z", zone)

    assert str(caught.value) == (
        f"The time zone {zone!r} of the schedule is not known where the function runs. Correct "
        "'time_zone' of the schedule; if it is right, the runtime has no data of time zones: add "
        "the package tzdata to the lock file, and deploy again."
    )


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", "2013-06-02"), ("America/New_York", "The time zone 'America/New_York' of")],
)
def test_only_utc_is_known_when_the_runtime_has_no_data_of_zones(zone: str, expected: str) -> None:
    """A runtime without data says what it lacks, and schedules in UTC need none."""
    code = (
        "import sys, zoneinfo\n"
        "sys.modules['tzdata'] = None\n"
        "zoneinfo.reset_tzpath([])\n"
        "from dspipe.aws_lambda.triggers._placeholders import fill_placeholders, find_due_time\n"
        "try:\n"
        f"    due = find_due_time('2013-06-02T03:30:00Z', {zone!r})\n"
        "    print(fill_placeholders('{date}', due))\n"
        "except Exception as error:\n"
        "    print(error)\n"
    )

    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.startswith(expected)


def test_import_loads_no_data_of_zones() -> None:
    """A function without schedules pays nothing for their time zones."""
    code = "import sys, dspipe.aws_lambda.triggers._placeholders; print('zoneinfo' in sys.modules)"

    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
