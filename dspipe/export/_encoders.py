"""Encoders of categories: each is asked what it makes of every category, and becomes that table.

So whatever an encoder was told (groups of rare categories, a dropped one, values for unknown ones
and for nulls) is converted without knowing it.
"""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dspipe.export._tables import Cells, Table, single, split
from dspipe.predictors._onnx_inputs import NULL_TEXT

if TYPE_CHECKING:
    import numpy.typing as npt

    from dspipe.export._conversion import Conversion

_UNSEEN_TEXT = "\ufdd1"
_NO_LINE = 2**31 - 1


@dataclass(frozen=True)
class _Lines:
    """What an encoder makes of one column: a line for each key, None where it refuses."""

    keys: list[Any]
    lines: list["npt.NDArray[Any]"]
    unseen: "npt.NDArray[Any] | None"
    null: "npt.NDArray[Any] | None"


def convert_encoder(conversion: "Conversion", step: Any, table: Table) -> Table:
    """Write an encoder that treats every column alone, as tables."""
    if getattr(step, "target_type_", None) == "multiclass":
        raise conversion.refuse(step, "it encodes for more than two classes")
    columns: list[Cells] = []
    for place, cells in enumerate(table):
        columns.extend(_look_up(conversion, cells, _ask(step, table, place)))
    return tuple(columns)


def _ask(step: Any, table: Table, place: int) -> _Lines:
    """Ask an encoder for the lines of one column, with the others held still."""
    cells = table[place]
    categories = list(step.categories_[place])
    keys = [category for category in categories if not pd.isna(category)]
    unseen: Any = _UNSEEN_TEXT
    if not cells.is_text:
        keys = [float(key) for key in keys]
        unseen = max([abs(key) for key in keys], default=0.0) + 1.0
    lines = list(_transform(step, table, place, keys)) if keys else []
    alone = [_try(step, table, place, value) for value in (unseen, cells.null)]
    return _Lines(keys, lines, *alone)


def _try(step: Any, table: Table, place: int, value: object) -> "npt.NDArray[Any] | None":
    try:
        line: npt.NDArray[Any] = _transform(step, table, place, [value])[0]
    except (TypeError, ValueError):  # it refuses the value, and so will the converted model
        return None
    return line


def _transform(step: Any, table: Table, place: int, values: list[Any]) -> "npt.NDArray[Any]":
    columns = {}
    names = getattr(step, "feature_names_in_", range(len(table)))
    for other, (name, cells) in enumerate(zip(names, table, strict=True)):
        known = step.categories_[other]
        dtype = object if cells.is_text or known.dtype == object else np.float64
        first = list(known[:1])
        columns[name] = np.array(values if other == place else first * len(values), dtype=dtype)
    frame = pd.DataFrame(columns)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that were not seen, which is what is asked
        made = step.transform(frame if hasattr(step, "feature_names_in_") else frame.to_numpy())
    dense = made.toarray() if hasattr(made, "toarray") else np.asarray(made)
    return np.asarray(dense[:, _slice_of(step, place)], dtype=np.float64)


def _slice_of(step: Any, place: int) -> slice:
    widths = getattr(step, "_n_features_outs", None)  # of a one-hot encoder alone
    if widths is None:
        return slice(place, place + 1)
    return slice(int(sum(widths[:place])), int(sum(widths[: place + 1])))


def _look_up(conversion: "Conversion", cells: Cells, found: _Lines) -> Table:
    """Write a table: from the value to the number of its line, from there to the line."""
    graph, lines = conversion.graph, list(found.lines)
    numbers = list(range(len(lines)))
    for line in (found.null, found.unseen):
        # A line that is not there fails the run, as the encoder fails for a value that it refuses.
        numbers.append(_NO_LINE if line is None else len(lines))
        lines.extend(() if line is None else (line,))
    *of_keys, of_others = numbers
    null_key = NULL_TEXT if cells.is_text else float("nan")
    line_of = graph.add(
        "LabelEncoder",
        single(graph, cells),
        keys_tensor=np.array([*found.keys, null_key], dtype=object if cells.is_text else float),
        values_tensor=np.array(of_keys, dtype=np.int64),
        default_tensor=np.array([of_others], dtype=np.int64),
    )
    flat = graph.add("Reshape", line_of, graph.constant([-1], "int64"))
    made = graph.add("Gather", graph.constant(np.vstack(lines)), flat, axis=0)
    return split(made, len(lines[0]))
