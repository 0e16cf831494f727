"""How proof looks: a golden run, its replay, and the report of all checks."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dspipe._text import count
from dspipe.displays import _frames, _parts

_DIFFERENCES = (
    _parts.Column("stage"),
    _parts.Column("column"),
    _parts.Column("kind"),
    _parts.Column("what differs", "prose"),
)
_FINDINGS = (
    _parts.Column("code"),
    _parts.Column("severity"),
    _parts.Column("what was found", "prose"),
)
_TONES: dict[str, _parts.Tone] = {"error": "bad", "warning": "warn"}


def draw_golden(
    *,
    title: str,
    n_rows: int,
    frames: Mapping[str, pd.DataFrame],
    arguments: Mapping[str, object],
    query: Mapping[str, Any] | None,
    facts: Mapping[str, object],
) -> str:
    """Draw a golden run: what was asked, what was kept, and with what it was made."""
    n_kept = len(frames["extracted"])
    note = f"golden run of {count(n_kept, 'row')}" + (f" out of {n_rows:,}" * (n_kept < n_rows))
    shown = [
        (f"{name}: {count(len(frame), 'row')}", _frames.table(frame, most_rows=3))
        for name, frame in frames.items()
        if len(frame)
    ]
    return _parts.block(
        _parts.heading(title, note=note),
        _parts.side_by_side(shown),
        _parts.columns(
            _parts.section("Arguments", _parts.facts(arguments)),
            _parts.section("Recorded with", _parts.facts(facts)),
        ),
        _parts.folded(f"Query on {query['source']}", _parts.code(query["text"])) if query else "",
    )


def draw_replay(
    *, title: str, station: str, n_rows: int, differences: Sequence[Mapping[str, Any]]
) -> str:
    """Draw a replay: that it came to the recorded run, or each thing that differs."""
    if not differences:
        note, mark = f"in {station}: {count(n_rows, 'row')}", _parts.badge("equal", "good")
        return _parts.block(_parts.heading(title, note=note, mark=mark))
    rows = [
        (
            each["stage"],
            each["column"] if each["column"] is not None else "the frame",
            _parts.badge(each["kind"], "bad"),
            _parts.stacked(each["found"], each["cause"]),
        )
        for each in differences
    ]
    mark = _parts.badge("not the recorded run", "bad")
    note = f"in {station}: {count(len(rows), 'difference')}"
    return _parts.block(
        _parts.heading(title, note=note, mark=mark), _parts.grid(_DIFFERENCES, rows)
    )


def draw_report(report: Mapping[str, Any]) -> str:
    """Draw the report of all checks: its verdict, every finding, what was proven and what not."""
    findings, passed = report["findings"], report["passed"]
    mark = _parts.badge("passed", "good") if passed else _parts.badge("failed", "bad")
    note = count(len(findings), "finding") if findings else "nothing was found"
    return _parts.block(
        _parts.heading(f"Checks of {report['pipeline']}", note=note, mark=mark),
        _parts.grid(_FINDINGS, map(_finding, findings)) if findings else "",
        _parts.section("Proven", _parts.listed(report["done"])),
        _parts.section("Not checked", _parts.listed(report["skipped"])),
    )


def _finding(finding: Mapping[str, Any]) -> tuple[object, ...]:
    severity = finding["severity"]
    told = _parts.stacked(
        _parts.Html(f"<strong>{_parts.text(finding['title'])}</strong>"),
        finding["message"],
        _parts.Html(f'<span class="muted">{_parts.text(finding["page"])}</span>'),
    )
    return finding["code"], _parts.badge(severity, _TONES.get(severity, "quiet")), told
