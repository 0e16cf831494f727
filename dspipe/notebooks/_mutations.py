"""Which statements change the value of a name that another statement bound."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_METHODS = frozenset(
    ("append", "appendleft", "add", "clear", "discard", "extend", "extendleft", "insert", "pop",
     "popitem", "popleft", "remove", "reverse", "rotate", "setdefault", "sort", "update")
)  # fmt: skip
_DISPLAY = frozenset(
    ("boxplot", "corr", "count", "describe", "display", "head", "hist", "info", "items", "keys",
     "memory_usage", "nunique", "plot", "preview", "print", "sample", "score", "show", "summary",
     "tail", "to_csv", "to_json", "to_markdown", "to_parquet", "unique", "value_counts", "values")
)  # fmt: skip
_MUTATING_CALLS = (
    "random.shuffle", "np.random.shuffle", "numpy.random.shuffle", "heapq.heappush",
    "heapq.heappop", "heapq.heapify", "bisect.insort", "bisect.insort_left", "bisect.insort_right",
    "setattr", "delattr", "np.put", "numpy.put", "np.copyto", "np.fill_diagonal", "shuffle",
    "heappush", "heappop", "heapify", "insort",
)  # fmt: skip
_LATE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of a value.

    Attributes
    ----------
    kind : str
        "item", "attribute", "method" (one that is known to change its object), "unknown" (one that
        may), or "call" (a function that was given the object).
    detail : str
        The attribute, method or function.
    """

    name: str
    kind: str
    detail: str
    line: int


def find_mutations(
    node: ast.stmt, changed_parameters: Mapping[str, frozenset[int | str]]
) -> tuple[Mutation, ...]:
    """Find what a statement changes when it runs; bodies of functions in it do not run then.

    Parameters
    ----------
    node : ast.stmt
    changed_parameters : mapping of str to frozenset
        Places and names of the parameters that functions of the notebook change.
    """
    found = list(_iter_changes(node, changed_parameters))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        found.extend(_iter_unknown(node.value))
    return tuple(dict.fromkeys(found))


def find_changed_parameters(function: ast.stmt) -> frozenset[int | str]:
    """Find the parameters whose objects a function changes, by place and by name."""
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return frozenset()
    changed = {mutation.name for each in function.body for mutation in _iter_changes(each, {})}
    positional = [*function.args.posonlyargs, *function.args.args]
    named = [*positional, *function.args.kwonlyargs]
    places = {at for at, each in enumerate(positional) if each.arg in changed}
    return frozenset(places | {each.arg for each in named if each.arg in changed})


def iter_inner_changes(node: ast.AST) -> Iterator[Mutation]:
    """List what the bodies in a definition change when they are called."""
    for each in ast.walk(node):
        if isinstance(each, ast.Expr | ast.Assign | ast.AugAssign | ast.Delete):
            yield from _iter_changes(each, {})


def find_root(node: ast.expr) -> str | None:
    """Find the name that an expression takes its attributes and items from."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _iter_changes(
    node: ast.AST, changed_parameters: Mapping[str, frozenset[int | str]]
) -> Iterator[Mutation]:
    for each in _walk_running(node):
        if isinstance(each, ast.Subscript | ast.Attribute) and not isinstance(each.ctx, ast.Load):
            yield from _iter_stores(each)
        elif isinstance(each, ast.Call):
            yield from _iter_calls(each, changed_parameters)


def _walk_running(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _LATE):
            yield from _walk_running(child)


def _iter_stores(node: ast.Subscript | ast.Attribute) -> Iterator[Mutation]:
    root = find_root(node)
    if root is None:
        return
    if isinstance(node, ast.Attribute):
        yield Mutation(root, "attribute", node.attr, node.lineno)
    else:
        yield Mutation(root, "item", "", node.lineno)


def _iter_calls(
    node: ast.Call, changed_parameters: Mapping[str, frozenset[int | str]]
) -> Iterator[Mutation]:
    function = ast.unparse(node.func) if _is_dotted(node.func) else ""
    if isinstance(node.func, ast.Attribute) and (node.func.attr in _METHODS or _is_in_place(node)):
        root = find_root(node.func.value)
        if root is not None:
            yield Mutation(root, "method", node.func.attr, node.lineno)
    changed = changed_parameters.get(function, frozenset())
    if function in _MUTATING_CALLS:
        changed = frozenset({0})
    given: list[tuple[int | str | None, ast.expr]] = [
        *enumerate(node.args), *((each.arg, each.value) for each in node.keywords)
    ]  # fmt: skip
    for place, value in given:
        root = find_root(value)
        if root is not None and place in changed:
            yield Mutation(root, "call", function, node.lineno)


def _iter_unknown(call: ast.Call) -> Iterator[Mutation]:
    """Find a method that is called for nothing but its effect, which may change its object."""
    if not isinstance(call.func, ast.Attribute):
        return
    root, method = find_root(call.func.value), call.func.attr
    chained = {part.attr for part in ast.walk(call.func) if isinstance(part, ast.Attribute)}
    if root is not None and method not in _METHODS and not chained & _DISPLAY:
        yield Mutation(root, "unknown", method, call.lineno)


def _is_dotted(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _is_in_place(node: ast.Call) -> bool:
    return any(
        each.arg == "inplace" and isinstance(each.value, ast.Constant) and each.value.value is True
        for each in node.keywords
    )
