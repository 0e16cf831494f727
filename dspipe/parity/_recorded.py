"""The folder of a golden run that was just written: a path that says what is in it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from dspipe._text import count
from dspipe.parity._golden import GOLDEN_FILE

if TYPE_CHECKING:
    _Folder = Path
else:
    _Folder = type(Path())  # before Python 3.12 only the class of the system can be extended


class RecordedFolder(_Folder):
    """A folder with a golden run, shown in words where a notebook shows the value of a cell.

    Examples
    --------
    >>> RecordedFolder("nothing/here")
    RecordedFolder('nothing/here')
    """

    def with_segments(self, *segments: object) -> Path:
        """Make other paths plain ones."""
        return Path(*map(str, segments))

    def __repr__(self) -> str:
        try:
            sampling = json.loads((self / GOLDEN_FILE).read_text(encoding="utf-8"))["sampling"]
        except (OSError, KeyError, ValueError):
            return f"{type(self).__name__}({str(self)!r})"
        size = sum(file.stat().st_size for file in self.iterdir())
        n_kept, n_rows = sampling["n_kept"], sampling["n_rows"]
        told = count(n_rows, "row")
        if sampling["threshold"] is not None:
            told = f"{n_kept:,} of {told}, whole keys chosen by their hash"
        return f"Recorded in {_shorten(self)}: {told}, {size / 1e3:,.0f} kB."


def _shorten(folder: Path) -> str:
    here = Path.cwd()
    return str(folder.relative_to(here)) if folder.is_relative_to(here) else str(folder)
