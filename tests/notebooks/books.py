"""Notebooks that a test writes, and what a conversion makes of them."""

import json
from pathlib import Path
from typing import Any

from dspipe.errors import NotebookError
from dspipe.notebooks import Conversion, convert

IMPORTS = "import pandas as pd\nfrom dspipe import PredictionPipeline"


def make_pipeline(body: str = "return data", *, name: str = "Late") -> str:
    """Write a pipeline whose postprocess does this."""
    return (
        f"class {name}(PredictionPipeline):\n"
        "    key = 'id'\n\n"
        "    def extract(self, n: int):\n"
        "        return pd.DataFrame({'id': range(n)})\n\n"
        "    def postprocess(self, data):\n"
        f"        {body}"
    )


def make_document(*sources: str, **more: Any) -> dict[str, Any]:
    """Make a notebook of format 4 with these cells of code."""
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": s} for s in sources]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more}


def write_book(folder: Path, *sources: str, name: str = "late.ipynb") -> Path:
    """Write a notebook with these cells of code."""
    file = folder / name
    file.write_text(json.dumps(make_document(*sources)), encoding="utf-8")
    return file


def convert_cells(folder: Path, *sources: str, body: str = "return data") -> Conversion:
    """Convert cells before a pipeline whose postprocess does this."""
    return convert(write_book(folder, IMPORTS, *sources, make_pipeline(body)))


def read_kept(conversion: Conversion) -> str:
    """Give what a module holds besides its header, the pipeline of `books` and the handler."""
    body = conversion.text.split("\n\n", 1)[1].split("\n\n\ndef __getattr__")[0]
    lines = body.split("class Late(PredictionPipeline)")[0].strip().split("\n")
    return "\n".join(line for line in lines if line not in IMPORTS.split("\n")).strip()


def list_problems(folder: Path, *sources: str, body: str = "return data") -> list[tuple[str, str]]:
    """Convert cells that cannot be converted, and give codes and messages."""
    try:
        text = convert_cells(folder, *sources, body=body).text
    except NotebookError as error:
        return [(problem["code"], problem["message"]) for problem in error.problems]
    raise AssertionError(text)
