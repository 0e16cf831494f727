"""The stations of `dspipe check` that are asked for: the notebook, the emulator, a function."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from checks.test_check import make_record
from parity.repository import forget, load_class, make_package, make_repository

from dspipe.checks import check
from dspipe.notebooks import convert
from dspipe.package._saved import save_package

SKIPPED = "delay.ipynb was not run in a fresh kernel; --notebook runs it."


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Give the file of a pipeline whose golden run is recorded."""
    file = make_repository(tmp_path)
    load_class(file)().run(day="2013-06-01").record("june")
    yield file
    forget()


def write_notebook(file: Path, *cells: str, skipped: str = "") -> Path:
    """Write a notebook with the code of a module, and convert it to that very file."""
    sources: list[tuple[str, list[str]]] = [(file.read_text(encoding="utf-8"), [])]
    sources += [(cell, []) for cell in cells]
    sources += [(skipped, ["skip-execution"])] if skipped else []
    document = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"cell_type": "code", "id": str(number), "metadata": {"tags": tags}, "outputs": [],
             "execution_count": None, "source": source}
            for number, (source, tags) in enumerate(sources)
        ],
    }  # fmt: skip
    notebook = file.with_name("delay.ipynb")
    notebook.write_text(json.dumps(document), encoding="utf-8")
    conversion = convert(notebook)
    file.write_text(conversion.text, encoding="utf-8")
    return notebook


@pytest.mark.timeout(120)
def test_notebook_of_a_converted_module_is_run_where_that_is_asked_for(file: Path) -> None:
    """The module's first line names its notebook; a tagged cell is left out."""
    write_notebook(file, "run = FlightDelay().run(day='2013-06-01')", skipped="raise OSError")

    quick = check(load_class(file), is_live=False)
    whole = check(load_class(file), is_live=False, with_notebook=True)

    equal = "FlightDelay, golden run 'june', in the notebook: equal for 4 rows."
    assert SKIPPED in quick.skipped
    assert equal not in quick.done
    assert equal in whole.done
    assert SKIPPED not in whole.skipped


@pytest.mark.timeout(120)
def test_notebook_that_fails_is_a_finding(file: Path) -> None:
    """What a kernel with a history hides, a fresh one shows."""
    write_notebook(file, "model = trained_before_lunch")

    report = check(load_class(file), is_live=False, with_notebook=True)

    (found,) = (each for each in report.findings if each.code == "G105")
    assert "cell 2, line 1 fails with NameError" in found.message


def test_module_that_was_not_converted_has_no_notebook_to_run(file: Path) -> None:
    """It is said, because it was asked for."""
    report = check(load_class(file), is_live=False, with_notebook=True)

    assert "The pipeline was not converted from a notebook, so none was run." in report.skipped


def test_emulator_that_is_not_there_is_a_sentence(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without AWS's programs checks the rest."""
    monkeypatch.setenv("DSPIPE_LAMBDA_EMULATOR", str(tmp_path / "nothing"))
    save_package(make_record(make_package(tmp_path / "package", file)), tmp_path)

    report = check(load_class(file), package=tmp_path, is_live=False)

    (said,) = (each for each in report.skipped if "emulator" in each)
    assert said.startswith(
        "The package was not run under Lambda's emulator: AWS's emulator of Lambda, "
    )
    assert not [each for each in report.findings if each.code.startswith("G")]
