"""Cut cells into their statements, each with its text as it was written and its comments."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dspipe.notebooks._magics import Plain, to_python
from dspipe.notebooks._reading import Cell, Notebook

Tag = Literal["keep", "skip"]
_TAG = re.compile(r"#\s*dspipe:\s*(keep|skip)\b")
_CELL_TAG = re.compile(r"dspipe[-:]\s*(keep|skip)$")


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement at the top of a cell.

    Attributes
    ----------
    index : int
        Its place among all statements of the notebook.
    text : str
        As written, with the comments that touch it.
    line, text_line : int
        Where in the cell the statement begins, and where its text does.
    tag : {"keep", "skip"} or None
    magics : tuple of str
        Lines in it that were not Python.
    """

    index: int
    cell: Cell
    node: ast.stmt
    text: str
    line: int
    text_line: int
    tag: Tag | None = None
    magics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opaque:
    """A cell that is not Python, and lines that are not: they may bind any name they hold."""

    cell: Cell
    line: int
    text: str
    reason: str
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """What a notebook holds: statements in the order of the document, and what is not Python."""

    notebook: Notebook
    statements: tuple[Statement, ...]
    opaque: tuple[Opaque, ...]


def cut(notebook: Notebook) -> Code:
    """Cut a notebook into statements."""
    statements: list[Statement] = []
    opaque: list[Opaque] = []
    for cell in notebook.cells:
        plain = to_python(cell.source)
        tag = _find_cell_tag(cell, plain)
        if plain.tree is None:
            line = next(iter(plain.magics), 1)
            opaque.append(Opaque(cell, line, cell.source, plain.reason, tag == "skip"))
            continue
        opaque.extend(
            Opaque(cell, line, text, "it is not Python", tag == "skip")
            for line, text in plain.magics.items()
        )
        statements.extend(_cut_cell(cell, plain, plain.tree, tag, len(statements)))
    return Code(notebook, tuple(statements), tuple(opaque))


def _find_cell_tag(cell: Cell, plain: Plain) -> Tag | None:
    """Find what is said about a whole cell: a tag, or a comment of its own at the top."""
    for tag in cell.tags:
        if found := _CELL_TAG.match(tag):
            return "keep" if found[1] == "keep" else "skip"
    top, _, rest = plain.text.strip("\n").partition("\n")
    if plain.tree is None and top.startswith("%%"):
        top, _, rest = rest.partition("\n")
    is_alone = plain.tree is None or not rest.split("\n", 1)[0].strip()
    return _read_tag(top) if is_alone and top.startswith("#") else None


def _read_tag(comment: str) -> Tag | None:
    found = _TAG.search(comment)
    if not found:
        return None
    return "keep" if found[1] == "keep" else "skip"


def _cut_cell(
    cell: Cell, plain: Plain, tree: ast.Module, tag: Tag | None, index: int
) -> Iterator[Statement]:
    lines = plain.text.split("\n")
    ends = [0, *(node.end_lineno or 0 for node in tree.body)]
    begins = [_find_start(node) for node in tree.body[1:]] + [(len(lines) + 1, 0)]
    for at, node in enumerate(tree.body):
        line, _ = _find_start(node)
        above, body, after = _cut_text(lines, node, ends[at], begins[at])
        text = "\n".join([*above, body + after])
        inside = range(line, (node.end_lineno or line) + 1)
        yield Statement(
            index + at,
            cell,
            node,
            text,
            line,
            line - len(above),
            _read_tag("\n".join(above)) or _read_tag(after) or tag,
            tuple(magic for number, magic in plain.magics.items() if number in inside),
        )


def _find_start(node: ast.stmt) -> tuple[int, int]:
    """Give line and byte column where a statement begins, with its decorators."""
    decorators = getattr(node, "decorator_list", [])
    if not decorators:
        return node.lineno, node.col_offset
    return decorators[0].lineno, 0


def _cut_text(
    lines: list[str], node: ast.stmt, last_end: int, next_start: tuple[int, int]
) -> tuple[list[str], str, str]:
    """Give the comments above a statement, its own text, and the comment behind it."""
    (line, column), end = _find_start(node), node.end_lineno or node.lineno
    above: list[str] = []
    while line - len(above) - 1 > last_end and lines[line - len(above) - 2].startswith("#"):
        above.insert(0, lines[line - len(above) - 2])
    own = lines[line - 1 : end]
    last = own[-1].encode()
    after = last[node.end_col_offset or 0 :].decode()
    own[-1] = last[: node.end_col_offset].decode()
    own[0] = own[0].encode()[column:].decode()
    return above, "\n".join(own), "" if next_start[0] == end else _keep_comment(after)


def _keep_comment(after: str) -> str:
    """Keep the comment at the end of a line; a semicolon only hid an output."""
    if after.lstrip().startswith("#"):
        return after.rstrip()
    hidden = after.strip().lstrip(";").strip()
    return f"  {hidden}" if hidden.startswith("#") else ""
