"""Which of the statements that bind a name give it its meaning."""

import ast
from dataclasses import dataclass

from dspipe.notebooks._index import Index, is_import_like, iter_origins


@dataclass(frozen=True, slots=True)
class Definitions:
    """The statements that together give a name its meaning; or two that contradict each other."""

    places: tuple[int, ...]
    conflict: tuple[int, ...] = ()


def find_definitions(index: Index, name: str) -> Definitions:
    """Find what binds a name, in the order of the document.

    The same statement twice is one, and so are imports of the same thing; a statement that reads
    the old value goes on from it. Anything else is a conflict: which one holds would depend on
    what ran last.
    """
    places = _drop_repeats(index, name, index.bindings[name])
    if all(is_import_like(index.statements[place].node) for place in places):
        if _is_import_conflict(index, name, places):
            return Definitions((), tuple(places))
        return Definitions(_merge_imports(index, name, places))
    for at, place in enumerate(places[1:], 1):
        if not _goes_on(index, place, name) and not _is_overload(index, places[at - 1]):
            return Definitions((), tuple(places))
    return Definitions(tuple(places))


def _drop_repeats(index: Index, name: str, places: list[int]) -> list[int]:
    seen: set[str] = set()
    kept = []
    for place in places:
        shape = ast.dump(index.statements[place].node)
        if shape not in seen or _goes_on(index, place, name):
            kept.append(place)
        seen.add(shape)
    return kept


def _merge_imports(index: Index, name: str, places: list[int]) -> tuple[int, ...]:
    """Keep the first of the plain imports of one thing; what is tried stays beside them."""
    seen: set[tuple[str, ...]] = set()
    kept = []
    for place in places:
        node = index.statements[place].node
        if isinstance(node, ast.Import | ast.ImportFrom):
            wanted = {_identify(node, alias) for alias in node.names if _binds(node, alias, name)}
            if wanted <= seen:
                continue
            seen |= wanted
        kept.append(place)
    return tuple(kept)


def _binds(node: ast.Import | ast.ImportFrom, alias: ast.alias, name: str) -> bool:
    if isinstance(node, ast.Import) and alias.asname is None:
        return alias.name.partition(".")[0] == name
    return (alias.asname or alias.name) == name


def _identify(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> tuple[str, ...]:
    module = f"{'.' * node.level}{node.module}" if isinstance(node, ast.ImportFrom) else ""
    return (module, alias.name, alias.asname or "")


def _goes_on(index: Index, place: int, name: str) -> bool:
    return any(read.name == name and not read.is_late for read in index.facts[place].reads)


def _is_overload(index: Index, place: int) -> bool:
    decorators = getattr(index.statements[place].node, "decorator_list", [])
    return any(ast.unparse(each).endswith("overload") for each in decorators)


def _is_import_conflict(index: Index, name: str, places: list[int]) -> bool:
    """Say whether plain imports bind a name to different things."""
    nodes = [index.statements[place].node for place in places]
    plain = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    return len({dict(iter_origins(node)).get(name) for node in plain}) > 1
