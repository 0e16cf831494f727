"""Find the statements of a pipeline: what its code gives to `sql`, and what golden runs sent."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dspipe.checks._code import Code
from dspipe.checks._literals import Piece, fold, iter_pieces
from dspipe.checks._places import Place, Text
from dspipe.parity import GoldenRun


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement.

    Attributes
    ----------
    value : str or None
        Its text; None where the code puts it together when it runs, and no golden run has it.
    source : str
        Name of the source.
    call : ast.Call or None
        Where the code gives it to `sql`.
    text : Text or None
        What the code stands in.
    pieces : tuple of Piece
        Which part of the value stands where, as it was written.
    goldens : tuple of GoldenRun
        The golden runs that sent it.
    """

    value: str | None
    source: str = "default"
    call: ast.Call | None = field(default=None, repr=False)
    text: Text | None = field(default=None, repr=False)
    pieces: tuple[Piece, ...] = field(default=(), repr=False)
    goldens: tuple[GoldenRun, ...] = ()

    @property
    def golden(self) -> str | None:
        """Name of the first golden run that sent it."""
        return self.goldens[0].name if self.goldens else None

    @property
    def arguments(self) -> Mapping[str, object]:
        """The arguments that it was made with, of all golden runs; the first one's count."""
        found: dict[str, object] = {}
        for golden in reversed(self.goldens):
            found.update(golden.arguments)
        return found

    def find_spot(self, offset: int) -> tuple[Text, int] | None:
        """Give where a character of the value was written."""
        for piece in self.pieces:
            if piece.start <= offset <= piece.start + len(piece.value):
                return piece.text, piece.find_offset(offset - piece.start)
        return None

    def has_lines(self, offset: int) -> bool:
        """Say whether what stands around a character is a file, or was written on several lines."""
        return any(
            piece.is_verbatim and ("\n" in piece.value or piece.value == piece.text.content)
            for piece in self.pieces
            if piece.start <= offset <= piece.start + len(piece.value)
        )

    def find_place(self, offset: int) -> Place | None:
        """Give the line that a character of the value was written on."""
        spot = self.find_spot(offset)
        if spot is not None:
            return spot[0].find_place(spot[1])
        return None


def find_statements(code: Code | None, goldens: Sequence[GoldenRun]) -> list[Sent]:
    """List what a pipeline sends, in the order of its code."""
    written = list(_iter_written(code)) if code else []
    known = {each.value for each in written}
    joined = [
        replace(each, goldens=tuple(one for one in goldens if _text_of(one) == each.value))
        if each.value is not None
        else each
        for each in written
    ]
    # A text that the code does not have was either put together when it ran, or is an old one.
    open_calls = [each for each in written if each.value is None]
    if written and not open_calls:
        return joined
    only = open_calls[0] if len(open_calls) == 1 else None
    return joined + list(_iter_recorded(goldens, known, only))


def _iter_recorded(
    goldens: Sequence[GoldenRun], known: set[str | None], call: Sent | None
) -> Iterator[Sent]:
    by_text: dict[tuple[str, str], list[GoldenRun]] = {}
    for golden in goldens:
        text = _text_of(golden)
        if golden.query is not None and text is not None and text not in known:
            by_text.setdefault((text, str(golden.query["source"])), []).append(golden)
    for (text, source), runs in by_text.items():
        yield Sent(text, source, None, call.text if call else None, (), tuple(runs))


def _text_of(golden: GoldenRun) -> str | None:
    return str(golden.query["text"]) if golden.query is not None else None


def _iter_written(code: Code) -> Iterator[Sent]:
    names = _find_names(code.tree)
    parents = {child: node for node in ast.walk(code.tree) for child in ast.iter_child_nodes(node)}
    calls = [node for node in ast.walk(code.tree) if isinstance(node, ast.Call) and node.args]
    for call in sorted(calls, key=lambda each: (each.lineno, each.col_offset)):
        address = ast.unparse(call.func)
        if address.removesuffix(".file") not in names:
            continue
        source = _find_source(call, parents)
        text, _ = code.find_origin(code.find_span(call)[0])
        found = (
            _read_file(call, code.module.file)
            if address.endswith(".file")
            else _read_literal(call, code, parents)
        )
        yield Sent(found[0], source, call, text, found[1])


def _find_names(tree: ast.Module) -> set[str]:
    """Name what `sql` is called here."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in {"dspipe", "dspipe.sources"}:
            names |= {each.asname or each.name for each in node.names if each.name == "sql"}
        elif isinstance(node, ast.Import):
            for each in node.names:
                if each.name in {"dspipe", "dspipe.sources"}:
                    names.add(f"{each.asname or each.name}.sql")
    return names


def _find_source(call: ast.Call, parents: Mapping[Any, Any]) -> str:
    """Read the name in ``sql(...).on("name")``, wherever it stands in the chain."""
    node: Any = call
    while isinstance(parents.get(node), ast.Attribute):
        attribute = parents[node]
        node = parents.get(attribute)
        if not isinstance(node, ast.Call):
            break
        if attribute.attr == "on" and node.args and isinstance(node.args[0], ast.Constant):
            return str(node.args[0].value)
    return "default"


def _read_file(call: ast.Call, module: Path) -> tuple[str | None, tuple[Piece, ...]]:
    name = call.args[0]
    if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
        return None, ()
    for folder in (module.parent, Path.cwd()):
        file = folder / name.value
        if file.is_file():
            content = file.read_text(encoding="utf-8")
            return content, (Piece(0, content, Text(file, content), 0),)
    return None, ()


def _read_literal(
    call: ast.Call, code: Code, parents: Mapping[Any, Any]
) -> tuple[str | None, tuple[Piece, ...]]:
    nodes = fold(call.args[0], code.tree, parents)
    if nodes is None:
        return None, ()
    pieces = tuple(iter_pieces(nodes, code))
    return "".join(str(node.value) for node in nodes), pieces
