"""Check one pipeline: its golden runs at every station, and what every pipeline promises."""

from collections.abc import Callable, Iterator
from pathlib import Path

from dspipe.checks._findings import CheckReport, Finding, Skipped
from dspipe.checks._golden_checks import Stations, check_golden, find_stations
from dspipe.checks._postprocess import check_postprocess
from dspipe.checks._promises import check_promises
from dspipe.errors import DspipeError
from dspipe.parity import GoldenRun, find_golden, find_goldens, find_root, load_golden


def check(
    pipeline_class: type,
    *,
    name: str | None = None,
    folder: Path | None = None,
    package: Path | None = None,
    is_live: bool = True,
    on_step: Callable[[str], object] | None = None,
) -> CheckReport:
    """Check one pipeline.

    Parameters
    ----------
    pipeline_class : type
    name : str, optional
        One golden run; all of them when not given.
    folder : Path, optional
        Where golden runs are; by default ``golden`` beside the settings of the pipeline.
    package : Path, optional
        A built package, to replay there too: the folder of the build, its ``package.json`` or zip.
    is_live : bool, default=True
        Ask the source whether it still gives the recorded rows.
    on_step : callable, optional
        Told what is being done, as it is done.

    Returns
    -------
    CheckReport

    Raises
    ------
    ParityError
        If `name` is given and there is no such golden run.
    PackageError
        If there is no such package, or no Python of its version.
    """
    root = folder or find_root(pipeline_class)
    own = pipeline_class.__name__
    places = [find_golden(root, own, name)] if name else find_goldens(root, own)
    if not places:
        return CheckReport(own, (_no_golden(own, root),), (), ("All checks need a golden run.",))
    stations = find_stations(pipeline_class, package)
    found: list[Finding | str] = []
    for place in places:
        if on_step is not None:
            on_step(f"Golden run {place.name}")
        found += _check_place(pipeline_class, place, stations, is_live=is_live)
    skipped = () if package else ("No package was given, so none was replayed.",)
    return _make_report(own, found, skipped)


def _check_place(
    pipeline_class: type, place: Path, stations: Stations, *, is_live: bool
) -> Iterator[Finding | str]:
    try:
        golden = load_golden(place)
    except DspipeError as error:
        yield Finding("G002", str(error), place.name)
        return
    yield from check_golden(golden, pipeline_class, stations, is_live=is_live)
    yield from _check_alone(pipeline_class, golden)


def _check_alone(pipeline_class: type, golden: GoldenRun) -> Iterator[Finding | str]:
    yield from check_promises(pipeline_class, golden)
    yield from check_postprocess(pipeline_class, golden)


def _no_golden(pipeline: str, root: Path) -> Finding:
    return Finding(
        "G001",
        f"{pipeline} has no golden run in {root}, so nothing proves that it predicts what it did "
        "in "
        "the notebook. Record one: run = pipe.run(...), then run.record('NAME').",
    )


def _make_report(
    pipeline: str, found: list[Finding | str], skipped: tuple[str, ...]
) -> CheckReport:
    findings = tuple(each for each in found if isinstance(each, Finding))
    sentences = [each for each in found if isinstance(each, str)]
    done = tuple(each for each in sentences if not isinstance(each, Skipped))
    late = tuple(each for each in sentences if isinstance(each, Skipped))
    return CheckReport(pipeline, findings, done, (*late, *skipped))
