"""The commands: each reads its options, calls one room of dspipe, and shows what came of it."""

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dspipe.cli._build import add_build
from dspipe.cli._check import add_check
from dspipe.cli._command import PASS_ON, run_command
from dspipe.cli._convert import add_conversion
from dspipe.cli._deploy import add_commands
from dspipe.cli._export import add_export
from dspipe.cli._failures import reported
from dspipe.cli._new import add_new
from dspipe.cli._strip import add_strip

if TYPE_CHECKING:
    from dspipe import PredictionPipeline

app = typer.Typer(
    name="dspipe",
    help="Run prediction pipelines: one class from the notebook to production.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Read = Callable[[], dict[str, object]]


class Format(StrEnum):
    """How predictions are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


class OnBadRow(StrEnum):
    """What happens to a row that cannot be scored."""

    RAISE = "raise"
    REJECT = "reject"


Place = Annotated[
    str,
    typer.Argument(
        metavar="PIPELINE", help="file.py, file.py:Class, package.module or package.module:Class."
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")]


def _show_version(asked: bool) -> None:  # noqa: FBT001 - what typer passes to a callback
    if asked:
        from dspipe import __version__

        typer.echo(f"dspipe {__version__}")
        raise typer.Exit


@app.callback()
def _dspipe(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    del version


add_new(app)


@app.command("run", context_settings=PASS_ON)
def run(context: typer.Context) -> None:
    """Run a pipeline and write its predictions."""
    with reported(debug="--debug" in context.args):
        run_command(_run, context)


@app.command("preview", context_settings=PASS_ON)
def preview(context: typer.Context) -> None:
    """Show the first rows after every stage of a pipeline."""
    with reported(debug="--debug" in context.args):
        run_command(_preview, context)


@app.command("schema")
def schema(place: Place, *, debug: Debug = False) -> None:
    """Print the arguments of a pipeline as JSON Schema."""
    with reported(debug=debug):
        from dspipe._arguments import json_schema
        from dspipe.cli._locate import load_pipeline

        typer.echo(json.dumps(json_schema(load_pipeline(place)), indent=2, ensure_ascii=False))


@app.command("demo")
def demo(
    *,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Where to put the sample. Default: a temporary folder."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Make a small sample, train a model on it, run a pipeline, and show what came of it."""
    with reported(debug=debug):
        from dspipe.cli._demo import show_demo

        show_demo(folder)


add_conversion(app)
add_strip(app)
add_build(app)
add_check(app)
add_commands(app)
add_export(app)


def _run(  # noqa: PLR0913 - one parameter for each option of the command
    place: Place,
    *,
    pipeline: "type[PredictionPipeline]",
    read: Read,
    output_format: Annotated[
        Format | None,
        typer.Option("--format", help="Default: by the suffix of --out, else a table."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write here instead of standard output.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a report of the run here.")
    ] = None,
    on_bad_row: Annotated[
        OnBadRow | None,
        typer.Option("--on-bad-row", help="Stop at a bad row, or list it and go on."),
    ] = None,
    batch_rows: Annotated[
        str | None,
        typer.Option("--batch-rows", metavar="N|all", help="Rows that a stage sees at once."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Run a pipeline and write its predictions.

    Each parameter of its extract is an option: see dspipe run PIPELINE --help. One that has the
    name of an option of this command is given as --arg.NAME. Exit codes: 2 for wrong arguments,
    1 for a failed run.
    """
    del place, debug
    from dspipe.cli._output import check_target, choose_format, write_report, write_run
    from dspipe.cli._progress import run_showing_progress

    chosen = choose_format(output_format, out)
    check_target(chosen, out)
    options: dict[str, Any] = {}
    if on_bad_row is not None:
        options["on_bad_row"] = on_bad_row.value
    if batch_rows is not None:
        options["batch_rows"] = _read_batch_rows(batch_rows)
    finished = run_showing_progress(pipeline(**options), read())
    if html is not None:
        write_report(finished, html)
    write_run(finished, chosen, out)


def _preview(
    place: Place,
    *,
    pipeline: "type[PredictionPipeline]",
    read: Read,
    rows: Annotated[int, typer.Option("--rows", min=1, help="Rows to show.")] = 5,
    debug: Debug = False,
) -> None:
    """Show the first rows after every stage of a pipeline.

    Each parameter of its extract is an option: see dspipe preview PIPELINE --help.
    """
    del place, debug
    from dspipe.cli._tables import show_preview

    show_preview(pipeline().preview(rows, **read()))


def _read_batch_rows(text: str) -> int | None:
    if text.lower() == "all":
        return None
    try:
        return int(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"--batch-rows is {text!r}. Give a whole number of at least 1, or 'all'."
        ) from error
