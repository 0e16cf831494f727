"""What of dspipe itself goes into a package: all but the workshop, and nothing that is only read.

Nobody reads help or comments in Lambda, and docstrings are half of what dspipe weighs, twice: as
text and as bytecode; annotations of functions and imports for type checkers serve those who write.
Lines keep their numbers, so that a traceback is the one that is seen here.
"""

import ast
import hashlib
import tokenize
from collections.abc import Collection, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import dspipe

DSPIPE = "dspipe"  # as the owner of files

# The rooms above `aws_lambda` in the stair of imports.
WORKSHOP = (
    "__main__.py", "cells", "checks", "cli", "demo", "deploy", "displays", "export", "new",
    "notebooks", "package", "parity", "testing",
)  # fmt: skip

# These do nothing without the package that they are written for, so they ship beside it only.
_NEED = {
    "pyarrow": ("sources/_arrow.py", "sources/_postgresql_arrow.py", "sources/_sqlite_arrow.py"),
    "urllib3": ("_remote/", "predictors/_http.py", "predictors/datarobot/"),
}

_Place = tuple[int, int]  # line and byte

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def iter_shipped(*, without: Collection[str] = ()) -> Iterator[tuple[str, Path]]:
    """Give every file of dspipe that ships, by its name in the package.

    Parameters
    ----------
    without : collection of str, default=()
        Of the packages that some files need, those that are absent: "pyarrow", "urllib3".

    Examples
    --------
    >>> names = [name for name, _ in iter_shipped()]
    >>> "dspipe/errors.py" in names, any(name.startswith("dspipe/cli/") for name in names)
    (True, False)
    """
    root = Path(dspipe.__file__).parent
    needless = tuple(start for package in without for start in _NEED[package])
    for path in sorted(root.rglob("*.py")):
        inner = path.relative_to(root)
        if inner.parts[0] not in WORKSHOP and not inner.as_posix().startswith(needless):
            yield f"dspipe/{inner.as_posix()}", path


def write_shipped(folder: Path) -> list[str]:
    """Write what ships beside the installed distributions, and give the names of the files."""
    shipped = dict(iter_shipped(without=[name for name in _NEED if not (folder / name).is_dir()]))
    for name, path in shipped.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(blank_reading_matter(path.read_bytes()))
    return list(shipped)


def digest_shipped() -> str:
    """Compute the SHA-256 of what ships, as it is here."""
    digest = hashlib.sha256()
    for name, path in iter_shipped():
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def blank_reading_matter(source: bytes) -> bytes:
    r"""Empty docstrings, comments and types of functions; every line keeps its number.

    Types of attributes stay, because a dataclass is made of them.
    Docstrings stay as white space, because a dataclass without one computes its own, which is slow.

    >>> blank_reading_matter(b"def f(x: int = 1) -> int:\n    return x  # always\n")
    b'def f(x = 1):\n    return x\n'
    """
    lines = source.splitlines(keepends=True)
    nodes = ast.walk(ast.parse(source))
    found = [part for node in nodes for part in _parts_to_read(node, lines)]
    # From the end, so that the places before stay right.
    for part in sorted(found, key=lambda part: part.start, reverse=True):
        (first, column), (last, end) = part.start, part.end
        blank = part.opening + b"\n" * (last - first) + part.closing
        text = lines[first - 1][:column] + blank + lines[last - 1][end:]
        lines[first - 1 : last] = text.splitlines(keepends=True)
    return _remove_comments(b"".join(lines).decode()).encode()


class _Part(NamedTuple):
    """A piece of a module, by lines and bytes, and what takes its place."""

    start: _Place
    end: _Place
    opening: bytes
    closing: bytes = b""


def _parts_to_read(node: ast.AST, lines: Sequence[bytes]) -> Iterator[_Part]:
    docstring = _docstring_of(node)
    if docstring is not None:
        yield _Part(_start_of(docstring), _end_of(docstring), b'"""', b' """')
    if isinstance(node, ast.If) and _is_for_checkers(node):
        yield _Part(_start_of(node.body[0]), _end_of(node.body[-1]), b"pass")
    elif isinstance(node, ast.arg) and node.annotation is not None:
        name_ends = (node.lineno, node.col_offset + len(node.arg.encode()))
        yield _Part(name_ends, _end_of(node.annotation), b"")
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
        line, column = _start_of(node.returns)
        arrow = lines[line - 1].rindex(b" ->", 0, column)
        yield _Part((line, arrow), _end_of(node.returns), b"")


def _docstring_of(node: ast.AST) -> ast.Constant | None:
    first = node.body[0] if isinstance(node, _DOCUMENTED) and node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first.value if isinstance(first.value.value, str) else None
    return None


def _is_for_checkers(node: ast.If) -> bool:
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _start_of(node: ast.stmt | ast.expr) -> _Place:
    return node.lineno, node.col_offset


def _end_of(node: ast.stmt | ast.expr) -> _Place:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def _remove_comments(source: str) -> str:
    lines = source.splitlines(keepends=True)
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            lines[line - 1] = f"{lines[line - 1][:column].rstrip()}\n"
    return "".join(lines)
