"""Bytecode for exactly the modules that the handler loads.

The task folder is read-only, so a module without bytecode is compiled anew at every cold start; and
bytecode for all modules would not fit.
"""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from dspipe.errors import PackageError
from dspipe.package.distributions import _compile
from dspipe.package.distributions._interpreter import Interpreter

TASK_FOLDER = "/var/task"


def bytecode_name(module: str, python: str) -> str:
    """Name the bytecode of a module.

    >>> bytecode_name("pandas/core/api.py", "3.13")
    'pandas/core/__pycache__/api.cpython-313.pyc'
    """
    folder, _, name = module.rpartition("/")
    place = f"{folder}/__pycache__" if folder else "__pycache__"
    return f"{place}/{name.removesuffix('.py')}.cpython-{python.replace('.', '')}.pyc"


def compile_modules(
    folder: Path, modules: Iterable[str], *, interpreter: Interpreter, python: str
) -> None:
    """Write the bytecode of modules beside them, the same bytes every time.

    Parameters
    ----------
    folder : Path
        What will be the task folder.
    modules : iterable of str
        Files relative to it.
    interpreter : Interpreter
        A Python of the version that Lambda runs.
    python : str
        Its minor version.

    Raises
    ------
    PackageError
        If a module is no Python.
    """
    work = [
        (str(folder / name), f"{TASK_FOLDER}/{name}", str(folder / bytecode_name(name, python)))
        for name in modules
    ]
    if not work:
        return
    with TemporaryDirectory(prefix="dspipe-compile-") as place:
        request = Path(place) / "request.json"
        request.write_text(json.dumps(work), encoding="utf-8")
        # Without columns a traceback still has its lines, and the zip is 3 % smaller.
        options = ["-I", "-S", "-B", "-X", "no_debug_ranges"]
        done = subprocess.run(  # noqa: S603 - our own program
            [interpreter.path, *options, _compile.__file__, str(request)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise PackageError(
            f"Python {interpreter.version} could not compile the package: {last[0]}. Correct the "
            f"module, or set 'python' to the version that it is written for."
        )
