"""Replay a golden run in a clean process: the program that runs there.

It is started by its path, by Python with nothing on the path but what the request names; so it may
import the standard library alone until the pipeline is loaded.
"""

import importlib
import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any


def main(request_file: str, result_file: str) -> None:
    """Load the pipeline, replay the request, and write what came of it as JSON."""
    request = json.loads(Path(request_file).read_text(encoding="utf-8"))
    try:
        pipeline_class = load_class(request)
        result = load_performer(Path(__file__).parent)(pipeline_class, request)
    except Exception as error:  # noqa: BLE001 - whatever fails here is a finding
        result = {"failed": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")


def load_class(request: dict[str, Any]) -> type:
    """Import the class by its module, from the folders of the request."""
    sys.path[:0] = request["folders"]
    if request["task_root"]:
        os.environ["LAMBDA_TASK_ROOT"] = request["task_root"]
    module = importlib.import_module(request["module"])
    found: type = getattr(module, request["class"])
    return found


def load_performer(room: Path) -> Any:
    """Get the function that replays; a package has no workshop, so the room is put beside it."""
    importlib.import_module("dspipe")
    if importlib.util.find_spec("dspipe.parity") is None:
        stand_in = ModuleType("dspipe.parity")
        stand_in.__path__ = [str(room)]
        sys.modules["dspipe.parity"] = stand_in
    return importlib.import_module("dspipe.parity._perform").perform


if __name__ == "__main__":
    main(*sys.argv[1:])
