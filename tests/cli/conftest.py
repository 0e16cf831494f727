"""Run the real command in this process, in a folder of tiny pipelines."""

import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dspipe.cli._app import app

PIPELINES = Path(__file__).parent / "pipelines"
Invoke = Callable[..., Result]


@pytest.fixture(autouse=True)
def _in_pipelines(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in the folder of pipelines, and forget the modules that a test loaded."""
    before = set(sys.modules)
    monkeypatch.chdir(PIPELINES)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(PIPELINES)):
            del sys.modules[name]


@pytest.fixture
def invoke() -> Invoke:
    """Run ``dspipe`` with these arguments."""
    # Older versions of click mix the two streams unless they are told not to.
    is_old = "mix_stderr" in inspect.signature(CliRunner).parameters
    options: dict[str, Any] = {"mix_stderr": False} if is_old else {}

    def run(*arguments: object) -> Result:
        return CliRunner(**options).invoke(app, [str(argument) for argument in arguments])

    return run
