"""The command `dspipe build`."""

import inspect
from typing import Any

from package.wheelhouse import Repository, find_any, find_foreign
from typer.testing import CliRunner

from dspipe.cli._app import app

SETTINGS = """
[tool.dspipe.deploy]
name = "large"
pipeline = "large.py:Large"
sample = { n = 3 }
"""


def invoke(*arguments: object) -> Any:
    """Run ``dspipe`` with these arguments."""
    # Older versions of click mix the two streams unless they are told not to.
    is_old = "mix_stderr" in inspect.signature(CliRunner).parameters
    options: dict[str, Any] = {"mix_stderr": False} if is_old else {}
    return CliRunner(**options).invoke(app, [str(argument) for argument in arguments])


def test_build_shows_the_report_and_the_file(repository: Repository) -> None:
    """The report goes to standard output, the steps to standard error."""
    repository.write("pyproject.toml", SETTINGS)
    python = find_any().version.rpartition(".")[0]

    done = invoke("build", repository.root, "--python", python, "--architecture", find_foreign())

    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert lines[0] == f"large: zip for Python {python} on {find_foreign()}"
    assert lines[-1] == str(repository.root / "build" / "dspipe" / "large" / "large.zip")
    assert "Install 3 distributions ..." in done.stderr.splitlines()


def test_build_tells_what_is_wrong_with_an_option(repository: Repository) -> None:
    """An option is checked as a setting is."""
    repository.write("pyproject.toml", SETTINGS)

    done = invoke("build", repository.root, "--python", "3.8")

    assert done.exit_code == 1
    assert done.stderr == (
        "Error: The setting 'python' is '3.8'. It must be one of: '3.12', '3.13', '3.14'.\n"
    )
