"""Which statements a pipeline has: every way to give one to `sql`, and what stays open."""

import sys
from datetime import date
from enum import Enum
from pathlib import Path

import pytest
from checks.written import load_class, review, write_repository

from dspipe.checks import review_sql
from dspipe.checks._code import load_code
from dspipe.checks._sql_review import iter_sql
from dspipe.checks._sql_rows import review_rows
from dspipe.checks._sql_text import parse_statement
from dspipe.checks._statements import find_statements
from dspipe.errors import MissingExtraError


class Shop(Enum):
    """A shop by its name."""

    NORTH = "north"


@pytest.mark.parametrize(
    ("call", "source"),
    [
        ("sql('select 1 as a')", "default"),
        ("sql('select 1 as a').on('old')", "old"),
        ("sql('select 1 as a').timeout(3).on('old')", "old"),
        ("sql('select 1 as a').on(shop)", "default"),
        ("dspipe.sql('select 1 as a').on('old').head()", "old"),
        ("query('select 1 as a')", "default"),
        ("sql(ONE)", "default"),
    ],
)
def test_statement_and_its_source_are_found(tmp_path: Path, call: str, source: str) -> None:
    """Whatever `sql` is called, and wherever its source stands in the chain."""
    file = write_repository(tmp_path, f"return {call}")
    more = "import dspipe\nfrom dspipe import sql as query\nONE: str = 'select 1 as a'\n"
    file.write_text(file.read_text("utf-8").replace("\nTABLE", f"\n{more}TABLE"), "utf-8")

    (sent,) = find_statements(load_code(load_class(file)), ())

    assert (sent.value, sent.source) == ("select 1 as a", source)


@pytest.mark.parametrize(
    "call",
    ["sql.file('nowhere.sql')", "sql.file(shop)", "sql(shop)", "sql(day.text)", "sql(TWICE)"],
)
def test_what_is_known_at_run_time_alone_stays_open(tmp_path: Path, call: str) -> None:
    """Nothing is guessed, and nothing is reported."""
    file = write_repository(tmp_path, f"return {call}")
    text = file.read_text("utf-8").replace("\nTABLE", "\nTWICE = 'a'\nTWICE += 'b'\nTABLE")
    file.write_text(text, encoding="utf-8")

    assert [each.value for each in find_statements(load_code(load_class(file)), ())] == [None]
    assert review_sql(load_class(file)) == ()


def test_statement_with_escapes_is_placed_at_its_beginning(tmp_path: Path) -> None:
    """Its characters are others than those that were written; no fix is offered."""
    (found,) = review(tmp_path, r"return sql('select visit_id\nfrom visits\nlimit 5')")

    assert (found.code, found.fix, found.place and found.place.line) == ("S107", None, 18)


def test_file_that_is_no_python_any_more_is_not_read(tmp_path: Path) -> None:
    """Somebody is editing it."""
    file = write_repository(tmp_path, "return sql('select now() as a')")
    loaded = load_class(file)
    file.write_text("class Visits(\n", encoding="utf-8")

    assert load_code(loaded) is None


@pytest.mark.parametrize(
    ("where", "value", "codes"),
    [
        ("shop = 'north'", Shop.NORTH, ["S103"]),
        ("shop in ('south', 'north')", ["north"], ["S103"]),
        ("day = '2026-01-01'", date(2026, 1, 1), ["S103"]),
        ("n = 250", 250, ["S103"]),
        ("n = '250'", 250, []),
        ("n in (250, 300)", [250], ["S103"]),
        ("n = 1", 1, []),
        ("shop = 'n'", "n", []),
        ("shop = 'True'", True, []),
        ("shop = 'None'", None, []),
    ],
)
def test_literal_is_compared_with_arguments_of_every_type(
    where: str, value: object, codes: list[str]
) -> None:
    """As it would be written; what stands everywhere is no sign of anything."""
    text = f"select id from visits where {where}"  # noqa: S608 - it is read, not run
    parsed = parse_statement(text, "duckdb")

    assert [each.code for each in review_rows(parsed, ("id",), {"wanted": value})] == codes


@pytest.mark.parametrize(
    "text",
    [
        "select s.visit_id from visits s, shops s",
        "select visit_id from visits where exists (select n from range(3) r(n) where n = spent)",
        "select a.visit_id from (select * from range(3)) r, (select visit_id from visits) a",
        "select zzz.visit_id from visits",
    ],
)
def test_odd_names_are_left_to_the_database(tmp_path: Path, text: str) -> None:
    """What cannot be told from outside is told by whoever runs it."""
    found = review(tmp_path, f'return sql("{text}")', is_live=True)

    assert [each.code for each in found if each.code in {"S108", "S109"}] == []


def test_without_sqlglot_values_that_are_pasted_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was left out is said, with the command that installs it."""
    file = write_repository(tmp_path, "return sql(f'select {shop}')")
    monkeypatch.setitem(sys.modules, "sqlglot", None)
    code = load_code(load_class(file))

    found, said = iter_sql(load_class(file), code, (), is_live=False)

    assert getattr(found, "code", None) == "S101"
    assert str(said).startswith(
        "Statements were not reviewed: sqlglot is not installed. Run: pip install 'sqlglot"
    )
    with pytest.raises(MissingExtraError, match="The review of statements needs"):
        review_sql(load_class(file))
