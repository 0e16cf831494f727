"""Check golden runs: replay each of them at the stations there are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dspipe._provenance import find_file
from dspipe.checks._findings import Finding
from dspipe.errors import DspipeError
from dspipe.package import load_package
from dspipe.package.distributions._interpreter import find_interpreter
from dspipe.parity import GoldenRun, Replay, find_place, replay, replay_module, replay_package


@dataclass(frozen=True, slots=True)
class Stations:
    """Where copies of the pipeline are, besides this process.

    Attributes
    ----------
    module : Path or None
        The file of the class; None for a class of a shell.
    package : Path or None
        The folder of a package's files.
    python : str or None
        An interpreter of the version that the package is for.
    minor : str
        That version, such as "3.13".
    """

    module: Path | None
    package: Path | None = None
    python: str | None = None
    minor: str = ""


def find_stations(pipeline_class: type, package: Path | None) -> Stations:
    """Find the copies of a pipeline.

    Raises
    ------
    PackageError
        If there is no such package, or no Python of its version.
    """
    # A class inside of a function cannot be imported by anybody.
    is_importable = "<locals>" not in pipeline_class.__qualname__
    file = find_file(pipeline_class) if is_importable else None
    if package is None:
        return Stations(file)
    built = load_package(package)
    return Stations(file, built.folder, str(find_interpreter(built.python).path), built.python)


def check_golden(
    golden: GoldenRun, pipeline_class: type, stations: Stations, *, is_live: bool
) -> Iterator[Finding | str]:
    """Replay one golden run at every station.

    Yields
    ------
    Finding or str
        What differs; a sentence for each station where nothing does.
    """
    # Live rows are asked for once: what the source says does not depend on the station.
    yield from tell_replay(golden, replay(golden, pipeline_class, is_live=is_live), "G101")
    if stations.module is not None:
        place = find_place(stations.module, pipeline_class.__name__)
        yield from _try(golden, partial(replay_module, golden, place), "G102")
    if stations.package is not None:
        at_package = partial(replay_package, golden, stations.package, python=stations.python)
        yield from _try(golden, at_package, "G103")


def _try(golden: GoldenRun, call: Callable[[], Replay], code: str) -> Iterator[Finding | str]:
    try:
        came_to = call()
    except DspipeError as error:
        yield Finding(code, str(error), golden.name)
        return
    yield from tell_replay(golden, came_to, code)


def tell_replay(golden: GoldenRun, came_to: Replay, code: str) -> Iterator[Finding | str]:
    """Say what came of one replay: a finding for each difference, or one sentence."""
    if came_to.is_equal:
        yield str(came_to)
    for each in came_to.differences:
        facts = {
            "station": came_to.station,
            "stage": each.stage,
            "column": each.column,
            "kind": each.kind,
            "n_rows": each.n_rows,
            "keys": [str(key) for key in each.keys],
        }
        # What extract gives is asked of the source; the other stages replay frozen rows.
        own = "G104" if each.stage == "extract" else code
        yield Finding(own, f"In {came_to.station}, {each}", golden.name, facts)
