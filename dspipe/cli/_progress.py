"""Run a pipeline and show how far it is, on a terminal only."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from rich.status import Status

    from dspipe import BatchResult, PredictionPipeline, Run


def run_showing_progress(
    pipeline: "PredictionPipeline", arguments: Mapping[str, object], console: Console | None = None
) -> "Run":
    """Run a pipeline; on a terminal, show rows and batches on standard error while it works."""
    from dspipe import _runtime

    console = Console(stderr=True) if console is None else console
    if not console.is_terminal:
        return _runtime.run(pipeline, arguments)
    name = type(pipeline).__name__
    with console.status(f"{name}: waiting for the first rows") as status:
        return _runtime.run(pipeline, arguments, on_batch=_make_counter(name, status))


def showing(text: str, console: Console | None = None) -> AbstractContextManager[object]:
    """Show on a terminal that something is being done."""
    console = Console(stderr=True) if console is None else console
    return console.status(text) if console.is_terminal else nullcontext()


def _make_counter(name: str, status: "Status") -> "Callable[[BatchResult], None]":
    def show(result: "BatchResult") -> None:
        n_rows = result.first_row + result.n_rows
        status.update(f"{name}: {n_rows:,} rows, batch {result.number:,}")

    return show
