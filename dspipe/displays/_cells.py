"""How the cells of a notebook look, each with what becomes of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dspipe.displays import _parts

_COLUMNS = (
    _parts.Column("cell", ""),
    _parts.Column("begins with", "prose"),
    _parts.Column("verdict"),
    _parts.Column("why", "prose"),
)
_TONES: dict[str, _parts.Tone] = {
    "ships": "good",
    "ships in part": "part",
    "stays": "quiet",
    "refused": "bad",
}


def draw_cells(
    *, title: str, notebook: str, cells: Sequence[Mapping[str, Any]], remarks: Sequence[str]
) -> str:
    """Draw every cell of code with its verdict, in words and in colour."""
    counts = Counter(cell["verdict"] for cell in cells)
    marks = " ".join(
        _parts.badge(f"{counts[name]} {name}", tone)
        for name, tone in _TONES.items()
        if counts[name]
    )
    rows = [
        (
            cell["number"],
            _parts.inline(cell["first_line"]),
            _parts.badge(cell["verdict"], _TONES[cell["verdict"]]),
            _parts.stacked(*cell["reasons"]),
        )
        for cell in cells
    ]
    return _parts.block(
        _parts.heading(f"Cells of {title}", note=notebook),
        f"<p>{marks}</p>",
        _parts.grid(_COLUMNS, rows, most=1_000),
        _parts.section("Remarks", _parts.listed(remarks)),
    )
