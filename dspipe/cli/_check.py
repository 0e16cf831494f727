"""The command that checks a pipeline: golden runs at every station, and the promises of it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dspipe.cli._failures import RUN_FAILED, reported

if TYPE_CHECKING:
    from dspipe.checks import CheckReport

_COLOURS = {"error": "red", "warning": "yellow"}


def add_check(app: typer.Typer) -> None:
    """Add the command to those of `dspipe`."""
    app.command("check")(check)


def check(
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
    frozen: Annotated[
        bool, typer.Option("--frozen", help="Ask no database: replay recorded rows alone.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print findings as JSON.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the whole traceback of an error.")
    ] = False,
) -> None:
    """Prove that a pipeline predicts what was recorded. Exit code 1 when it does not."""
    with reported(debug=debug):
        from dspipe.checks import check as check_pipeline
        from dspipe.cli._locate import load_pipeline

        report = check_pipeline(
            load_pipeline(place),
            name=golden,
            folder=folder,
            package=package,
            is_live=not frozen,
            on_step=lambda step: typer.echo(f"{step} ...", err=True),
        )
        if as_json:
            typer.echo(json.dumps(report.to_dict(), indent=2, ensure_ascii=False))
        else:
            _show(report)
        if not report.is_passed:
            raise typer.Exit(RUN_FAILED)


def _show(report: "CheckReport") -> None:
    from dspipe._text import count

    for sentence in report.done:
        typer.secho("ok       ", fg="green", nl=False)
        typer.echo(sentence)
    for finding in report.findings:
        severity = finding.rule.severity
        typer.secho(f"{severity:8} ", fg=_COLOURS[severity], bold=True, nl=False)
        where = f" ({finding.golden})" if finding.golden else ""
        typer.echo(f"{finding.code} {finding.rule.title}{where}")
        typer.echo("\n".join(f"         {line}" for line in finding.message.splitlines()))
        typer.echo(f"         See {finding.rule.page}")
    for sentence in report.skipped:
        typer.echo(f"skipped  {sentence}")
    n_errors = sum(finding.rule.severity == "error" for finding in report.findings)
    verdict = "passed" if report.is_passed else f"failed with {count(n_errors, 'error')}"
    typer.echo(f"{report.pipeline} {verdict}.")
