"""Values that are pasted into statements: found, told from other pieces, and bound by --fix."""

from pathlib import Path

import pytest
from checks.written import load_class, review

from dspipe.checks import CheckReport, fix, review_sql


@pytest.mark.parametrize(
    "call",
    [
        "sql(f\"select visit_id from visits where shop = '{shop}'\")",
        "sql(\"select visit_id from visits where shop = '%s'\" % shop)",
        "sql(\"select visit_id from visits where shop = '{}'\".format(shop))",
        'sql("select visit_id from visits where shop = \'" + shop + "\'")',
        "sql(\"select visit_id from visits where shop = 'X'\".replace('X', shop))",
    ],
)
def test_pasted_argument_is_an_error(tmp_path: Path, call: str) -> None:
    """Every way to paste is found."""
    (found,) = review(tmp_path, f"return {call}")

    assert found.code == "S101"
    assert found.message == (
        "The statement is put together with the value of 'shop': a value that holds a quote "
        "changes the statement, and types are lost. Bind it: write :shop in the text and give "
        "shop=shop."
    )


def test_value_made_of_an_argument_is_followed(tmp_path: Path) -> None:
    """A name between the two hides nothing."""
    (found,) = review(
        tmp_path,
        "where = f\"shop = '{shop.upper()}'\"",
        'text = f"select visit_id from visits where {where}"',
        "return sql(text)",
    )

    assert (found.code, found.place and found.place.line) == ("S101", 19)


def test_other_pieces_are_a_warning(tmp_path: Path) -> None:
    """The name of a table cannot be bound, and makes the statement unreadable all the same."""
    (found,) = review(tmp_path, 'return sql(f"select visit_id from {TABLE}")')

    assert (found.code, found.rule.severity, found.fix) == ("S102", "warning", None)
    assert found.message == (
        "The statement is put together when it runs, so nobody can read what is sent: "
        "f'select visit_id from {TABLE}'. Write it whole, and bind what varies."
    )


def test_what_cannot_be_told_is_not_told(tmp_path: Path) -> None:
    """A function may give any text."""
    assert review(tmp_path, "return sql(make(day))") == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "sql(f\"select visit_id from visits where shop = '{shop}' and day = {day}\")",
            'sql("select visit_id from visits where shop = :shop and day = :day", shop=shop, '
            "day=day)",
        ),
        (
            "sql(\n            f\"select 1 as visit_id where 'a' = '{shop}'\",\n        )",
            "sql(\n            \"select 1 as visit_id where 'a' = :shop\", shop=shop,\n        )",
        ),
        (
            "sql(f'select visit_id from visits where day >= {day} and spent > :n', n=3)",
            "sql('select visit_id from visits where day >= :day and spent > :n', n=3, day=day)",
        ),
    ],
)
def test_simple_value_is_bound(tmp_path: Path, before: str, after: str) -> None:
    """The text, the keyword, and nothing else."""
    found = review(tmp_path, f"return {before}")

    repair = fix(CheckReport("Visits", found))

    file = tmp_path / "visits.py"
    assert file.read_text("utf-8").endswith(f"return {after}\n")
    assert [each.code for each in repair.findings] == ["S101"]
    assert review_sql(load_class(file)) == ()


@pytest.mark.parametrize(
    "call",
    [
        'sql(f"select visit_id from {shop}")',
        "sql(f\"select visit_id from visits where shop like '%{shop}%'\")",
        "sql(f\"select visit_id from visits where shop = '{shop.upper()}'\")",
        "sql(f\"select visit_id from visits where shop = '{shop!r}'\")",
        "sql(f\"select '{{' as a, visit_id from visits where shop = '{shop}'\")",
        "sql(f\"select visit_id from visits where shop = '{shop}'\", **{'a': 1})",
        'sql(f"select visit_id from visits where shop = \'{shop}\'" f" and day = {day}")',
        "sql(f\"select visit_id from visits where shop = '{shop}'\"  # why\n        )",
    ],
)
def test_what_is_not_simple_is_left_to_a_person(tmp_path: Path, call: str) -> None:
    """A fix must not change what the statement means."""
    (found,) = review(tmp_path, f"return {call}")

    assert (found.code, found.fix) == ("S101", None)
