"""Options made from the arguments of a pipeline, and the values read from them."""

from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from dspipe.cli._flags import Flag, make_flags
from dspipe.cli._locate import load_pipeline
from dspipe.errors import ArgumentError


class Season(Enum):
    """A part of the year."""

    SUMMER = 1
    WINTER = 2


class Every:
    """An argument of every kind; only its extract is read."""

    def extract(  # noqa: PLR0913, PLR0917 - one parameter of every kind
        self,
        day: date,
        top_n: int | None = 5,
        late: bool = True,  # noqa: FBT001, FBT002 - the case under test
        ids: tuple[int, ...] = (1, 2),
        season: Season = Season.WINTER,
        seasons: list[Season] | None = None,
        unit: Literal["a", 7, None] = "a",  # noqa: PYI061 - as a user may write it
        both: int | list[str] = 3,
        words: dict[str, int] | None = None,
        span: tuple[int, str] | None = None,
        year: list[Annotated[int, Field(ge=2000)]] | None = None,
        _hidden: float | str = 0.5,
        pairs: list[list[int]] | None = None,
        anything: list | None = None,  # type: ignore[type-arg]
    ) -> None:
        """Read.

        Parameters
        ----------
        day : date
            Day of departure
        """


def flags_by_name(*taken: str) -> dict[str, Flag]:
    """Make the flags of the class above."""
    pipeline: Any = Every
    return {flag.argument: flag for flag in make_flags(pipeline, taken)}


@pytest.mark.parametrize(
    ("argument", "kind", "options", "metavar", "help_text"),
    [
        ("day", "text", ("--day",), "DATE", "Day of departure. Required."),
        ("top_n", "text", ("--top-n", "--top_n"), "INTEGER", "Default: 5."),
        ("late", "flag", ("--late",), "", "Default: true."),
        ("ids", "list", ("--ids",), "INTEGER", "Default: [1,2]. Repeat it, or give a JSON list."),
        ("season", "text", ("--season",), "1|2", "Default: 2."),
        ("unit", "text", ("--unit",), "a|7|none", "Default: a."),
        ("both", "json", ("--both",), "JSON", "Default: 3."),
        ("words", "json", ("--words",), "JSON", "Default: none."),
        ("span", "json", ("--span",), "JSON", "Default: none."),
        (
            "year",
            "list",
            ("--year",),
            "INTEGER",
            "Default: none. Repeat it, or give a JSON list.",
        ),
        ("_hidden", "text", ("--hidden",), "NUMBER|TEXT", "Default: 0.5."),
        ("pairs", "json", ("--pairs",), "JSON", "Default: none."),
        (
            "anything",
            "list",
            ("--anything",),
            "TEXT",
            "Default: none. Repeat it, or give a JSON list.",
        ),
    ],
)
def test_flag_shows_type_default_and_description_when_made(
    argument: str, kind: str, options: tuple[str, ...], metavar: str, help_text: str
) -> None:
    """Every type of argument has its way to be written."""
    actual = flags_by_name()[argument]

    assert (actual.kind, actual.options, actual.metavar, actual.help) == (
        kind,
        options,
        metavar,
        help_text,
    )


@pytest.mark.parametrize(
    ("argument", "given", "expected"),
    [
        ("day", "2013-10-01", "2013-10-01"),
        ("late", False, False),
        ("ids", ["1", "2"], ["1", "2"]),
        ("ids", ["[1, 2]"], [1, 2]),
        ("season", "WINTER", Season.WINTER),
        ("season", "2", Season.WINTER),
        ("season", "3", "3"),
        ("seasons", ["1", "WINTER"], [Season.SUMMER, Season.WINTER]),
        ("unit", "7", 7),
        ("both", "4", "4"),
        ("both", '["a"]', ["a"]),
        ("words", '{"a": 1}', {"a": 1}),
    ],
)
def test_flag_reads_value_when_text_stands_for_it(
    argument: str, given: Any, expected: object
) -> None:
    """Choices are found by value or name, and JSON is read where a text is not enough."""
    assert flags_by_name()[argument].read(given) == expected


def test_flag_says_what_is_wrong_when_json_is_broken() -> None:
    """JSON that cannot be read names its option."""
    with pytest.raises(ArgumentError) as caught:
        flags_by_name()["words"].read("{a: 1}")

    assert str(caught.value) == (
        "--words is not valid JSON: Expecting property name enclosed in double quotes: line 1 "
        "column 2 (char 1). Put it in single quotes and the texts inside it in double quotes."
    )
    assert caught.value.errors[0]["argument"] == "words"


@pytest.mark.parametrize("taken", ["--late", "--no-late"])
def test_flag_is_named_by_argument_when_option_is_taken(taken: str) -> None:
    """An argument that clashes with an option of the command is --arg.NAME."""
    assert flags_by_name(taken)["late"].options == ("--arg.late",)


def test_flags_share_no_option_when_names_differ_in_underscores_only() -> None:
    """Two arguments never share an option."""

    class Similar:
        def extract(self, n: int, _n: int, no_n: int) -> None: ...

    pipeline: Any = Similar
    options = [flag.options for flag in make_flags(pipeline)]

    assert options == [("--n",), ("--arg._n",), ("--arg.no_n",)]


def test_flags_are_empty_when_pipeline_takes_no_arguments() -> None:
    """A pipeline without arguments has no flags."""
    assert make_flags(load_pipeline("faulty.py:Raises")) == []
