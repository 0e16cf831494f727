"""Write what a converted module needs: `dspipe convert --requirements` and `--lock`."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from dspipe.notebooks import Conversion, Requirements, Sample


def write_needs(
    conversion: "Conversion",
    requirements: Path | None,
    lock: Path | None,
    owners: list[str],
    *,
    is_static: bool,
) -> None:
    """Infer what a module needs, and write it.

    Parameters
    ----------
    conversion : Conversion
        Written.
    requirements, lock : Path or None
        The files to write.
    owners : list of str
        Each as ``module=package``.
    is_static : bool
        Whether the module is not run.
    """
    chosen = _read_owners(owners)
    needs = _infer(conversion, chosen, is_static=is_static)
    name = conversion.notebook.name
    if requirements is not None:
        requirements.write_text(needs.draw(name), encoding="utf-8", newline="")
    if lock is not None:
        _write_lock(needs, name, requirements or Path("requirements.in"), lock)


def _read_owners(owners: list[str]) -> dict[str, str]:
    for each in owners:
        if not all(each.partition("=")):
            raise typer.BadParameter(f"'{each}' is not of the form MODULE=PACKAGE.")
    return {each.partition("=")[0]: each.partition("=")[2] for each in owners}


def _infer(conversion: "Conversion", owners: dict[str, str], *, is_static: bool) -> "Requirements":
    from dspipe.errors import NotebookError
    from dspipe.notebooks import add_loaded, infer_requirements

    folder = conversion.module.resolve().parent
    name = conversion.notebook.as_posix()
    needs = infer_requirements(conversion.text, folder, name=name, owners=owners)
    if is_static:
        return needs
    samples = _list_samples(conversion)
    try:
        return add_loaded(needs, conversion.module, conversion.class_name, samples, owners=owners)
    except NotebookError as error:
        if not any(problem["code"] == "E_RUN" for problem in error.problems):
            raise
        typer.echo(f"Warning: {error}", err=True)
        return needs


def _list_samples(conversion: "Conversion") -> "list[Sample]":
    """Read the golden runs of the pipeline, which are repeated to see what they load."""
    from dspipe._config import load_config
    from dspipe.notebooks import Sample
    from dspipe.parity import find_goldens, load_golden
    from dspipe.parity._record import FOLDER

    root = load_config(conversion.module.resolve().parent).root / FOLDER
    goldens = [load_golden(each) for each in find_goldens(root, conversion.class_name)]
    return [Sample(each.extracted, each.arguments) for each in goldens]


def _write_lock(needs: "Requirements", name: str, requirements: Path, lock: Path) -> None:
    from dspipe.notebooks import make_lock

    made = make_lock(needs, name=name, requirements_file=str(requirements), lock_file=str(lock))
    lock.write_text(made.text, encoding="utf-8", newline="")
    for remark in made.remarks:
        typer.echo(f"Warning: {remark}", err=True)
