"""Draw a table that is no wider than the terminal, with long names broken where a reader would."""

import os
import re
from collections.abc import Sequence
from itertools import chain

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

PLAIN_WIDTH = 100
_COLOURS = {
    "Add": "green", "added": "green", "Modify": "yellow", "Remove": "red", "removed": "red",
    "Replace": "red", "Replace?": "yellow", "ALARM": "red",
}  # fmt: skip
_PADDING = 3  # of a column: a space on either side, and one between two columns
_NARROWEST = 8
_PIECES = re.compile(r"[^:/,_]*[:/,_]+|[^:/,_]+$")


def make_console() -> Console:
    """Make a console as wide as the terminal; COLUMNS says how wide where there is none."""
    console = Console()
    if console.is_terminal:
        return console
    width = os.environ.get("COLUMNS", "")
    return Console(
        width=int(width) if width.isdigit() else PLAIN_WIDTH,
        color_system=None,
        force_terminal=False,
    )


def print_table(
    console: Console, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """Print a table without its empty columns; nothing when there are no rows."""
    if not rows:
        return
    console.print(Text(title, style="bold"))
    filled = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    columns = [[heads[place], *(row[place] for row in rows)] for place in filled]
    widths = fit_widths([_measure(column) for column in columns], console.width)
    table = Table(box=box.SIMPLE)
    for place in filled:
        table.add_column(heads[place], overflow="fold")
    for row in rows:
        cells = [fold(row[place], width) for place, width in zip(filled, widths, strict=True)]
        table.add_row(*(Text(cell, style=_COLOURS.get(cell, "")) for cell in cells))
    console.print(table)


def fit_widths(widths: Sequence[int], most: int) -> list[int]:
    """Narrow the widest columns until a table of them fits.

    Examples
    --------
    >>> fit_widths([6, 40, 90], 80)
    [6, 32, 32]
    """
    fitted = list(widths)
    budget = most - 1 - _PADDING * len(fitted)
    while sum(fitted) > budget and max(fitted) > _NARROWEST:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def fold(text: str, width: int) -> str:
    """Break lines behind the parts of a name or between words, and within neither if possible.

    Examples
    --------
    >>> print(fold("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/late", 36))
    arn:aws:logs:eu-west-1:123456789012:
    log-group:/aws/lambda/late
    """
    return "\n".join(line for whole in text.split("\n") for line in _fold_line(whole, width))


def _fold_line(text: str, width: int) -> list[str]:
    """Fold a line; what follows is indented as it is."""
    margin = " " * (len(text) - len(text.lstrip()))
    lines, room = [margin], width - len(margin)
    for word in text.split():
        for part in _split_word(word, room):
            if lines[-1].strip() and len(lines[-1] + part.rstrip()) > width:
                lines.append(margin)
            lines[-1] += part
    return [line.rstrip() for line in lines]


def _split_word(word: str, room: int) -> list[str]:
    """Split a word that fits on no line, behind its parts first; the last part ends in a space."""
    if len(word) <= room:
        return [f"{word} "]
    pieces = [re.findall(f".{{1,{room}}}", piece) for piece in _PIECES.findall(word)]
    return [*chain.from_iterable(pieces), " "]


def _measure(column: Sequence[str]) -> int:
    return max(len(line) for cell in column for line in cell.split("\n"))
