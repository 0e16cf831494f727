"""The tables of a statement, and the columns that the live source says they have."""

from collections.abc import Callable
from typing import Any

from dspipe.errors import SourceError

Ask = Callable[[str], "list[str]"]


class Tables:
    """Columns of tables, asked for once each.

    Parameters
    ----------
    dialect : str
    ask : callable, optional
        Takes a name as it is written in a statement and gives the columns, or raises a SourceError;
        without it nothing is known.
    """

    def __init__(self, dialect: str, ask: Ask | None = None) -> None:
        self.dialect = dialect
        self._ask = ask
        self._known: dict[str, list[str] | SourceError] = {}

    def find_columns(self, table: Any) -> list[str] | None:
        """Give the columns of a table in order; None where they are not known."""
        found = self._look_up(table)
        return None if isinstance(found, SourceError) else found

    def find_fault(self, table: Any) -> SourceError | None:
        """Give what the database says about a table that it cannot read."""
        found = self._look_up(table)
        return found if isinstance(found, SourceError) else None

    def _look_up(self, table: Any) -> list[str] | SourceError | None:
        if self._ask is None or not is_stored(table):
            return None
        bare = table.copy()
        for part in set(bare.args) - {"this", "db", "catalog"}:
            bare.set(part, None)
        name = bare.sql(dialect=self.dialect or None)
        if name not in self._known:
            try:
                self._known[name] = self._ask(name)
            except SourceError as error:
                self._known[name] = error
        return self._known[name]


def is_stored(node: Any) -> bool:
    """Say whether a source of a select is a table or view of the database, by its name."""
    from sqlglot import exp

    return (
        isinstance(node, exp.Table)
        and isinstance(node.this, exp.Identifier)
        and not _is_named_here(node)
    )


def list_sources(select: Any) -> list[Any]:
    """List what a select reads from, in order."""
    start = select.args.get("from_")
    joins = select.args.get("joins") or []
    laterals = select.args.get("laterals") or []
    return [*([start.this] if start else []), *(join.this for join in joins), *laterals]


def write_name(name: str, dialect: str) -> str:
    """Write a column's name, in quotes where it needs them."""
    from sqlglot import exp
    from sqlglot.dialects.dialect import Dialect

    spoken = Dialect.get_or_raise(dialect or None)
    is_plain = name.isidentifier() and name == name.lower() and name.isascii()
    is_word = name.upper() in spoken.tokenizer_class.KEYWORDS
    quoted = exp.to_identifier(name, quoted=not is_plain or is_word)
    return quoted.sql(dialect=dialect or None)


def _is_named_here(table: Any) -> bool:
    """Say whether a name is of a ``with`` around it."""
    node = table
    while node is not None and not table.db:
        if any(each.alias.lower() == table.name.lower() for each in getattr(node, "ctes", ())):
            return True
        node = node.parent
    return False
