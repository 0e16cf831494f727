"""The log of a function, read and followed."""

from datetime import UTC, datetime
from itertools import islice

import pytest
from deploy.functions import LATE, Listener, ignore
from deploy.sessions import ScriptedSession

from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._logs import LogLine, iter_log, parse_since
from dspipe.errors import ConfigurationError

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


def event(number: int, text: str) -> dict[str, object]:
    """Make one line as CloudWatch gives it, one second after the other."""
    milliseconds = int(NOW.timestamp() * 1_000) + number * 1_000
    return {"eventId": str(number), "timestamp": milliseconds, "message": text}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", datetime(2026, 1, 2, 11, 58, 30, tzinfo=UTC)),
        (" 10m", datetime(2026, 1, 2, 11, 50, tzinfo=UTC)),
        ("2 h", datetime(2026, 1, 2, 10, tzinfo=UTC)),
        ("1d", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        ("2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T10:00+02:00", datetime(2026, 1, 1, 8, tzinfo=UTC)),
    ],
)
def test_since_is_an_age_or_a_time(text: str, expected: datetime) -> None:
    """A time without a zone is UTC."""
    assert parse_since(text, now=lambda: NOW) == expected


def test_since_is_refused_with_the_forms_when_it_is_neither() -> None:
    """The message shows how to write it."""
    with pytest.raises(ConfigurationError) as caught:
        parse_since("yesterday")

    assert str(caught.value) == (
        "'yesterday' is no time to show a log from. Write an age, such as 10m, 2h or 3d, or a date "
        "and time, such as 2013-10-01T12:00."
    )


def test_log_ends_at_its_last_line_when_it_is_not_followed() -> None:
    """One look at the log group of the function, from the moment on."""
    session = ScriptedSession({"logs.filter_log_events": {"events": [event(0, "a\n")]}})

    lines = list(iter_log(Aws(session=session), LATE, NOW, sleep=ignore))

    assert lines == [LogLine(NOW, "a")]
    assert session.calls == [
        (
            "logs.filter_log_events",
            {
                "logGroupName": "/aws/lambda/dspipe-late-dev",
                "startTime": int(NOW.timestamp() * 1_000),
            },
        )
    ]


def test_log_gives_each_line_once_when_it_is_followed() -> None:
    """Lines that come late are not missed, and none comes twice."""
    pages = [[event(0, "a")], [event(0, "a"), event(3, "c")], [event(2, "b"), event(3, "c")], []]
    answers = [{"events": page} for page in pages]
    session, listener = ScriptedSession({"logs.filter_log_events": answers}), Listener()

    lines = iter_log(Aws(session=session), LATE, NOW, follow=True, sleep=listener.sleep)

    assert [line.text for line in islice(lines, 3)] == ["a", "c", "b"]
    assert listener.waited == [2.0, 2.0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "2026-01-02 12:00:00 plain"),
        ("[1]", "2026-01-02 12:00:00 [1]"),
        (
            '{"level": "ERROR", "message": "no day"}',
            "2026-01-02 12:00:00 ERROR no day",
        ),
        (
            '{"level": "INFO", "timestamp": 1, "message": "invocation", "rows": 3, "x": {"a": 1}}',
            "2026-01-02 12:00:00 INFO invocation rows=3",
        ),
        ('{"rows": 3}', '2026-01-02 12:00:00 {"rows": 3}'),
    ],
)
def test_line_is_told_by_its_message_when_it_has_one(text: str, expected: str) -> None:
    """A record shows level and message, all else as it was written."""
    session = ScriptedSession({"logs.filter_log_events": {"events": [event(0, text)]}})

    lines = iter_log(Aws(session=session), LATE, NOW, sleep=ignore)

    assert [line.describe() for line in lines] == [expected]


def test_line_of_a_failure_tells_the_whole_error_below() -> None:
    """A long error is what a reader of the log looks for."""
    record = {
        "level": "ERROR",
        "message": "failure",
        "request_id": "",
        "error": "The source 'default' cannot run the query:\n  no such table: flights",
        "traceback": ["Traceback:", "  File pipeline.py"],
    }
    line = LogLine(datetime(2026, 1, 1, tzinfo=UTC), "", record)

    assert line.describe() == (
        "2026-01-01 00:00:00 ERROR failure\n"
        "  The source 'default' cannot run the query:\n"
        "    no such table: flights\n"
        "  Traceback:\n"
        "    File pipeline.py"
    )
