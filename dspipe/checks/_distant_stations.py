"""Check golden runs where a replay takes seconds: the notebook, Lambda's emulator, a function."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dspipe._config import load_config
from dspipe.checks._findings import Finding, Skipped
from dspipe.checks._golden_checks import Stations, tell_replay
from dspipe.errors import DspipeError
from dspipe.parity import GoldenRun, Replay, replay_package
from dspipe.parity._emulator import emulating, find_emulator
from dspipe.parity._function import Ask, find_obstacle, replay_function

EMULATED = "the package under Lambda's emulator"
SKIPPED_TAG = "skip-execution"  # as Jupyter's own tools know it


@dataclass(frozen=True, slots=True)
class Distant:
    """What is asked for besides the package.

    Attributes
    ----------
    notebook : Path or None
        Where the module came from.
    with_notebook : bool
        Whether it is run.
    deployed : str or None
        The environment whose function is asked.
    """

    notebook: Path | None = None
    with_notebook: bool = False
    deployed: str | None = None


def check_distant(
    goldens: Sequence[GoldenRun],
    stations: Stations,
    wanted: Distant,
    tell: Callable[[str], object],
) -> Iterator[Finding | str]:
    """Replay golden runs at every distant station that is asked for.

    Yields
    ------
    Finding or str
        What differs; a sentence for each golden run and station where nothing does.
    """
    if wanted.with_notebook and wanted.notebook is not None:
        tell(f"Notebook {wanted.notebook.name}")
    yield from check_notebook(goldens, wanted.notebook, is_wanted=wanted.with_notebook)
    if stations.package is not None:
        tell("Package under Lambda's emulator")
    yield from check_emulated(goldens, stations)
    if wanted.deployed is not None:
        tell(f"Function of the environment {wanted.deployed}")
    start = stations.module.parent if stations.module is not None else None
    yield from check_deployed(goldens, start, wanted.deployed)


def check_notebook(
    goldens: Sequence[GoldenRun], notebook: Path | None, *, is_wanted: bool
) -> Iterator[Finding | str]:
    """Run the notebook of a pipeline in a fresh kernel, and replay all golden runs there.

    Yields
    ------
    Finding or str
        What differs; a sentence for each golden run where nothing does.
    """
    if notebook is None:
        if is_wanted:
            yield Skipped("The pipeline was not converted from a notebook, so none was run.")
        return
    if not is_wanted:
        yield Skipped(f"{notebook.name} was not run in a fresh kernel; --notebook runs it.")
        return
    if not goldens:
        yield Skipped(f"{notebook.name} was not run: there is no golden run to replay in it.")
        return
    try:
        replays = _run_notebook(goldens, notebook)
    except DspipeError as error:
        yield Finding("G105", str(error))
        return
    for golden, came_to in zip(goldens, replays, strict=True):
        yield from tell_replay(golden, came_to, "G105")


def _run_notebook(goldens: Sequence[GoldenRun], notebook: Path) -> list[Replay]:
    from dspipe.notebooks import load_notebook
    from dspipe.parity._notebook import Cell, replay_notebook

    cells = [
        Cell(cell.number, cell.source)
        for cell in load_notebook(notebook).cells
        if SKIPPED_TAG not in cell.tags
    ]
    root = load_config(notebook.resolve().parent).root.resolve()
    is_inside = notebook.resolve().is_relative_to(root)
    return replay_notebook(goldens, notebook, cells, root if is_inside else notebook.parent)


def check_emulated(goldens: Sequence[GoldenRun], stations: Stations) -> Iterator[Finding | str]:
    """Run a built package under AWS's emulator of Lambda, where this machine has it.

    Yields
    ------
    Finding or str
        What differs; a sentence for each golden run where nothing does.
    """
    if stations.package is None or not goldens:
        return
    emulator = find_emulator(stations.minor, stations.python)
    if isinstance(emulator, str):
        yield Skipped(f"The package was not run under Lambda's emulator: {emulator}.")
        return
    try:
        with emulating(emulator, stations.package) as ask:
            for golden in goldens:
                replay_here = partial(
                    replay_package, golden, stations.package, python=stations.python
                )
                yield from _ask(golden, ask, EMULATED, "G106", stations.package, replay_here)
    except DspipeError as error:
        yield Finding("G106", str(error))


def check_deployed(
    goldens: Sequence[GoldenRun], start: Path | None, env: str | None
) -> Iterator[Finding | str]:
    """Send golden runs to the function that serves in an environment.

    Parameters
    ----------
    goldens : sequence of GoldenRun
    start : Path or None
        Where the settings of the deployment are looked for, upward.
    env : str or None
        Which environment; None asks no function.

    Yields
    ------
    Finding or str
        What differs; a sentence for each golden run where nothing does.
    """
    if env is None or not goldens:
        return
    from dspipe.deploy import load_settings
    from dspipe.deploy._golden_smoke import make_ask
    from dspipe.deploy.aws._calls import Aws
    from dspipe.deploy.aws._state import ALIAS

    settings = load_settings(start, env)
    station = f"{settings.function_name}:{ALIAS}"
    if not settings.accept_rows:
        yield Skipped(f"{station} was sent no golden run: it takes no rows (accept_rows = false).")
        return
    ask = make_ask(Aws(settings.region), settings.function_name, ALIAS)
    for golden in goldens:
        try:
            yield from _ask(golden, ask, station, "G107")
        except DspipeError as error:
            yield Finding("G107", str(error), golden.name)


def _ask(
    golden: GoldenRun,
    ask: Ask,
    station: str,
    code: str,
    package: Path | None = None,
    replay_here: Callable[[], Replay] | None = None,
) -> Iterator[Finding | str]:
    obstacle = find_obstacle(golden, package)
    if obstacle is not None:
        yield Skipped(f"'{golden.name}' was not sent to {station}: {obstacle}.")
        return
    came_to = replay_function(golden, ask, station, replay_here=replay_here)
    yield from tell_replay(golden, came_to, code)
