"""Progress is shown on a terminal and nowhere else."""

import io

import pytest
from rich.console import Console

from dspipe.cli._locate import load_pipeline
from dspipe.cli._progress import run_showing_progress, showing


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_is_shown_when_output_is_terminal(*, is_terminal: bool) -> None:
    """A terminal sees the pipeline and its rows; a file sees nothing; the run is the same."""
    text = io.StringIO()
    console = Console(file=text, force_terminal=is_terminal, width=80)

    run = run_showing_progress(load_pipeline("two.py:First")(), {"n_rows": 4}, console)

    assert len(run.predictions) == 4
    assert ("First" in text.getvalue()) is is_terminal


@pytest.mark.parametrize("is_terminal", [True, False])
def test_showing_names_work_when_output_is_terminal(*, is_terminal: bool) -> None:
    """Long work without batches is named while it lasts."""
    text = io.StringIO()
    console = Console(file=text, force_terminal=is_terminal, width=80)

    with showing("Training", console):
        pass

    assert ("Training" in text.getvalue()) is is_terminal
