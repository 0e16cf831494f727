"""Plain facts to HTML that stands alone and takes its colours from the page around it.

Text and lines use `currentColor`, surfaces are transparent, so JupyterLab, VS Code and a plain
page look right in light and in dark without being asked which it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

ACCENT = "#3a7bd5"
REFUSED = "#d9534f"
_WIDTH, _HEIGHT = 420, 84  # of a histogram

_STYLE = f"""
.dspipe {{ font: 13px/1.45 system-ui, sans-serif; max-width: 72rem; }}
.dspipe h3 {{ font-size: 1.15em; margin: .2em 0 .5em; font-weight: 650; }}
.dspipe h4 {{ font-size: 1em; margin: 1.1em 0 .35em; font-weight: 650; }}
.dspipe .muted {{ opacity: .65; }}
.dspipe .row {{ display: flex; flex-wrap: wrap; gap: 0 2rem; }}
.dspipe .row > div {{ min-width: 0; }}
.dspipe .line {{ display: flex; flex-wrap: wrap; gap: .5rem; align-items: stretch; }}
.dspipe .box {{ border: 1px solid color-mix(in srgb, currentColor 22%, transparent);
  border-radius: 6px;
  padding: .45rem .8rem; min-width: 7rem; }}
.dspipe .box b {{ display: block; font-size: 1.25em; font-variant-numeric: tabular-nums; }}
.dspipe .arrow {{ align-self: center; opacity: .5; }}
.dspipe .bar {{ height: 4px; border-radius: 2px; background: {ACCENT}; margin-top: .35rem;
  min-width: 2px; }}
.dspipe .refused {{ color: {REFUSED}; }}
.dspipe .scroll {{ overflow-x: auto; }}
.dspipe table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0;
  color: inherit; }}
.dspipe th, .dspipe td {{ padding: .2rem .5rem; text-align: right; white-space: nowrap;
  background: none;
  border: 0; border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent); }}
.dspipe th {{ font-weight: 600; }}
.dspipe .text {{ text-align: left; }}
.dspipe td.null {{ opacity: .4; }}
.dspipe .share {{ display: inline-block; vertical-align: middle; width: 3rem; height: 8px;
  margin-right: .6rem; text-align: left; border-radius: 2px;
  background: color-mix(in srgb, currentColor 9%, transparent); }}
.dspipe .share i {{ display: block; height: 100%; border-radius: 2px; background: {ACCENT}; }}
.dspipe .wide .share {{ width: 12rem; }}
.dspipe dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; }}
.dspipe dt {{ opacity: .65; }} .dspipe dd {{ margin: 0; overflow-wrap: anywhere; }}
.dspipe pre {{ margin: .3rem 0; padding: .6rem .8rem; overflow-x: auto; border-radius: 6px;
  background: color-mix(in srgb, currentColor 6%, transparent);
  font: 12px/1.5 ui-monospace, monospace; }}
"""


def block(*parts: str) -> str:
    """Join parts into one display with its own style, for a notebook cell or a page."""
    return f'<style>{_STYLE}</style><div class="dspipe">{"".join(parts)}</div>'


def page(title: str, body: str) -> str:
    """Wrap a display into a page that needs no other file."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>:root {{ color-scheme: light dark }}"
        "body { margin: 2rem; background: Canvas; color: CanvasText }</style>"
        f"</head><body>{body}</body></html>\n"
    )


def heading(text: str, *, note: str = "") -> str:
    """Draw the first line of a display."""
    return f'<h3>{escape(text)} <span class="muted">{escape(note)}</span></h3>'


def section(title: str, body: str) -> str:
    """Draw a titled part, or nothing when it is empty."""
    return f"<h4>{escape(title)}</h4>{body}" if body else ""


def facts(pairs: Mapping[str, object]) -> str:
    """Draw names with their values; a missing value is a dash."""
    rows = (
        f"<dt>{escape(name)}</dt><dd>{'–' if value is None else escape(str(value))}</dd>"  # noqa: RUF001 - a dash is meant
        for name, value in pairs.items()
    )
    return f"<dl>{''.join(rows)}</dl>" if pairs else ""


def code(text: str) -> str:
    """Draw source text as it is."""
    return f"<pre>{escape(text)}</pre>"


def steps(boxes: Sequence[tuple[str, str, str, float]]) -> str:
    """Draw boxes with arrows between: name, large text, small text, share of the bar (0 to 1)."""
    drawn = (
        f'<div class="box">{escape(name)}<b>{escape(large)}</b><span '
        f'class="muted">{escape(small)}</span>'
        f'<div class="bar" style="width:{max(0.0, min(share, 1.0)) * 100:.0f}%"></div></div>'
        for name, large, small, share in boxes
    )
    return f'<div class="line">{"<span class=arrow>→</span>".join(drawn)}</div>'


