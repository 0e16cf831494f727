"""What a check came to, for a terminal: what holds, what was found by subject, one verdict."""

import shutil
import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

import typer

from dspipe._text import count

if TYPE_CHECKING:
    from dspipe.checks import CheckReport, Finding, Repair

_COLOURS = {"error": "red", "warning": "yellow"}
_SUBJECTS = {
    "G": "Golden runs",
    "P": "Promises",
    "S": "Statements",
    "K": "Secrets",
    "D": "Requirements",
}
_MARGIN = 9
_MOST_COLUMNS = 100


def show_report(report: "CheckReport", *, is_fixed: bool = False) -> None:
    """Print a report; with `is_fixed` the verdict offers no fixes, as they were just made."""
    for sentence in report.done:
        _print("ok", sentence, "green")
    order = list(_SUBJECTS)
    findings = sorted(report.findings, key=lambda each: order.index(each.code[0]))
    for letter, found in groupby(findings, key=lambda each: each.code[0]):
        typer.secho(f"\n{_SUBJECTS[letter]}", bold=True)
        for finding in found:
            _show_finding(finding)
    if findings:
        typer.echo()
    for finding in report.allowed:
        place = f"{finding.place}, " if finding.place is not None else ""
        _print("allowed", f"{finding.code} {place}{finding.rule.title}: {finding.allowed}")
    for sentence in report.skipped:
        _print("skipped", sentence)
    typer.secho(_write_verdict(report, is_fixed=is_fixed), bold=True)


def show_repair(repair: "Repair") -> None:
    """Print what was mended, as a diff, and what is to be done now."""
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in repair.diff.splitlines():
        typer.secho(line, fg=colours.get(line[:1]))
    for finding in repair.findings:
        title = finding.fix.title if finding.fix is not None else ""
        place = f" {finding.place}" if finding.place is not None else ""
        _print("fixed", f"{finding.code}{place}: {title}", "green")
    for sentence in repair.left:
        _print("left", sentence, "yellow")
    for notebook in repair.notebooks:
        typer.echo(f"The notebook was changed. Convert it again: dspipe convert {notebook.name}")
    if not repair.findings and not repair.left:
        typer.echo("There was nothing to fix.")


def _show_finding(finding: "Finding") -> None:
    severity = finding.rule.severity
    where = f" ({finding.golden})" if finding.golden and finding.place is None else ""
    title = f"{finding.code} {finding.rule.title}{where}"
    typer.secho(f"{severity:{_MARGIN}}", fg=_COLOURS[severity], bold=True, nl=False)
    typer.secho(title, bold=True)
    if finding.place is not None:
        _print("", f"{finding.place}")
        typer.echo(" " * _MARGIN + f"| {finding.place.snippet}"[: _count_columns() - _MARGIN])
    for line in finding.message.splitlines():
        _print("", line)
    if finding.fix is not None:
        _print("", f"--fix: {finding.fix.title}")
    _print("", f"See {finding.rule.page}")


def _print(word: str, sentence: str, colour: str | None = None) -> None:
    """Print a sentence beside a word in the margin, wrapped at the width of the terminal."""
    lines = textwrap.wrap(
        sentence, _count_columns() - _MARGIN, break_long_words=False, break_on_hyphens=False
    )
    typer.secho(f"{word:{_MARGIN}}", fg=colour, nl=False)
    typer.echo(f"\n{'':{_MARGIN}}".join(lines))


def _count_columns() -> int:
    return min(shutil.get_terminal_size((_MOST_COLUMNS, 24)).columns, _MOST_COLUMNS)


def _write_verdict(report: "CheckReport", *, is_fixed: bool) -> str:
    counts = [
        count(n, severity)
        for severity in _COLOURS
        if (n := sum(each.rule.severity == severity for each in report.findings))
    ]
    counts += [f"{len(report.allowed)} allowed"] if report.allowed else []
    state = "passed" if report.is_passed else "failed"
    told = f" with {', '.join(counts)}" if counts else ""
    n_fixes = sum(each.fix is not None for each in report.findings)
    offer = f" Of these, --fix mends {n_fixes}." if n_fixes and not is_fixed else ""
    return f"{report.pipeline} {state}{told}.{offer}"
