"""Check one pipeline: golden runs at every station, its promises, its statements, its files."""

from collections.abc import Callable, Iterator
from pathlib import Path

from dspipe.checks._allow import allow_all
from dspipe.checks._code import Code, load_code
from dspipe.checks._distant_stations import Distant, check_distant
from dspipe.checks._findings import CheckReport, Finding, Skipped
from dspipe.checks._golden_checks import Stations, check_golden, find_stations
from dspipe.checks._pins import check_pins
from dspipe.checks._postprocess import check_postprocess
from dspipe.checks._promises import check_promises
from dspipe.checks._secrets import check_secrets
from dspipe.checks._sql_review import iter_sql
from dspipe.errors import DspipeError
from dspipe.parity import GoldenRun, find_golden, find_goldens, find_root, load_golden


def check(
    pipeline_class: type,
    *,
    name: str | None = None,
    folder: Path | None = None,
    package: Path | None = None,
    is_live: bool = True,
    with_notebook: bool = False,
    deployed: str | None = None,
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
    with_notebook : bool, default=False
        Run the notebook that the module came from in a fresh kernel, and replay there too.
    deployed : str, optional
        An environment, such as "prod": replay in the function that serves there too.
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
    goldens: list[GoldenRun] = []
    found: list[Finding | str] = [] if places else [_no_golden(own, root)]
    stations = find_stations(pipeline_class, package)
    tell = on_step or (lambda _: None)
    for place in places:
        tell(f"Golden run {place.name}")
        found += _check_place(pipeline_class, place, stations, goldens, is_live=is_live)
    code = load_code(pipeline_class)
    wanted = Distant(code.notebook if code else None, with_notebook, deployed)
    found += check_distant(goldens, stations, wanted, tell)
    tell("Statements, secrets and requirements")
    found += iter_sql(pipeline_class, code, goldens, is_live=is_live)
    found += check_secrets(code)
    found += check_pins(code)
    return _make_report(own, found, code, has_package=package is not None)


def _check_place(
    pipeline_class: type,
    place: Path,
    stations: Stations,
    goldens: list[GoldenRun],
    *,
    is_live: bool,
) -> Iterator[Finding | str]:
    try:
        golden = load_golden(place)
    except DspipeError as error:
        yield Finding("G002", str(error), place.name)
        return
    goldens.append(golden)
    yield from check_golden(golden, pipeline_class, stations, is_live=is_live)
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
    pipeline: str, found: list[Finding | str], code: Code | None, *, has_package: bool
) -> CheckReport:
    findings = list(allow_all([each for each in found if isinstance(each, Finding)], code))
    sentences = [each for each in found if isinstance(each, str)]
    late: list[str] = [each for each in sentences if isinstance(each, Skipped)]
    if not has_package:
        late.append("No package was given, so none was replayed.")
    return CheckReport(
        pipeline,
        tuple(each for each in findings if each.allowed is None),
        tuple(each for each in sentences if not isinstance(each, Skipped)),
        tuple(late),
        tuple(each for each in findings if each.allowed is not None),
    )
