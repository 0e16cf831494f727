"""Draw runs and previews as tables of text."""

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dspipe._text import count
from dspipe.displays import format_seconds

if TYPE_CHECKING:
    import pandas as pd

    from dspipe import Run
    from dspipe._records import Preview

MOST_ROWS = 10
PLAIN_WIDTH = 160
MOST_COLUMNS = 8
MOST_ROWS_ACROSS = 5


def draw_run(run: "Run", *, for_terminal: bool) -> str:
    """Draw the first predictions, the time of each stage, and the rejected rows.

    With colours and the width of the terminal when standard output is one.
    """
    console = _make_console(for_terminal=for_terminal)
    with console.capture() as captured:
        _print_frame(console, run.predictions, "predictions")
        console.print(_stage_table(run))
        if len(run.rejected):
            _print_frame(console, run.rejected, "rejected")
        for warning in run.warnings:
            console.print(Text(f"Warning: {warning}", style="yellow"))
    return captured.get()


def show_preview(preview: "Preview") -> None:
    """Print the first rows after every stage."""
    console = _make_console(for_terminal=True)
    for title, frame in (
        ("extract", preview.extracted),
        ("features", preview.features),
        ("predict", preview.predictions),
        ("rejected", preview.rejected),
    ):
        if len(frame) or title in ("extract", "features"):
            _print_frame(console, frame, title)
    if preview.note:
        console.print(Text(f"No predictions: {preview.note}", style="yellow"))


def _make_console(*, for_terminal: bool) -> Console:
    """Make a console as wide as the terminal, or wide enough for a file that is read later."""
    console = Console()
    if for_terminal and console.is_terminal:
        return console
    return Console(width=PLAIN_WIDTH, color_system=None, force_terminal=False)


def _print_frame(console: Console, frame: "pd.DataFrame", title: str) -> None:
    # A title of the table itself would be wrapped to the table's width.
    console.print(Text(f"{title}: {count(len(frame), 'row')}", style="bold"))
    is_wide = len(frame.columns) > MOST_COLUMNS
    n_shown = MOST_ROWS_ACROSS if is_wide else MOST_ROWS
    is_named = any(name is not None for name in frame.index.names)
    # The empty name keeps the row numbers apart from a column that is called "index".
    first = frame.head(n_shown).reset_index(drop=not is_named).rename_axis("")
    console.print(_turned_table(first) if is_wide else _frame_table(first))
    if len(frame) > n_shown:
        console.print(f"  and {len(frame) - n_shown:,} more rows\n", highlight=False)


def _frame_table(first: "pd.DataFrame") -> Table:
    """Draw one line a row."""
    columns = _to_texts(first)
    numbers = {str(name) for name in first.select_dtypes("number").columns}
    table = Table(box=box.SIMPLE)
    for name in columns:
        table.add_column(Text(name), justify="right" if name in numbers else "left")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*row)
    return table


def _turned_table(first: "pd.DataFrame") -> Table:
    """Draw one line a column, so that many columns can be read."""
    columns = _to_texts(first)
    (key, names), *rest = columns.items()
    table = Table(box=box.SIMPLE)
    for head in (Text(key), *names):
        table.add_column(head)
    for name, values in rest:
        table.add_row(Text(name), *values)
    return table


def _to_texts(first: "pd.DataFrame") -> dict[str, list[Text]]:
    from dspipe._responses import to_columns

    columns = to_columns(first)
    del columns[""]
    return {name: [Text(_write(value)) for value in values] for name, values in columns.items()}


def _stage_table(run: "Run") -> Table:
    table = Table(box=box.SIMPLE)
    table.add_column("stage")
    table.add_column("rows", justify="right")
    table.add_column("time", justify="right")
    for stage, taken in run.seconds.items():
        table.add_row(stage, f"{run.rows[stage]:,}", format_seconds(taken))
    table.add_row("rejected", f"{len(run.rejected):,}", "")
    table.add_row("total", f"{len(run.predictions):,}", format_seconds(run.total_seconds))
    return table


def _write(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
