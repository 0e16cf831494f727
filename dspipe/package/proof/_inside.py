"""Run a package in a clean process: the program that runs there.

It is started by its path, by the Python that Lambda runs, with nothing on the path but the package;
so it may import the standard library alone until the package is asked for.
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from time import perf_counter
from typing import Any

# What a database needs is imported when a query runs, which no query does here.
_DRIVERS = {
    "psycopg": ("postgresql+psycopg://h/d", "dspipe.sources._postgresql"),
    "pymysql": ("mysql+pymysql://h/d", "dspipe.sources._sqlalchemy"),
}


def main(folder: str, request_file: str, result_file: str) -> None:
    """Load the package's handler, score the sample, and write what came of it as JSON."""
    os.environ["LAMBDA_TASK_ROOT"] = folder
    os.chdir(folder)
    sys.path.insert(0, folder)
    result: dict[str, Any] = {}
    try:
        result["init_seconds"] = load_handler()
        load_drivers(Path(folder))
        sys.stdin.read()  # the rows come from a process that runs at the same time
        request = json.loads(Path(request_file).read_text(encoding="utf-8"))
        result["answer"] = score(request) if request["rows"] is not None else None
        importlib.import_module("dspipe.aws_lambda").handler({"dspipe": "ping"})
    except Exception as error:  # noqa: BLE001 - whatever fails here fails in Lambda
        result["error"] = f"{type(error).__name__}: {error}"
        result["missing"] = getattr(error, "name", None) if _is_import(error) else None
        result["trace"] = traceback.format_exc()
    result["modules"] = sorted(iter_modules(folder))
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")


def load_handler() -> float:
    """Get the function ready, as Lambda does before the first event."""
    started = perf_counter()
    module = importlib.import_module("dspipe.aws_lambda")
    module.handler  # noqa: B018 - it is made when it is asked for
    return perf_counter() - started


def load_drivers(folder: Path) -> None:
    """Load what a first query would."""
    for driver, (url, module) in _DRIVERS.items():
        if (folder / driver).is_dir():
            importlib.import_module(module)
            importlib.import_module("sqlalchemy").create_engine(url).dispose()


def score(request: dict[str, Any]) -> dict[str, Any]:
    """Score given rows with the package's own pipeline."""
    settings = json.loads(Path("dspipe.json").read_text(encoding="utf-8"))
    module, _, name = settings["pipeline"].partition(":")
    pipeline = getattr(importlib.import_module(module), name)()
    frame = read_rows(request["rows"], settings["rows"])
    answer = _ship("_responses").to_answer(pipeline.score(frame, **request["arguments"]))
    # Written and read once, as a caller gets it.
    return dict(json.loads(_ship("_responses").dumps(answer)))


def read_rows(rows: dict[str, list[Any]], contract_file: str | None) -> Any:
    """Make a frame of rows, with the types that the package knows."""
    if contract_file is None:
        return _ship("aws_lambda.requests._rows").RowReader().read(rows)
    columns = _ship("_contract").Contract.load(contract_file).columns
    return _ship("aws_lambda.requests._rows").RowReader(columns, is_complete=True).read(rows)


def iter_modules(folder: str) -> set[str]:
    """List the Python files of the package that were loaded, relative to its folder."""
    prefix = folder + os.sep
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return {
        file.removeprefix(prefix)
        for file in files
        if isinstance(file, str) and file.startswith(prefix) and file.endswith(".py")
    }


def _is_import(error: BaseException | None) -> bool:
    return isinstance(error, ImportError)


def _ship(name: str) -> Any:
    return importlib.import_module(f"dspipe.{name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
