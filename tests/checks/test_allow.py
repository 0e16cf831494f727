"""What somebody allowed: by a comment at the line or by the settings, and listed all the same."""

from dataclasses import replace
from pathlib import Path

import pytest
from checks.written import SETTINGS, load_class, review, write_notebook, write_repository

from dspipe.checks import check, review_sql
from dspipe.checks._allow import allow_all
from dspipe.cli._locate import load_pipeline
from dspipe.errors import ConfigurationError


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["return sql('select now() as a')  # dspipe: allow S104 the clock is the key"],
         "the clock is the key"),
        (["# dspipe: allow S106, S104: as agreed", "return sql('select now() as a')"], "as agreed"),
        (["return sql('''", "-- dspipe: allow S104", "-- of the source", "select now() as a''')"],
         "without a reason"),
        (["return sql('''", "select now() as a /* dspipe: allow S104 here */''')"], "here"),
    ],
)  # fmt: skip
def test_comment_allows_what_it_names(tmp_path: Path, lines: list[str], reason: str) -> None:
    """On the line, or on lines of comments above it; in Python and in SQL."""
    (found,) = review(tmp_path, *lines)

    assert (found.code, found.allowed) == ("S104", reason)


@pytest.mark.parametrize(
    "lines",
    [
        ["return sql('select now() as a')  # dspipe: allow S105 another one"],
        ["# dspipe: allow S104 far away", "a = 1", "return sql('select now() as a')"],
        ["return sql('select now() as a')  # allow S104"],
    ],
)
def test_other_comments_allow_nothing(tmp_path: Path, lines: list[str]) -> None:
    """A code is named, and the comment stands where the finding is."""
    (found,) = review(tmp_path, *lines)

    assert found.allowed is None


def test_comment_in_a_cell_counts(tmp_path: Path) -> None:
    """The notebook is what a person writes."""
    lines = ["# dspipe: allow S104 it is", "return sql('select now() as a')"]
    write_repository(tmp_path, *lines).unlink()

    (found,) = review_sql(load_pipeline(str(write_notebook(tmp_path, *lines))))

    assert (found.place and found.place.cell, found.allowed) == (2, "it is")


def test_settings_allow_a_code_for_the_repository(tmp_path: Path) -> None:
    """What is allowed is listed with its reason, and fails nothing."""
    file = write_repository(tmp_path, "return sql('select now() as a')")
    allow = '[tool.dspipe.check]\nallow = { S104 = "a table of now", D101 = "no lock yet" }\n'
    (tmp_path / "pyproject.toml").write_text(SETTINGS + allow, encoding="utf-8")

    report = check(load_class(file))

    assert report.is_passed
    assert [each.code for each in report.findings] == ["G001"]
    assert {each.code: each.allowed for each in report.allowed} == {
        "S104": "a table of now",
        "D101": "no lock yet",
    }
    assert report.to_dict()["allowed"][0]["allowed"] == "a table of now"


def test_settings_that_allow_without_a_reason_are_refused(tmp_path: Path) -> None:
    """All faults are told together."""
    file = write_repository(tmp_path, "return sql('select now() as a')")
    table = '[tool.dspipe.check]\nalow = 1\nallow = { S104 = "", S999 = "why" }\n'
    (tmp_path / "pyproject.toml").write_text(SETTINGS + table, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        review_sql(load_class(file))

    assert str(caught.value) == (
        f"[tool.dspipe.check] in {tmp_path / 'pyproject.toml'} cannot be used. It has an unknown "
        "key 'alow'. Did you mean 'allow'? It takes: allow. 'S104' needs a reason, as a text. "
        "There is no check 'S999'. Write, for example, allow = { S106 = \"the view has what is "
        'needed" }.'
    )


def test_list_of_codes_is_refused(tmp_path: Path) -> None:
    """A list has no place for reasons."""
    file = write_repository(tmp_path, "return sql('select 1 as a')")
    table = '[tool.dspipe.check]\nallow = ["S104"]\n'
    (tmp_path / "pyproject.toml").write_text(SETTINGS + table, encoding="utf-8")

    with pytest.raises(ConfigurationError, match="must be a table of codes with their reasons"):
        review_sql(load_class(file))


def test_comment_is_looked_for_where_the_finding_stands(tmp_path: Path) -> None:
    """The first line of a cell has none above it."""
    lines = ["return sql('select now() as a')"]
    write_repository(tmp_path, *lines).unlink()
    notebook = write_notebook(tmp_path, *lines)
    (found,) = review_sql(load_pipeline(str(notebook)))
    assert found.place is not None

    places = [replace(found.place, line=1), replace(found.place, cell=9)]

    rest = [replace(found, place=place) for place in places]
    assert [each.allowed for each in allow_all(rest, None)] == [None, None]
