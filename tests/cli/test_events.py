"""The event of `dspipe invoke`, from options and files."""

import io
import json
import sys
from pathlib import Path

import pytest
import typer

from dspipe.cli._events import make_event, read_arguments


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {}),
        (["--day", "2013-10-01"], {"day": "2013-10-01"}),
        (["--offset", "-3"], {"offset": "-3"}),
        (["--ids", "[1, 2]"], {"ids": [1, 2]}),
        (["--arg.rows", "5"], {"rows": "5"}),
        (["--a", "1", "--a", "2", "--a", "3"], {"a": ["1", "2", "3"]}),
    ],
)
def test_arguments_are_read_as_they_are_written(words: list[str], expected: object) -> None:
    """Texts stay texts: the function knows the types."""
    assert read_arguments(words) == expected


def test_event_holds_arguments_and_rows(tmp_path: Path) -> None:
    """A cell with nothing in it is null; a line break inside of quotes is kept."""
    rows = tmp_path / "rows.csv"
    rows.write_text('id,note\n007,"a\nb"\n008,\n', encoding="utf-8")

    actual = make_event(["--day", "1"], event=None, rows=rows)

    assert actual == {
        "arguments": {"day": "1"},
        "rows": [{"id": "007", "note": "a\nb"}, {"id": "008", "note": None}],
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [("rows.json", '[{"id": 1}, {"id": 2}]'), ("rows.jsonl", '{"id": 1}\n\n{"id": 2}\n')],
)
def test_rows_are_read_by_the_suffix_of_their_file(tmp_path: Path, name: str, text: str) -> None:
    """JSON is a list, JSON lines one object a line."""
    rows = tmp_path / name
    rows.write_text(text, encoding="utf-8")

    assert make_event([], event=None, rows=rows)["rows"] == [{"id": 1}, {"id": 2}]


def test_event_is_sent_as_it_is_when_a_file_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any event can be tried, also from standard input."""
    file = tmp_path / "event.json"
    file.write_text('{"Records": []}', encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.StringIO("[1]"))

    assert make_event([], event=file, rows=None) == {"Records": []}
    assert make_event([], event=Path("-"), rows=None) == [1]


@pytest.mark.parametrize(
    ("words", "name", "text", "expected"),
    [
        (
            ["day"],
            None,
            "",
            "'day' stands alone. Write an argument of the pipeline as --name value.",
        ),
        (["--a", "{x"], None, "", "--a is not valid JSON: Expecting property name enclosed in "),
        ([], "rows.json", '{"id": 1}', "rows.json holds no JSON list. Write one object for each "),
        ([], "absent.csv", None, "absent.csv cannot be read: No such file or directory"),
    ],
)
def test_event_is_refused_when_it_cannot_be_read(
    tmp_path: Path, words: list[str], name: str | None, text: str | None, expected: str
) -> None:
    """The message names what cannot be read, and how it is written."""
    rows = tmp_path / name if name else None
    if rows is not None and text is not None:
        rows.write_text(text, encoding="utf-8")

    with pytest.raises(typer.BadParameter) as caught:
        make_event(words, event=None, rows=rows)

    assert expected in str(caught.value)


def test_event_is_refused_when_it_has_company(tmp_path: Path) -> None:
    """A whole event leaves no room for arguments."""
    file = tmp_path / "event.json"
    file.write_text(json.dumps({}), encoding="utf-8")

    with pytest.raises(typer.BadParameter) as caught:
        make_event(["--day", "1"], event=file, rows=None)

    assert str(caught.value) == "--event is the whole event. Give nothing else with it."
