"""Write the predictions of a run: data to standard output or a file, remarks to standard error."""

import csv
import io
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from dspipe._extras import load_extra
from dspipe._text import count, quote_some
from dspipe.displays import format_seconds

if TYPE_CHECKING:
    from dspipe import Run

SUFFIXES = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".txt": "table"}


def choose_format(asked: str | None, out: Path | None) -> str:
    """Choose the format: as asked, else by the suffix of the file, else a table.

    Raises
    ------
    typer.BadParameter
        If the suffix says nothing.
    """
    if asked is not None:
        return str(asked)
    if out is None:
        return "table"
    if out.suffix.lower() not in SUFFIXES:
        raise typer.BadParameter(
            f"--out {out} does not say the format. Give --format, or a file that ends in one of "
            f"{quote_some(SUFFIXES)}."
        )
    return SUFFIXES[out.suffix.lower()]


def check_target(output_format: str, out: Path | None) -> None:
    """Refuse, before the run, what could not be written after it.

    Raises
    ------
    typer.BadParameter
        If the file is a folder, or binary data would go to a terminal.
    MissingExtraError
        If Parquet is asked for and pyarrow is not installed.
    """
    if out is not None and out.is_dir():
        raise typer.BadParameter(f"--out {out} is a folder. Name a file in it.")
    if output_format == "parquet":
        load_extra("pyarrow", extra="parquet", needed_by="--format parquet")
        if out is None and sys.stdout.isatty():
            raise typer.BadParameter("Parquet is binary. Give --out FILE, or send it to a program.")


def write_run(run: "Run", output_format: str, out: Path | None) -> None:
    """Write the predictions, and for data formats a summary on standard error."""
    if output_format == "table":
        from dspipe.cli._tables import draw_run

        _write_text(draw_run(run, for_terminal=out is None), out)
    elif output_format == "parquet":
        _write_parquet(run, out)
    else:
        _write_text(_WRITERS[output_format](run), out)
    if output_format != "table":
        _say(summarise(run))
    if out is not None:
        _say(f"Written to {out}.")


def write_report(run: "Run", target: Path) -> None:
    """Write the report of a run as one HTML page."""
    _replace(target, run.to_html)
    _say(f"Report: {target}")


def summarise(run: "Run") -> str:
    """Say in a line or a few what a run came to."""
    stages = ", ".join(f"{stage} {format_seconds(taken)}" for stage, taken in run.seconds.items())
    scored, rejected = count(len(run.predictions), "prediction"), count(len(run.rejected), "row")
    lines = [f"{scored} in {format_seconds(run.total_seconds)} ({stages}), {rejected} rejected."]
    if len(run.rejected):
        reasons = run.rejected["reason"].drop_duplicates()
        lines.append(f"Rejected because: {quote_some(reasons, most=3)}.")
    return "\n".join([*lines, *(f"Warning: {warning}" for warning in run.warnings)])


def to_csv(run: "Run") -> str:
    """Write predictions as CSV: the key first, dates and times in ISO 8601, nulls as nothing."""
    from dspipe._responses import to_columns

    columns = to_columns(run.predictions)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow([_to_cell(value) for value in row])
    return text.getvalue()


def to_json(run: "Run") -> str:
    """Write the answer of a run as one JSON object."""
    from dspipe._responses import dumps, to_answer

    return f"{dumps(to_answer(run))}\n"


_WRITERS: dict[str, Callable[["Run"], str]] = {"csv": to_csv, "json": to_json}


def _to_cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _write_text(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        _replace(out, lambda path: path.write_text(text, encoding="utf-8", newline=""))


def _write_parquet(run: "Run", out: Path | None) -> None:
    if out is not None:
        _replace(out, run.to_parquet)
        return
    with TemporaryDirectory() as folder:
        file = run.to_parquet(Path(folder) / "predictions.parquet")
        with file.open("rb") as source:
            shutil.copyfileobj(source, sys.stdout.buffer)
    sys.stdout.flush()


def _replace(target: Path, write: Callable[[Path], object]) -> None:
    """Write aside and move, so that a reader never meets half a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        write(aside)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _say(text: str) -> None:
    typer.echo(text, err=True)
