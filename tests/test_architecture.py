"""The house: its stair of imports, its two wings, and locks that hold no address."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "dspipe").rglob("*.py"))
MOST_LINES = 400
MOST_FUNCTION_LINES = 30


def test_imports_keep_the_contracts_of_the_house() -> None:
    """Every import points down the stair, and nothing that ships knows the workshop."""
    lint = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_stay_small(path: Path) -> None:
    """A file has one subject, a function one thought; docstrings do not count for functions."""
    text = path.read_text(encoding="utf-8")
    functions = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert text.count("\n") <= MOST_LINES
    assert {f.name for f in functions if count_lines(f) > MOST_FUNCTION_LINES} == set()


def count_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's body without its docstring."""
    first = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - first[0].lineno + 1 if first else 0


def test_only_the_command_line_prints() -> None:
    """A library speaks through results, errors and logs."""
    printing = [
        str(path.relative_to(ROOT))
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "print"
    ]

    assert [name for name in printing if not name.startswith("dspipe/cli/")] == []


@pytest.mark.parametrize("name", ["build", "demo", "test"])
def test_locks_hold_versions_and_hashes_and_no_address(name: str) -> None:
    """A lock works with any package index: nothing in it says where packages come from."""
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z][\w.-]*==", text, flags=re.MULTILINE)

    assert len(packages) >= 5
    assert text.count("--hash=sha256:") >= len(packages)
    assert "://" not in text
    assert "index-url" not in text
