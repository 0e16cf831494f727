"""Write the table of the stair into contributing.md, from the import contract and the docstrings.

Run ``python docs/stair.py`` after a file came, went or changed its first line; a test compares.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "contributing.md"
PACKAGE = ROOT / "dspipe"
_TABLE = re.compile(r"(<!--- stair --->\n\n).*?(\n\n<!--- end of stair --->)", re.DOTALL)


def draw_stair() -> str:
    """Draw the table: one step a layer, the highest first, one line a file."""
    rows = [row for layer in read_layers() for row in _draw_layer(layer)]
    return "\n".join(["| step | file | holds |", "|---|---|---|", *rows])


def read_layers() -> list[list[str]]:
    """Read the layers of the import contract, each a list of siblings."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[name.strip() for name in layer.split("|")] for layer in layers]


def put_stair(page: str) -> str:
    """Put the table of today into the text of the page."""
    return _TABLE.sub(lambda match: f"{match[1]}{draw_stair()}{match[2]}", page)


def _draw_layer(names: list[str]) -> Iterator[str]:
    step = " · ".join(f"`{name}`" for name in names)
    for name in names:
        for file in _list_files(name):
            yield f"| {step} | `{file.relative_to(PACKAGE)}` | {_read_line(file)} |"
            step = ""


def _list_files(name: str) -> list[Path]:
    folder = PACKAGE / name
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def _read_line(file: Path) -> str:
    document = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return document.partition("\n")[0].replace("``", "`").replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(put_stair(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
