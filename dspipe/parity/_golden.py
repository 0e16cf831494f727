"""A golden run: one recorded run, as a folder that git holds well.

::

    golden/FlightDelay/new_year/
        golden.json          arguments, statement, types of columns, code, model, versions
        extracted.parquet    what left extract
        features.parquet     what reached predict
        predictions.parquet  the answers
        rejected.parquet     rows without one

Without pyarrow the frames are JSON files; either kind is read wherever it can be.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from dspipe._text import quote_some, suggest
from dspipe.errors import ParityError
from dspipe.parity._cells import from_plain, to_plain
from dspipe.parity._columns import PlainColumn, read_frame, write_frame
from dspipe.parity._facts import Facts
from dspipe.parity._files import read_values, remove_frames, write_values

GOLDEN_FILE = "golden.json"
FORMAT = "dspipe.golden_run"
FORMAT_VERSION = 1
FRAMES = ("extracted", "features", "predictions", "rejected")


@dataclass(frozen=True, slots=True, repr=False)
class GoldenRun:
    """A recorded run.

    Attributes
    ----------
    name : str
    pipeline : str
        Name of the class.
    key : tuple of str
    arguments : mapping of str to object
        As they were checked.
    query : mapping or None
        ``text``, ``binds`` and ``source`` of the statement, where `extract` returned one.
    extracted, features, predictions, rejected : DataFrame
        Rows at every stage; all but the first have the key in the index.
    n_rows : int
        Rows of the whole run.
    threshold : int or None
        Largest hash of a key that was kept; None when all rows were.
    tolerance : mapping of str to float
        Largest relative difference by column; other columns must be equal.
    facts : Facts
        Code, model and versions that the run had.
    provenance : mapping of str to (str or None)
    folder : Path or None
        Where it was read from.
    """

    name: str
    pipeline: str
    key: tuple[str, ...]
    arguments: Mapping[str, object]
    query: Mapping[str, Any] | None
    extracted: pd.DataFrame
    features: pd.DataFrame
    predictions: pd.DataFrame
    rejected: pd.DataFrame
    n_rows: int
    threshold: int | None
    tolerance: Mapping[str, float]
    facts: Facts
    provenance: Mapping[str, str | None]
    folder: Path | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return (
            f"<GoldenRun {self.pipeline}/{self.name}: {len(self.extracted):,} of {self.n_rows:,}>"
        )

    def _repr_html_(self) -> str:
        from dspipe.displays import draw_golden  # what draws is for notebooks

        return draw_golden(
            title=f"{self.pipeline} · {self.name}",
            n_rows=self.n_rows,
            frames={name: getattr(self, name) for name in FRAMES},
            arguments=self.arguments,
            query=self.query,
            facts={**self.provenance, "folder": self.folder},
        )


def save_golden(golden: GoldenRun, folder: Path) -> None:
    """Write a golden run; the one that was there is replaced.

    Raises
    ------
    ParityError
        If a column or an argument holds values that could not be read again. Nothing is written
        then.
    """
    frames = {name: _write(golden, name) for name in FRAMES}
    about = _describe(golden, frames)
    folder.mkdir(parents=True, exist_ok=True)
    remove_frames(folder, FRAMES)
    for name, columns in frames.items():
        write_values(folder / name, columns)
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    (folder / GOLDEN_FILE).write_text(text, encoding="utf-8", newline="\n")


def load_golden(folder: str | Path) -> GoldenRun:
    """Read a golden run.

    Raises
    ------
    ParityError
        If the folder holds none, or one that this version cannot read.
    """
    place = Path(folder)
    about = _read_about(place / GOLDEN_FILE)
    try:
        frames = {name: _read(place, name, about) for name in FRAMES}
        return _make(about, frames, place)
    except (KeyError, TypeError, ValueError) as error:
        raise ParityError(
            f"The golden run in {place} cannot be read: {type(error).__name__}: {error}. Its files "
            "do not belong together. Take them from git again, or record the run anew."
        ) from error


def find_goldens(root: Path, pipeline: str) -> list[Path]:
    """List the folders of a pipeline's golden runs, by name.

    >>> find_goldens(Path("nowhere"), "FlightDelay")
    []
    """
    return sorted(file.parent for file in (root / pipeline).glob(f"*/{GOLDEN_FILE}"))


def find_golden(root: Path, pipeline: str, name: str) -> Path:
    """Find the folder of one golden run.

    Raises
    ------
    ParityError
        If there is none of that name.
    """
    folder = root / pipeline / name
    if (folder / GOLDEN_FILE).is_file():
        return folder
    names = [each.name for each in find_goldens(root, pipeline)]
    there = f"There are: {quote_some(names)}.{suggest(name, names)}" if names else "There is none."
    raise ParityError(
        f"{pipeline} has no golden run '{name}' in {root}. {there} Record one with run.record()."
    )


def _write(golden: GoldenRun, name: str) -> list[PlainColumn]:
    try:
        return write_frame(getattr(golden, name))
    except TypeError as error:
        raise ParityError(
            f"The run of {golden.pipeline} cannot be recorded: in '{name}' the column {error}, "
            "which a file cannot give back. Return numbers, text or times in its place."
        ) from error


def _describe(golden: GoldenRun, frames: Mapping[str, list[PlainColumn]]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "pipeline": golden.pipeline,
        "name": golden.name,
        "key": list(golden.key),
        "arguments": _to_plain("arguments", golden.arguments),
        "query": None if golden.query is None else _to_plain("query", golden.query),
        "sampling": {
            "rule": "all rows of the keys whose hash is at most the threshold",
            "n_rows": golden.n_rows,
            "n_kept": len(golden.extracted),
            "threshold": golden.threshold,
        },
        "tolerance": dict(golden.tolerance),
        "facts": asdict(golden.facts),
        "provenance": dict(golden.provenance),
        "frames": {name: [column.about for column in columns] for name, columns in frames.items()},
    }


def _to_plain(what: str, values: Mapping[str, object]) -> dict[str, Any]:
    try:
        return {name: to_plain(value) for name, value in values.items()}
    except TypeError as error:
        raise ParityError(
            f"The run cannot be recorded: its {what} hold {error}, which a file cannot give back. "
            "Use numbers, text, dates or lists of them in the signature of extract."
        ) from error


def _read_about(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise ParityError(f"There is no golden run in {file.parent}. Record one with run.record().")
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
        is_known = about["format"] == FORMAT and about["version"] == FORMAT_VERSION
    except (KeyError, TypeError, ValueError) as error:
        raise ParityError(
            f"{file} is not a golden run: {error}. Take it from git again, or record the run anew."
        ) from error
    if not is_known:
        raise ParityError(
            f"{file} is of the format {about['format']!r}, version {about['version']!r}; this "
            f"version of dspipe reads {FORMAT!r}, version {FORMAT_VERSION}. Record the run anew."
        )
    return dict(about)


def _read(folder: Path, name: str, about: Mapping[str, Any]) -> pd.DataFrame:
    abouts = about["frames"][name]
    values = read_values(folder / name)
    columns = [PlainColumn(each, own) for each, own in zip(abouts, values, strict=True)]
    key = () if name == "extracted" or not columns else tuple(about["key"])
    return read_frame(columns, key)


def _make(about: Mapping[str, Any], frames: Mapping[str, Any], folder: Path) -> GoldenRun:
    query, sampling = about["query"], about["sampling"]
    return GoldenRun(
        name=about["name"],
        pipeline=about["pipeline"],
        key=tuple(about["key"]),
        arguments={name: from_plain(value) for name, value in about["arguments"].items()},
        query=query and {name: from_plain(value) for name, value in query.items()},
        n_rows=sampling["n_rows"],
        threshold=sampling["threshold"],
        tolerance=about["tolerance"],
        facts=Facts(**about["facts"]),
        provenance=about["provenance"],
        folder=folder,
        **frames,
    )
