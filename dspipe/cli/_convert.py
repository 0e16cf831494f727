"""The commands between a notebook and its module: `dspipe convert` and `dspipe trace`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dspipe.cli._failures import RUN_FAILED, reported
from dspipe.cli._needs import write_needs

if TYPE_CHECKING:
    from dspipe.errors import NotebookError
    from dspipe.notebooks import Conversion

_MOST_LINES = 40


def add_conversion(app: typer.Typer) -> None:
    """Add the commands to those of `dspipe`."""
    app.command("convert")(convert)
    app.command("trace")(trace)


def convert(  # noqa: PLR0913 - options of a command
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="A file of Jupyter.")],
    *,
    class_name: Annotated[
        str | None, typer.Option("--class", help="The pipeline, where there are several.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The module. Default: beside the notebook.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 unless it is up to date.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a module that was edited by hand.")
    ] = False,
    requirements: Annotated[
        Path | None,
        typer.Option("--requirements", help="Write here what the module needs, pinned."),
    ] = None,
    lock: Annotated[
        Path | None,
        typer.Option("--lock", help="Write here all that it needs in turn, with hashes."),
    ] = None,
    owner: Annotated[
        list[str] | None,
        typer.Option(
            "--owner",
            metavar="MODULE=PACKAGE",
            help="Which package ships, where several have the same module.",
        ),
    ] = None,
    static: Annotated[
        bool, typer.Option("--static", help="Do not run the module to see what it loads.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say what came of it as JSON.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the whole traceback of an error.")
    ] = False,
) -> None:
    """Convert a notebook to a Python module that is only what its pipeline needs."""
    from dspipe.errors import NotebookError

    with reported(debug=debug):
        try:
            conversion = _convert(
                notebook, class_name, out, check=check, force=force, as_json=as_json
            )
            if (requirements or lock) and not check:
                write_needs(conversion, requirements, lock, owner or [], is_static=static)
        except NotebookError as error:
            if not as_json:
                raise
            _say_json(notebook, error=error)
            raise typer.Exit(RUN_FAILED) from None


def trace(
    place: Annotated[
        str, typer.Argument(metavar="FILE:LINE", help="A line of a module, as churn.py:42.")
    ],
    *,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the whole traceback of an error.")
    ] = False,
) -> None:
    """Name the cell and line of the notebook that a line of its module comes from."""
    file, colon, line = place.rpartition(":")
    if not colon or not line.isdigit():
        raise typer.BadParameter(f"'{place}' names no line. Write file.py:LINE.")
    with reported(debug=debug):
        from dspipe.notebooks import trace as find_origin

        typer.echo(find_origin(file, int(line)))


def _convert(
    notebook: Path,
    class_name: str | None,
    out: Path | None,
    *,
    check: bool,
    force: bool,
    as_json: bool,
) -> "Conversion":
    from dspipe.notebooks import convert as read_conversion

    conversion = read_conversion(notebook, class_name=class_name, module=out)
    was_current = conversion.is_current()
    if not check:
        conversion.write(force=force)
    if as_json:
        _say_json(notebook, conversion=conversion, changed=not was_current)
    else:
        _say(conversion, was_current=was_current, check=check)
    if check and not was_current:
        raise typer.Exit(RUN_FAILED)
    return conversion


def _say(conversion: "Conversion", *, was_current: bool, check: bool) -> None:
    for warning in conversion.warnings:
        typer.echo(f"Warning: {warning}", err=True)
    module, notebook = conversion.module, conversion.notebook
    if was_current:
        typer.echo(f"{module} is what {notebook} gives.")
    elif not check:
        typer.echo(f"{module}: {conversion.class_name} from {notebook}.")
    elif not module.is_file():
        typer.echo(f"There is no {module}. Run: dspipe convert {notebook}", err=True)
    else:
        typer.echo(f"{module} is not what {notebook} gives. Run: dspipe convert {notebook}")
        typer.echo(_draw_difference(conversion))


def _draw_difference(conversion: "Conversion") -> str:
    from difflib import unified_diff

    before = conversion.module.read_text(encoding="utf-8").splitlines()
    names = (str(conversion.module), str(conversion.notebook))
    lines = [*unified_diff(before, conversion.text.splitlines(), *names, n=1, lineterm="")]
    more = len(lines) - _MOST_LINES
    return "\n".join([*lines[:_MOST_LINES], *([f"and {more} more lines"] if more > 0 else [])])


def _say_json(
    notebook: Path,
    *,
    conversion: "Conversion | None" = None,
    changed: bool = False,
    error: "NotebookError | None" = None,
) -> None:
    answer: dict[str, Any] = {
        "notebook": notebook.as_posix(),
        "module": conversion.module.as_posix() if conversion else None,
        "pipeline": conversion.class_name if conversion else None,
        "changed": changed,
        "warnings": list(conversion.warnings) if conversion else [],
        "problems": list(error.problems) if error else [],
    }
    typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
