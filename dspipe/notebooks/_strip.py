"""Take out of a notebook what a run left in it, so that git holds what a person wrote.

Outputs may show rows of customers, and they change with every run. What is left is written as
Jupyter writes it, whichever editor saved it, so that a diff shows what was edited.
"""

import json
from dataclasses import dataclass
from typing import Any

from dspipe.errors import NotebookError
from dspipe.notebooks._reading import find_cells, read_document

# What editors note about a run in the metadata of a cell.
_OF_A_RUN = ("ExecuteTime", "collapsed", "execution", "scrolled")


@dataclass(frozen=True, slots=True)
class Stripped:
    """A notebook without what a run left in it.

    Attributes
    ----------
    content : bytes
    n_outputs : int
        How many cells had outputs.
    is_clean : bool
        Whether the notebook was like this already.
    """

    content: bytes
    n_outputs: int
    is_clean: bool


def strip(content: bytes, name: str) -> Stripped:
    r"""Take outputs, execution counts and the version of the kernel out of a notebook.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        How messages call it.

    Returns
    -------
    Stripped

    Raises
    ------
    NotebookError
        If it is no notebook.

    Examples
    --------
    >>> book = b'{"cells": [{"cell_type": "code", "outputs": [1], "source": ""}]}'
    >>> strip(book, "a.ipynb").n_outputs
    1
    """
    try:
        document = read_document(content, name)
        cells = [cell for cell in find_cells(document, name) if isinstance(cell, dict)]
    except NotebookError as error:
        (problem,) = error.problems
        raise NotebookError(
            f"{name} cannot be stripped: {problem['message']} {problem['fix']}"
        ) from error
    n_outputs = sum(_strip_cell(cell) for cell in cells)
    _strip_kernel(document)
    stripped = write_document(document)
    return Stripped(stripped, n_outputs, stripped == content)


def write_document(document: dict[str, Any]) -> bytes:
    """Write the JSON of a notebook as Jupyter does."""
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True)
    return f"{text}\n".encode("utf-8", "surrogatepass")


def _strip_cell(cell: dict[str, Any]) -> bool:
    """Strip one cell, and say whether it had outputs."""
    metadata = cell.get("metadata")
    if isinstance(metadata, dict):
        cell["metadata"] = {k: value for k, value in metadata.items() if k not in _OF_A_RUN}
    if cell.get("cell_type") != "code":
        return False
    had_outputs = bool(cell.get("outputs"))
    cell["outputs"] = []
    counter = "prompt_number" if "prompt_number" in cell else "execution_count"
    cell[counter] = None
    return had_outputs


def _strip_kernel(document: dict[str, Any]) -> None:
    """Leave of the kernel what names it: its version is that of whoever ran it last."""
    metadata = document.get("metadata")
    language = metadata.get("language_info") if isinstance(metadata, dict) else None
    if isinstance(metadata, dict) and isinstance(language, dict):
        metadata["language_info"] = {k: v for k, v in language.items() if k == "name"}
