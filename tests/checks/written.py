"""Pipelines that are written into a file, as a person writes them, over a real DuckDB."""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb

from dspipe.checks import Finding, review_sql

HEAD = '''"""Visits."""

from datetime import date

from dspipe import PredictionPipeline, sql
from dspipe.predictors import MockPredictor

TABLE = "visits"


class Visits(PredictionPipeline):
    """Visits."""

    key = "visit_id"
    predictor = MockPredictor(0.5)

    def extract(self, day: date, shop: str = "north"):
'''
SETTINGS = '[tool.dspipe.sources]\ndefault = "duckdb:///shop.duckdb"\n'
TABLES = """
create table visits as select * from (values
    (1, date '2026-01-01', 'north', 10.0), (2, date '2026-01-01', 'south', 20.0)
) as rows(visit_id, day, shop, spent);
create table shops as select 'north' as shop, 'Oslo' as town, 1 as "Order"
"""


def write_repository(folder: Path, *lines: str) -> Path:
    """Write a repository whose `extract` has the given lines, and give the file of its module."""
    (folder / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "requirements.txt").write_text("", encoding="utf-8")
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(TABLES)
    file = folder / "visits.py"
    file.write_text(HEAD + "".join(f"        {line}\n" for line in lines), encoding="utf-8")
    return file


def write_notebook(folder: Path, *lines: str, output: str = "") -> Path:
    """Write the notebook of such a pipeline: text, imports and all, then a cell with an output."""
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Visits"]},
        _make_cell("b", HEAD + "".join(f"        {line}\n" for line in lines)),
        _make_cell("c", "print(1)"),
    ]
    cells[2]["outputs"] = [{"name": "stdout", "output_type": "stream", "text": [output]}]
    book = {"cells": cells, "metadata": {"b": 1, "a": 2}, "nbformat": 4, "nbformat_minor": 5}
    file = folder / "visits.ipynb"
    text = json.dumps(book, indent=1, ensure_ascii=False)
    file.write_text(f"{text}\n", encoding="utf-8")
    return file


def load_class(file: Path) -> type:
    """Load the pipeline as it is in the file now."""
    module = ModuleType(file.stem)
    module.__file__ = str(file)
    sys.modules[file.stem] = module
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), module.__dict__)  # noqa: S102 - our own file
    found: type = module.Visits
    del sys.modules[file.stem]
    return found


def review(folder: Path, *lines: str, **options: Any) -> tuple[Finding, ...]:
    """Review the statements of a pipeline with such an `extract`."""
    return review_sql(load_class(write_repository(folder, *lines)), **options)


def _make_cell(name: str, source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": 1,
        "id": name,
        "metadata": {},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }
