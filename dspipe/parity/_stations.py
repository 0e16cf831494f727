"""Stations: clean processes in which a copy of the pipeline replays a golden run."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dspipe.errors import ParityError
from dspipe.parity import _inside

_MOST_TRACE_LINES = 6
# What would let a package reach beyond itself, or say which commit it is of.
_NOT_INHERITED = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP")
# Set in the process of a station, so that a module which checks itself does not start another.
_AT_STATION = "DSPIPE_AT_STATION"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pipeline class is loaded from.

    Attributes
    ----------
    folder : Path
        Goes first on the path of Python.
    module, class_name : str
    is_package : bool
        Whether the folder is a package for Lambda, which has all it needs.
    """

    folder: Path
    module: str
    class_name: str
    is_package: bool = False

    @property
    def station(self) -> str:
        """What the station is called in a message."""
        return "the package" if self.is_package else "the module"


def find_place(file: Path, class_name: str) -> Place:
    """Say how a clean process imports the class of a file, inside a package or not.

    >>> find_place(Path("flight_delay.py"), "FlightDelay").module
    'flight_delay'
    """
    folder, parts = file.resolve().parent, [file.stem]
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return Place(folder, ".".join(parts), class_name)


def find_package(folder: Path) -> Place:
    """Read from a built package which pipeline is in it.

    Raises
    ------
    ParityError
        If the folder holds no package.
    """
    file = folder / "dspipe.json"
    try:
        module, _, name = json.loads(file.read_text(encoding="utf-8"))["pipeline"].partition(":")
    except (OSError, KeyError, ValueError) as error:
        raise ParityError(
            f"{folder} holds no package: dspipe.json cannot be read ({error}). Name the folder of "
            "files that dspipe build made."
        ) from error
    return Place(folder.resolve(), module, name, is_package=True)


def perform_apart(
    place: Place, request: Mapping[str, Any], *, python: str | None = None
) -> dict[str, Any]:
    """Replay a request in a clean process whose working directory is an empty one.

    Raises
    ------
    ParityError
        If the pipeline cannot be loaded there, checks itself when it is loaded, or the process ends
        early.
    """
    _check_is_no_station(place)
    order = {
        **request,
        "folders": [str(place.folder)],
        "task_root": str(place.folder) if place.is_package else None,
        "module": place.module,
        "class": place.class_name,
    }
    with TemporaryDirectory(prefix="dspipe-parity-") as folder:
        request_file, result_file, cwd = (Path(folder, n) for n in ("in.json", "out.json", "cwd"))
        request_file.write_text(json.dumps(order), encoding="utf-8")
        cwd.mkdir()
        # -S leaves the libraries of this machine out, which only a package has no need of.
        flags = ["-I", "-S", "-B"] if place.is_package else ["-I", "-B"]
        done = subprocess.run(  # noqa: S603 - our own program, on the user's own code
            [python or sys.executable, *flags, _inside.__file__, request_file, result_file],
            cwd=cwd,
            env=_make_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if not result_file.is_file():
            last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
            raise ParityError(f"The process of {place.station} ended early: {last[0]}.")
        return _read_result(json.loads(result_file.read_text(encoding="utf-8")), place)


def _check_is_no_station(place: Place) -> None:
    if _AT_STATION in os.environ:
        raise ParityError(
            f"{place.class_name} is being loaded at a station, and its file {place.module}.py "
            "starts a replay when it is imported, which would load it again without end. Put the "
            'call under: if __name__ == "__main__":'
        )


def _make_environment() -> dict[str, str]:
    inherited = {name: v for name, v in os.environ.items() if name not in _NOT_INHERITED}
    return {**inherited, _AT_STATION: "1"}


def _read_result(result: dict[str, Any], place: Place) -> dict[str, Any]:
    if "failed" not in result:
        return result
    lines = result["trace"].strip().splitlines()[-_MOST_TRACE_LINES:]
    trace = "\n".join(f"  {line}" for line in lines)
    raise ParityError(
        f"{place.class_name} cannot be loaded from {place.station} {place.folder} in a clean "
        f"process, with another working directory:\n{trace}\nImport what it needs, and name files "
        "by the folder of the module."
    )
