"""How a run and a preview look in a notebook and in a report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from dspipe import _html
from dspipe._text import count

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 10
MOST_CLASSES = 8


def draw_run(  # noqa: PLR0913 - the plain facts of a run, by name
    *,
    name: str,
    question: str,
    predictions: "pd.DataFrame",
    rejected: "pd.DataFrame",
    rows: Mapping[str, int],
    seconds: Mapping[str, float],
    total_seconds: float,
    arguments: Mapping[str, object],
    provenance: Mapping[str, object],
    warnings: Sequence[str],
) -> str:
    """Draw a run: stages with rows and times, the answers and their spread, what was refused."""
    return _html.block(
        _html.heading(
            name, note=f"{count(len(predictions), 'prediction')} in {format_seconds(total_seconds)}"
        ),
        f'<p class="muted">{escape(question)}</p>' if question else "",
        _stages(rows, seconds),
        _html.section("Warnings", "".join(f"<div>{escape(text)}</div>" for text in warnings)),
        _answers(predictions),
        _predictions(predictions),
        _rejected(rejected),
        _html.columns(
            _html.section("Arguments", _html.facts(arguments)),
            _html.section("Provenance", _html.facts(_readable(provenance))),
        ),
    )


def draw_preview(
    *, name: str, frames: Mapping[str, "pd.DataFrame"], note: str, warning: str
) -> str:
    """Draw the first rows of every stage side by side."""
    parts = [(stage, _html.table(frame)) for stage, frame in frames.items()]
    return _html.block(
        _html.heading(name, note=note),
        f"<p>{escape(warning)}</p>" if warning else "",
        _html.side_by_side(parts),
    )


def format_seconds(seconds: float) -> str:
    """Write a time so that it can be read at a glance.

    >>> format_seconds(0.0123), format_seconds(2.5), format_seconds(190)
    ('12 ms', '2.50 s', '3 min 10 s')
    """
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"  # noqa: PLR2004 - digits
    return f"{seconds:.2f} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"  # noqa: PLR2004 - a minute


def _stages(rows: Mapping[str, int], seconds: Mapping[str, float]) -> str:
    longest = max(seconds.values(), default=0) or 1
    return _html.steps(
        [
            (stage, f"{rows[stage]:,}", f"rows in {format_seconds(taken)}", taken / longest)
            for stage, taken in seconds.items()
        ]
    )


def _answers(predictions: "pd.DataFrame") -> str:
    """Draw what the answers are, and how they are spread."""
    column = _choose_column(predictions)
    limits = None if column in (None, "prediction") else (0.0, 1.0)
    spread = _html.histogram(predictions[column], limits=limits) if column else ""
    return _html.columns(
        _html.section("Answers", _count_answers(predictions)),
        _html.section(f"Spread of {column}", spread),
    )


def _count_answers(predictions: "pd.DataFrame") -> str:
    """Count each class, the most frequent first; of numbers, say where they lie."""
    answers = predictions.get("prediction")
    if answers is None or not len(answers):
        return ""
    if _choose_column(predictions) != "prediction":
        counts = answers.value_counts()
        named = {str(name): int(n) for name, n in counts.head(MOST_CLASSES).items()}
        rest = int(counts.iloc[MOST_CLASSES:].sum())
        return _html.shares(named | ({"all others": rest} if rest else {}))
    numbers = {"lowest": answers.min(), "mean": answers.mean(), "highest": answers.max()}
    return _html.facts({name: f"{value:,.6g}" for name, value in numbers.items()})


def _predictions(predictions: "pd.DataFrame") -> str:
    """Draw the first answers, and beside them the highest when not all are shown."""
    if not len(predictions):
        return ""
    column = _choose_column(predictions)
    barred = None if column == "prediction" else column
    highest = ""
    if column and len(predictions) > MOST_ROWS:
        highest = _html.table(
            predictions.nlargest(MOST_ROWS, column), most_rows=MOST_ROWS, barred=barred
        )
    first = _html.table(predictions, most_rows=MOST_ROWS, barred=barred)
    title = "First predictions" if highest else "Predictions"
    return _html.columns(_html.section(f"Highest {column}", highest), _html.section(title, first))


def _choose_column(predictions: "pd.DataFrame") -> str | None:
    """Choose the column that says most: the last probability, else a prediction in numbers."""
    names = [str(name) for name in predictions.columns]
    probabilities = [name for name in names if name.startswith("probability_")]
    column = probabilities[-1] if probabilities else "prediction"
    return column if column in names and _is_number(predictions[column]) else None


def _is_number(values: "pd.Series") -> bool:
    import pandas as pd

    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _readable(provenance: Mapping[str, object]) -> dict[str, object]:
    """Write times to the second, in the zone they have."""
    return {
        name: f"{value:%Y-%m-%d %H:%M:%S %Z}" if isinstance(value, datetime) else value
        for name, value in provenance.items()
    }


def _rejected(rejected: "pd.DataFrame") -> str:
    if not len(rejected):
        return ""
    title = f"{count(len(rejected), 'row')} rejected"
    return f'<h4 class="refused">{title}</h4>{_html.table(rejected)}'
