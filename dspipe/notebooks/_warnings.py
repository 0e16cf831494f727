"""What a person should know of a notebook that can be converted nevertheless."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from dspipe.notebooks._effects import iter_dropped_settings
from dspipe.notebooks._index import Index
from dspipe.notebooks._slice import Slice
from dspipe.notebooks._statements import Statement

_READERS = re.compile(r"(open|.*\.read_\w+|.*\.load|Path|.*\.Path)$")
_SQL_CALLS = re.compile(
    r"(duckdb|con|conn|db)\.(sql|query|execute)$|.*\b(ols|logit|glm|dmatri\w*)$"
)
_WORD = re.compile(r"[^\W\d]\w*")


def list_warnings(index: Index, chosen: Slice) -> tuple[str, ...]:
    """List remarks on a slice; none of them changes the module."""
    found = [*_iter_order(index), *_iter_settings(index, chosen)]
    for place in sorted(chosen.kept):
        statement = index.statements[place]
        for node in ast.walk(statement.node):
            if isinstance(node, ast.Call):
                found.extend(_iter_call(index, statement, node))
    return tuple(dict.fromkeys(found))


def _iter_order(index: Index) -> Iterator[str]:
    counts = [
        (cell.execution_count, cell.number)
        for cell in index.code.notebook.cells
        if cell.execution_count is not None
    ]
    for (before, _), (after, number) in pairwise(counts):
        if after < before:
            yield (
                f"W_ORDER: cell {number} was run before the one above it. The order of the "
                f"document counts here: restart the kernel and run all cells."
            )
            return


def _iter_settings(index: Index, chosen: Slice) -> Iterator[str]:
    for statement, setting in iter_dropped_settings(index, chosen):
        yield (
            f"W_SETTING: {_place(statement)}: {setting} is a setting of the kernel and is left "
            f"out. Mark it with '# dspipe: keep' to ship it."
        )


def _iter_call(index: Index, statement: Statement, node: ast.Call) -> Iterator[str]:
    name = ast.unparse(node.func)
    texts = [
        each.value
        for each in node.args
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    if not texts:
        return
    if _READERS.match(name) and _is_relative(texts[0]):
        yield (
            f"W_PATH: {_place(statement, node)}: '{texts[0]}' is looked for in the working "
            f"directory, which is another one in production."
        )
    if _SQL_CALLS.match(name):
        words = set(_WORD.findall(" ".join(texts))) & index.known.defined
        for word in sorted(words):
            yield (
                f"W_STRING: {_place(statement, node)}: the text names '{word}', which is also a "
                f"variable of the notebook. What only a text names is not followed."
            )


def _is_relative(path: str) -> bool:
    return "." in path.strip(".") and "://" not in path and not path.startswith(("/", "~"))


def _place(statement: Statement, node: ast.Call | None = None) -> str:
    line = node.lineno if node is not None else statement.line
    return f"cell {statement.cell.number}, line {line}"
