"""What flows between the steps of a model: columns, each a tensor of its own until they are joined.

A null number is NaN. A null text is a text that no value is, because ONNX has no null for text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from dspipe.export._graph import Graph


@dataclass(frozen=True)
class Cells:
    """One column: a column of a tensor, and what is known of it.

    Attributes
    ----------
    tensor : str
    place : int
        Which column of the tensor it is.
    width : int
        How many columns the tensor has.
    is_text : bool
    name : str or None
        Of the feature that it is; None for what was computed.
    null : object
        What the features have where this one is null.
    """

    tensor: str
    place: int = 0
    width: int = 1
    is_text: bool = False
    name: str | None = None
    null: object = float("nan")


Table = tuple[Cells, ...]


def split(tensor: str, width: int) -> Table:
    """Name the columns of a tensor of doubles."""
    return tuple(Cells(tensor, place, width) for place in range(width))


def single(graph: Graph, cells: Cells) -> str:
    """Give one column as a tensor of its own."""
    if cells.width == 1:
        return cells.tensor
    return graph.add("Gather", cells.tensor, graph.constant([cells.place], "int64"), axis=1)


def join(graph: Graph, table: Sequence[Cells]) -> str:
    """Give columns as one tensor, in their order."""
    parts = []
    for tensor, group in groupby(table, key=lambda cells: cells.tensor):
        columns = list(group)
        places = [cells.place for cells in columns]
        if places == list(range(columns[0].width)):
            parts.append(tensor)
        else:
            parts.append(graph.add("Gather", tensor, graph.constant(places, "int64"), axis=1))
    return parts[0] if len(parts) == 1 else graph.add("Concat", *parts, axis=1)
