"""Frames and numbers as tables and charts: the first rows, shares, and how values are spread."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import pandas as pd

from dspipe._text import count
from dspipe.displays._parts import Html, rest, text

MOST_ROWS = 10
MOST_COLUMNS = 30
MOST_CELL_CHARACTERS = 80
_WIDTH, _HEIGHT = 420, 84  # of a histogram


def table(frame: pd.DataFrame, *, most_rows: int = MOST_ROWS, barred: str | None = None) -> str:
    """Draw the first rows of a frame with its index, and say how many more there are.

    Values of the column `barred` lie between 0 and 1 and get a bar each.
    """
    shown = frame.iloc[:most_rows, :MOST_COLUMNS]
    index = shown.index
    series: list[tuple[object, pd.Series | pd.Index]] = [
        ("" if name is None else name, index.get_level_values(level))
        for level, name in enumerate(index.names)
    ]
    series += [(name, shown.iloc[:, place]) for place, name in enumerate(shown.columns)]
    heads = [_head(str(name), values) for name, values in series]
    cells = [_cells(values, is_barred=name == barred) for name, values in series]
    rows = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*cells, strict=True))
    more = rest(len(frame), most_rows, "row") + rest(frame.shape[1], MOST_COLUMNS, "column")
    return (
        f'<div class="scroll"><table><thead><tr>{"".join(heads)}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{more}"
    )


def shares(counts: Mapping[str, int]) -> str:
    """Draw names with a bar, their count and their share of all."""
    total = sum(counts.values())
    rows = (
        f'<tr><th scope="row" class="text">{text(name)}</th>'
        f'<td class="text wide">{_bar(n / total)}</td><td>{n:,}</td><td>{n / total:.1%}</td></tr>'
        for name, n in counts.items()
    )
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def histogram(
    values: pd.Series, *, limits: tuple[float, float] | None = None, n_bars: int = 25
) -> str:
    """Draw how numbers are spread, as SVG; nothing when fewer than two differ.

    `limits` are the ends of the axis; the smallest and largest number when not given.
    """
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    numbers = numbers[np.isfinite(numbers)]
    if numbers.size == 0 or numbers.min() == numbers.max():
        return ""
    told = f"{count(numbers.size, 'value')} from {numbers.min():.4g} to {numbers.max():.4g}"
    if limits is not None:
        numbers = numbers.clip(*limits)
    counts, edges = np.histogram(numbers, bins=n_bars, range=limits)
    bars = _bars(counts.tolist(), edges.tolist())
    line = f'<path d="M0 {_HEIGHT}.5H{_WIDTH}" stroke="currentColor" opacity=".4"/>'
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + 18}" width="{_WIDTH}" role="img" '
        f'aria-label="Histogram: {told}">{bars}{line}{_axis(edges[0], edges[-1])}</svg>'
    )


def _head(name: str, values: "pd.Series | pd.Index") -> str:
    return f'<th scope="col" class="{_side(values)}">{escape(name)}</th>'


def _cells(values: "pd.Series | pd.Index", *, is_barred: bool) -> list[str]:
    """Draw the cells of a column; numbers stand on the right, all else on the left."""
    side = _side(values)
    numbers = [v for v in values.tolist() if isinstance(v, float) and v == v]  # noqa: PLR0124 - not NaN
    # Digits of shares stand under each other when all have the same number of them.
    is_share = all(0 <= v <= 1 for v in numbers) and not all(v.is_integer() for v in numbers)
    digits = ".4f" if is_share else ".4g"
    return [_cell(value, side, digits, is_barred=is_barred) for value in values.tolist()]


def _side(values: "pd.Series | pd.Index") -> str:
    return "" if pd.api.types.is_numeric_dtype(values.dtype) else "text"


def _cell(value: object, side: str, digits: str, *, is_barred: bool) -> str:
    if pd.api.types.is_scalar(value) and pd.isna(value):  # type: ignore[call-overload]  # any scalar is meant
        return f'<td class="{side} null">null</td>'
    if isinstance(value, float):
        return f'<td class="{side}">{_bar(value) if is_barred else ""}{value:{digits}}</td>'
    written = str(value)
    if len(written) > MOST_CELL_CHARACTERS:
        written = f"{written[: MOST_CELL_CHARACTERS - 1]}…"
    # Rows are shown as they are; what looks like a password in a sentence is none in data.
    return f'<td class="{side}">{escape(written)}</td>'


def _bar(share: float) -> Html:
    return Html(f'<span class="share"><i style="width:{max(0.0, min(share, 1.0)):.0%}"></i></span>')


def _bars(counts: Sequence[int], edges: Sequence[float]) -> str:
    step, tallest = _WIDTH / len(counts), max(counts)
    return "".join(
        f'<rect x="{place * step + 1:.1f}" y="{_HEIGHT - n / tallest * _HEIGHT:.1f}" '
        f'width="{step - 2:.1f}" height="{n / tallest * _HEIGHT:.1f}">'
        f"<title>{edges[place]:.4g} to {edges[place + 1]:.4g}: {n:,} rows</title></rect>"
        for place, n in enumerate(counts)
    )


def _axis(low: float, high: float) -> str:
    ticks = ((0, "start", low), (_WIDTH / 2, "middle", (low + high) / 2), (_WIDTH, "end", high))
    return "".join(
        f'<text x="{x}" y="{_HEIGHT + 14}" text-anchor="{side}" fill="currentColor" '
        f'font-size="11">{value:.4g}</text>'
        for x, side, value in ticks
    )
