"""How a contract looks, and what changed between two."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from dspipe._contract import Column, Contract
from dspipe._text import count, quote_some
from dspipe.displays import _parts

_MOST_COLUMNS = 60
_COLUMNS = (
    _parts.Column("column"),
    _parts.Column("type"),
    _parts.Column("nulls"),
    _parts.Column("values", "prose"),
)
_CHANGES = (
    _parts.Column("column"),
    _parts.Column("change"),
    _parts.Column("before", "prose"),
    _parts.Column("after", "prose"),
)


def draw_contract(contract: Contract) -> str:
    """Draw a contract: its columns in the model's order, and its policy."""
    n_columns = count(len(contract.columns), "column")
    return _parts.block(
        _parts.heading("Contract", note=f"{n_columns}, in the order of the model"),
        list_columns(contract.columns),
        _parts.folded("What happens to features that break it", _policy(contract)),
    )


def list_columns(columns: Sequence[Column]) -> str:
    """Draw the columns of a contract as a table."""
    rows = [
        (column.name, _type(column), "yes" if column.nullable else "no", _values(column))
        for column in columns
    ]
    return _parts.grid(_COLUMNS, rows, most=_MOST_COLUMNS)


def draw_contract_diff(lines: Sequence[tuple[str, str, str]]) -> str:
    """Draw what changed between two contracts: sign, name and fact of every line of the diff."""
    groups = [(name, list(group)) for name, group in groupby(lines, key=lambda line: line[1])]
    rows = [_change(name, group) for name, group in groups]
    note = count(len(rows), "change") if rows else "nothing changed"
    drawn = _parts.grid(_CHANGES, rows) if rows else ""
    return _parts.block(_parts.heading("Contract, before and after", note=note), drawn)


def _policy(contract: Contract) -> str:
    reactions = vars(contract.policy)
    return _parts.facts({name.replace("_", " "): value for name, value in reactions.items()})


def _type(column: Column) -> _parts.Html:
    if column.kind != "category":
        return _parts.inline(column.dtype)
    order = "ordered " if column.ordered else ""
    return _parts.inline(f"{order}category of {column.categories_dtype}")


def _values(column: Column) -> str:
    if column.categories is not None:
        n_categories = len(column.categories)
        return f"{count(n_categories, 'value')}: {quote_some(column.categories, most=8)}"
    if column.minimum is None and column.maximum is None:
        return ""
    return f"{_bound(column.minimum)} to {_bound(column.maximum)}"


def _bound(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "any" if value is None else str(value)


def _change(name: str, lines: Iterable[tuple[str, str, str]]) -> tuple[object, ...]:
    told = list(lines)
    before = [fact for sign, _, fact in told if sign == "-"]
    after = [fact for sign, _, fact in told if sign == "+"]
    if not before:
        mark = _parts.badge("added", "good")
    elif not after:
        mark = _parts.badge("removed", "bad")
    else:
        mark = _parts.badge("changed", "warn")
    return name, mark, _parts.stacked(*before), _parts.stacked(*after)
