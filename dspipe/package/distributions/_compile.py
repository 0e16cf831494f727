"""Compile modules: the program that runs in the target's Python.

It reads lines of a file, its name in the task folder and the bytecode's place; by its path, so it
may import the standard library alone.
"""

import json
import py_compile
import sys
from pathlib import Path


def main(request_file: str) -> None:
    """Compile every file of a request."""
    for source, shown, target in json.loads(Path(request_file).read_text(encoding="utf-8")):
        # Neither a time stamp, which differs from build to build, nor a hash that is checked at
        # every start.
        py_compile.compile(
            source,
            cfile=target,
            dfile=shown,
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
