"""What the shape of a statement does: it takes all columns, writes, or pairs every row."""

from collections.abc import Iterator
from typing import Any

from dspipe._text import count
from dspipe.checks._sql_tables import Tables, is_stored, list_sources, write_name
from dspipe.checks._sql_text import Fault, Parsed, find_offset, iter_words

_WRITES = frozenset(
    ("alter", "analyze", "attach", "copy", "create", "delete", "detach", "drop", "export",
     "grant", "insert", "into", "merge", "truncatetable", "update")
)  # fmt: skip
_MOST_COLUMNS = 88


def review_shape(parsed: Parsed, tables: Tables) -> Iterator[Fault]:
    """Find what is seen in the tree of a statement, whatever it was sent with."""
    from sqlglot import exp

    yield from _review_writes(parsed)
    for select in parsed.tree.find_all(exp.Select):
        yield from _review_stars(select, parsed, tables)
        yield from _review_pairs(select, parsed)


def _review_writes(parsed: Parsed) -> Iterator[Fault]:
    for node in parsed.tree.walk():
        if node.key in _WRITES:
            word = "select into" if node.key == "into" else node.key.removesuffix("table")
            yield Fault(
                "S110",
                f"The statement writes ({word}), and a source is there to be read: every "
                "prediction would change the database. Write where the data is made, and select "
                "here.",
                find_offset(node) or 0,
            )
            return


def _review_stars(select: Any, parsed: Parsed, tables: Tables) -> Iterator[Fault]:
    from sqlglot import exp

    sources = [] if isinstance(select.parent, exp.Exists) else list_sources(select)
    for column in select.expressions:
        # The star of count(*) stands inside of a function, and counts rows.
        if not isinstance(column, exp.Star | exp.Column) or not column.is_star:
            continue
        owner = column.text("table")
        wanted = [each for each in sources if owner in {"", each.alias_or_name}]
        if not any(is_stored(each) for each in wanted):
            continue
        start = find_offset(column) or 0
        old = parsed.value[start : _find_end(column)]
        names = _name_columns(old, wanted, parsed, tables)
        new = _lay_out(names, parsed.value[:start])
        yield Fault(
            "S106",
            f"The statement asks for all columns ({old}): one that is added to the table comes "
            "into the features, and those that nobody needs are read too. Name the columns.",
            start,
            f"name the {count(len(names), 'column')} of {wanted[0].name}" if new else "",
            ((start, old, new),) if new else (),
        )


def _name_columns(old: str, wanted: list[Any], parsed: Parsed, tables: Tables) -> list[str]:
    """Name the columns that a star stands for, where it is of one table that is known."""
    names = tables.find_columns(wanted[0]) if len(wanted) == 1 else None
    if not names or not old.endswith("*"):  # a star may leave some out: * except (a)
        return []
    prefix = old.removesuffix("*")
    return [prefix + write_name(name, parsed.dialect) for name in names]


def _lay_out(names: list[str], before: str) -> str:
    """Write names on one line, or each on its own where the statement has lines."""
    start = before.rpartition("\n")[2]
    line = ", ".join(names)
    if "\n" not in before or len(start) + len(line) <= _MOST_COLUMNS:
        return line
    indent = start[: len(start) - len(start.lstrip())] + "    "
    return "".join(f"\n{indent}{name}," for name in names).removesuffix(",")


def _review_pairs(select: Any, parsed: Parsed) -> Iterator[Fault]:
    from sqlglot import exp

    # Some dialects read a comma as a cross join: only the word says that all pairs are meant.
    is_crossed = any(word == "cross" for _, word in iter_words(parsed))

    where = select.args.get("where")
    for join in select.args.get("joins") or []:
        is_meant = (
            join.args.get("on") or join.args.get("using") or (is_crossed and join.kind == "CROSS")
        )
        if is_meant or join.method == "NATURAL" or _gives_few_rows(join.this):
            continue
        name = join.this.alias_or_name
        if where is not None and any(_binds(each, name) for each in where.find_all(exp.Predicate)):
            continue
        yield Fault(
            "S111",
            f"Nothing says which rows of {name} belong to which of the others, so every row is "
            "paired with every row. Join it on a condition; write cross join if all pairs are "
            "meant.",
            find_offset(join) or 0,
        )


def _gives_few_rows(node: Any) -> bool:
    """Recognise functions, unnest, what depends on the row, and a select of one aggregate."""
    from sqlglot import exp

    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select):
        return is_one_row(node.this)
    return not isinstance(node, exp.Subquery) and not (
        isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier)
    )


def is_one_row(select: Any) -> bool:
    """Recognise a select of aggregates alone, without groups."""
    from sqlglot import exp

    return (
        isinstance(select, exp.Select)
        and not select.args.get("group")
        and bool(select.expressions)
        and all(each.find(exp.AggFunc) and not each.find(exp.Window) for each in select.expressions)
    )


def _binds(predicate: Any, name: str) -> bool:
    """Say whether a comparison ties a source to another one, or may do so."""
    from sqlglot import exp

    owners = {column.table for column in predicate.find_all(exp.Column)}
    return (len(owners) > 1 and bool(owners & {"", name})) or (
        owners == {""} and len(list(predicate.find_all(exp.Column))) > 1
    )


def _find_end(node: Any) -> int:
    ends: list[int] = [each.meta["end"] for each in node.walk() if "end" in each.meta]
    return 1 + max(ends)
