"""Run what a Markdown page shows: Python, files and console sessions, each page in its own folder.

A fence ``python`` is executed; where it begins with ``>>>`` its output is compared too. A fence
with a title, as in ``python title="late.py"``, is written to that file. A fence ``console`` is a
session: each line after ``$`` is run by a shell, and what follows must be what it prints. Times and
hashes in it stand for any other.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, DocTestParser, OutputChecker
from io import StringIO
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import Any

from sybil import Document, Example, Region, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import SkipParser
from sybil.parsers.markdown.lexers import DirectiveInHTMLCommentLexer, RawFencedCodeBlockLexer

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
FLAGS = ELLIPSIS | NORMALIZE_WHITESPACE
COMMAND_SECONDS = 120
_TITLED = re.compile(r'(?P<language>\w+) +title="(?P<title>[^"]+)"\n')
_PYTHON = re.compile(r"python\n")
_CONSOLE = re.compile(r"console\n")
_COMMAND = re.compile(r"^\$ ((?:[^\n]*\\\n)*[^\n]*)\n?", re.MULTILINE)
_VARYING = (
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s)\b"), "TIME"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "HASH"),
    (re.compile(r"[─━┄┈╌-]{3,}"), "---"),
)


def make_sybil(folder: Path, *patterns: str, helpers: Iterable[Callable[..., Any]] = ()) -> Sybil:
    """Make the runner for the pages of a folder; `helpers` are functions that pages may call."""

    def enter(namespace: dict[str, Any]) -> None:
        namespace.update({helper.__name__: helper for helper in helpers})
        namespace["_home"], namespace["_path"] = Path.cwd(), list(sys.path)
        os.chdir(mkdtemp(prefix="dspipe-docs-"))
        sys.path.insert(0, str(Path.cwd()))
        # A page may write a module that is named as one of the examples.
        namespace["_put_aside"] = forget_modules(EXAMPLES)

    def leave(namespace: dict[str, Any]) -> None:
        # The next page may show a module of the same name.
        forget_modules(Path.cwd())
        sys.modules.update(namespace["_put_aside"])
        sys.path[:] = namespace["_path"]
        folder = Path.cwd()
        os.chdir(namespace["_home"])
        shutil.rmtree(folder, ignore_errors=True)

    return Sybil(
        parsers=[SkipParser(), find_python, find_files, find_sessions],
        path=str(folder),
        patterns=patterns,
        setup=enter,
        teardown=leave,
    )


def forget_modules(folder: Path) -> dict[str, ModuleType]:
    """Let Python forget the modules of a folder; give them, by name."""
    found = {
        name: module
        for name, module in sys.modules.items()
        if str(getattr(module, "__file__", None)).startswith(str(folder))
    }
    for name in found:
        del sys.modules[name]
    return found


def find_python(document: Document) -> Iterable[Region]:
    """Find the fences to run, and comments ``invisible-code: python``, which prepare a page."""
    for region in DirectiveInHTMLCommentLexer("invisible-code", "python")(document):
        region.parsed, region.evaluator = region.lexemes["source"], PythonEvaluator()
        yield region
    for region in RawFencedCodeBlockLexer(_PYTHON)(document):
        region.parsed = region.lexemes["source"]
        is_session = region.parsed.startswith(">>>")
        region.evaluator = _run_examples if is_session else PythonEvaluator()
        yield region


def find_files(document: Document) -> Iterable[Region]:
    """Find the fences that show a file."""
    for region in RawFencedCodeBlockLexer(_TITLED)(document):
        region.parsed, region.evaluator = region.lexemes, _write_file
        yield region


def find_sessions(document: Document) -> Iterable[Region]:
    """Find the fences that show a session in a shell."""
    for region in RawFencedCodeBlockLexer(_CONSOLE)(document):
        region.parsed, region.evaluator = region.lexemes["source"], _run_session
        yield region


def split_session(text: str) -> list[tuple[str, str]]:
    r"""Split a session into commands and what each prints.

    >>> split_session("$ echo a\na\n$ true\n")
    [('echo a', 'a\n'), ('true', '')]
    """
    parts = _COMMAND.split(text)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def _run_examples(example: Example) -> str | None:
    """Run examples as doctest does, leaving out the notes of exceptions, which confuse it."""
    for shown in DocTestParser().get_examples(example.parsed):
        actual = _run_example(shown.source, example.namespace)
        if not OutputChecker().check_output(_settle(shown.want), _settle(actual), FLAGS):
            return f">>> {shown.source}Expected:\n{shown.want}\nGot:\n{actual}"
    return None


def _run_example(source: str, namespace: dict[str, Any]) -> str:
    with redirect_stdout(StringIO()) as printed:
        try:
            exec(compile(source, "<example>", "single"), namespace)  # noqa: S102 - our own pages
        except Exception as error:  # noqa: BLE001 - a page may show any
            kind = type(error)
            module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
            printed.write(f"Traceback (most recent call last):\n    ...\n{module}")
            printed.write(f"{kind.__qualname__}: {error}\n")
    return printed.getvalue()


def _write_file(example: Example) -> None:
    target = Path(example.parsed["title"])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(example.parsed["source"], encoding="utf-8")


def _run_session(example: Example) -> str | None:
    for command, expected in split_session(example.parsed):
        actual = _run(command)
        if not OutputChecker().check_output(_settle(expected), _settle(actual), FLAGS):
            return f"$ {command}\nExpected:\n{expected}\nGot:\n{actual}"
    return None


def _run(command: str) -> str:
    tools = Path(sys.executable).parent
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("DSPIPE_")
    }
    environment |= {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100"}
    environment |= {"NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(  # noqa: S602 - the sessions of our own pages
        command,
        shell=True,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    return done.stdout


def _settle(text: str) -> str:
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return text
