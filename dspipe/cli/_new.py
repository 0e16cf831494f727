"""The command that starts a model repository, and says what to do in it first."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dspipe.cli._failures import reported

if TYPE_CHECKING:
    from dspipe.new import Repository

_WIDTH = 30


def add_new(app: typer.Typer) -> None:
    """Add the command to those of `dspipe`."""
    app.command("new")(new)


def new(
    folder: Annotated[
        Path,
        typer.Argument(metavar="NAME", help="A folder that is absent or empty, such as will-buy."),
    ],
    *,
    source: Annotated[
        str | None,
        typer.Option(
            "--source", metavar="URL", help="Your own database, in the place of a sample."
        ),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the whole traceback of an error.")
    ] = False,
) -> None:
    """Start a model repository: a notebook, a sample, settings, tests and CI, under git."""
    with reported(debug=debug):
        from dspipe.new import make_repository

        _say(make_repository(folder, source=source), folder)


def _say(made: "Repository", shown: Path) -> None:
    from dspipe.new import GitState

    names = made.names
    typer.secho(f"{shown}", bold=True, nl=False)
    typer.echo(f": {names.class_name} in {names.module}.ipynb, with settings, tests and CI.")
    _say_source(made)
    _say_git(made)
    typer.echo()
    run = f"dspipe run {names.module}.py {made.arguments}"
    commit = "git add --all && git commit"
    steps = {
        f"cd {shown}": "",
        f"jupyter execute {names.module}.ipynb": "or all cells in JupyterLab or VS Code",
        f"dspipe convert {names.module}.ipynb": "the module that production runs",
        f"dspipe check {names.module}.py": "it comes to the recorded run again",
        run: "",
        "pytest": "",
        commit: "" if made.git is not GitState.ABSENT else "after: git init",
    }
    for command, remark in steps.items():
        typer.secho(f"  {command:{_WIDTH if remark else 0}}", fg="cyan", nl=False)
        typer.secho(f"  # {remark}" if remark else "", dim=True)


def _say_source(made: "Repository") -> None:
    if made.source.hidden:
        names = ", ".join(made.source.hidden)
        typer.echo(f"What is secret in the url was not written down: set {names}.")
    if made.is_sample:
        typer.echo("The data is a sample: visits and payments of a made-up shop.")
    elif made.table is not None:
        typer.echo(f"The first query asks the table {made.table} of your database.")
    else:
        typer.secho("No table was found. ", fg="yellow", nl=False)
        typer.echo(made.silence or "The database has none that this user may read.")
        typer.echo("The notebook asks a table 'your_table': fill in its name and columns.")


def _say_git(made: "Repository") -> None:
    from dspipe.new import GitState

    sentences = {
        GitState.ABSENT: "Git is not there, so nothing is under version control yet.",
        GitState.INSIDE: f"It lies in the repository {made.outer}: commit it there.",
        GitState.STAGED: (
            "Git made no commit: set user.name and user.email with git config, then commit."
        ),
        GitState.COMMITTED: "It is a git repository with a first commit.",
    }
    typer.echo(sentences[made.git])
