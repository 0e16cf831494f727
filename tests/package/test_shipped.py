"""What of dspipe ships is what stands below the workshop in the stair."""

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from dspipe.package._shipped import WORKSHOP, blank_reading_matter, iter_shipped

ROOT = Path(__file__).parents[2]


def test_workshop_is_what_stands_above_the_handler() -> None:
    """A new room above `aws_lambda` stays at home without anybody thinking of it here."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    stair = document["tool"]["importlinter"]["contracts"][0]["layers"]
    above = stair[: stair.index("aws_lambda")]
    rooms = {room for layer in above for room in layer.split(" | ")}

    assert {name.removesuffix(".py") for name in WORKSHOP} == rooms


def test_nothing_that_ships_imports_the_workshop() -> None:
    """A package could not even be imported otherwise."""
    rooms = tuple(f"dspipe.{name.removesuffix('.py')}" for name in WORKSHOP)
    faults = [
        (name, room)
        for name, path in iter_shipped()
        for room in rooms
        if f"from {room}" in path.read_text(encoding="utf-8")
    ]

    assert faults == []


@pytest.mark.parametrize("name", [name for name, _ in iter_shipped()])
def test_module_is_the_same_program_without_what_is_only_read(name: str) -> None:
    """Every statement stands on its line; docstrings are white space and never absent."""
    source = dict(iter_shipped())[name].read_bytes()

    after = blank_reading_matter(source)

    assert dump(after) == dump(source)
    assert after.count(b"\n") == source.count(b"\n")
    assert not list(iter_comments(after))
    assert {doc.strip() for doc in iter_docstrings(after)} <= {""}
    assert len(list(iter_docstrings(after))) == len(list(iter_docstrings(source)))


def test_nothing_is_left_for_type_checkers() -> None:
    """What never runs is one word, and what stands around it stays."""
    source = (
        b"if TYPE_CHECKING:\n    import a\n    from b import (\n        c,\n    )\n"
        b"x = '# no comment'  # a comment\n"
    )

    assert blank_reading_matter(source) == (
        b"if TYPE_CHECKING:\n    pass\n\n\n\nx = '# no comment'\n"
    )


@pytest.mark.parametrize(
    ("package", "files"),
    [
        ("pyarrow", r"sources/_(arrow|postgresql_arrow|sqlite_arrow)\.py"),
        ("urllib3", r"(_remote/\w+|predictors/_http|predictors/datarobot/\w+)\.py"),
    ],
)
def test_files_ship_beside_the_package_that_they_need(package: str, files: str) -> None:
    """Without it nothing asks for them, and they weigh."""
    every = {name for name, _ in iter_shipped()}

    left = every - {name for name, _ in iter_shipped(without=[package])}

    assert left == {name for name in every if re.fullmatch(f"dspipe/{files}", name)}
    assert len(left) > 2


def iter_comments(source: bytes) -> Iterator[str]:
    """Go through the comments of a module."""
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def iter_docstrings(source: bytes) -> list[str]:
    """List the docstrings of a module as they are."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    found = [ast.get_docstring(node, clean=False) for node in nodes]
    return [text for text in found if text is not None]


def dump(source: bytes) -> list[tuple[str, int | None]]:
    """List every node of a program with its line, but for what its docstrings say."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []  # it never runs
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and ast.get_docstring(node, clean=False) is not None
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        (
            type(node).__name__
            if id(node) in docstrings
            else ast.dump(node)
            if not list(ast.iter_child_nodes(node))
            else type(node).__name__,
            getattr(node, "lineno", None),
        )
        for node in ast.walk(tree)
    ]
