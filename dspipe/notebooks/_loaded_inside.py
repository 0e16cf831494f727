"""Load a module in a clean process and score with it: the program that runs there.

It says which modules that brought, and may be told to do without some.
"""

import hashlib
import importlib
import json
import pickle
import sys
import traceback
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any


class Hiding:
    """A finder of modules that finds nothing of some packages, as if they were not installed."""

    def __init__(self, finder: Any, tops: list[str]) -> None:
        self._finder = finder
        self._tops = frozenset(tops)

    def find_spec(self, name: str, *more: Any) -> ModuleSpec | None:
        """Find a module, unless it is of a hidden package."""
        if name.partition(".")[0] in self._tops:
            return None
        found: ModuleSpec | None = self._finder.find_spec(name, *more)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)


def main(request_file: str, runs_file: str, result_file: str) -> None:
    """Load and score as the request says, and write what came of it as JSON."""
    request = json.loads(Path(request_file).read_text(encoding="utf-8"))
    before = set(sys.modules)
    if request["hidden"]:
        sys.meta_path[:] = [Hiding(finder, request["hidden"]) for finder in sys.meta_path]
    result: dict[str, Any] = {"failed": None, "absent": [], "trace": "", "answers": []}
    try:
        pipeline = load_pipeline(request)
        # The file holds frames that the process which started this one wrote just now.
        runs = pickle.loads(Path(runs_file).read_bytes())  # noqa: S301
        result["answers"] = [perform(pipeline, *run, is_live=request["is_live"]) for run in runs]
    except Exception as error:  # noqa: BLE001 - whatever fails here is told
        result["failed"] = f"{type(error).__name__}: {error}"
        result["trace"] = traceback.format_exc()
        result["absent"] = list_absent(error)
    result["modules"] = sorted(set(sys.modules) - before)
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")


def load_pipeline(request: dict[str, Any]) -> Any:
    """Import the class, and load its predictor."""
    sys.path.insert(0, request["folder"])
    module = importlib.import_module(request["module"])
    pipeline = getattr(module, request["class"])(on_bad_row="reject")
    if pipeline.predictor is not None:
        pipeline.predictor.load()
    return pipeline


def perform(pipeline: Any, rows: Any, arguments: dict[str, Any], *, is_live: bool) -> list[str]:
    """Score recorded rows, then ask the source as well: its driver is found by name."""
    answers = [digest(pipeline.score(rows, **arguments))]
    if is_live:
        answers.append(digest(pipeline.run(**arguments)))
    return answers


def digest(run: Any) -> str:
    """Sum the predictions of a run up, whatever their dtypes."""
    return hashlib.sha256(run.predictions.to_csv().encode()).hexdigest()


def list_absent(error: BaseException | None) -> list[str]:
    """List the modules that were missed on the way to an error."""
    found = []
    while error is not None:
        if isinstance(error, ModuleNotFoundError) and error.name:
            found.append(error.name.partition(".")[0])
        error = error.__cause__ or error.__context__
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
