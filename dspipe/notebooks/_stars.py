"""What ``from module import *`` brings: the module is asked, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

_SECONDS = 120
_ASK = """
import importlib, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        module = importlib.import_module(name)
        names = getattr(module, "__all__", None)
        if names is None:
            names = [each for each in vars(module) if not each.startswith("_")]
        found[name] = sorted(names)
    except BaseException as error:
        found[name] = f"{type(error).__name__}: {error}"
print("\\n" + json.dumps(found))
"""


def list_names(modules: Iterable[str], folder: Path) -> Mapping[str, list[str] | str]:
    """List what each module gives to ``import *``, or say why it cannot be imported.

    Parameters
    ----------
    modules : iterable of str
    folder : Path
        Where the notebook is, as its kernel imports from there.
    """
    asked = list(dict.fromkeys(modules))
    if not asked:
        return {}
    try:
        done = subprocess.run(  # noqa: S603 - this Python and names of modules
            [sys.executable, "-c", _ASK, *asked],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        # What a module prints while it is imported comes before the last line.
        found: dict[str, list[str] | str] = json.loads(done.stdout.strip().rpartition("\n")[2])
    except (subprocess.TimeoutExpired, ValueError):
        return dict.fromkeys(asked, "it did not answer")
    return found
