"""The rules of scope: what a statement reads of its module, on every Python the same."""

import ast
import importlib
import inspect
import symtable
import sys

import pytest

from dspipe.notebooks._scopes import find_facts

MODULES = ("argparse", "ast", "contextlib", "dataclasses", "enum", "functools", "inspect",
           "json.decoder", "pathlib", "tarfile", "tempfile", "textwrap", "traceback",
           "zipfile")  # fmt: skip


def list_globals(text: str) -> set[str]:
    """List the names of the module that a text reads, as Python's own compiler sees it."""
    found: set[str] = set()
    todo = [symtable.symtable(text, "<text>", "exec")]
    while todo:
        table = todo.pop()
        is_top = table.get_type() == "module"
        found |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (is_top or symbol.is_global())
        }
        todo += table.get_children()
    return found


@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="symtable hides comprehensions from 3.12 on"
)
@pytest.mark.parametrize("name", MODULES)
def test_reads_are_those_that_the_compiler_sees(name: str) -> None:
    """The walker agrees with the compiler on every statement of these modules."""
    tree = ast.parse(inspect.getsource(importlib.import_module(name)))

    differing = {}
    for node in tree.body:
        facts = find_facts(node)
        reads = {read.name for read in facts.reads}
        unsure = {read.name for read in facts.reads if read.is_soft} | {"__class__"}
        difference = (reads ^ list_globals(ast.unparse(node))) - unsure - set(facts.bindings)
        if difference and not isinstance(node, ast.AugAssign):
            differing[node.lineno] = difference

    assert differing == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(x=A): return B + x", [("A", False, ""), ("B", True, "f")]),
        ("class C(A):\n    def m(self): return B", [("A", False, ""), ("B", True, "C.m")]),
        ("x = [i for i in A if i > B]", [("A", False, ""), ("B", False, "")]),
        ("x = (B for i in A)", [("A", False, ""), ("B", True, "")]),
        ("x += 1", [("x", False, "")]),
        ("for i in A: print(i)", [("A", False, ""), ("print", False, "")]),
        ("class C:\n    x = x", [("x", False, "C")]),
        ("class C:\n    x = 1\n    y = x", []),
        ("class C:\n    x = 1\n    y = [x for _ in A]", [("A", False, "C"), ("x", False, "C")]),
        ("def f():\n    def g(): return a\n    a = 1", []),
        ("def f():\n    global A\n    A = 1\n    return A", [("A", True, "f")]),
    ],
)
def test_read_knows_when_and_where_it_happens(
    text: str, expected: list[tuple[str, bool, str]]
) -> None:
    """What is read when the statement runs must be there before it; a body may wait."""
    facts = find_facts(ast.parse(text).body[0])

    assert [(read.name, read.is_late, read.where) for read in facts.reads] == expected
