"""Make the event of `dspipe invoke` from options, a file of JSON, or rows of a file."""

import csv
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer


def make_event(words: Sequence[str], *, event: Path | None, rows: Path | None) -> Any:
    """Make the event that a function is invoked with.

    Parameters
    ----------
    words : sequence of str
        Arguments of the pipeline, such as ``--day 2013-10-01``.
    event : Path, optional
        JSON to send as it is; "-" reads standard input.
    rows : Path, optional
        CSV, JSON or JSON lines: rows to score.

    Raises
    ------
    typer.BadParameter
        If these cannot be read, or do not go together.
    """
    if event is not None:
        if words or rows is not None:
            raise typer.BadParameter("--event is the whole event. Give nothing else with it.")
        return _parse(_read(event), _name(event))
    arguments = read_arguments(words)
    if rows is None:
        return {"arguments": arguments}
    return {"arguments": arguments, "rows": _read_rows(rows)}


def read_arguments(words: Sequence[str]) -> dict[str, Any]:
    """Read arguments as they are written on a command line; the function checks their types.

    >>> read_arguments(["--top-n", "5", "--carrier=UA", "--carrier", "AA", "--late", "--no-far"])
    {'top_n': '5', 'carrier': ['UA', 'AA'], 'late': True, 'far': False}
    """
    arguments: dict[str, Any] = {}
    remaining = list(words)
    while remaining:
        word = remaining.pop(0)
        if not word.startswith("--"):
            raise typer.BadParameter(
                f"'{word}' stands alone. Write an argument of the pipeline as --name value."
            )
        name, equals, value = word.removeprefix("--").partition("=")
        if equals:
            _add(arguments, name, value)
        elif remaining and not remaining[0].startswith("--"):
            _add(arguments, name, remaining.pop(0))
        else:
            arguments[_to_name(name.removeprefix("no-"))] = not name.startswith("no-")
    return arguments


def _add(arguments: dict[str, Any], name: str, text: str) -> None:
    """Add a value; one that is given again makes a list."""
    name = _to_name(name)
    value = _parse(text, f"--{name}") if text[:1] in ("{", "[") else text
    if name in arguments:
        before = arguments[name]
        value = [*(before if isinstance(before, list) else [before]), value]
    arguments[name] = value


def _to_name(option: str) -> str:
    return option.removeprefix("arg.").replace("-", "_")


def _read_rows(file: Path) -> list[Any]:
    text = _read(file)
    if file.suffix.lower() == ".csv":
        lines = csv.DictReader(io.StringIO(text, newline=""))
        return [{name: value or None for name, value in line.items()} for line in lines]
    if file.suffix.lower() in (".jsonl", ".ndjson"):
        return [_parse(line, _name(file)) for line in text.splitlines() if line.strip()]
    rows = _parse(text, _name(file))
    if not isinstance(rows, list):
        raise typer.BadParameter(
            f"{_name(file)} holds no JSON list. Write one object for each row."
        )
    return rows


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise typer.BadParameter(f"{_name(file)} cannot be read: {reason}") from error


def _name(file: Path) -> str:
    return "standard input" if str(file) == "-" else str(file)


def _parse(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"{where} is not valid JSON: {error}") from error
