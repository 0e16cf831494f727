"""Narrow the imports of a slice to what it reads, so that a server needs no plotting library."""

import ast
from collections.abc import Mapping

from dspipe.notebooks._index import Index
from dspipe.notebooks._slice import Slice


def narrow_imports(index: Index, chosen: Slice) -> dict[int, str]:
    """Write every kept import with the names that are used; one without any is left out.

    Parameters
    ----------
    index : Index
    chosen : Slice

    Returns
    -------
    dict of int to str
        Text by statement.
    """
    texts: dict[int, str] = {}
    submodules = _list_submodules(index, chosen)
    for place in chosen.kept:
        statement = index.statements[place]
        node = statement.node
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            texts[place] = _write_star(node, chosen.stars.get(place, set()))
            continue
        used = chosen.used.get(place, set())
        aliases = [alias for alias in node.names if _is_used(node, alias, used, submodules)]
        if len(aliases) == len(node.names) or not used:
            texts[place] = statement.text
        elif aliases:
            texts[place] = _write(node, aliases)
    return texts


def _list_submodules(index: Index, chosen: Slice) -> Mapping[str, list[str]]:
    """List the ``import a.b`` of the slice by the name that they bind."""
    found: dict[str, list[str]] = {}
    for place in chosen.kept:
        node = index.statements[place].node
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname is None:
                    found.setdefault(alias.name.partition(".")[0], []).append(alias.name)
    return found


def _is_used(
    node: ast.Import | ast.ImportFrom,
    alias: ast.alias,
    used: set[str],
    submodules: Mapping[str, list[str]],
) -> bool:
    name = alias.asname or alias.name
    if isinstance(node, ast.ImportFrom) or alias.asname:
        return any(dotted.partition(".")[0] == name for dotted in used)
    root = name.partition(".")[0]
    mine = {dotted for dotted in used if dotted.partition(".")[0] == root}
    if not mine or "." not in name:
        return bool(mine)
    if root in mine or any(f"{dotted}.".startswith(f"{name}.") for dotted in mine):
        return True
    served = [each for each in submodules[root] if each == root or _serves(each, mine)]
    return not served and submodules[root][0] == name


def _serves(module: str, used: set[str]) -> bool:
    return any(f"{dotted}.".startswith(f"{module}.") for dotted in used)


def _write(node: ast.Import | ast.ImportFrom, aliases: list[ast.alias]) -> str:
    if isinstance(node, ast.Import):
        return ast.unparse(ast.Import(names=aliases))
    return ast.unparse(ast.ImportFrom(module=node.module, names=aliases, level=node.level))


def _write_star(node: ast.ImportFrom, names: set[str]) -> str:
    return f"from {node.module} import {', '.join(sorted(names))}"
