"""Displays: what a person sees in a notebook and in a report, as HTML that stands alone.

Records give plain facts, and are drawn here: nothing of it ships, because nobody looks at a page in
Lambda. No script, no file from elsewhere, and every text is escaped.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe.displays._cells import draw_cells
    from dspipe.displays._contract import draw_contract, draw_contract_diff
    from dspipe.displays._parts import page
    from dspipe.displays._pipeline import draw_pipeline, draw_predictor
    from dspipe.displays._proof import draw_golden, draw_replay, draw_report
    from dspipe.displays._query import draw_query
    from dspipe.displays._run import draw_preview, draw_run
    from dspipe.displays._times import format_seconds

__all__ = [
    "draw_cells",
    "draw_contract",
    "draw_contract_diff",
    "draw_golden",
    "draw_pipeline",
    "draw_predictor",
    "draw_preview",
    "draw_query",
    "draw_replay",
    "draw_report",
    "draw_run",
    "format_seconds",
    "page",
]

__getattr__, __dir__ = lazy_names(
    globals(),
    {
        "draw_cells": "dspipe.displays._cells",
        "draw_contract": "dspipe.displays._contract",
        "draw_contract_diff": "dspipe.displays._contract",
        "draw_golden": "dspipe.displays._proof",
        "draw_pipeline": "dspipe.displays._pipeline",
        "draw_predictor": "dspipe.displays._pipeline",
        "draw_preview": "dspipe.displays._run",
        "draw_query": "dspipe.displays._query",
        "draw_replay": "dspipe.displays._proof",
        "draw_report": "dspipe.displays._proof",
        "draw_run": "dspipe.displays._run",
        "format_seconds": "dspipe.displays._times",
        "page": "dspipe.displays._parts",
    },
)
