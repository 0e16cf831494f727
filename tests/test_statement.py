"""What is a bind and what is not, and how values reach a driver."""

import datetime as dt
from enum import Enum

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe._statement import Statement, to_plain
from dspipe.errors import QueryError


class Carrier(Enum):
    """An enum whose members stand for SQL values."""

    AMERICAN = "AA"


@pytest.mark.parametrize(
    "text",
    [
        "select ':x'",
        "select 'it''s :x'",
        r"select e'\':x'",
        'select ":x"',
        "select `:x`",
        "select 1 -- :x",
        "select 1 /* :x\n :x */",
        "select $$ :x $$",
        "select $tag$ :x $$ :x $tag$",
        "select a::date",
        "select a[1:2]",
        "select a[b:c]",
        "select @a := 1",
        "select '10:30:00'",
        "select {'a':b}",
    ],
)
def test_statement_sees_no_bind_when_a_colon_means_something_else(text: str) -> None:
    """Strings, quoted names, comments, casts, slices and assignments hold no binds."""
    assert Statement(text).compile("qmark").text == text


def test_statement_binds_every_occurrence_when_a_name_is_repeated() -> None:
    """Each occurrence is a slot of its own, in the order of the text."""
    statement = Statement("select :a, (:b), :a::date", {"a": 1, "b": 2})

    compiled = statement.compile("dollar")

    assert (compiled.text, compiled.bound) == ("select $1, ($2), $3::date", (1, 2, 1))


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("qmark", "select ?, '%', b::int, ':c'"),
        ("dollar", "select $1, '%', b::int, ':c'"),
        ("named", "select :b1, '%', b::int, ':c'"),
        ("null", "select NULL, '%', b::int, ':c'"),
        ("text", r"select :b1, '%', b:\:int, '\:c'"),
    ],
)
def test_statement_compiles_when_a_style_is_asked_for(style: str, expected: str) -> None:
    """Only the marks differ between the styles; SQLAlchemy also wants its colons escaped."""
    assert Statement("select :a, '%', b::int, ':c'", {"a": 1}).compile(style).text == expected


def test_statement_names_all_faults_when_binds_do_not_fit() -> None:
    """Missing and unused values are reported together, with the closest name."""
    with pytest.raises(QueryError) as caught:
        Statement("select :carrier, :day", {"carier": "AA", "limit": 3})

    assert str(caught.value) == (
        "The query has no value for ':carrier', ':day'. Did you mean 'carier'? "
        "The query does not use the value 'carier', 'limit'. Did you mean 'carrier'? "
        "Its text has :carrier, :day. Give exactly one value for each bind."
    )


@pytest.mark.parametrize(
    "text", ["x in :ids", "x in (:ids)", "x NOT IN ( :ids )", "x not in\n:ids"]
)
def test_statement_expands_a_list_when_it_stands_after_in(text: str) -> None:
    """Both spellings of IN give one bound parameter an item."""
    compiled = Statement(text, {"ids": (1, 2, 3)}).compile("qmark")

    assert compiled.text.count("?") == 3
    assert compiled.text.count("(") == compiled.text.count(")") == 1
    assert compiled.bound == (1, 2, 3)


def test_statement_keeps_a_list_when_it_does_not_stand_after_in() -> None:
    """A list for ANY is one value, an array, for the driver."""
    assert Statement("x = any(:ids)", {"ids": [1, 2]}).compile("dollar").bound == ([1, 2],)


def test_statement_matches_nothing_when_the_list_of_in_is_empty() -> None:
    """IN an empty list is IN (NULL), which is true for no row."""
    compiled = Statement("x in :ids", {"ids": []}).compile("qmark")

    assert (compiled.text, compiled.bound) == ("x in (?)", (None,))


def test_statement_refuses_an_empty_list_when_it_stands_after_not_in() -> None:
    """NOT IN (NULL) would match nothing, where the user means everything."""
    with pytest.raises(QueryError) as caught:
        Statement("x not in (:ids)", {"ids": []})

    assert str(caught.value) == (
        "The list for :ids is empty, and NOT IN an empty list has no common meaning in SQL. "
        "Give at least one item, or leave the condition out."
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),  # noqa: FBT003  a value, not an option
        (np.datetime64("2013-06-01T10:00:00.123456789"), dt.datetime(2013, 6, 1, 10, 0, 0, 123456)),  # noqa: DTZ001  without zone on purpose
        (pd.Timestamp("2013-06-01T10:00:00.123456789"), dt.datetime(2013, 6, 1, 10, 0, 0, 123456)),  # noqa: DTZ001  without zone on purpose
        (pd.Timedelta("1 day"), dt.timedelta(days=1)),
        (pd.NaT, None),
        (pd.NA, None),
        (Carrier.AMERICAN, "AA"),
        (pd.Series([1, 2]), [1, 2]),
        ([np.int8(1), Carrier.AMERICAN], [1, "AA"]),
        (range(2), [0, 1]),
        ({"a": 1}, {"a": 1}),
    ],
)
def test_to_plain_gives_python_values_when_it_gets_others(value: object, expected: object) -> None:
    """Drivers know plain Python values only."""
    actual = to_plain(value)

    assert (actual, type(actual)) == (expected, type(expected))


@given(st.lists(st.sampled_from(["select ", "\n", ":a", " ", "':a'", "-- :a\n", "x::t", ", é"])))
def test_statement_finds_the_way_back_when_its_marks_are_longer(pieces: list[str]) -> None:
    """Every place outside a mark leads to the same character of the user's text."""
    text = " ".join(pieces)
    binds = {"a": 1} if has_bind(text) else {}
    statement = Statement(text, binds)

    compiled = statement.render(lambda n, _slot: f"<{n:03}>")

    rest = [(i, c) for i, c in enumerate(compiled.text) if c.isalpha() and c != "a"]
    assert [text[compiled.find_position(i)] for i, _ in rest] == [c for _, c in rest]


def has_bind(text: str) -> bool:
    """Ask the scanner itself."""
    try:
        Statement(text)
    except QueryError:
        return True
    return False
