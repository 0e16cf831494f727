"""The command as its own process: what it loads, its streams, and a reader that leaves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dspipe.cli import main

PIPELINES = Path(__file__).parent / "pipelines"


def run_python(*arguments: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """Run Python in the folder of pipelines."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PIPELINES,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "100"},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


def test_process_prints_data_and_remarks_apart_when_run() -> None:
    """`python -m dspipe` writes data to standard output and no progress to a pipe."""
    actual = run_python("-m", "dspipe", "run", "two.py:First", "--format", "csv")

    assert (actual.returncode, actual.stdout) == (0, "row,prediction\n0,1.0\n1,1.0\n")
    assert len(actual.stderr.splitlines()) == 1


def test_process_exits_with_code_when_arguments_are_wrong() -> None:
    """The exit code reaches the shell."""
    actual = run_python("-m", "dspipe", "run", "two.py:First", "--n-rows", "x")

    assert actual.returncode == 2
    assert actual.stderr == "Error: First cannot take 'x' as 'n_rows': it must be a whole number.\n"


def test_process_is_quiet_when_reader_has_left() -> None:
    """`dspipe run | head` shows no error of the broken pipe."""
    reading, writing = os.pipe()
    os.close(reading)

    actual = run_python("-m", "dspipe", "run", "two.py:First", "--format", "csv", stdout=writing)

    os.close(writing)
    assert (actual.returncode, actual.stderr) == (0, "")


def test_process_loads_no_heavy_package_when_it_shows_help() -> None:
    """The help needs neither pandas nor a database driver, so it comes at once."""
    program = (
        "import sys\n"
        "from dspipe.cli import main\n"
        "sys.argv = ['dspipe', '--help']\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert stop.code == 0\n"
        "heavy = {'pandas', 'numpy', 'pydantic', 'sqlalchemy', 'duckdb', 'sklearn', 'pyarrow'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))\n"
    )

    actual = run_python("-c", program)

    assert "Run prediction pipelines" in actual.stdout
    assert actual.stdout.endswith("loaded: []\n")


def test_main_runs_command_when_typer_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The entry point of the package runs the command."""
    monkeypatch.setattr(sys, "argv", ["dspipe", "schema", "two.py:First"])

    with pytest.raises(SystemExit) as caught:
        main()

    assert caught.value.code == 0
    assert '"n_rows"' in capsys.readouterr().out


def test_main_says_what_to_install_when_typer_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry point exits with a sentence."""
    monkeypatch.setitem(sys.modules, "typer", None)

    with pytest.raises(SystemExit, match=r"Run: pip install 'packaging>=24\.2' 'rich"):
        main()


def test_process_says_what_to_install_when_typer_is_absent() -> None:
    """Without the extra the command gives its name, not a traceback."""
    program = "import sys; sys.modules['typer'] = None; from dspipe.cli import main; main()"

    actual = run_python("-c", program)

    assert actual.returncode == 1
    assert actual.stderr.startswith("Error: The command line needs the package 'typer'")
    assert actual.stderr.endswith("Run: pip install 'packaging>=24.2' 'rich>=13.9' 'typer>=0.15'\n")
