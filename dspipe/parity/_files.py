"""The values of frames as files: Parquet where pyarrow is installed, else JSON."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dspipe._extras import is_installed, load_extra
from dspipe.errors import ParityError
from dspipe.parity._columns import PlainColumn

_SUFFIXES = (".parquet", ".json")
_ARROW = {"integer": "int64", "float": "float64", "bool": "bool_", "cell": "string"}
_LARGEST = 2**63 - 1


def write_values(target: Path, columns: list[PlainColumn]) -> None:
    """Write values to ``target`` with the suffix of what is installed."""
    if is_installed("pyarrow"):
        _write_parquet(target.with_suffix(".parquet"), columns)
    else:
        content = {str(column.about["name"]): column.content for column in columns}
        # One column a line, so that a diff shows what changed.
        lines = ",\n".join(f"{json.dumps(n)}: {json.dumps(v)}" for n, v in content.items())
        target.with_suffix(".json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def read_values(target: Path) -> list[list[Any]]:
    """Read values column by column.

    Raises
    ------
    ParityError
        If there is no such file.
    MissingExtraError
        If the file is Parquet and pyarrow is not installed.
    """
    parquet, text = (target.with_suffix(suffix) for suffix in _SUFFIXES)
    if parquet.is_file():
        module = load_extra("pyarrow.parquet", extra="parquet", needed_by=f"Reading {parquet.name}")
        table = module.read_table(parquet)
        return [column.to_pylist() for column in table.columns]
    if text.is_file():
        return list(json.loads(text.read_text(encoding="utf-8")).values())
    raise ParityError(
        f"The golden run in {target.parent} has no {target.name}.parquet. Take it from git again, "
        "or record the run anew."
    )


def remove_frames(folder: Path, names: Iterable[str]) -> None:
    """Remove the frames of an earlier recording, which may be of the other kind."""
    for name in names:
        for suffix in _SUFFIXES:
            (folder / name).with_suffix(suffix).unlink(missing_ok=True)


def _write_parquet(target: Path, columns: list[PlainColumn]) -> None:
    pyarrow = load_extra("pyarrow", extra="parquet", needed_by="run.record")
    parquet = load_extra("pyarrow.parquet", extra="parquet", needed_by="run.record")
    arrays = [_to_arrow(pyarrow, column) for column in columns]
    names = [str(column.about["name"]) for column in columns]
    parquet.write_table(pyarrow.Table.from_arrays(arrays, names=names), target)


def _to_arrow(pyarrow: Any, column: PlainColumn) -> Any:
    storage = column.about["storage"]
    is_large = storage == "integer" and any((v or 0) > _LARGEST for v in column.content)
    name = "uint64" if is_large else _ARROW.get(storage, "int64" if storage == "moment" else "")
    return pyarrow.array(column.content, type=getattr(pyarrow, name or "string")())
