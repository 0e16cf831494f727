"""Bound values for PostgreSQL, which wants a type for every one of them.

A value behaves like a literal in its place: a whole number is an integer, a text is whatever the
place asks for (a date beside a date), and None is the word NULL. What a text becomes is asked of
the server once a statement, by preparing it without running it. Both ways of reading then send the
same text with the same types.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from dspipe._statement import Compiled, Slot, Statement

UNKNOWN = "unknown"
PROBE = "dspipe_probe"
_NO_TYPE = re.compile(r"data type (?:of|for) parameter \$(\d+)|parameter \$(\d+)")
_INT4, _INT8 = 2**31, 2**63
_TYPES: dict[type, str] = {
    bool: "boolean",
    float: "double precision",
    Decimal: "numeric",
    dt.date: "date",
    dt.timedelta: "interval",
    UUID: "uuid",
    bytes: "bytea",
}

Run = Callable[[str], Sequence[Sequence[Any]]]


def render(statement: "Statement", types: Sequence[str], mark: str) -> "Compiled":
    """Write the text with a cast around every value; `mark` is ``$`` or ``:b``."""

    def cast(number: int, _slot: "Slot") -> str:
        type_ = types[number - 1]
        return f"{mark}{number}" if type_ == UNKNOWN else f"CAST({mark}{number} AS {type_})"

    if mark == "$":
        return statement.render(cast, bind_null=False)
    return statement.render(
        cast, escape=lambda text: re.sub(r":(?=\w)", r"\\:", text), bind_null=False
    )


def declare(statement: "Statement") -> list[str]:
    """Name the type of each bound value, as a literal of SQL would have it."""
    return [_type(value) for value in _values(statement)]


def find_types(
    statement: "Statement", run: Run, get_message: Callable[[Exception], str]
) -> list[str]:
    """Ask the server what the texts among the values become.

    Parameters
    ----------
    run : callable
        Runs a SQL text in a transaction of its own and returns its rows; rolls back when it fails.
    get_message : callable
        Gives the server's message for an exception of `run`, or raises it when it is not the
        server's.

    Returns
    -------
    list of str
        With ``unknown`` left in when the statement cannot be prepared; running it will say why.
    """
    types = declare(statement)
    for _attempt in range(types.count(UNKNOWN)):
        try:
            return _probe(statement, types, run)
        except Exception as error:  # noqa: BLE001  the driver's errors; get_message raises all others
            found = _NO_TYPE.search(get_message(error))
            if not found:
                return types
            # A place such as ":x IS NULL" asks for no type; a literal there would be a text.
            types[int(found[1] or found[2]) - 1] = "text"
    return types


def probe_text(statement: "Statement", types: Sequence[str]) -> tuple[str, "Compiled"]:
    """Write what makes a PREPARE of a statement, and the statement with bare marks."""
    compiled = statement.render(lambda number, _slot: f"${number}", bind_null=False)
    declared = f" ({', '.join(types)})" if types else ""
    return f"PREPARE {PROBE}{declared} AS ", compiled


def _probe(statement: "Statement", types: Sequence[str], run: Run) -> list[str]:
    before, compiled = probe_text(statement, types)
    run(before + compiled.text)
    rows = run(
        f"SELECT unnest(parameter_types)::text FROM pg_prepared_statements WHERE name = '{PROBE}'"  # noqa: S608  the user's own text, and names of ours
    )
    run(f"DEALLOCATE {PROBE}")
    return [row[0] for row in rows]


def to_driver(value: Any) -> Any:
    """Turn documents into JSON text; all else is known to the drivers."""
    return json.dumps(value) if isinstance(value, dict) else value


def _values(statement: "Statement") -> list[Any]:
    return list(statement.render(lambda _number, _slot: "", bind_null=False).bound)


def _type(value: Any) -> str:
    if isinstance(value, list):
        types = {_type(item) for item in value if item is not None}
        return f"{types.pop()}[]" if len(types) == 1 and UNKNOWN not in types else UNKNOWN
    if isinstance(value, int) and not isinstance(value, bool):
        small = "integer" if -_INT4 <= value < _INT4 else "bigint"
        return small if -_INT8 <= value < _INT8 else "numeric"
    if isinstance(value, dt.datetime):
        return "timestamp" if value.tzinfo is None else "timestamptz"
    if isinstance(value, dt.time):
        return "time" if value.tzinfo is None else "timetz"
    return _TYPES.get(type(value), UNKNOWN)
