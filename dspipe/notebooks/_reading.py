"""Read any notebook a person may have: formats 2 to 4, with or without marks, ids and metadata.

The JSON is read directly: a reader that checks the whole format refuses files that every editor
opens, and invents random ids for cells that have none.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dspipe.notebooks._problems import refuse

_NEWEST_FORMAT = 4
_CONFLICT = re.compile(r"^(<<<<<<< |=======$|>>>>>>> )", re.MULTILINE)
_PYTHON = ("python", "ipython", "python3", "ipython3", "pyspark", "xpython", "xeus-python")


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell.

    Attributes
    ----------
    number : int
        Counted from 1 over all cells, of text too.
    source : str
        With line feeds only.
    execution_count : int or None
    tags : tuple of str
    """

    number: int
    source: str
    execution_count: int | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notebook:
    """The code of a notebook, in the order of the document."""

    name: str
    cells: tuple[Cell, ...]


def load_notebook(path: Path) -> Notebook:
    """Load a notebook from a file.

    Raises
    ------
    NotebookError
        If there is no such file, or it is no notebook of Python.
    """
    if not path.is_file():
        raise refuse(str(path), "E_READ", "There is no such file.", "Correct the path.")
    return parse_notebook(path.read_bytes(), str(path))


def parse_notebook(content: bytes, name: str) -> Notebook:
    """Read a notebook from its bytes; `name` is how messages call it.

    Raises
    ------
    NotebookError
        If it is no notebook of Python.

    Examples
    --------
    >>> parse_notebook(b'{"cells": [{"cell_type": "code", "source": ["x = 1"]}]}', "a.ipynb")
    Notebook(name='a.ipynb', cells=(Cell(number=1, source='x = 1', execution_count=None, tags=()),))
    """
    document = read_document(content, name)
    _check_language(document, name)
    return Notebook(name, tuple(_iter_cells(find_cells(document, name))))


def read_document(content: bytes, name: str) -> dict[str, Any]:
    """Read the JSON of a notebook of any language.

    Raises
    ------
    NotebookError
        If it is none, or of a format that is not known.
    """
    document = _read_json(_decode(content, name), name)
    _check_format(document, name)
    return document


def find_cells(document: dict[str, Any], name: str) -> list[Any]:
    """Give the cells of a notebook of any format, as they stand in it."""
    sheets = document.get("worksheets")
    if isinstance(sheets, list):
        return [cell for sheet in sheets for cell in _as_list(_as_dict(sheet).get("cells"))]
    if not isinstance(document.get("cells"), list):
        raise _not_a_notebook(name)
    return list(document["cells"])


def _decode(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(
            name,
            "E_READ",
            f"Byte {error.start:,} is not UTF-8, and a notebook is UTF-8.",
            "Save the file again with that encoding.",
        ) from error
    if text.startswith("version https://git-lfs"):
        raise refuse(
            name,
            "E_LFS",
            "This is a pointer of Git LFS, and the notebook itself was not fetched.",
            "Run: git lfs pull",
        )
    return text


def _read_json(text: str, name: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise _explain(text, error, name) from error
    except RecursionError as error:
        raise refuse(
            name, "E_READ", "Its JSON is nested too deeply.", "Save it again in Jupyter."
        ) from error
    if not isinstance(document, dict):
        raise _not_a_notebook(name)
    return document


def _explain(text: str, error: json.JSONDecodeError, name: str) -> Exception:
    marker = _CONFLICT.search(text)
    if marker:
        line = text.count("\n", 0, marker.start()) + 1
        return refuse(
            name,
            "E_CONFLICT",
            f"Line {line} is a mark of a merge that was not resolved.",
            "Resolve it, for example with nbdime, or take one side: git checkout --ours FILE",
        )
    if not text.strip():
        return refuse(name, "E_READ", "The file is empty.", "Save the notebook again.")
    if error.pos >= len(text.rstrip()):
        return refuse(
            name,
            "E_READ",
            f"The file ends at line {error.lineno} in the middle of its JSON.",
            "It was cut off: take it from git, or save it again.",
        )
    return refuse(
        name,
        "E_READ",
        f"It is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
        "Save it again in Jupyter.",
    )


def _check_format(document: dict[str, Any], name: str) -> None:
    number = document.get("nbformat")
    if isinstance(number, int) and number > _NEWEST_FORMAT:
        raise refuse(
            name,
            "E_FORMAT",
            f"It is of notebook format {number}, and formats up to {_NEWEST_FORMAT} are known.",
            f"Save it as format {_NEWEST_FORMAT}, or update dspipe.",
        )


def _check_language(document: dict[str, Any], name: str) -> None:
    metadata = _as_dict(document.get("metadata"))
    language = _as_dict(metadata.get("language_info")).get("name") or _as_dict(
        metadata.get("kernelspec")
    ).get("language")
    if isinstance(language, str) and language.lower() not in _PYTHON:
        raise refuse(
            name,
            "E_LANGUAGE",
            f"Its language is {language}, and a pipeline is Python.",
            "Choose a kernel of Python, or name another notebook.",
        )


def _iter_cells(cells: list[Any]) -> Iterator[Cell]:
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        if str(cell.get("language") or "python").lower() not in _PYTHON:
            continue
        counted = cell.get("execution_count", cell.get("prompt_number"))
        tags = _as_list(_as_dict(cell.get("metadata")).get("tags"))
        yield Cell(
            number,
            _join(cell.get("source", cell.get("input"))),
            counted if isinstance(counted, int) else None,
            tuple(tag for tag in tags if isinstance(tag, str)),
        )


def _join(source: object) -> str:
    parts = source if isinstance(source, list) else [source]
    text = "".join(part for part in parts if isinstance(part, str))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _as_dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _not_a_notebook(name: str) -> Exception:
    return refuse(
        name,
        "E_READ",
        "It is JSON and no notebook: it has no list of cells.",
        "Name a file that Jupyter wrote.",
    )
