"""Build a package: install, slim, add the code, compile what is loaded, prove, zip, measure."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from dspipe.package._archive import Entry, digest_entries, hash_file, write_zip
from dspipe.package._assemble import Task, assemble
from dspipe.package._choice import choose_format, list_parts
from dspipe.package._image import write_context
from dspipe.package._last import read_last, save_last
from dspipe.package._options import check_options, hide_from_git
from dspipe.package._records import BuildSettings, Package, Report, Sample
from dspipe.package._saved import save_package
from dspipe.package._turns import one_at_a_time
from dspipe.package.distributions._interpreter import Interpreter, find_interpreter
from dspipe.package.distributions._lock import Lock, read_lock
from dspipe.package.distributions._prepared import Dependencies, prepare_dependencies
from dspipe.package.proof._compare import prove
from dspipe.package.proof._inside_run import InsideProcess, InsideRun, can_run
from dspipe.package.repository._code import collect_code
from dspipe.package.repository._git import find_state
from dspipe.package.repository._place import Place, find_place
from dspipe.package.repository._sample_run import SampleProcess, SampleRun
from dspipe.package.repository._settings_files import (
    find_local_sources,
    read_sources,
    write_settings_files,
)

_MOST_RUNS = 3


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is known before anything is made."""

    settings: BuildSettings
    place: Place
    interpreter: Interpreter
    lock: Lock
    commit: str | None
    is_dirty: bool

    @property
    def task_folder(self) -> Path:
        """Where the package is put together."""
        return self.settings.folder / "package"


@dataclass(frozen=True, slots=True)
class _Contents:
    """The files of a package that are not of its distributions."""

    code: Mapping[str, Path]
    written: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class _Early:
    """A package that was put together and is being loaded before all is known about it."""

    contents: _Contents
    task: Task
    process: InsideProcess


def build(settings: BuildSettings, *, on_step: Callable[[str], object] | None = None) -> Package:
    """Build the package of a pipeline.

    Distributions come from the cache when the lock did not change, so that a change of code alone
    takes seconds.

    Parameters
    ----------
    settings : BuildSettings
    on_step : callable, optional
        Told what is done next, to show progress.

    Returns
    -------
    Package
        Proven on this machine where it can run here: its report says so, or why not.

    Raises
    ------
    PackageError
        If the lock cannot be used or installed, the pipeline does not work here, or the package
        does not do the same in a clean process. Nothing that was built before is then replaced.
    PackageTooLargeError
        If a zip is asked for and does not fit.
    """
    started = perf_counter()
    tell = on_step or (lambda _: None)
    with one_at_a_time(settings.cache.parent, tell):
        package = replace(_build(settings, tell), n_seconds=perf_counter() - started)
        save_package(package, settings.folder)
    return package


def _build(settings: BuildSettings, tell: Callable[[str], object]) -> Package:
    check_options(settings)
    place = find_place(settings)
    tell(f"Run the sample of {place.class_name} here")
    with SampleProcess(place, settings.sample) as process, ExitStack() as stack:
        plan = _make_plan(settings, place)
        dependencies = prepare_dependencies(plan.lock, settings, plan.interpreter, tell=tell)
        early = _begin_early(plan, dependencies, stack)
        run = process.finish()
        task, inside = _compile_and_run(plan, dependencies, run, early, tell)
    return _finish(plan, task, run, inside, tell)


def _make_plan(settings: BuildSettings, place: Place) -> _Plan:
    """Look at everything that can be wrong before minutes are spent."""
    interpreter = find_interpreter(settings.python)
    lock = read_lock(settings.lock_file, python=settings.python, architecture=settings.architecture)
    hide_from_git(settings)
    return _Plan(settings, place, interpreter, lock, *find_state(place.root))


def _begin_early(plan: _Plan, dependencies: Dependencies, stack: ExitStack) -> _Early | None:
    """Load the package as the last one was, beside the sample; None where nothing is known."""
    last = read_last(plan.settings.folder)
    if last is None or not dependencies.compiled or not can_run(plan.settings.architecture):
        return None
    contents = _Contents(last.code, _write_files(plan, last.types))
    task = assemble(plan.task_folder, dependencies, contents.code, contents.written)
    task.compile({*dependencies.compiled, *last.loaded})
    process = InsideProcess(task.folder, plan.interpreter)
    return _Early(contents, task, stack.enter_context(process))


def _write_files(plan: _Plan, types: str | None) -> dict[str, bytes]:
    commit = f"{plan.commit}-modified" if plan.commit and plan.is_dirty else plan.commit
    return write_settings_files(plan.settings, plan.place, commit=commit, types=types)


