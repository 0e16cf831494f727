"""How a run and a preview look in a notebook and in a report."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd

from dspipe._text import count
from dspipe.displays import _frames, _parts
from dspipe.displays._times import format_seconds

MOST_ROWS = 10
MOST_CLASSES = 8


def draw_run(  # noqa: PLR0913 - the plain facts of a run, by name
    *,
    name: str,
    question: str,
    predictions: pd.DataFrame,
    rejected: pd.DataFrame,
    rows: Mapping[str, int],
    seconds: Mapping[str, float],
    total_seconds: float,
    arguments: Mapping[str, object],
    provenance: Mapping[str, object],
    warnings: Sequence[str],
) -> str:
    """Draw a run: stages with rows and times, the answers and their spread, what was refused."""
    return _parts.block(
        _parts.heading(
            name,
            note=f"{count(len(predictions), 'prediction')} in {format_seconds(total_seconds)}",
            mark=_mark(len(rejected), len(warnings)),
        ),
        _parts.paragraph(question, is_muted=True),
        _stages(rows, seconds),
        _parts.section("Warnings", _parts.listed(warnings)),
        _answers(predictions),
        _predictions(predictions),
        _rejected(rejected),
        _parts.columns(
            _parts.section("Arguments", _parts.facts(arguments)),
            _parts.section("Provenance", _parts.facts(_readable(provenance))),
        ),
    )


def draw_preview(*, name: str, frames: Mapping[str, pd.DataFrame], note: str, warning: str) -> str:
    """Draw the first rows of every stage side by side."""
    parts = [(stage, _frames.table(frame)) for stage, frame in frames.items()]
    return _parts.block(
        _parts.heading(name, note=note),
        _parts.paragraph(warning),
        _parts.side_by_side(parts),
    )


def _mark(n_rejected: int, n_warnings: int) -> str:
    """Draw what a reader must not miss; nothing when all is well."""
    rejected = _parts.badge(f"{n_rejected:,} rejected", "bad") if n_rejected else ""
    return rejected + (_parts.badge(count(n_warnings, "warning"), "warn") if n_warnings else "")


def _stages(rows: Mapping[str, int], seconds: Mapping[str, float]) -> str:
    longest = max(seconds.values(), default=0) or 1
    return _parts.steps(
        [
            (stage, f"{rows[stage]:,}", f"rows in {format_seconds(taken)}", taken / longest)
            for stage, taken in seconds.items()
        ]
    )


def _answers(predictions: pd.DataFrame) -> str:
    """Draw what the answers are, and how they are spread."""
    column = _choose_column(predictions)
    limits = None if column in (None, "prediction") else (0.0, 1.0)
    spread = _frames.histogram(predictions[column], limits=limits) if column else ""
    return _parts.columns(
        _parts.section("Answers", _count_answers(predictions)),
        _parts.section(f"Spread of {column}", spread),
    )


def _count_answers(predictions: pd.DataFrame) -> str:
    """Count each class, the most frequent first; of numbers, say where they lie."""
    answers = predictions.get("prediction")
    if answers is None or not len(answers):
        return ""
    if _choose_column(predictions) != "prediction":
        counts = answers.value_counts()
        named = {str(name): int(n) for name, n in counts.head(MOST_CLASSES).items()}
        rest = int(counts.iloc[MOST_CLASSES:].sum())
        return _frames.shares(named | ({"all others": rest} if rest else {}))
    numbers = {"lowest": answers.min(), "mean": answers.mean(), "highest": answers.max()}
    return _parts.facts({name: f"{value:,.6g}" for name, value in numbers.items()})


def _predictions(predictions: pd.DataFrame) -> str:
    """Draw the first answers, and beside them the highest when not all are shown."""
    if not len(predictions):
        return ""
    column = _choose_column(predictions)
    barred = None if column == "prediction" else column
    highest = ""
    if column and len(predictions) > MOST_ROWS:
        highest = _frames.table(
            predictions.nlargest(MOST_ROWS, column), most_rows=MOST_ROWS, barred=barred
        )
    first = _frames.table(predictions, most_rows=MOST_ROWS, barred=barred)
    title = "First predictions" if highest else "Predictions"
    return _parts.columns(
        _parts.section(f"Highest {column}", highest), _parts.section(title, first)
    )


def _choose_column(predictions: pd.DataFrame) -> str | None:
    """Choose the column that says most: the last probability, else a prediction in numbers."""
    names = [str(name) for name in predictions.columns]
    probabilities = [name for name in names if name.startswith("probability_")]
    column = probabilities[-1] if probabilities else "prediction"
    return column if column in names and _is_number(predictions[column]) else None


def _is_number(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _readable(provenance: Mapping[str, object]) -> dict[str, object]:
    """Write times to the second, in the zone they have."""
    return {
        name: f"{value:%Y-%m-%d %H:%M:%S %Z}" if isinstance(value, datetime) else value
        for name, value in provenance.items()
    }


def _rejected(rejected: pd.DataFrame) -> str:
    if not len(rejected):
        return ""
    return _parts.section(f"{count(len(rejected), 'row')} rejected", _frames.table(rejected))
