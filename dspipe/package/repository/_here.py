"""Run the sample here, in a process of its own: the run that the package must come to.

The process also tells what the pipeline needs: which modules it imported and which files it read.
What a program opens is the one list of its files that is never out of date.
"""

import gc
import importlib
import inspect
import json
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from dspipe import PredictionPipeline

# Distributions whose version may change the last digits of a prediction.
NUMERIC = ("numpy", "onnxruntime", "pandas", "scikit-learn", "scipy")
SAMPLE_ROWS = 200  # enough to meet every category, few enough for the event of an invocation


def main(request_file: str, result_file: str) -> None:
    """Do what a request says, and write what came of it as JSON."""
    request = json.loads(Path(request_file).read_text(encoding="utf-8"))
    opened = watch_opened(Path(request["root"]))
    try:
        result = look(request)
    except Exception as error:  # noqa: BLE001 - the user's code may raise anything
        result = {"error": _explain(error)}
    result["opened"] = sorted(opened)
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")


def look(request: Mapping[str, Any]) -> dict[str, Any]:
    """Load the pipeline, get its model ready, and run the sample where there is one."""
    gc.disable()  # as the handler does while it loads
    sys.path.insert(0, request["import_root"])
    pipeline = find_class(request["module"], request["class"])()
    result: dict[str, Any] = {"class": type(pipeline).__name__, "sources": _find_sources(request)}
    if pipeline.predictor is not None:
        pipeline.predictor.load()
        result["model_folder"] = _find_folder(pipeline.predictor)
    # Loaded here too, so that its modules are known where the package cannot run.
    importlib.import_module("dspipe.aws_lambda").make_handler  # noqa: B018 - a lazy name
    gc.enable()
    if request["sample"] is not None:
        result |= run_sample(pipeline, request["sample"])
    result["modules"] = sorted(_iter_module_files())
    result["versions"] = dict(_iter_versions())
    return result


def run_sample(pipeline: "PredictionPipeline", arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Score the first rows that `extract` gives, and keep both."""
    from dspipe._arguments import check_arguments
    from dspipe._responses import to_answer, to_columns, to_plain

    rows = pipeline.preview(SAMPLE_ROWS, **arguments).extracted
    answer = to_answer(pipeline.score(rows, **arguments))
    columns = to_columns(rows.reset_index(drop=True))
    del columns["index"]
    checked = check_arguments(type(pipeline), arguments)
    return {
        "rows": columns,
        "types": _infer_types(rows),
        "arguments": {name: to_plain(checked[name]) for name in arguments},
        "answer": {name: answer[name] for name in ("predictions", "rejected")},
    }


def find_class(module: str, name: str) -> "type[PredictionPipeline]":
    """Import the pipeline class that the settings name."""
    from dspipe import PredictionPipeline
    from dspipe._text import quote_some, suggest
    from dspipe.errors import ConfigurationError

    loaded = importlib.import_module(module)
    found = getattr(loaded, name, None)
    if inspect.isclass(found) and issubclass(found, PredictionPipeline):
        return found
    classes = [
        key
        for key, value in vars(loaded).items()
        if inspect.isclass(value) and value.__module__ == module
    ]
    raise ConfigurationError(
        f"The module '{module}' defines no pipeline '{name}'. It defines: "
        f"{quote_some(classes) or 'no class'}.{suggest(name, classes)} Set 'pipeline' in "
        "[tool.dspipe.deploy] to file.py:Class."
    )


def watch_opened(root: Path) -> set[str]:
    """Note every file under a folder that is opened from now on."""
    opened: set[str] = set()
    prefix = f"{root}{os.sep}"

    def note(event: str, details: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(details[0], str | bytes | os.PathLike):
            path = os.path.abspath(os.fsdecode(details[0]))  # noqa: PTH100 - a path that resolves its links would open files itself
            if path.startswith(prefix):
                opened.add(path)

    sys.addaudithook(note)
    return opened


def _infer_types(rows: "pd.DataFrame") -> str | None:
    """Write the types of extracted rows as a contract that holds nothing but names and types."""
    from dspipe._contract import Column, Contract, Policy
    from dspipe._contract_json import write_contract
    from dspipe.errors import ContractError

    try:
        found = Contract.infer(rows.reset_index(drop=True)).columns
    except ContractError:  # a type that no contract holds; rows are then read by their values
        return None
    columns = [
        Column(
            name=column.name, kind=column.kind, dtype=column.dtype, nullable=True,
            categories=column.categories if column.kind == "category" else None,
            categories_dtype=column.categories_dtype, ordered=column.ordered,
            time_zone=column.time_zone,
        )
        for column in found
    ]  # fmt: skip
    return write_contract(columns, Policy(unseen_category="ignore", out_of_range="ignore"))


def _iter_versions() -> Iterator[tuple[str, str]]:
    for name in NUMERIC:
        with suppress(metadata.PackageNotFoundError):
            yield name, metadata.version(name)


def _find_sources(request: Mapping[str, Any]) -> list[str]:
    from dspipe._config import load_config

    return list(load_config(Path(request["root"])).sources)


def _find_folder(predictor: object) -> str | None:
    """Find the folder of a predictor that says it has one: native libraries open files unseen."""
    folder = getattr(predictor, "folder", None)
    if not isinstance(folder, str | Path):
        return None
    file = getattr(sys.modules.get(type(predictor).__module__), "__file__", None)
    beside = Path(file).parent if file else Path.cwd()
    places = (Path.cwd() / folder, beside / folder)
    return next((str(place.resolve()) for place in places if place.is_dir()), None)


def _iter_module_files() -> set[str]:
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return {file for file in files if isinstance(file, str) and file.endswith(".py")}


def _explain(error: Exception) -> str:
    from dspipe.errors import DspipeError

    notes = getattr(error, "__notes__", ())
    text = str(error) if isinstance(error, DspipeError) else f"{type(error).__name__}: {error}"
    lines = [text, *notes]
    if not isinstance(error, DspipeError):
        last = traceback.extract_tb(error.__traceback__)[-1]
        lines.append(f"At {last.filename}:{last.lineno}: {last.line}")
    return "\n".join(lines)


if __name__ == "__main__":
    main(*sys.argv[1:])
