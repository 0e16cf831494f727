"""The same model, the same bytes: skops names the parts of a model by where they lay in memory.

Renumbered by where they come in the file, and without times, two files of one model are equal. So
the id of a model, which is made of its bytes, says whether two models are the same.
"""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

_SCHEMA = "schema.json"


def make_stable(path: Path) -> None:
    """Rewrite a skops file so that its bytes depend on the model alone."""
    with ZipFile(path) as archive:
        schema = json.loads(archive.read(_SCHEMA))
        parts = {name: archive.read(name) for name in archive.namelist() if name != _SCHEMA}
    numbers: dict[str, int] = {}
    _number(schema, numbers)
    renamed = {_rename(name, numbers): content for name, content in parts.items()}
    with ZipFile(path, "w") as archive:
        for name in sorted(renamed):
            archive.writestr(ZipInfo(name), renamed[name])
        archive.writestr(ZipInfo(_SCHEMA), json.dumps(_renumber(schema, numbers), indent=2))


def _number(node: Any, numbers: dict[str, int]) -> None:
    """Give every id its number, in the order in which the file names them."""
    if isinstance(node, dict):
        if "__id__" in node:
            numbers.setdefault(str(node["__id__"]), len(numbers) + 1)
        for child in node.values():
            _number(child, numbers)
    elif isinstance(node, list):
        for child in node:
            _number(child, numbers)


def _renumber(node: Any, numbers: dict[str, int]) -> Any:
    if isinstance(node, list):
        return [_renumber(child, numbers) for child in node]
    if not isinstance(node, dict):
        return node
    changed = {name: _renumber(child, numbers) for name, child in node.items()}
    if "__id__" in node:
        changed["__id__"] = numbers[str(node["__id__"])]
    if isinstance(node.get("file"), str):
        changed["file"] = _rename(node["file"], numbers)
    return changed


def _rename(name: str, numbers: dict[str, int]) -> str:
    """Name a part by the number of its id; one that is named otherwise keeps its name."""
    stem, dot, ending = name.partition(".")
    return f"{numbers[stem]:06}{dot}{ending}" if stem in numbers else name
