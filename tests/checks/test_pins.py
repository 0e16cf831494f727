"""Imports and pins: what no lock knows, and what it knows otherwise."""

from importlib.metadata import version
from pathlib import Path

import pytest
from checks.written import SETTINGS, load_class, write_repository

from dspipe.checks import CheckReport, Finding, fix
from dspipe.checks._code import load_code
from dspipe.checks._findings import Skipped
from dspipe.checks._pins import check_pins

NEEDED = ("duckdb", "pandas", "pydantic", "sqlalchemy")


def look(file: Path) -> list[Finding | str]:
    """Compare what a module needs with its lock."""
    return list(check_pins(load_code(load_class(file))))


def write_pins(names: tuple[str, ...] = NEEDED, **others: str) -> str:
    """Write requirements with the versions that are installed here, and some other ones."""
    return "".join(f"{name}=={others.get(name) or version(name)}\n" for name in names)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a module that imports DuckDB, with an empty requirements.txt beside it."""
    file = write_repository(tmp_path, "return sql('select 1')")
    file.write_text(f"import duckdb\n{file.read_text('utf-8')}", encoding="utf-8")
    return file


def test_complete_requirements_are_said(file: Path) -> None:
    """How many there are is part of the proof."""
    (file.parent / "requirements.txt").write_text(write_pins(), encoding="utf-8")

    assert look(file) == ["requirements.txt pins all 4 distributions that are needed."]


def test_import_that_is_not_pinned_is_found_where_it_is_imported(file: Path) -> None:
    """The line of the import, and the line to add."""
    (file.parent / "requirements.txt").write_text(write_pins(NEEDED[1:]), encoding="utf-8")

    (found,) = look(file)

    assert isinstance(found, Finding)
    here = version("duckdb")
    assert (found.code, found.place and found.place.line) == ("D101", 1)
    assert found.message == (
        f"No line of requirements.txt pins duckdb, which the module needs; {here} is installed "
        f"here. Add duckdb=={here}, and lock anew."
    )


def test_fix_adds_the_lines_in_order(file: Path) -> None:
    """All that is absent is pinned to what is installed here."""
    found = tuple(each for each in look(file) if isinstance(each, Finding))

    fix(CheckReport("Visits", found))

    assert (file.parent / "requirements.txt").read_text("utf-8") == write_pins()
    assert [type(each) for each in look(file)] == [str]


def test_lock_with_hashes_is_not_written_by_hand(file: Path) -> None:
    """Its hashes come from where packages come from."""
    lock = f"{write_pins(NEEDED[1:])}other==1 \\\n    --hash=sha256:ab\n"
    (file.parent / "requirements.lock").write_text(lock, encoding="utf-8")

    (found,) = look(file)

    assert isinstance(found, Finding)
    assert (found.code, found.fix) == ("D101", None)


def test_other_version_is_a_warning_at_the_line_of_the_lock(file: Path) -> None:
    """What was proven here is not what ships."""
    (file.parent / "requirements.txt").write_text(write_pins(pandas="2.0.0"), encoding="utf-8")

    (found,) = look(file)

    assert isinstance(found, Finding)
    assert (found.code, found.rule.severity) == ("D102", "warning")
    assert (found.place and found.place.line, found.facts["pinned"]) == (2, ["2.0.0"])
    assert found.message == (
        f"requirements.txt pins pandas to '2.0.0', and {version('pandas')} is installed here: "
        "what is proven here is not what ships. Install from requirements.txt, or lock anew."
    )


def test_lock_of_uv_is_read(file: Path) -> None:
    """Its packages stand in tables; one without a version is pinned by its place."""
    tables = "".join(
        f'[[package]]\nname = "{name}"\nversion = "{version(name)}"\n' for name in NEEDED[1:]
    )
    text = f'version = 1\n[[package]]\nname = "duckdb"\nversion = "0.1"\n{tables}'
    (file.parent / "uv.lock").write_text(text, encoding="utf-8")

    (found,) = look(file)

    assert isinstance(found, Finding)
    assert (found.code, found.place and found.place.line) == ("D102", 3)


def test_lock_of_the_settings_comes_first(file: Path) -> None:
    """What deploys is what counts; an address is a pin too."""
    settings = f'{SETTINGS}[tool.dspipe.deploy]\nlock = "locks/prod.txt"\n'
    (file.parent / "pyproject.toml").write_text(settings, encoding="utf-8")
    (file.parent / "locks").mkdir()
    text = f"{write_pins(NEEDED[1:])}duckdb @ git+https://example.org/duckdb@0a1b\n"
    (file.parent / "locks" / "prod.txt").write_text(text, encoding="utf-8")

    assert look(file) == ["prod.txt pins all 4 distributions that are needed."]


def test_no_lock_is_said(file: Path) -> None:
    """What was not compared is not passed over."""
    (file.parent / "requirements.txt").unlink()

    (said,) = look(file)

    assert isinstance(said, Skipped)
    assert said == (
        "Versions were not compared: no lock stands beside visits.py or in the root of its "
        "repository. Write one: dspipe convert does, with the module."
    )


def test_import_that_is_not_installed_is_found(file: Path) -> None:
    """It may be imported late, so that the module itself loads."""
    text = file.read_text("utf-8").replace("return sql", "import nothing_of_anybody; return sql")
    file.write_text(text, encoding="utf-8")

    (found,) = look(file)

    assert isinstance(found, Finding)
    assert (found.code, found.place and found.place.line) == ("D101", 19)
    assert "'nothing_of_anybody' belongs to no distribution" in found.message
