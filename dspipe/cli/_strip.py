"""The command that takes out of notebooks what a run left in them: also the filter of git."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dspipe.cli._failures import RUN_FAILED, reported

_PIPE = "-"


def add_strip(app: typer.Typer) -> None:
    """Add the command to those of `dspipe`."""
    app.command("strip")(strip)


def strip(
    notebooks: Annotated[
        list[str],
        typer.Argument(metavar="NOTEBOOK...", help="Files of Jupyter; - is a filter, for git."),
    ],
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 where there are outputs.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the whole traceback of an error.")
    ] = False,
) -> None:
    """Take outputs and execution counts out of notebooks, so that git holds none."""
    with reported(debug=debug):
        if notebooks == [_PIPE]:
            _filter()
            return
        clean = [_strip_file(Path(name), check=check) for name in notebooks]
        if check and not all(clean):
            raise typer.Exit(RUN_FAILED)


def _filter() -> None:
    from dspipe.notebooks import strip as strip_notebook

    stripped = strip_notebook(sys.stdin.buffer.read(), "standard input")
    sys.stdout.buffer.write(stripped.content)


def _strip_file(file: Path, *, check: bool) -> bool:
    """Strip one file, or say what is in it; give whether nothing had to be done."""
    from dspipe._text import count
    from dspipe.errors import NotebookError
    from dspipe.notebooks import strip as strip_notebook

    if not file.is_file():
        raise NotebookError(f"There is no file {file}. Correct the path.")
    stripped = strip_notebook(file.read_bytes(), str(file))
    left = f"outputs of {count(stripped.n_outputs, 'cell')}" if stripped.n_outputs else "a run"
    if stripped.is_clean:
        typer.echo(f"{file} holds nothing of a run.")
    elif check:
        typer.echo(f"{file} holds {left}. Run: dspipe strip {file}", err=True)
    else:
        file.write_bytes(stripped.content)
        typer.echo(f"{file}: {left} taken out.")
    return stripped.is_clean
