"""The runner of the docs runs what pages show, and fails where a page is wrong."""

from pathlib import Path

import pytest
from markdown_examples import find_files, find_python, find_sessions, split_session
from sybil import Document
from sybil.example import SybilFailure


def run_page(folder: Path, text: str) -> None:
    """Run a page of this text."""
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    for example in Document.parse(str(page), find_python, find_files, find_sessions).examples():
        example.evaluate()


@pytest.mark.parametrize(
    "text",
    [
        "```python\n>>> 1 + 1\n2\n```",
        "```python\nx = 2\n```\n\n```python\n>>> x\n2\n```",
        "```python\n>>> 1 / 0\nTraceback (most recent call last):\n    ...\n"
        "ZeroDivisionError: division by zero\n```",
        "<!--- invisible-code: python\nx = 3\n--->\n\n```python\n>>> x\n3\n```",
        "```console\n$ echo a; echo b >&2\na\nb\n$ true\n```",
        "```console\n$ echo took 12 ms by 0123456789ab\ntook 3.5 s by ba9876543210\n```",
        '```text title="sub/a.txt"\nhello\n```\n\n```console\n$ cat sub/a.txt\nhello\n```',
    ],
)
def test_page_passes_when_it_shows_what_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Python, files and sessions work together, and times and hashes may differ."""
    monkeypatch.chdir(tmp_path)

    run_page(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "```python\n>>> 1 + 1\n3\n```",
        "```python\n>>> 1 + 1\n```",
        "```python\n>>> 1 / 0\nTraceback (most recent call last):\n    ...\n"
        "ZeroDivisionError: other words\n```",
        "```console\n$ echo a\nb\n```",
        "```console\n$ echo a\n```",
        "```console\n$ true\na\n```",
    ],
)
def test_page_fails_when_it_shows_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Another output, a missing one and one too much are all found."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SybilFailure):
        run_page(tmp_path, text)


def test_split_session_keeps_commands_of_several_lines() -> None:
    """A backslash at the end of a line carries the command on."""
    assert split_session("$ echo \\\n  a\na\n$ true\n") == [("echo \\\n  a", "a\n"), ("true", "")]
