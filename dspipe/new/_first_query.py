"""The first query of a new pipeline: on a table that is there, or one to fill in."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dspipe.new._tables import Column, Table, find_last_day, look_at_tables

if TYPE_CHECKING:
    from dspipe._config import Config

_MOST_COLUMNS = 12
_INDENT = " " * 12
_FALLBACK = Table("", "your_table", (Column("id", "integer"), Column("happened_at", "timestamp")))

Quote = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class FirstQuery:
    """What the notebook of a user's own database is filled with.

    Attributes
    ----------
    table_name : str
        The table that it asks, quoted where that is needed.
    tables : tuple of Table
        All there are; none where the database did not answer.
    key : str
    text : str
        The statement, indented as it stands in the notebook.
    day : date or None
        A day that has rows, for a statement that asks for days; None for one that asks for the
        first rows.
    """

    table_name: str
    tables: tuple[Table, ...]
    key: str
    text: str
    day: date | None


def make_first_query(config: "Config") -> FirstQuery:
    """Choose a table, and write a query for it.

    Raises
    ------
    DspipeError
        If the database does not answer.
    """
    # Of a reference such as secret://shop/reader only the value says which dialect it is.
    dialect = re.split(r"[+:]", config.sources["default"].url, maxsplit=1)[0]
    tables = look_at_tables(config, dialect)
    quote = _find_quote(dialect)
    table = max(tables, key=_rate, default=_FALLBACK)
    moment = next((column.name for column in table.columns if column.is_moment), None)
    if moment is None:
        return _write(table, tables, quote, None)
    last = find_last_day(config, dialect, _name(table, quote), quote(moment)) if tables else None
    return _write(table, tables, quote, last or date.today())  # noqa: DTZ011 - a day to begin with


def make_query_to_fill_in() -> FirstQuery:
    """Write a query on a table that nobody has: the database did not answer."""
    return _write(_FALLBACK, (), str, date.today())  # noqa: DTZ011 - as above


def _rate(table: Table) -> int:
    """Prefer tables with a day and a key: they hold what happened, and a prediction is of that."""
    has_moment = any(column.is_moment for column in table.columns)
    return 2 * has_moment + any(column.is_key for column in table.columns)


def _write(table: Table, tables: tuple[Table, ...], quote: Quote, day: date | None) -> FirstQuery:
    key = next((column.name for column in table.columns if column.is_key), table.columns[0].name)
    moment = next((quote(column.name) for column in table.columns if column.is_moment), None)
    shown, rest = table.columns[:_MOST_COLUMNS], table.columns[_MOST_COLUMNS:]
    names = dict.fromkeys([quote(key), *(quote(column.name) for column in shown)])
    lines = [f"select {', '.join(names)}"]
    if rest:
        lines.append(f"    -- and: {', '.join(column.name for column in rest)}")
    lines.append(f"from {_name(table, quote)}")
    if day is not None:
        lines.append(f"where {moment} >= :day and {moment} < :end")
    lines.append(f"order by {quote(key)}")
    if day is None:
        lines.append("limit :most_rows")
    return FirstQuery(
        _name(table, quote), tables, key, "\n".join(_INDENT + line for line in lines), day
    )


def _name(table: Table, quote: Quote) -> str:
    return ".".join(quote(part) for part in (table.schema, table.name) if part)


def _find_quote(dialect: str) -> Quote:
    """Give what quotes a name where its database would read it as something else."""
    from sqlalchemy.dialects import mysql, postgresql, sqlite

    known: dict[str, Callable[[], object]] = {
        "mariadb": mysql.dialect, "mysql": mysql.dialect, "sqlite": sqlite.dialect
    }  # fmt: skip
    quote: Quote = known.get(dialect, postgresql.dialect)().identifier_preparer.quote  # type: ignore[attr-defined]
    return quote


def describe_tables(tables: Sequence[Table]) -> str:
    """Write tables as a list of Markdown."""
    return "\n".join(
        f"- `{table.schema + '.' if table.schema else ''}{table.name}`: "
        + ", ".join(f"{column.name} ({column.type_name.lower()})" for column in table.columns)
        for table in tables
    )
