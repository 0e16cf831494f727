"""Make the repairs that findings offer: in files, and in the cells of notebooks.

A notebook is changed in the source of a cell alone: its ids, outputs and the layout of its JSON
stay, byte for byte.
"""

import ast
import difflib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dspipe.checks._findings import CheckReport, Finding
from dspipe.checks._places import Edit, Text, shorten

_LAYOUTS: tuple[dict[str, Any], ...] = tuple(
    {"indent": indent, "ensure_ascii": is_ascii, "sort_keys": False, **separators}
    for indent in (1, 2, 4, "\t", None)
    for is_ascii in (False, True)
    for separators in ({}, {"separators": (",", ":")})
)


@dataclass(frozen=True, slots=True)
class Repair:
    """What was repaired.

    Attributes
    ----------
    findings : tuple of Finding
        Those that are mended now.
    left : tuple of str
        Sentences on fixes that were not made.
    diff : str
        What changed, by file and cell.
    notebooks : tuple of Path
        Notebooks that were changed, and have to be converted again.
    """

    findings: tuple[Finding, ...] = ()
    left: tuple[str, ...] = ()
    diff: str = ""
    notebooks: tuple[Path, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give everything by name, JSON-safe."""
        return {
            "findings": [finding.to_dict() for finding in self.findings],
            "left": list(self.left),
            "diff": self.diff,
            "notebooks": [str(notebook) for notebook in self.notebooks],
        }


def fix(report: CheckReport) -> Repair:
    """Make the fixes that findings of a report offer, and write the files.

    Of two that change the same place the first one is made; check again for the other.
    """
    made, left = _choose(report.findings)
    texts = _group(made)
    faults = {file: fault for file, edits in texts.items() if (fault := _write(file, edits))}
    done = [each for each in made if not _list_files(each) & faults.keys()]
    written = [file for file in texts if file not in faults]
    return Repair(
        tuple(done),
        (*left, *faults.values()),
        "".join(_draw(text, edits) for file in written for text, edits in texts[file].items()),
        tuple(file for file in written if file.suffix == ".ipynb"),
    )


def _choose(findings: Sequence[Finding]) -> tuple[list[Finding], list[str]]:
    made: list[Finding] = []
    left: list[str] = []
    planned: list[Edit] = []
    for finding in findings:
        edits = finding.fix.edits if finding.fix is not None else ()
        if not edits or all(edit in planned for edit in edits):
            made += [finding] if edits else []
        elif any(_overlap(edit, other) for edit in edits for other in planned):
            left.append(f"{finding.code} was left: another fix changes the same place.")
        else:
            planned += edits
            made.append(finding)
    return made, left


def _overlap(one: Edit, other: Edit) -> bool:
    is_same = (one.text.file, one.text.cell) == (other.text.file, other.text.cell)
    return (
        is_same
        and one.start <= other.start + len(other.old)
        and other.start <= one.start + len(one.old)
        and bool(one.old or other.old)
    )


def _group(made: Sequence[Finding]) -> dict[Path, dict[Text, list[Edit]]]:
    found: dict[Path, dict[Text, list[Edit]]] = {}
    edits = [edit for each in made if each.fix is not None for edit in each.fix.edits]
    for edit in dict.fromkeys(edits):
        found.setdefault(edit.text.file, {}).setdefault(edit.text, []).append(edit)
    return found


def _list_files(finding: Finding) -> set[Path]:
    return {edit.text.file for edit in finding.fix.edits} if finding.fix is not None else set()


def _write(file: Path, texts: dict[Text, list[Edit]]) -> str:
    """Write the changes of one file; give a sentence where that cannot be done."""
    content = file.read_bytes()
    if file.suffix == ".ipynb":
        changed = _change_notebook(content, str(file), texts)
    else:
        changed = _change_text(content, *next(iter(texts.items())))
    if changed is None:
        return (
            f"{shorten(file)} was left: it changed since it was read, is laid out as no editor "
            "does, "
            "or would not be read by Python. Save it again, and check again."
        )
    aside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(changed)
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
    return ""


def _change_text(content: bytes, text: Text, edits: list[Edit]) -> bytes | None:
    end = "\r\n" if b"\r\n" in content else "\n"
    read = content.decode("utf-8").replace("\r\n", "\n")
    if read.replace("\r", "\n") != text.content:
        return None
    changed = apply(text, edits)
    is_broken = text.file.suffix == ".py" and _breaks(text.content, changed)
    return None if is_broken else changed.replace("\n", end).encode("utf-8")


def _change_notebook(content: bytes, name: str, texts: dict[Text, list[Edit]]) -> bytes | None:
    from dspipe.notebooks import find_cells, read_document

    document = read_document(content, name)
    layout = next((each for each in _LAYOUTS if _dump(document, each) == content.strip()), None)
    if layout is None:
        return None
    cells = find_cells(document, name)
    for text, edits in texts.items():
        cell = cells[(text.cell or 0) - 1]
        field = "source" if "source" in cell else "input"
        is_list = isinstance(cell[field], list)
        changed = apply(text, edits)
        if "".join(cell[field]) != text.content or _breaks(text.content, changed):
            return None
        cell[field] = changed.splitlines(keepends=True) if is_list else changed
    before, after = _split_blank(content)
    return before + _dump(document, layout) + after


def _breaks(before: str, after: str) -> bool:
    """Say whether Python could read a text before, and cannot now."""
    return _is_python(before) and not _is_python(after)


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:  # a cell may hold magics
        return False
    return True


def apply(text: Text, edits: Sequence[Edit]) -> str:
    """Give a text with its changes made.

    >>> text = Text(Path("a.sql"), "select * from t")
    >>> apply(text, [Edit(text, 7, "*", "a, b")])
    'select a, b from t'
    """
    changed = text.content
    for edit in sorted(edits, key=lambda each: each.start)[::-1]:  # in order where they meet
        changed = changed[: edit.start] + edit.new + changed[edit.start + len(edit.old) :]
    return changed


def _dump(document: dict[str, Any], layout: dict[str, Any]) -> bytes:
    return json.dumps(document, **layout).encode("utf-8", "surrogatepass")


def _split_blank(content: bytes) -> tuple[bytes, bytes]:
    bare = content.strip()
    start = content.index(bare)
    return content[:start], content[start + len(bare) :]


def _draw(text: Text, edits: Sequence[Edit]) -> str:
    name = shorten(text.file) + (f", cell {text.cell}" if text.cell is not None else "")
    before, after = text.content.split("\n"), apply(text, edits).split("\n")
    return "".join(f"{line}\n" for line in _diff(before, after, name))


def _diff(before: Sequence[str], after: Sequence[str], name: str) -> Iterator[str]:
    return difflib.unified_diff(before, after, name, f"{name}, fixed", lineterm="", n=2)
