"""Limits of requests, and the waits between them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe._facts import add_facts
from dspipe._remote._retry import RequestLimits, read_retry_after
from dspipe.errors import ConfigurationError

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": 0}, "RequestLimits cannot take 0 for 'workers'. Give a number above 0."),
        (
            {"timeout_seconds": "60"},
            "RequestLimits cannot take '60' for 'timeout_seconds'. Give a number above 0.",
        ),
        (
            {"attempts": True},
            "RequestLimits cannot take True for 'attempts'. Give a number above 0.",
        ),
        (
            {"cold_start_seconds": -1},
            "RequestLimits cannot take -1 for 'cold_start_seconds'. Give a number of at least 0.",
        ),
    ],
)
def test_limits_are_refused_when_they_are_no_numbers(options: dict[str, int], message: str) -> None:
    """What would fail in the middle of a run is said before it."""
    with pytest.raises(ConfigurationError) as caught:
        RequestLimits(**options)

    assert str(caught.value) == message


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_wait_is_bounded(attempt: int, chance: float) -> None:
    """It doubles up to the longest, and is never less than half of that."""
    limits = RequestLimits(longest_wait_seconds=8)
    whole = min(0.5 * 2 ** min(attempt - 1, 20), 8)

    assert whole / 2 <= limits.wait_seconds(attempt, chance) <= whole


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None), ("", None), ("0", 0.0), ("-3", 0.0), ("1.5", 1.5), ("inf", None),
        ("soon", None), ("Wed, 31 Dec 2025 23:59:00 GMT", 0.0),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0), ("Thu, 01 Jan 2026 00:00:30 -0000", 30.0),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_date(text: str | None, seconds: float | None) -> None:
    """What is neither counts as if it were absent."""
    assert read_retry_after(text, NOW) == seconds


def test_facts_are_added_up() -> None:
    """Numbers are summed, and texts listed once each."""
    parts = [{"n": 1, "model": "a"}, {"n": 2.5, "model": "b"}, {"model": "a, b"}]

    assert add_facts(parts) == {"n": 3.5, "model": "a, b"}
