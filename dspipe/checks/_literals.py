"""Texts in code: what they come to, and where each part of them was written."""

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dspipe.checks._code import Code
from dspipe.checks._places import Lines, Text


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text.

    Attributes
    ----------
    start : int
        Where it begins in the whole text.
    value : str
    text : Text
        Where it was written.
    offset : int
        Where it begins there.
    is_verbatim : bool
        Whether it is written as it reads, without escapes.
    """

    start: int
    value: str
    text: Text = field(repr=False)
    offset: int
    is_verbatim: bool = True

    def find_offset(self, position: int) -> int:
        """Give where a character of it was written; where escapes are in it, about there."""
        return self.offset + (position if self.is_verbatim else 0)


def fold(node: ast.expr, tree: ast.Module, parents: Mapping[Any, Any]) -> list[ast.Constant] | None:
    """Give the literals that an expression joins; None where it does more than that."""
    if isinstance(node, ast.Constant):
        return [node] if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = fold(node.left, tree, parents), fold(node.right, tree, parents)
        return None if left is None or right is None else left + right
    if isinstance(node, ast.Name):
        value = find_assigned(node, tree, parents)
        return None if value is None else fold(value, tree, parents)
    return None


def find_assigned(name: ast.Name, tree: ast.Module, parents: Mapping[Any, Any]) -> ast.expr | None:
    """Find the one expression that is assigned to a name, in its function or in the module."""
    scope = find_function(name, parents)
    for place in (scope, tree) if scope is not None else (tree,):
        nodes = ast.walk(place) if place is scope else iter(tree.body)
        values = [
            node.value
            for node in nodes
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
            and any(isinstance(each, ast.Name) and each.id == name.id for each in _targets(node))
        ]
        if values:
            return values[0] if len(values) == 1 else None
    return None


def find_function(
    node: ast.AST, parents: Mapping[Any, Any]
) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Find the function that a node stands in."""
    while node in parents:
        node = parents[node]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return node
    return None


def iter_pieces(nodes: list[ast.Constant], code: Code) -> Iterator[Piece]:
    """Give the parts of a text as they were written."""
    done = 0
    for node in nodes:
        start, end = code.find_span(node)
        text, origin = code.find_origin(start)
        value, segment = str(node.value), code.module.content[start:end]
        for piece in _iter_parts(segment, text, origin):
            yield Piece(
                done + piece.start, piece.value, piece.text, piece.offset, piece.is_verbatim
            )
        done += len(value)


def _iter_parts(segment: str, text: Text, origin: int) -> Iterator[Piece]:
    """Part a literal where it is several that stand behind each other."""
    lines, done = Lines(segment), 0
    # In brackets, because literals behind each other may stand on several lines.
    for token in tokenize.generate_tokens(io.StringIO(f"({segment}\n)").readline):
        if token.type != tokenize.STRING:
            continue
        part = str(ast.literal_eval(token.string))
        row, column = token.start
        at = lines.find_offset(row, 0) + column - (row == 1)
        inside = token.string.find(part)
        yield Piece(done, part, text, origin + at + max(inside, 0), inside >= 0)
        done += len(part)


def _targets(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]
