"""The command `dspipe check`: sentences for people, JSON for programs, an exit code for CI."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from parity.repository import change_code, forget, load_class, make_repository
from typer.testing import Result

Invoke = Callable[..., Result]


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Give the file of a pipeline whose golden run is recorded."""
    file = make_repository(tmp_path)
    load_class(file)().run(day="2013-06-01").record("june")
    forget()
    yield file
    forget()


def test_check_says_what_was_proven(invoke: Invoke, file: Path) -> None:
    """Every proof is a line, and the last line is the verdict."""
    done = invoke("check", file)

    assert done.exit_code == 0
    assert done.stdout.startswith(
        "ok       FlightDelay, golden run 'june', in this process: equal for 4 rows.\n"
    )
    assert done.stdout.endswith("\nFlightDelay passed.\n")
    assert done.stderr == "Golden run june ...\nStatements, secrets and requirements ...\n"
    assert max(len(line) for line in done.stdout.splitlines()) <= 100


def test_check_fails_with_code_place_and_page(invoke: Invoke, file: Path) -> None:
    """CI stops, and a person reads what to look at."""
    change_code(file, "NIGHT = 18", "NIGHT = 19")

    done = invoke("check", file, "--frozen")

    assert done.exit_code == 1
    assert (
        "\nGolden runs\n"
        "error    G101 this process does not come to the golden run (june)\n"
        "         In this process, postprocess: column 'is_night' differs (code): 1 row of 4, "
        "first 2: True\n"
        "         recorded, False now. Changed in the code: 'NIGHT'.\n"
        "         See docs/reference/checks.md#g101\n"
    ) in done.stdout
    assert done.stdout.endswith("\nFlightDelay failed with 2 errors.\n")


def test_check_writes_json_for_programs(invoke: Invoke, file: Path) -> None:
    """Standard output is one JSON object, whatever was found."""
    done = invoke("check", file, "--json")

    answer = json.loads(done.stdout)
    assert (answer["pipeline"], answer["passed"], answer["findings"]) == ("FlightDelay", True, [])


def test_check_of_an_unknown_golden_run_is_an_error(invoke: Invoke, file: Path) -> None:
    """A misspelt name is not a pass."""
    done = invoke("check", file, "--golden", "july")

    assert done.exit_code == 1
    assert "FlightDelay has no golden run 'july'" in done.stderr


def test_check_shows_the_place_and_mends_it(invoke: Invoke, file: Path) -> None:
    """The line, the diff, and what was allowed; nothing is left to fail for."""
    text = file.read_text("utf-8")
    text = text.replace("where day = :day", "where day = :day limit 9").replace(
        "NIGHT = 18", "NIGHT = 18\nWHEN = sql('select now() as a')  # dspipe: allow S104 it is"
    )
    file.write_text(text, encoding="utf-8")

    done = invoke("check", file, "--fix", "--frozen")

    place = f"{file}:{text[: text.index('limit')].count(chr(10)) + 1}"
    assert done.exit_code == 0
    assert "error    S107 a statement cuts rows without an order\n" in done.stdout
    assert f"allowed  S104 {file}:" in done.stdout
    assert "FlightDelay failed with 1 error, 1 allowed.\n" in done.stdout
    assert done.stdout.replace("\n         ", " ").endswith(
        f"fixed    S107 {place}: order by flight_id\n"
    )
    assert "limit 9" in file.read_text("utf-8")
    assert "order by flight_id limit" in file.read_text("utf-8")


def test_check_that_mends_nothing_says_so(invoke: Invoke, file: Path) -> None:
    """Also in JSON."""
    said, written = invoke("check", file, "--fix"), invoke("check", file, "--fix", "--json")

    assert said.stdout.endswith("There was nothing to fix.\n")
    assert json.loads(written.stdout)["repair"] == {
        "findings": [],
        "left": [],
        "diff": "",
        "notebooks": [],
    }
