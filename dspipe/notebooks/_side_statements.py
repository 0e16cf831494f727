"""Statements that belong to a definition although nothing reads a name of theirs."""

import ast
from collections.abc import Iterator

from dspipe.notebooks._index import Index
from dspipe.notebooks._mutations import Mutation, find_root, iter_inner_changes

_IMMUTABLE = (ast.Constant, ast.JoinedStr, ast.Lambda)
_PLAIN_CALLS = frozenset(
    ("str", "int", "float", "bool", "bytes", "tuple", "frozenset", "re.compile", "Path",
     "pathlib.Path", "date", "timedelta", "datetime")
)  # fmt: skip


def iter_changes(
    index: Index, name: str, places: tuple[int, ...]
) -> Iterator[tuple[int, Mutation]]:
    """List what changes the object of a name, with the change; displays are no change.

    Parameters
    ----------
    index : Index
    name : str
    places : tuple of int
        The statements that define it.
    """
    aliases = index.find_aliases(name)
    is_definition = any(_is_definition(index, place) for place in places)
    is_plain = all(_is_plain(index, place) for place in places)
    for at, mutations in enumerate(index.mutations):
        for mutation in mutations:
            if mutation.name not in aliases or _binds(index, at, mutation.name):
                continue
            if is_definition and not _is_patch(mutation):
                continue
            if mutation.kind == "unknown" and is_plain:
                continue
            yield at, mutation


def iter_registrations(index: Index, name: str, places: tuple[int, ...]) -> Iterator[int]:
    """List definitions that enter themselves into what a name stands for."""
    registers = any(_registers(index, place) for place in places)
    gathers = any(_gathers_subclasses(index, place, name) for place in places)
    is_class = any(isinstance(index.statements[place].node, ast.ClassDef) for place in places)
    for statement in index.definitions:
        node = statement.node
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        if statement.index not in places and (
            any(_is_rooted(each, name, is_bare=registers) for each in decorators)
            or (is_class and _is_patched_in(node, name))
            or (gathers and _has_base(node, name))
        ):
            yield statement.index


def find_writers(index: Index, name: str) -> Iterator[int]:
    """List statements that run a function of the notebook which changes what the name holds."""
    writers = index.writers.get(name)
    if not writers:
        return
    for statement in index.statements:
        is_definition = isinstance(statement.node, ast.FunctionDef | ast.ClassDef)
        if is_definition or statement.tag == "keep" or not index.is_used(statement):
            continue
        if writers & set(_iter_called(statement.node)):
            yield statement.index


def _iter_called(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield node.func.id
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _iter_called(child)


def _is_definition(index: Index, place: int) -> bool:
    node = index.statements[place].node
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _is_plain(index: Index, place: int) -> bool:
    """Say whether no method can change a value: it is immutable, or of dspipe."""
    value = getattr(index.statements[place].node, "value", None)
    if isinstance(value, ast.Call):
        called = ast.unparse(value.func)
        root = called.partition(".")[0]
        origin = index.known.origins.get(root, root)
        return called in _PLAIN_CALLS or origin.startswith("dspipe")
    if isinstance(value, ast.Tuple):
        return all(isinstance(each, _IMMUTABLE) for each in value.elts)
    return isinstance(value, _IMMUTABLE)


def _is_patch(mutation: Mutation) -> bool:
    """Say whether a class or function is changed: an attribute is set, or something registered."""
    return mutation.kind == "attribute" or mutation.detail in {"register", "setattr"}


def _binds(index: Index, at: int, name: str) -> bool:
    return name in index.facts[at].bindings


def _is_rooted(decorator: ast.expr, name: str, *, is_bare: bool) -> bool:
    inner = decorator
    while isinstance(inner, ast.Call):
        inner = inner.func
    if isinstance(inner, ast.Name):
        return is_bare and inner.id == name
    while isinstance(inner, ast.Attribute | ast.Call):
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    return find_root(inner) == name


def _registers(index: Index, place: int) -> bool:
    """Say whether a decorator keeps what it decorates in a variable of the notebook."""
    node = index.statements[place].node
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        return False
    outside = {read.name for read in index.facts[place].reads if read.is_late}
    return bool(outside & {found.name for found in iter_inner_changes(node)})


def _is_patched_in(node: ast.stmt, name: str) -> bool:
    """Recognise ``@patch def method(self: Class)``."""
    if not isinstance(node, ast.FunctionDef):
        return False
    names = {ast.unparse(each).partition("(")[0].rpartition(".")[2] for each in node.decorator_list}
    first = [*node.args.posonlyargs, *node.args.args][:1]
    annotation = first[0].annotation if first else None
    return (
        bool(names & {"patch", "patch_to"})
        and annotation is not None
        and (name in ast.unparse(annotation).replace("'", "").split(" | "))
    )


def _gathers_subclasses(index: Index, place: int, name: str) -> bool:
    """Say whether a class learns of its subclasses, so that they matter without being named."""
    node = index.statements[place].node
    if not isinstance(node, ast.ClassDef):
        return False
    has_hook = any(
        isinstance(each, ast.FunctionDef) and each.name == "__init_subclass__" for each in node.body
    )
    has_metaclass = any(keyword.arg == "metaclass" for keyword in node.keywords)
    asked = any(
        read.dotted.startswith(f"{name}.__subclasses__")
        for facts in index.facts
        for read in facts.reads
    )
    return has_hook or has_metaclass or asked or "__subclasses__" in ast.unparse(node)


def _has_base(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.ClassDef) and any(ast.unparse(base) == name for base in node.bases)
