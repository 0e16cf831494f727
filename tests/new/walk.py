"""Do what a person does in a new repository: commands in processes of their own, offline."""

import json
import os
import subprocess
import sys
from pathlib import Path

TOOLS = Path(sys.executable).parent
IDENTITY = "[user]\n\tname = Ann\n\temail = ann@example.com\n"


def make_environment(**more: str) -> dict[str, str]:
    """Give the environment of a shell in which the tools of the tests are activated."""
    kept = {name: v for name, v in os.environ.items() if not name.startswith(("DSPIPE_", "GIT_"))}
    # One thread: as many as the machine has fight for it when tests run beside each other.
    quiet = {"NO_COLOR": "1", "OMP_NUM_THREADS": "1", "TERM": "dumb", "COLUMNS": "80"}
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    return {**kept, **quiet, "PATH": path, "GIT_CONFIG_NOSYSTEM": "1", **more}


def call(folder: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in a folder."""
    return subprocess.run(
        words,
        cwd=folder,
        env=make_environment(**environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def read_code(notebook: Path) -> dict[str, str]:
    """Give the code of a notebook by the ids of its cells."""
    document = json.loads(notebook.read_text(encoding="utf-8"))
    return {
        cell["id"]: "".join(cell["source"])
        for cell in document["cells"]
        if cell["cell_type"] == "code"
    }
