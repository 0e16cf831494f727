"""Start the clean process that runs the package, and read what it found."""

import json
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dspipe.errors import PackageError
from dspipe.package._child import ChildProcess
from dspipe.package._records import Architecture, ImportTime
from dspipe.package.distributions._interpreter import Interpreter
from dspipe.package.proof import _inside
from dspipe.package.repository._sample_run import SampleRun

_MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_IMPORT_LINE = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \| *(\S+)$", re.MULTILINE)
_MOST_TRACE_LINES = 6


@dataclass(frozen=True, slots=True)
class InsideRun:
    """What a package did in a clean process.

    Attributes
    ----------
    modules : frozenset of str
        The package's Python files that were loaded.
    answer : mapping or None
        What it answered to the sample rows; None without a sample.
    init_seconds : float
    imports : tuple of ImportTime
        By top-level package, longest first.
    """

    modules: frozenset[str]
    answer: Mapping[str, Any] | None
    init_seconds: float
    imports: tuple[ImportTime, ...]


def can_run(architecture: Architecture) -> bool:
    """Say whether this machine runs what Lambda runs."""
    return sys.platform == "linux" and _MACHINES.get(platform.machine().lower()) == architecture


class InsideProcess(ChildProcess):
    """Loads the package's handler with nothing else on the path, and waits for rows to score.

    Parameters
    ----------
    folder : Path
        The task folder.
    interpreter : Interpreter
    """

    def __init__(self, folder: Path, interpreter: Interpreter) -> None:
        super().__init__("dspipe-inside-")
        self._said = self._path("said.txt")
        files = [_inside.__file__, str(folder), str(self._request), str(self._result)]
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [interpreter.path, "-I", "-S", "-B", "-X", "importtime", *files],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )

    def finish(self, run: SampleRun) -> InsideRun:
        """Hand over the rows, and give what the package did.

        Raises
        ------
        PackageError
            If the package cannot be loaded, or fails on the rows.
        """
        content = {"rows": run.rows, "arguments": dict(run.arguments)}
        self._request.write_text(json.dumps(content), encoding="utf-8")
        self._process.communicate()
        text = self._said.read_text(encoding="utf-8", errors="replace")
        if not self._result.is_file():
            lines = _IMPORT_LINE.sub("", text).strip().splitlines()
            last = lines[-1:] or [f"exit code {self._process.returncode}"]
            raise PackageError(
                f"The package ended its process while it was loaded: {last[0]}. A compiled library "
                "in it may need a newer system; choose another version in the lock."
            )
        found = json.loads(self._result.read_text(encoding="utf-8"))
        if "error" in found:
            raise PackageError(_explain(found))
        modules = frozenset(found["modules"])
        return InsideRun(modules, found["answer"], found["init_seconds"], _sum_imports(text))


def _explain(found: Mapping[str, Any]) -> str:
    missing = found["missing"]
    if missing:
        return (
            f"The package cannot be loaded: {found['error']}. Add the distribution that has "
            f"'{missing.partition('.')[0]}' to the lock; if it is a module of the repository, add "
            "its file to 'include' in [tool.dspipe.deploy]."
        )
    lines = found["trace"].strip().splitlines()
    shown = "\n".join(f"  {line}" for line in lines[-_MOST_TRACE_LINES:])
    return (
        f"The package does not work in a clean process, though the pipeline works here:\n{shown}\n"
        "Compare the versions in the lock with those that are installed, and add files that it "
        "misses to 'include' in [tool.dspipe.deploy]."
    )


def _sum_imports(text: str) -> tuple[ImportTime, ...]:
    """Add up what Python says of its imports, by top-level package."""
    times: dict[str, int] = {}
    for microseconds, name in _IMPORT_LINE.findall(text):
        top = name.partition(".")[0]
        times[top] = times.get(top, 0) + int(microseconds)
    ordered = sorted(times.items(), key=lambda pair: -pair[1])
    return tuple(ImportTime(name, total / 1e6) for name, total in ordered)
