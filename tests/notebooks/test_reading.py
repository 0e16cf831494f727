"""Reading notebooks of any age, and what is said of files that are none."""

import json
from pathlib import Path

import pytest
from notebooks.books import make_document

from dspipe.errors import NotebookError
from dspipe.notebooks._reading import load_notebook, parse_notebook

CODE = {"cell_type": "code", "source": ["x = 1\n", "y = 2"]}
OLD = {"cell_type": "code", "language": "python", "input": "x = 1\ny = 2", "prompt_number": 3}


@pytest.mark.parametrize(
    "document",
    [
        {"nbformat": 4, "cells": [CODE]},
        {"cells": [CODE]},
        {"nbformat": 4, "nbformat_minor": 5, "metadata": None, "cells": [{**CODE, "id": "a"}]},
        {"nbformat": 4, "cells": [{**CODE, "source": "x = 1\r\ny = 2", "outputs": None}]},
        {"nbformat": 4, "cells": [{**CODE, "source": "x = 1\ry = 2"}]},
        {"nbformat": 3, "worksheets": [{"cells": [OLD]}]},
        {"nbformat": 2, "worksheets": [{"cells": [OLD]}]},
        {"cells": [CODE], "metadata": {"kernelspec": {"language": "python"}}},
        {"cells": [CODE, {"cell_type": "markdown", "source": "# a"}, None, {"source": "z"}]},
    ],
)
def test_notebook_is_read_in_every_format(document: dict) -> None:
    """Old formats, missing marks and other line ends give the same code."""
    notebook = parse_notebook(json.dumps(document).encode(), "a.ipynb")

    assert [cell.source for cell in notebook.cells] == ["x = 1\ny = 2"]


def test_notebook_may_begin_with_a_mark_of_order() -> None:
    """Editors of Windows write one."""
    content = b"\xef\xbb\xbf" + json.dumps(make_document("x = 1")).encode()

    assert parse_notebook(content, "a.ipynb").cells[0].source == "x = 1"


def test_cells_are_counted_over_all_cells() -> None:
    """Text counts too, as a person counts who looks at the page."""
    document = {
        "cells": [{"cell_type": "markdown", "source": "# a"}, {**CODE, "execution_count": 7}]
    }

    cell = parse_notebook(json.dumps(document).encode(), "a.ipynb").cells[0]

    assert (cell.number, cell.execution_count) == (2, 7)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "E_READ: The file is empty. Save the notebook again."),
        (
            b'{"cells": [{"source"',
            "E_READ: The file ends at line 1 in the middle of its JSON. It was cut off: take it "
            "from git, or save it again.",
        ),
        (
            b"x = 1",
            "E_READ: It is not JSON: Expecting value at line 1, column 1. Save it again in "
            "Jupyter.",
        ),
        (
            b"[1]",
            "E_READ: It is JSON and no notebook: it has no list of cells. Name a file that Jupyter "
            "wrote.",
        ),
        (
            b"\xff\xfe{\x00",
            "E_READ: Byte 0 is not UTF-8, and a notebook is UTF-8. Save the file again with that "
            "encoding.",
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n",
            "E_LFS: This is a pointer of Git LFS, and the notebook itself was not fetched. Run: "
            "git lfs pull",
        ),
        (
            b'{\n<<<<<<< HEAD\n "cells": []\n=======\n "cells": [1]\n>>>>>>> x\n}',
            "E_CONFLICT: Line 2 is a mark of a merge that was not resolved. Resolve it, for "
            "example with nbdime, or take one side: git checkout --ours FILE",
        ),
        (
            b'{"nbformat": 5, "cells": []}',
            "E_FORMAT: It is of notebook format 5, and formats up to 4 are known. Save it as "
            "format 4, or update dspipe.",
        ),
        (
            b'{"cells": [], "metadata": {"language_info": {"name": "R"}}}',
            "E_LANGUAGE: Its language is R, and a pipeline is Python. Choose a kernel of Python, "
            "or name another notebook.",
        ),
    ],
)
def test_file_that_is_no_notebook_is_refused(content: bytes, message: str) -> None:
    """Each way in which a file is broken has its own sentence."""
    with pytest.raises(NotebookError) as caught:
        parse_notebook(content, "a.ipynb")

    assert str(caught.value) == f"a.ipynb: {message}"


def test_notebook_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The path may be wrong."""
    with pytest.raises(NotebookError) as caught:
        load_notebook(tmp_path / "a.ipynb")

    assert str(caught.value) == (
        f"{tmp_path / 'a.ipynb'}: E_READ: There is no such file. Correct the path."
    )
