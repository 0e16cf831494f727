"""The command that checks a pipeline: golden runs at every station, and the promises of it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dspipe.cli._failures import RUN_FAILED, reported

if TYPE_CHECKING:
    from dspipe.checks import CheckReport, Repair


def add_check(app: typer.Typer) -> None:
    """Add the command to those of `dspipe`."""
    app.command("check")(check)


def check(  # noqa: PLR0913 - one parameter an option
    place: Annotated[
        str,
        typer.Argument(
            metavar="PIPELINE",
            help="file.py, file.py:Class, package.module or package.module:Class.",
        ),
    ],
    *,
    golden: Annotated[
        str | None, typer.Option("--golden", help="Name of one golden run. Default: all of them.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Where golden runs are. Default: golden, by the settings."),
    ] = None,
    package: Annotated[
        Path | None,
        typer.Option("--package", help="A built package, to replay there too: its folder or zip."),
    ] = None,
    notebook: Annotated[
        bool,
        typer.Option("--notebook", help="Run its notebook in a fresh kernel, to replay there too."),
    ] = False,
    deployed: Annotated[
        str | None,
        typer.Option(
            "--deployed", metavar="ENV", help="Replay in the function that serves there too."
        ),
    ] = None,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="Ask no database: replay recorded rows alone.")
    ] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what can be mended safely, and show what changed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print findings as JSON.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the whole traceback of an error.")
    ] = False,
) -> None:
    """Prove that a pipeline predicts what was recorded. Exit code 1 when it does not."""
    with reported(debug=debug):
        from dspipe.checks import check as check_pipeline
        from dspipe.checks import fix as mend
        from dspipe.cli._check_output import show_repair, show_report
        from dspipe.cli._locate import load_pipeline

        report = check_pipeline(
            load_pipeline(place),
            name=golden,
            folder=folder,
            package=package,
            is_live=not frozen,
            with_notebook=notebook,
            deployed=deployed,
            on_step=lambda step: typer.echo(f"{step} ...", err=True),
        )
        repair = mend(report) if fix else None
        if as_json:
            about = {**report.to_dict(), **({"repair": repair.to_dict()} if repair else {})}
            typer.echo(json.dumps(about, indent=2, ensure_ascii=False))
        else:
            show_report(report, is_fixed=fix)
            if repair is not None:
                show_repair(repair)
        if not _is_right(report, repair):
            raise typer.Exit(RUN_FAILED)


def _is_right(report: "CheckReport", repair: "Repair | None") -> bool:
    """Say whether no error is left."""
    mended = repair.findings if repair is not None else ()
    return all(
        each.rule.severity != "error" or any(each is one for one in mended)
        for each in report.findings
    )
