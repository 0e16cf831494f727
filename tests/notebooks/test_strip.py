"""What a run leaves in a notebook is taken out, and what a person wrote stays."""

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebooks.books import make_document

from dspipe.errors import NotebookError
from dspipe.notebooks import strip, write_document

JUPYTER: Any = nbformat  # has types for some of its functions


def test_strip_takes_out_what_a_run_left() -> None:
    """Outputs, counts, times and the version of the kernel go; source, tags and ids stay."""
    kernel = {"name": "python", "version": "3.11.9", "file_extension": ".py"}
    document = make_document("1 + 1", "x = 1", metadata={"language_info": kernel, "own": 1})
    document["cells"][0] |= {
        "id": "one",
        "execution_count": 7,
        "outputs": [{"output_type": "stream"}],
        "metadata": {"tags": ["keep"], "execution": {"start": "now"}, "scrolled": True},
    }
    document["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "# é"})

    stripped = strip(json.dumps(document).encode(), "a.ipynb")

    after = json.loads(stripped.content)
    assert after["cells"][0] == {
        "cell_type": "code",
        "execution_count": None,
        "id": "one",
        "metadata": {"tags": ["keep"]},
        "outputs": [],
        "source": "1 + 1",
    }
    assert after["cells"][2] == document["cells"][2]
    assert after["metadata"] == {"language_info": {"name": "python"}, "own": 1}
    assert (stripped.n_outputs, stripped.is_clean) == (1, False)
    assert "é".encode() in stripped.content


def test_strip_reads_the_third_format() -> None:
    """Old notebooks count their cells under another name."""
    cell = {"cell_type": "code", "prompt_number": 3, "outputs": [{}], "input": "1"}
    document = {"nbformat": 3, "worksheets": [{"cells": [cell]}]}

    after = json.loads(strip(json.dumps(document).encode(), "a.ipynb").content)

    assert after["worksheets"][0]["cells"] == [{**cell, "prompt_number": None, "outputs": []}]


@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_stripped_notebook_is_clean_and_written_as_jupyter_does(sources: list[str]) -> None:
    """Stripping twice changes nothing, and saving it in Jupyter neither."""
    document = make_document(*sources)
    for number, cell in enumerate(document["cells"]):
        cell |= {"id": str(number), "execution_count": number}

    once = strip(json.dumps(document).encode(), "a.ipynb")

    again = strip(once.content, "a.ipynb")
    saved = JUPYTER.writes(JUPYTER.reads(once.content, as_version=4))
    assert (again.content, again.is_clean) == (once.content, True)
    assert json.loads(saved)["cells"] == [
        {**cell, "source": cell["source"].splitlines(keepends=True)}
        for cell in json.loads(once.content)["cells"]
    ]
    assert once.content == write_document(json.loads(once.content))


def test_strip_says_why_a_file_is_no_notebook() -> None:
    """A merge that was not resolved is not made worse."""
    with pytest.raises(NotebookError) as caught:
        strip(b"{\n<<<<<<< ours\n", "a.ipynb")

    assert str(caught.value) == (
        "a.ipynb cannot be stripped: Line 2 is a mark of a merge that was not resolved. Resolve "
        "it, for example with nbdime, or take one side: git checkout --ours FILE"
    )
