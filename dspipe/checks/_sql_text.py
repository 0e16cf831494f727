"""A statement as sqlglot reads it, with binds as dspipe reads them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dspipe._statement import find_binds

DIALECTS = {
    "bigquery": "bigquery",
    "databricks": "databricks",
    "duckdb": "duckdb",
    "mariadb": "mysql",
    "mssql": "tsql",
    "mysql": "mysql",
    "oracle": "oracle",
    "postgres": "postgres",
    "postgresql": "postgres",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "sqlite": "sqlite",
    "trino": "trino",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is the matter with a statement.

    Attributes
    ----------
    code : str
    message : str
        Finished sentences.
    offset : int
        Where it stands in the statement.
    title : str
        What the edits do; empty where there are none.
    edits : tuple of (int, str, str)
        Offset, what stands there and what takes its place.
    """

    code: str
    message: str
    offset: int
    title: str = ""
    edits: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True)
class Parsed:
    """A statement, parsed.

    Attributes
    ----------
    value : str
    dialect : str
        As sqlglot calls it; empty for what every database understands.
    tokens : tuple
        Without comments; a bind is a token like a name.
    tree : Expression or None
        None where sqlglot cannot read it.
    fault : Fault or None
        Why it cannot.
    """

    value: str
    dialect: str
    tokens: tuple[Any, ...] = field(repr=False, default=())
    tree: Any = field(repr=False, default=None)
    fault: Fault | None = None


def parse_statement(value: str, dialect: str) -> Parsed:
    """Parse a statement."""
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import ParseError, TokenError

    # sqlglot takes ":day" for other things in some dialects. A name of the same length stands
    # wherever a value may stand, and keeps every offset.
    binds = {bind.start(): bind["name"] for bind in find_binds(value)}
    text = "".join("_" if at in binds else char for at, char in enumerate(value))
    spoken = Dialect.get_or_raise(dialect or None)
    tokens: tuple[Any, ...] = ()
    try:
        tokens = tuple(spoken.tokenize(text))
        trees = [tree for tree in spoken.parse(text) if tree is not None]
    except (ParseError, TokenError) as error:
        return Parsed(value, dialect, tokens, None, _explain(error, value))
    tree = trees[0] if len(trees) == 1 else None
    if tree is None or tree.key == "command":
        what = f"It holds {len(trees)} statements." if len(trees) != 1 else "It is a command."
        return Parsed(value, dialect, tokens, None, _unread(what, 0))
    _put_binds(tree, binds)
    return Parsed(value, dialect, tokens, tree)


def find_offset(node: Any) -> int | None:
    """Give where the first name or literal of a part of a statement stands."""
    found = [each.meta["start"] for each in node.walk() if "start" in each.meta]
    return min(found, default=None)


def iter_words(parsed: Parsed) -> Iterator[tuple[int, str]]:
    """Give the words of a statement in lower case, with their places in the list of tokens."""
    for at, token in enumerate(parsed.tokens):
        if token.token_type.name not in {"STRING", "IDENTIFIER", "NUMBER"}:
            yield at, token.text.lower()


def _put_binds(tree: Any, binds: dict[int, str]) -> None:
    from sqlglot import exp

    for column in list(tree.find_all(exp.Column)):
        start = column.this.meta.get("start")
        if start in binds and not column.table:
            mark = exp.Placeholder(this=binds[start])
            mark.meta["start"] = start
            column.replace(mark)


def _explain(error: Exception, value: str) -> Fault:
    details: Any = (getattr(error, "errors", None) or [{}])[0]
    line, column = details.get("line") or 1, details.get("col") or 1
    start = sum(len(each) + 1 for each in value.split("\n")[: line - 1])
    what = str(details.get("description") or "It ends in the middle.").rstrip(".")
    return _unread(f"sqlglot says: {what}.", min(start + column - 1, len(value)))


def _unread(what: str, offset: int) -> Fault:
    return Fault(
        "S112",
        f"The statement cannot be read, so it was reviewed in parts alone. {what} If the database "
        "takes it, allow this with a comment.",
        max(offset, 0),
    )
