"""Start the process that runs the sample here, and read what it found."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dspipe.errors import PackageError
from dspipe.package._child import ChildProcess
from dspipe.package.repository._place import Place


@dataclass(frozen=True, slots=True)
class SampleRun:
    """What a run in the user's own environment came to, and what it used.

    Attributes
    ----------
    opened, modules : tuple of Path
        Files of the repository that were opened; Python files that were imported, of anyone.
    model_folder : Path or None
    sources : tuple of str
        Names of the known sources.
    versions : mapping of str to str
        Installed distributions that compute numbers.
    rows : dict of lists or None
        The extracted rows; None without a sample.
    types : str or None
        Their contract as JSON.
    arguments, answer : mapping
    """

    opened: tuple[Path, ...]
    modules: tuple[Path, ...]
    model_folder: Path | None
    sources: tuple[str, ...]
    versions: Mapping[str, str]
    rows: Mapping[str, list[Any]] | None
    types: str | None
    arguments: Mapping[str, Any]
    answer: Mapping[str, Any]


class SampleProcess(ChildProcess):
    """Runs the sample beside the other steps, since it needs nothing of theirs."""

    def __init__(self, place: Place, sample: Mapping[str, object] | None) -> None:
        super().__init__("dspipe-sample-")
        self._place = place
        request = {
            "root": str(place.root),
            "import_root": str(place.import_root),
            "module": place.module,
            "class": place.class_name,
            "sample": None if sample is None else dict(sample),
        }
        # Dates of a TOML file are given as text, which every signature takes.
        self._request.write_text(json.dumps(request, default=str), encoding="utf-8")
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        words = ["-m", "dspipe.package.repository._here", str(self._request), str(self._result)]
        return subprocess.Popen(  # noqa: S603 - our own program, on the user's own code
            [sys.executable, *words],
            cwd=self._place.root,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self) -> SampleRun:
        """Wait for the run and give what it found.

        Raises
        ------
        PackageError
            If the pipeline cannot be loaded here, or its sample fails.
        """
        _, said = self._process.communicate()
        if not self._result.is_file():
            last = said.strip().splitlines()[-1:] or ["it said nothing"]
            raise PackageError(
                f"The process that runs the sample of {self._place.class_name} ended early: "
                f"{last[0]}. Run the pipeline by hand with dspipe run, and correct it."
            )
        found = json.loads(self._result.read_text(encoding="utf-8"))
        if "error" in found:
            raise PackageError(
                f"{self._place.class_name} does not work here, so no package of it was made:\n"
                f"{found['error']}\nCorrect it, or set 'sample' in [tool.dspipe.deploy] to "
                "arguments that work."
            )
        return _read(found)


def _read(found: Mapping[str, Any]) -> SampleRun:
    folder = found.get("model_folder")
    return SampleRun(
        opened=tuple(map(Path, found["opened"])),
        modules=tuple(map(Path, found["modules"])),
        model_folder=None if folder is None else Path(folder),
        sources=tuple(found["sources"]),
        versions=found["versions"],
        rows=found.get("rows"),
        types=found.get("types"),
        arguments=found.get("arguments", {}),
        answer=found.get("answer", {}),
    )
