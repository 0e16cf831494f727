"""Replay golden runs in the kernel of a notebook, on the class as its cells have left it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dspipe.parity._perform import perform


def replay_in_kernel(names: Mapping[str, Any], request_file: str, result_file: str) -> None:
    """Replay each request on a class of the notebook, and write the results.

    Parameters
    ----------
    names : mapping of str to object
        The names of the notebook.
    request_file, result_file : str
        JSON: ``class`` and ``requests``; a list of results, or None where there is no such class.
    """
    order = json.loads(Path(request_file).read_text(encoding="utf-8"))
    pipeline_class = names.get(order["class"])
    results = None
    if isinstance(pipeline_class, type):
        results = [perform(pipeline_class, request) for request in order["requests"]]
    Path(result_file).write_text(json.dumps(results), encoding="utf-8")
