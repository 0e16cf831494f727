"""Which rows a statement gives: cut without an order, or chosen by a value that was written in."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from typing import Any

from dspipe.checks._sql_shape import is_one_row
from dspipe.checks._sql_tables import list_sources, write_name
from dspipe.checks._sql_text import Fault, Parsed, find_offset

_BY_ORDER = frozenset(("rownumber", "firstvalue", "lastvalue", "lag", "lead", "nthvalue"))
_SMALLEST_NUMBER = 10
_SHORTEST_TEXT = 2


def review_rows(
    parsed: Parsed, key: tuple[str, ...], arguments: Mapping[str, object]
) -> Iterator[Fault]:
    """Find rows that are chosen by chance, or by what should be an argument."""
    from sqlglot import exp

    for query in parsed.tree.find_all(exp.Query):
        yield from _review_cut(query, parsed, key)
    for window in parsed.tree.find_all(exp.Window):
        if window.this.key in _BY_ORDER and not window.args.get("order"):
            yield Fault(
                "S107",
                f"{window.this.sql_name()} over rows without an order numbers them as they happen "
                "to come. Add order by to its window, by what tells rows apart.",
                find_offset(window) or 0,
            )
    yield from _review_literals(parsed, arguments)


def _review_cut(query: Any, parsed: Parsed, key: tuple[str, ...]) -> Iterator[Fault]:
    word = _find_cut(query)
    if not word or query.args.get("order") or isinstance(query.parent, _exists()):
        return
    if is_one_row(query) or _is_zero(query):
        return
    start, edit = _find_limit(query, parsed), None
    if start is not None and word == "limit" and query is parsed.tree:
        edit = _order_by_key(query, parsed, key, start)
    yield Fault(
        "S107",
        f"The statement cuts rows with {word} and has no order, so the database chooses which "
        "ones come. Add order by, with the key as its last column.",
        start if start is not None else find_offset(query) or 0,
        f"order by {', '.join(key)}" if edit else "",
        (edit,) if edit else (),
    )


def _find_cut(query: Any) -> str:
    distinct = query.args.get("distinct")
    # Of a union it is a flag: whether the parts are made distinct.
    if not isinstance(distinct, bool) and distinct is not None and distinct.args.get("on"):
        return "distinct on"
    limit = query.args.get("limit")
    if limit is not None:
        return "fetch" if limit.key == "fetch" else "limit"
    return "offset" if query.args.get("offset") else ""


def _exists() -> Any:
    from sqlglot import exp

    return exp.Exists


def _is_zero(query: Any) -> bool:
    limit = query.args.get("limit")
    shown = limit.expression if limit is not None and limit.key == "limit" else None
    return shown is not None and shown.is_int and shown.name == "0"


def _find_limit(query: Any, parsed: Parsed) -> int | None:
    """Give where the word stands: the last one before the number, as words have no place."""
    limit = query.args.get("limit") or query.args.get("offset")
    number = find_offset(limit) if limit is not None else None
    if number is None:
        return None
    words = [
        token.start
        for token in parsed.tokens
        if token.start < number and token.text.lower() in {"limit", "offset", "fetch", "top"}
    ]
    return words[-1] if words else None


def _order_by_key(
    query: Any, parsed: Parsed, key: tuple[str, ...], start: int
) -> tuple[int, str, str] | None:
    has_all = query.is_star and len(list_sources(query)) == 1
    has_key = has_all or set(key) <= set(query.named_selects)
    if not key or not has_key or query.args.get("offset") or len(query.selects) == 0:
        return None
    owned = {each.alias_or_name: each for each in query.selects}
    names = [
        owned[name].sql() if name in owned and owned[name].key == "column"
        else write_name(name, parsed.dialect)
        for name in key
    ]  # fmt: skip
    word = parsed.value[start : start + len("limit")]
    indent = parsed.value[:start].rpartition("\n")[2]
    between = f"\n{indent}" if "\n" in parsed.value[:start] and not indent.strip() else " "
    return start, word, f"order by {', '.join(names)}{between}{word}"


def _review_literals(parsed: Parsed, arguments: Mapping[str, object]) -> Iterator[Fault]:
    from sqlglot import exp

    known = {text: name for name, value in arguments.items() for text in _write_all(value)}
    for literal in parsed.tree.find_all(exp.Literal):
        name = known.get(literal.name)
        if name is None or literal.is_string != _is_text(arguments[name]):
            continue
        shown = parsed.value[literal.meta["start"] : literal.meta["end"] + 1]
        yield Fault(
            "S103",
            f"The statement holds {shown}, which is what the golden run was given for '{name}': "
            f"another {name} would give the same rows. Bind it as :{name}.",
            literal.meta["start"],
        )


def _write_all(value: object) -> list[str]:
    """Write a value as a statement may hold it; values that stand everywhere are left out."""
    if isinstance(value, Enum):
        return _write_all(value.value)
    if isinstance(value, str):
        return [value] if len(value) >= _SHORTEST_TEXT else []
    if isinstance(value, date):  # a time too
        return [value.isoformat(), value.isoformat().replace("T", " ")]
    if isinstance(value, list | tuple | set):
        return [text for each in value for text in _write_all(each)]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [str(value)] if abs(value) >= _SMALLEST_NUMBER else []
    return []


def _is_text(value: object) -> bool:
    if isinstance(value, list | tuple | set):
        return all(_is_text(each) for each in value)
    return not isinstance(value, int | float) or isinstance(value, bool)
