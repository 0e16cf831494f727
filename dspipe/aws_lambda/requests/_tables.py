"""Lines with names, whatever file they were in, before it is known what they are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """Lines with names, before it is known whether they are arguments or rows.

    Attributes
    ----------
    names : frozenset of str
        Names of the columns.
    to_records : callable
        Gives one dict a line.
    to_rows : callable
        Gives the lines as `Task.rows`.
    """

    names: frozenset[str]
    to_records: Callable[[], list[dict[str, Any]]]
    to_rows: Callable[[], Any]


def table_from_columns(columns: dict[str, list[Any]]) -> Table:
    """Make a table of one list a column; an empty cell of a record is left out."""

    def to_records() -> list[dict[str, Any]]:
        return [
            {name: value for name, value in zip(columns, line, strict=True) if value is not None}
            for line in zip(*columns.values(), strict=True)
        ]

    return Table(frozenset(columns), to_records, lambda: columns)


def table_from_records(records: list[dict[str, Any]]) -> Table:
    """Make a table of one dict a line."""
    return Table(frozenset().union(*records), lambda: records, lambda: records)
