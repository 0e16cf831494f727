"""Where something was written, and what to write in its place."""

from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_MOST_SHOWN = 88


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, or of a cell of a notebook.

    Attributes
    ----------
    file : Path
    line : int
        From 1; in the cell, where there is one.
    cell : int or None
        From 1 over all cells.
    snippet : str
        That line, or what of it may be shown.
    """

    file: Path
    line: int
    cell: int | None = None
    snippet: str = ""

    def __str__(self) -> str:
        if self.cell is None:
            return f"{shorten(self.file)}:{self.line}"
        return f"{shorten(self.file)}, cell {self.cell}, line {self.line}"


@dataclass(frozen=True, slots=True)
class Text:
    r"""The text of a file, or of one cell of a notebook.

    Examples
    --------
    >>> str(Text(Path("late.py"), "a = 1\nb = 2\n").find_place(6))
    'late.py:2'
    """

    file: Path
    content: str = field(repr=False)
    cell: int | None = None

    def find_place(self, offset: int, *, shown: str | None = None) -> Place:
        """Give the line that an offset is on; `shown` stands for the line where it has a secret."""
        start = self.content.rfind("\n", 0, offset) + 1
        line = self.content[start:].partition("\n")[0].strip()
        number = self.content.count("\n", 0, offset) + 1
        return Place(self.file, number, self.cell, cut(line if shown is None else shown))


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a text: `old` stands at `start`, and `new` takes its place."""

    text: Text
    start: int
    old: str
    new: str

    def to_dict(self) -> dict[str, Any]:
        """Give everything by name, JSON-safe."""
        place = self.text.find_place(self.start)
        return {
            "file": str(place.file),
            "cell": place.cell,
            "line": place.line,
            "old": self.old,
            "new": self.new,
        }


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair that a program can make: what it does as a sentence, and its changes."""

    title: str
    edits: tuple[Edit, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give everything by name, JSON-safe."""
        return {"title": self.title, "edits": [edit.to_dict() for edit in self.edits]}


class Lines:
    """Offsets of the lines of a Python text, as `ast` counts them."""

    def __init__(self, content: str) -> None:
        self._content = content
        self._starts = [0]
        for line in content.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def find_offset(self, line: int, column: int) -> int:
        """Turn a line from 1 and a column of bytes into an offset of characters."""
        start, end = self._starts[line - 1], self._starts[line]
        head = self._content[start:end].encode()[:column]
        return start + len(head.decode(errors="ignore"))

    def find_line(self, offset: int) -> int:
        """Give the line of an offset, from 1."""
        return bisect_right(self._starts, offset)


def shorten(file: Path) -> str:
    """Write a path from the working directory on, where it lies there."""
    try:
        return file.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(file)


def cut(line: str) -> str:
    """Cut a line that is too long to be shown."""
    return line if len(line) <= _MOST_SHOWN else f"{line[: _MOST_SHOWN - 1]}…"
