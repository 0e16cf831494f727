"""The commands `dspipe new` and `dspipe strip`: what they say, and what they exit with."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from notebooks.books import make_document
from postgres import find_free_port
from typer.testing import Result

Invoke = Callable[..., Result]


@pytest.fixture(autouse=True)
def _with_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, and let git know who commits."""
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Ann\n\temail = ann@example.com\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def test_new_says_what_to_do_first(invoke: Invoke) -> None:
    """The next steps can be copied line by line, at 80 columns."""
    done = invoke("new", "shop")

    assert done.exit_code == 0
    assert done.stdout == (
        "shop: Shop in shop.ipynb, with settings, tests and CI.\n"
        "The data is a sample: visits and payments of a made-up shop.\n"
        "It is a git repository with a first commit.\n"
        "\n"
        "  cd shop\n"
        "  jupyter execute shop.ipynb      # or all cells in JupyterLab or VS Code\n"
        "  dspipe convert shop.ipynb       # the module that production runs\n"
        "  dspipe check shop.py            # it comes to the recorded run again\n"
        "  dspipe run shop.py --day 2026-06-12\n"
        "  pytest\n"
        "  git add --all && git commit\n"
    )


def test_new_with_a_database_says_which_table_is_asked(invoke: Invoke) -> None:
    """The user sees that her own database was looked at."""
    with sqlite3.connect("own.sqlite") as connection:
        connection.execute("create table orders (id integer, amount real)")
    connection.close()

    done = invoke("new", "own", "--source", "sqlite:///own.sqlite")

    lines = done.stdout.splitlines()
    assert lines[1] == "The first query asks the table orders of your database."
    assert "  dspipe run own.py --most-rows 100" in lines


def test_new_says_why_a_database_is_silent_and_where_its_password_went(invoke: Invoke) -> None:
    """A repository is made all the same, and no secret is in what is said."""
    url = f"postgresql://ann:tulip@127.0.0.1:{find_free_port()}/shop"

    done = invoke("new", "own", "--source", url)

    told, silence, template, *_ = done.stdout.splitlines()[1:]
    assert done.exit_code == 0
    assert told == "What is secret in the url was not written down: set OWN_PASSWORD."
    assert silence.startswith("No table was found. The source 'default' cannot be reached at ")
    assert "tulip" not in done.output
    assert template == ("The notebook asks a table 'your_table': fill in its name and columns.")


def test_new_says_that_a_database_is_empty(invoke: Invoke) -> None:
    """An empty database is not taken for a sample."""
    sqlite3.connect("own.sqlite").close()
    Path("own.sqlite").touch()

    done = invoke("new", "own", "--source", "sqlite:///own.sqlite")

    assert done.stdout.splitlines()[1:3] == [
        "No table was found. The database has none that this user may read.",
        "The notebook asks a table 'your_table': fill in its name and columns.",
    ]


@pytest.mark.parametrize("name", ["json", "."])
def test_new_refuses_a_bad_name(invoke: Invoke, name: str) -> None:
    """The reason is a sentence, and nothing is made."""
    done = invoke("new", name)

    assert done.exit_code == 1
    assert done.stderr.startswith("Error: A repository cannot be named ")
    assert list(Path().iterdir()) == []


def write_run(name: str) -> Path:
    """Write a notebook with an output."""
    document = make_document("1 + 1")
    document["cells"][0]["outputs"] = [{"output_type": "stream", "text": "2"}]
    Path(name).write_text(json.dumps(document), encoding="utf-8")
    return Path(name)


def test_strip_takes_outputs_out_of_files(invoke: Invoke) -> None:
    """It says what it did, and the second time there is nothing to do."""
    write_run("a.ipynb")

    first, second = invoke("strip", "a.ipynb"), invoke("strip", "a.ipynb")

    assert first.stdout == "a.ipynb: outputs of 1 cell taken out.\n"
    assert second.stdout == "a.ipynb holds nothing of a run.\n"


def test_strip_check_fails_and_writes_nothing(invoke: Invoke) -> None:
    """For CI: every notebook is looked at, and one with outputs is a failure."""
    before = write_run("a.ipynb").read_bytes()

    done = invoke("strip", "--check", "a.ipynb", "a.ipynb")

    assert done.exit_code == 1
    assert done.stderr == "a.ipynb holds outputs of 1 cell. Run: dspipe strip a.ipynb\n" * 2
    assert Path("a.ipynb").read_bytes() == before


def test_strip_says_which_file_is_not_there(invoke: Invoke) -> None:
    """A misspelt name is not a pass."""
    done = invoke("strip", "--check", "b.ipynb")

    assert (done.exit_code, done.stderr) == (
        1,
        "Error: There is no file b.ipynb. Correct the path.\n",
    )


def test_strip_is_a_filter_for_git() -> None:
    """Standard input to standard output, bytes as they are."""
    content = write_run("a.ipynb").read_bytes()

    done = subprocess.run(
        [sys.executable, "-m", "dspipe", "strip", "-"],
        input=content,
        capture_output=True,
        check=True,
    )

    assert json.loads(done.stdout)["cells"][0]["outputs"] == []
    assert done.stderr == b""
