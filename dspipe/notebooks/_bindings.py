"""Which names a piece of code binds in its own scope, and how."""

import ast
from collections.abc import Iterator

_AROUND: dict[type[ast.AST], str] = {
    ast.For: "loop",
    ast.AsyncFor: "loop",
    ast.While: "loop",
    ast.With: "with",
    ast.AsyncWith: "with",
    ast.Try: "try",
    ast.TryStar: "try",
    ast.If: "if",
    ast.Match: "match",
    ast.NamedExpr: "walrus",
    ast.AugAssign: "augmented",
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def iter_bindings(node: ast.AST, how: str = "assign") -> Iterator[tuple[str, str]]:
    """List the names that a statement binds, each with how it does; `import *` binds none here.

    Examples
    --------
    >>> list(iter_bindings(ast.parse("for i in x: y = [j for j in i]")))
    [('i', 'loop'), ('y', 'loop')]
    """
    how = _AROUND.get(type(node), how) if how in {"assign", "augmented"} else how
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        yield node.name, _choose(how, "class" if isinstance(node, ast.ClassDef) else "def")
        for part in _iter_outside(node):
            yield from iter_bindings(part, how)
        return
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, _COMPREHENSIONS):
        yield from _iter_walrus(node)
        return
    yield from _iter_own(node, how)
    for child in ast.iter_child_nodes(node):
        yield from iter_bindings(child, how)


def find_declared(body: list[ast.stmt], kind: type[ast.Global | ast.Nonlocal]) -> set[str]:
    """Find the names that a body declares ``global`` or ``nonlocal``, in its own scope."""
    found: set[str] = set()
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        if isinstance(node, kind):
            found.update(node.names)
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.Lambda)):
            todo.extend(ast.iter_child_nodes(node))
    return found


def _iter_own(node: ast.AST, how: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            name = alias.asname or alias.name
            if name != "*":
                top = name.partition(".")[0] if alias.asname is None else name
                yield (name if isinstance(node, ast.ImportFrom) else top), _choose(how, "import")
    elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id, "del" if isinstance(node.ctx, ast.Del) else how
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name, "except" if isinstance(node, ast.ExceptHandler) else "match"
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest, "match"


def _choose(how: str, plain: str) -> str:
    return plain if how == "assign" else how


def _iter_outside(node: ast.AST) -> Iterator[ast.AST]:
    """List what a definition evaluates outside of its own scope."""
    yield from getattr(node, "decorator_list", [])
    yield from getattr(node, "bases", [])
    arguments = getattr(node, "args", None)
    if isinstance(arguments, ast.arguments):
        yield from arguments.defaults
        yield from (default for default in arguments.kw_defaults if default is not None)


def _iter_walrus(node: ast.AST) -> Iterator[tuple[str, str]]:
    """List names bound by ``:=`` in a comprehension, which belong to the scope around it."""
    for child in ast.walk(node):
        if isinstance(child, ast.NamedExpr) and isinstance(child.target, ast.Name):
            yield child.target.id, "walrus"