def side_by_side(parts: Iterable[tuple[str, str]]) -> str:
    """Draw titled parts beside each other, wrapping when there is no room."""
    drawn = (
        f'<div class="box scroll"><h4>{escape(title)}</h4>{body}</div>' for title, body in parts
    )
    return f'<div class="line">{"".join(drawn)}</div>'


def columns(*parts: str) -> str:
    """Draw parts beside each other without a frame; empty ones are left out."""
    drawn = "".join(f"<div>{part}</div>" for part in parts if part)
    return f'<div class="row">{drawn}</div>' if drawn else ""


def shares(counts: Mapping[str, int]) -> str:
    """Draw names with a bar, their count and their share of all."""
    total = sum(counts.values())
    rows = (
        f'<tr><td class="text">{escape(name)}</td><td class="text wide">{_bar(n / total)}</td>'
        f"<td>{n:,}</td><td>{n / total:.1%}</td></tr>"
        for name, n in counts.items()
    )
    return f"<table>{''.join(rows)}</table>"


def table(frame: "pd.DataFrame", *, most_rows: int = 10, barred: str | None = None) -> str:
    """Draw the first rows of a frame with its index, and say how many more there are.

    Values of the column `barred` lie between 0 and 1 and get a bar each.
    """
    shown = frame.head(most_rows)
    index = shown.index
    series: list[tuple[object, pd.Series | pd.Index]] = [
        ("" if name is None else name, index.get_level_values(level))
        for level, name in enumerate(index.names)
    ]
    series += [(name, shown.iloc[:, place]) for place, name in enumerate(shown.columns)]
    drawn = [_column(str(name), values, is_barred=name == barred) for name, values in series]
    rows = "".join(f"<tr>{''.join(cells)}</tr>" for cells in zip(*drawn, strict=True))
    rest = len(frame) - len(shown)
    more = f'<div class="muted">and {rest:,} more of {len(frame):,} rows</div>' if rest else ""
    return f'<div class="scroll"><table>{rows}</table></div>{more}'


def histogram(
    values: "pd.Series", *, limits: tuple[float, float] | None = None, n_bars: int = 25
) -> str:
    """Draw how numbers are spread, as SVG; nothing when fewer than two differ.

    `limits` are the ends of the axis; the smallest and largest number when not given.
    """
    import numpy as np

    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    numbers = numbers[np.isfinite(numbers)]
    if numbers.size == 0 or numbers.min() == numbers.max():
        return ""
    if limits is not None:
        numbers = numbers.clip(*limits)
    counts, edges = np.histogram(numbers, bins=n_bars, range=limits)
    bars = _bars(counts.tolist(), edges.tolist())
    line = f'<path d="M0 {_HEIGHT}.5H{_WIDTH}" stroke="currentColor" opacity=".4"/>'
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + 18}" width="{_WIDTH}" role="img">'
        f"{bars}{line}{_axis(edges[0], edges[-1])}</svg>"
    )


def _bars(counts: Sequence[int], edges: Sequence[float]) -> str:
    step, tallest = _WIDTH / len(counts), max(counts)
    return "".join(
        f'<rect x="{place * step + 1:.1f}" y="{_HEIGHT - n / tallest * _HEIGHT:.1f}" '
        f'width="{step - 2:.1f}" height="{n / tallest * _HEIGHT:.1f}" fill="{ACCENT}">'
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


def _column(name: str, values: "pd.Series | pd.Index", *, is_barred: bool) -> list[str]:
    """Draw a head and cells; numbers stand on the right, all else on the left."""
    import pandas as pd

    side = "" if pd.api.types.is_numeric_dtype(values.dtype) else "text"
    numbers = [v for v in values.tolist() if isinstance(v, float) and v == v]  # noqa: PLR0124 - not NaN
    # Digits of shares stand under each other when all have the same number of them.
    is_share = all(0 <= v <= 1 for v in numbers) and not all(v.is_integer() for v in numbers)
    digits = ".4f" if is_share else ".4g"
    cells = [_cell(value, side, digits, is_barred=is_barred) for value in values.tolist()]
    return [f'<th class="{side}">{escape(name)}</th>', *cells]


def _cell(value: object, side: str, digits: str, *, is_barred: bool) -> str:
    import pandas as pd

    if pd.api.types.is_scalar(value) and pd.isna(value):  # type: ignore[call-overload]  # any scalar is meant
        return f'<td class="{side} null">null</td>'
    if isinstance(value, float):
        return f'<td class="{side}">{_bar(value) if is_barred else ""}{value:{digits}}</td>'
    return f'<td class="{side}">{escape(str(value))}</td>'


def _bar(share: float) -> str:
    return f'<span class="share"><i style="width:{max(0.0, min(share, 1.0)):.0%}"></i></span>'
