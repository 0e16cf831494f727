"""Whether the tables and columns of a statement are there."""

from collections.abc import Iterator
from typing import Any

from dspipe._text import suggest
from dspipe.checks._sql_tables import Tables, is_stored, list_sources
from dspipe.checks._sql_text import Fault, Parsed, find_offset

# Columns that every table has without declaring them.
_HIDDEN = frozenset(("_rowid_", "ctid", "oid", "rowid", "rownum", "tableoid", "xmax", "xmin"))


def review_names(parsed: Parsed, tables: Tables) -> Iterator[Fault]:
    """Find tables that cannot be read, and columns that no table has."""
    from sqlglot import exp
    from sqlglot.errors import OptimizeError
    from sqlglot.optimizer.scope import traverse_scope

    for table in parsed.tree.find_all(exp.Table):
        error = tables.find_fault(table)
        if error is not None:
            yield Fault(
                "S108",
                f"The source cannot read {table.name}: {str(error).splitlines()[0]} Correct the "
                "name, or have the right to read it granted.",
                find_offset(table) or 0,
            )
    try:
        scopes = traverse_scope(parsed.tree)
    except OptimizeError:  # two sources of one name: the database will say so
        return
    for scope in scopes:
        yield from _review_columns(scope, tables)


def _review_columns(scope: Any, tables: Tables) -> Iterator[Fault]:
    from sqlglot import exp

    made = _list_made(scope.expression)
    for column in scope.columns:
        # A query is also told the columns of its subqueries that are not tied to a table.
        is_own = column.find_ancestor(exp.Select, exp.SetOperation) is scope.expression
        if not is_own or column.is_star or column.name.lower() in _HIDDEN:
            continue
        if column.table:
            known = _list_columns(_find_source(scope, column.table), tables)
        else:
            known = _list_visible(scope, tables)
            known = None if known is None else known | made
        if known is None or column.name.lower() in known:
            continue
        whose = (
            f"'{column.table}' has no"
            if column.table
            else "None of the tables of the statement has a"
        )
        yield Fault(
            "S109",
            f"{whose} column '{column.name}'.{suggest(column.name.lower(), known)} Correct the "
            "name.",
            find_offset(column) or 0,
        )


def _list_made(query: Any) -> set[str]:
    """List the names that a query makes; of parts that are joined, all that the first gives."""
    from sqlglot import exp

    is_select = isinstance(query, exp.Select)
    return {
        each.alias_or_name.lower()
        for each in getattr(query, "selects", ())
        if not is_select or isinstance(each, exp.Alias)
    }


def _find_source(scope: Any, name: str) -> Any:
    while scope is not None:
        if name in scope.sources:
            return scope.sources[name]
        scope = scope.parent
    return None


def _list_visible(scope: Any, tables: Tables) -> set[str] | None:
    """List the columns of all sources, those around a subquery too; None where one is open."""
    found: set[str] = set()
    while scope is not None:
        # A lateral or a function brings names that nobody declares.
        if len(list_sources(scope.expression)) > len(scope.selected_sources):
            return None
        for name, (_, source) in scope.selected_sources.items():
            known = _list_columns(source, tables)
            if known is None:
                return None
            found |= known | {name.lower()}
        scope = scope.parent
    return found


def _list_columns(source: Any, tables: Tables) -> set[str] | None:
    from sqlglot import exp

    if isinstance(source, exp.Table):
        names = tables.find_columns(source) if is_stored(source) else None
        return None if names is None else {name.lower() for name in names}
    selects = getattr(getattr(source, "expression", None), "selects", None)
    if not selects or source.expression.is_star:
        return _list_starred(source, tables) if selects else None
    alias = source.expression.parent.args.get("alias") if source.expression.parent else None
    if alias is not None and alias.columns:
        return {each.name.lower() for each in alias.columns}
    return {each.alias_or_name.lower() for each in selects}


def _list_starred(scope: Any, tables: Tables) -> set[str] | None:
    """List what a subquery gives that has a star: its named columns, and all of its sources."""
    found: set[str] = {each.alias_or_name.lower() for each in scope.expression.selects}
    for _, source in scope.selected_sources.values():
        known = _list_columns(source, tables)
        if known is None:
            return None
        found |= known
    return found
