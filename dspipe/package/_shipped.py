"""What of dspipe itself goes into a package: all but the workshop, and no docstrings.

Nobody reads help in Lambda, and docstrings are half of what dspipe weighs, twice: as text and as
bytecode. Lines keep their numbers, so that a traceback is the one that is seen here.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import dspipe

# The rooms above `aws_lambda` in the stair of imports.
WORKSHOP = ("__main__.py", "cli", "demo", "deploy", "package", "testing")

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def iter_shipped() -> Iterator[tuple[str, Path]]:
    """Give every file of dspipe that ships, by its name in the package.

    >>> names = [name for name, _ in iter_shipped()]
    >>> "dspipe/errors.py" in names, any(name.startswith("dspipe/cli/") for name in names)
    (True, False)
    """
    root = Path(dspipe.__file__).parent
    for path in sorted(root.rglob("*.py")):
        inner = path.relative_to(root)
        if inner.parts[0] not in WORKSHOP:
            yield f"dspipe/{inner.as_posix()}", path


def blank_docstrings(source: bytes) -> bytes:
    """Empty the docstrings of a module; every line keeps its number.

    They stay as white space, because a dataclass without one computes its own, which is slow.

    >>> b"Say" in blank_docstrings(b"def f(): 'Say what it does.'; return 1")
    False
    """
    lines = source.splitlines(keepends=True)
    found = [_docstring_of(node) for node in ast.walk(ast.parse(source))]
    places = [text for text in found if text is not None]
    # From the end, so that the places before stay right.
    for text in sorted(places, key=lambda text: text.lineno, reverse=True):
        first, last = text.lineno - 1, (text.end_lineno or text.lineno) - 1
        before, after = lines[first][: text.col_offset], lines[last][text.end_col_offset :]
        blank = b'"""' + b"\n" * (last - first) + b' """'
        lines[first : last + 1] = (before + blank + after).splitlines(keepends=True)
    return b"".join(lines)


def _docstring_of(node: ast.AST) -> ast.Constant | None:
    first = node.body[0] if isinstance(node, _DOCUMENTED) and node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first.value if isinstance(first.value.value, str) else None
    return None
