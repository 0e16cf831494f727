"""What a function is sent for a golden run, and where its answer differs: both are JSON."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dspipe._responses import to_columns, to_plain
from dspipe.parity._differences import Difference, find_differences
from dspipe.parity._golden import GoldenRun

_MOST_SHOWN = 200


def make_event(golden: GoldenRun) -> dict[str, Any]:
    """Make the event that brings the recorded rows and arguments.

    Rows that were rejected are left out: a function fails for them, unless its class says
    ``on_bad_row = "reject"``.
    """
    frame = find_sent(golden)
    first = frame.columns[0]
    columns = to_columns(frame.set_index(first))
    arguments = {name: to_plain(value) for name, value in golden.arguments.items()}
    return {"columns": columns, "arguments": arguments}


def find_sent(golden: GoldenRun) -> pd.DataFrame:
    """Give the recorded rows that are sent to a function."""
    rows = golden.extracted
    if not len(golden.rejected):
        return rows
    keys = rows.set_index(list(golden.key)).index
    return rows[~keys.isin(golden.rejected.index)].reset_index(drop=True)


def find_in_answer(golden: GoldenRun, answer: object) -> list[Difference]:
    """List where an answer differs from the recorded predictions; nothing when it does not.

    Doubles are written so that they are read again to the last bit, so nothing is rounded here.
    """
    found = _read_predictions(golden, answer)
    if isinstance(found, str):
        return [Difference("predict", "error", None, 0, (), found)]
    expected = _to_objects(to_columns(golden.predictions), golden)
    return find_differences(expected, found, "predict", tolerance=golden.tolerance)


def _read_predictions(golden: GoldenRun, answer: object) -> pd.DataFrame | str:
    rows = answer.get("predictions") if isinstance(answer, Mapping) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return f"It is no answer of a pipeline: {shorten(repr(answer))}."
    if isinstance(answer, Mapping) and answer.get("continuation"):
        return f"Its time was over after {len(rows):,} of {len(golden.predictions):,} rows."
    names = list(rows[0]) if rows else list(to_columns(golden.predictions))
    if not set(golden.key) <= set(names):
        return f"Its rows have no key {list(golden.key)}, but {names}."
    return _to_objects({name: [row.get(name) for row in rows] for name in names}, golden)


def _to_objects(columns: Mapping[str, list[Any]], golden: GoldenRun) -> pd.DataFrame:
    """Make a frame of values as JSON has them: its numbers are of no width, its nulls all alike."""
    return pd.DataFrame(dict(columns), dtype=object).set_index(list(golden.key))


def shorten(text: str) -> str:
    """Give the beginning of a long text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _MOST_SHOWN else f"{line[:_MOST_SHOWN]} ..."
