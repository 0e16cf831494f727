"""A script with ``# %%`` between its cells to a notebook: people read the template as text."""

import re
from typing import Any

from dspipe.notebooks import write_document

_CELL = re.compile(r"^# %% (?:(?P<markdown>\[markdown\]) )?(?P<id>[\w-]+)\n", re.MULTILINE)
_COMMENT = re.compile(r"^# ?", re.MULTILINE)
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def make_notebook(script: str) -> bytes:
    r"""Make a notebook of format 4.5, without outputs; the same bytes of the same script.

    Parameters
    ----------
    script : str
        Cells begin with ``# %% id`` or ``# %% [markdown] id``; the text of the latter is comments.

    Examples
    --------
    >>> make_notebook("# %% [markdown] title\n# # Shop\n\n# %% one\n1\n").count(b'"id"')
    2
    """
    _, *parts = _CELL.split(script)
    cells = [
        _make_cell(name, source.strip("\n"), is_markdown=markdown is not None)
        for markdown, name, source in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]
    metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    return write_document(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )


def _make_cell(name: str, source: str, *, is_markdown: bool) -> dict[str, Any]:
    text = _COMMENT.sub("", source) if is_markdown else source
    cell: dict[str, Any] = {
        "cell_type": "markdown" if is_markdown else "code",
        "id": name,
        "metadata": {},
        "source": text.splitlines(keepends=True),
    }
    return cell if is_markdown else {**cell, "execution_count": None, "outputs": []}