def _compile_and_run(
    plan: _Plan,
    dependencies: Dependencies,
    run: SampleRun,
    early: _Early | None,
    tell: Callable[[str], object],
) -> tuple[Task, InsideRun | None]:
    """Compile what the handler loads, and run the package as it will be; None where it cannot."""
    code = collect_code(plan.settings, plan.place, run)
    contents = _Contents(code, _write_files(plan, run.types))
    if early is not None and early.contents == contents:
        tell("Run the package in a clean process")
        task, inside = early.task, early.process.finish(run)
    else:
        task = assemble(plan.task_folder, dependencies, contents.code, contents.written)
        if not can_run(plan.settings.architecture):
            tell("Compile what was loaded here")
            task.compile(_guess_modules(task, run))
            return task, None
        task.compile(dependencies.compiled)
        inside = _run(plan, task, run, tell)
    for _ in range(_MOST_RUNS):
        if inside.modules == task.all_compiled:
            break
        tell(f"Compile {len(inside.modules - task.all_compiled):,} modules")
        task.compile(inside.modules)
        inside = _run(plan, task, run, tell)
    save_last(plan.settings.folder, code, run.types, task.compiled)
    return task, inside


def _run(plan: _Plan, task: Task, run: SampleRun, tell: Callable[[str], object]) -> InsideRun:
    tell("Run the package in a clean process")
    with InsideProcess(task.folder, plan.interpreter) as process:
        return process.finish(run)


def _guess_modules(task: Task, run: SampleRun) -> set[str]:
    """Find in the package what was loaded here: other versions and systems load much alike."""
    known = {*task.dependencies.entries, *task.owners}
    ends = (
        "/".join(path.parts[start:]) for path in run.modules for start in range(len(path.parts))
    )
    return {end for end in ends if end in known}


def _finish(
    plan: _Plan,
    task: Task,
    run: SampleRun,
    inside: InsideRun | None,
    tell: Callable[[str], object],
) -> Package:
    """Prove, choose the format and write it."""
    proof, is_proven = _prove(plan, run, inside)
    entries = task.read_entries()
    parts = list_parts(task, entries)
    chosen, notes = choose_format(plan.settings, parts)
    report = Report(
        parts=parts,
        removed=task.dependencies.removed,
        imports=inside.imports if inside else (),
        init_seconds=inside.init_seconds if inside else None,
        proof=proof,
        notes=(*notes, *_find_notes(plan)),
    )
    package = Package(
        name=plan.settings.name,
        folder=task.folder,
        file=None,
        format=chosen,
        digest=digest_entries(entries),
        code_sha256=None,
        size_bytes=sum(entry.size_bytes for entry in entries.values()),
        zip_bytes=None,
        python=plan.settings.python,
        architecture=plan.settings.architecture,
        commit=plan.commit,
        is_dirty=plan.is_dirty,
        is_proven=is_proven,
        sample=_make_sample(plan.settings, run),
        report=report,
    )
    return _write(package, plan, task, entries, tell)


def _find_notes(plan: _Plan) -> Iterator[str]:
    return find_local_sources(read_sources(plan.place.root), plan.settings.variables)


def _prove(plan: _Plan, run: SampleRun, inside: InsideRun | None) -> tuple[str, bool]:
    if inside is None:
        machine = plan.settings.architecture
        return f"Not proven: this machine cannot run {machine} for Lambda's Linux.", False
    if run.rows is None or inside.answer is None:
        told = (
            "The package was loaded in a clean process. Nothing was scored: set 'sample' in "
            "[tool.dspipe.deploy] to arguments of a run that it must repeat."
        )
        return told, False
    return prove(run, inside.answer, plan.lock.versions), True


def _make_sample(settings: BuildSettings, run: SampleRun) -> Sample | None:
    """Make the event that a deployed function is tried with."""
    if settings.sample is None or run.rows is None:
        return None
    if not settings.accept_rows:
        # Other data lies where the function is, so its answer is not known here.
        return Sample({"arguments": dict(run.arguments)}, {})
    return Sample({"arguments": dict(run.arguments), "columns": dict(run.rows)}, dict(run.answer))


def _write(
    package: Package,
    plan: _Plan,
    task: Task,
    entries: Mapping[str, Entry],
    tell: Callable[[str], object],
) -> Package:
    folder = plan.settings.folder
    if package.format == "image":
        tell("Write the build context")
        write_context(folder / "image", task.folder, plan.lock, plan.settings)
        return replace(package, folder=folder / "image")
    tell(f"Zip {len(entries):,} files")
    file = folder / f"{plan.settings.name}.zip"
    write_zip(file, task.folder, task.code_names, base=task.dependencies.make_zip())
    return replace(package, file=file, code_sha256=hash_file(file), zip_bytes=file.stat().st_size)
