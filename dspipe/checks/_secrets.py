"""Find secrets in what a repository holds: code, statements, settings, notebooks and outputs."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dspipe._config import load_config
from dspipe._provenance import run_git
from dspipe._text import count
from dspipe.checks._code import Code
from dspipe.checks._findings import Finding
from dspipe.checks._places import Text
from dspipe.checks._secret_kinds import Secret, find_secrets
from dspipe.checks._settings import read_settings
from dspipe.errors import NotebookError

_SUFFIXES = (".cfg", ".ini", ".ipynb", ".json", ".py", ".sql", ".toml", ".yaml", ".yml")
_LEFT_OUT = ("build", "dist", "golden", "models", "node_modules", "venv")
_GIT_SECONDS = 5
_MOST_BYTES = 20_000_000  # a larger file was not written by a person


def check_secrets(code: Code | None) -> Iterator[Finding | str]:
    """Look for secrets in the files of the repository of a module.

    Yields
    ------
    Finding or str
        Each secret, of which at most two characters are shown; a sentence when there is none.
    """
    if code is None:
        return
    files = list(_list_files(code))
    found = [each for file in files for each in _check_file(file, code)]
    yield from found
    if not found:
        yield f"No secret was found in {count(len(files), 'file')}."


def _list_files(code: Code) -> Iterator[Path]:
    module = code.module.file
    root = load_config(module.parent).root
    # Without settings nobody knows where the repository begins.
    if not read_settings(root) or not module.is_relative_to(root):
        near = [module, *(module.parent.glob("*.sql")), *([code.notebook] if code.notebook else [])]
        yield from (file for file in near if file.is_file())
        return
    for file in _list_kept(root):
        if file.suffix in _SUFFIXES and file.is_file() and file.stat().st_size < _MOST_BYTES:
            yield file


def _list_kept(root: Path) -> Iterator[Path]:
    """List what git holds or would take; without git, what is no folder of a tool."""
    known = run_git(
        str(root),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        seconds=_GIT_SECONDS,
    )
    if known:
        yield from (root / name for name in sorted(set(known.split("\0"))) if name)
        return
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if _is_looked_into(Path(folder, name)))
        yield from (Path(folder, name) for name in sorted(files))


def _is_looked_into(folder: Path) -> bool:
    is_hidden = folder.name.startswith((".", "_"))
    is_made = any((folder / name).exists() for name in ("pyvenv.cfg", "dspipe.json"))
    return not (is_hidden or is_made or folder.name in _LEFT_OUT)


def _check_file(file: Path, code: Code) -> Iterator[Finding]:
    if file.suffix == ".ipynb":
        yield from _check_notebook(file)
        return
    if code.cells and file == code.module.file:
        return  # what is in it stands in the notebook, which is what is to be changed
    text = Text(file, file.read_text(encoding="utf-8", errors="replace"))
    yield from (_make_finding("K101", secret, text) for secret in find_secrets(text.content))


def _check_notebook(file: Path) -> Iterator[Finding]:
    from dspipe.notebooks import find_cells, read_document

    try:
        cells = find_cells(read_document(file.read_bytes(), str(file)), str(file))
    except NotebookError:
        return  # convert says what is the matter with it
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict):
            continue
        source = Text(file, _join(cell.get("source", cell.get("input"))), number)
        for secret in find_secrets(source.content):
            yield _make_finding("K101", secret, source)
        for part in _iter_outputs(cell.get("outputs")):
            output = Text(file, part, number)
            for secret in find_secrets(part):
                yield _make_finding("K102", secret, output)


def _iter_outputs(outputs: object) -> Iterator[str]:
    """Give each text of the outputs of a cell once: the same one is often there in two forms."""
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        parts = [output.get("text"), output.get("traceback"), output.get("evalue")]
        parts += data.values() if isinstance(data, dict) else ()
        seen: set[str] = set()
        for part in parts:
            text = _join(part)
            values = {secret.value for secret in find_secrets(text)}
            if values - seen:
                yield text
            seen |= values


def _join(value: Any) -> str:
    parts = value if isinstance(value, list) else [value]
    text = "".join(part for part in parts if isinstance(part, str))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _make_finding(code: str, secret: Secret, text: Text) -> Finding:
    start = text.content.rfind("\n", 0, secret.start) + 1
    line = text.content[start:].partition("\n")[0]
    for each in find_secrets(line):
        line = line.replace(each.value, each.shown)
    place = text.find_place(secret.start, shown=line.replace(secret.value, secret.shown).strip())
    what = f"{secret.kind[0].upper()}{secret.kind[1:]} ({secret.shown})"
    how = (
        "Whoever reads the repository can use it. Renew it where it was issued, take it out, and "
        "read it from an environment variable or name it as secret://..."
        if code == "K101"
        else "An output is saved with the notebook. Renew it where it was issued, and clear the "
        "output of the cell."
    )
    where = "is written here." if code == "K101" else "was printed."
    return Finding(code, f"{what} {where} {how}", facts={"kind": secret.kind}, place=place)
