"""The parts that every display is made of: plain facts in, HTML out, nothing left unescaped."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Literal, NamedTuple

from dspipe._text import count
from dspipe.aws_lambda.telemetry._redaction import is_secret_name, redact
from dspipe.displays._style import STYLE

Tone = Literal["good", "part", "warn", "bad", "quiet"]

MOST_CHARACTERS = 2_000
_HIDDEN = "***"


class Html(str):
    """Markup that was made here; every other text is escaped before it is drawn."""

    __slots__ = ()


def block(*parts: str) -> str:
    """Join parts into one display with its own style, for a notebook cell or a page."""
    return f'<style>{STYLE}</style><div class="dspipe">{"".join(parts)}</div>'


def page(title: str, body: str) -> str:
    """Wrap a display into a page that needs no other file."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>:root {{ color-scheme: light dark }}"
        "body { margin: 2rem; background: Canvas; color: CanvasText }</style>"
        f"</head><body>{body}</body></html>\n"
    )


def text(value: object) -> Html:
    """Write a value as text: escaped, without secrets, and not endless.

    >>> text("<b> of postgresql://ann:tulip@db")
    '&lt;b&gt; of postgresql://ann:***@db'
    """
    if isinstance(value, Html):
        return value
    written = redact(str(value))
    if len(written) > MOST_CHARACTERS:
        written = f"{written[:MOST_CHARACTERS]}… ({len(written):,} characters)"
    return Html(escape(written))


def heading(title: str, *, note: str = "", mark: str = "") -> str:
    """Draw the first line of a display; `mark` is a badge."""
    return f'<h3>{text(title)}{mark} <span class="muted">{text(note)}</span></h3>'


def badge(word: str, tone: Tone) -> Html:
    """Draw a word on a colour of its own; the word says what the colour says."""
    return Html(f'<span class="badge {tone}">{text(word)}</span>')


def section(title: str, body: str) -> str:
    """Draw a titled part, or nothing when it is empty."""
    return f"<h4>{text(title)}</h4>{body}" if body else ""


def paragraph(words: str, *, is_muted: bool = False) -> Html:
    """Draw sentences, or nothing when there are none."""
    kind = ' class="muted"' if is_muted else ""
    return Html(f"<p{kind}>{text(words)}</p>" if words else "")


def listed(lines: Iterable[str]) -> str:
    """Draw sentences under each other, or nothing when there are none."""
    items = "".join(f"<li>{text(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def folded(title: str, body: str) -> str:
    """Draw a part that opens when it is asked for, or nothing when it is empty."""
    return f"<details><summary>{text(title)}</summary><div>{body}</div></details>" if body else ""


def facts(pairs: Mapping[str, object]) -> str:
    """Draw names with their values; a missing value is a dash, a password is not shown."""
    rows = (f"<dt>{text(name)}</dt><dd>{_fact(name, value)}</dd>" for name, value in pairs.items())
    return f"<dl>{''.join(rows)}</dl>" if pairs else ""


def code(source: str) -> Html:
    """Draw source text as it is."""
    return Html(f"<pre>{text(source)}</pre>")


def inline(source: object) -> Html:
    """Draw a piece of source text inside of a line."""
    return Html(f"<code>{text(source)}</code>")


def stacked(*parts: str) -> Html:
    """Draw parts under each other inside of a cell; empty ones are left out."""
    return Html("".join(f"<div>{text(part)}</div>" for part in parts if part))


class Column(NamedTuple):
    """A column of a grid: its head, and how its cells are set."""

    head: str
    kind: Literal["", "text", "prose"] = "text"


def grid(columns: Sequence[Column], rows: Iterable[Sequence[object]], *, most: int = 200) -> str:
    """Draw a table of texts and parts; the first cell of a row is its head."""
    drawn = list(rows)
    head = "".join(f'<th scope="col" class="{kind}">{text(name)}</th>' for name, kind in columns)
    body = "".join(_row(columns, cells) for cells in drawn[:most])
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll">{table}</div>{rest(len(drawn), most, "row")}'


def rest(n: int, shown: int, noun: str) -> str:
    """Say how many more there are than are shown."""
    more = f"and {n - shown:,} more of {count(n, noun)}"
    return f'<div class="muted">{more}</div>' if n > shown else ""


def steps(boxes: Sequence[tuple[str, str, str, float | None]]) -> str:
    """Draw boxes with arrows between: name, large text, small text, share of the bar (0 to 1)."""
    drawn = (
        f'<div class="box">{text(name)}<b>{text(large)}</b>'
        f'<span class="muted">{text(small)}</span>{_length(share)}</div>'
        for name, large, small, share in boxes
    )
    arrow = '<span class="arrow" aria-hidden="true">→</span>'
    return f'<div class="line">{arrow.join(drawn)}</div>'


def side_by_side(parts: Iterable[tuple[str, str]]) -> str:
    """Draw titled parts beside each other, wrapping when there is no room."""
    drawn = (f'<div class="box"><h4>{text(title)}</h4>{body}</div>' for title, body in parts)
    return f'<div class="line">{"".join(drawn)}</div>'


def columns(*parts: str) -> str:
    """Draw parts beside each other without a frame; empty ones are left out."""
    drawn = "".join(f"<div>{part}</div>" for part in parts if part)
    return f'<div class="row">{drawn}</div>' if drawn else ""


def _fact(name: str, value: object) -> str:
    if value is None:
        return "–"  # noqa: RUF001 - a dash is meant
    is_hidden = is_secret_name(name) and not isinstance(value, Html)
    return _HIDDEN if is_hidden else text(value)


def _row(columns: Sequence[Column], cells: Sequence[object]) -> str:
    first, *others = zip(columns, cells, strict=True)
    drawn = "".join(f'<td class="{column.kind}">{text(cell)}</td>' for column, cell in others)
    column, cell = first
    return f'<tr><th scope="row" class="{column.kind}">{text(cell)}</th>{drawn}</tr>'


def _length(share: float | None) -> str:
    if share is None:
        return ""
    return f'<div class="bar" style="width:{max(0.0, min(share, 1.0)) * 100:.0f}%"></div>'
