"""Columns without a declared type: the first rows decide, as many for any size of batch."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from dspipe.sources._kinds import Column, wrong_kind

UNDECLARED = "undeclared"
_KINDS: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "float",
    Decimal: "float",
    str: "text",
    bytes: "bytes",
    dt.date: "date",
    dt.time: "time",
    dt.timedelta: "interval",
    UUID: "uuid",
}


def settle(columns: Sequence[Column], rows: Sequence[Any]) -> list[Column]:
    """Give every undeclared column the kind of its values in these rows.

    Raises
    ------
    SourceError
        If a column has values of two kinds; whole numbers and fractions together are fractions.
    """
    return [
        Column(column.name, _find_kind(column, [row[place] for row in rows]))
        if column.kind == UNDECLARED
        else column
        for place, column in enumerate(columns)
    ]


def _find_kind(column: Column, values: Sequence[Any]) -> str:
    kinds = {_kind(value) for value in values if value is not None}
    if kinds == {"integer", "float"}:
        return "float"
    if len(kinds) > 1:
        first, other = sorted(kinds)[:2]
        raise wrong_kind(Column(column.name, first), other)
    return kinds.pop() if kinds else "unknown"


def _kind(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return "timestamp" if value.tzinfo is None else "timestamptz"
    return _KINDS.get(type(value), "object")
