"""The program that loads a module in a clean process, called in this one."""

import json
import pickle
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dspipe.notebooks._loaded_inside import Hiding, list_absent, main

Ask = Callable[..., dict[str, Any]]
LATE = """import pandas as pd
from dspipe import PredictionPipeline
from dspipe.predictors import MockPredictor
import {needs}

class Late(PredictionPipeline):
    key = "id"
    predictor = MockPredictor(0.5)

    def extract(self, n: int):
        return pd.DataFrame({{"id": range(n)}})
"""


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Run the program on a module that imports something, and leave this process as it was."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))

    def run(needs: str, *hidden: str) -> dict[str, Any]:
        (tmp_path / "late_inside.py").write_text(LATE.format(needs=needs), encoding="utf-8")
        request = {"folder": str(tmp_path), "module": "late_inside", "class": "Late"}
        request_file, runs_file, result_file = (str(tmp_path / name) for name in "abc")
        asked = json.dumps({**request, "is_live": True, "hidden": hidden})
        Path(request_file).write_text(asked, encoding="utf-8")
        rows = pd.DataFrame({"id": [0, 1]})
        Path(runs_file).write_bytes(pickle.dumps([(rows, {"n": 2})]))
        main(request_file, runs_file, result_file)
        found: dict[str, Any] = json.loads(Path(result_file).read_text(encoding="utf-8"))
        return found

    monkeypatch.delitem(sys.modules, "late_inside", raising=False)
    monkeypatch.delitem(sys.modules, "this", raising=False)
    yield run
    sys.modules.pop("late_inside", None)


def test_program_tells_what_was_loaded_and_answered(ask: Ask) -> None:
    """Recorded rows and those of the source come to the same answers."""
    result = ask("json")

    assert result["failed"] is None
    assert "late_inside" in result["modules"]
    (answers,) = result["answers"]
    assert len(answers) == 2
    assert len(set(answers)) == 1


def test_program_tells_which_module_was_missed(ask: Ask) -> None:
    """A hidden one is as one that is not installed."""
    result = ask("this", "this")

    assert result["failed"] == "ModuleNotFoundError: No module named 'this'"
    assert result["absent"] == ["this"]
    assert "import this" in result["trace"]


def test_hidden_packages_are_not_found_and_others_are() -> None:
    """Whoever asks whether one is there is told no."""
    finder = Hiding(PathFinder, ["yaml"])

    assert finder.find_spec("yaml.nodes", None) is None
    assert finder.find_spec("json", None) is not None
    assert finder.find_distributions == PathFinder.find_distributions


def test_missed_modules_are_found_behind_other_errors() -> None:
    """A library says in its own words what it lacks."""
    missed = ModuleNotFoundError("no", name="yaml.nodes")
    told = ValueError("install yaml")
    told.__cause__ = missed

    assert list_absent(told) == ["yaml"]
