"""What a statement reads of the notebook's names, and when.

Names are followed by Python's rules of scope, over the syntax tree alone: the standard library's
symbol tables say other things on other versions of Python. A read is *late* when it happens in a
body that runs when it is called, and *soft* when the name may as well be one of the class itself.
"""

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dspipe.notebooks._bindings import find_declared, iter_bindings

_DYNAMIC = ("eval", "exec", "globals", "locals", "vars")
_IN_QUERY = re.compile(r"@([^\W\d]\w*)")
_COMPOUND = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try,
             ast.TryStar, ast.Match)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """One use of a name of the notebook.

    Attributes
    ----------
    dotted : str
        The name with the attributes taken from it, such as ``os.path.join``.
    line : int
        In its cell.
    where : str
        The function or class it is in, such as ``Churn.postprocess``; empty at the top.
    """

    name: str
    dotted: str
    line: int
    where: str
    is_late: bool
    is_soft: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What a statement binds and reads.

    Attributes
    ----------
    bindings : dict of str to str
        Names it binds at the top, and how.
    global_writes : tuple of str
        Names that functions in it bind with ``global``.
    dynamic : tuple of (int, str)
        Lines where names are looked up by their text.
    parameters : tuple of str
        All names of parameters, to find what a misspelt name was meant to be.
    """

    bindings: dict[str, str]
    reads: tuple[Read, ...]
    global_writes: tuple[str, ...] = ()
    dynamic: tuple[tuple[int, str], ...] = ()
    parameters: tuple[str, ...] = ()


@dataclass(slots=True)
class _Scope:
    kind: str
    parent: "_Scope | None" = None
    bound: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)
    where: str = ""
    is_late: bool = False


def find_facts(node: ast.stmt, *, defers_annotations: bool = False) -> Facts:
    """Find what a statement at the top of a module binds and reads.

    Examples
    --------
    >>> statement = ast.parse("def f(x=A): return B + x").body[0]
    >>> [(read.name, read.is_late) for read in find_facts(statement).reads]
    [('A', False), ('B', True)]
    """
    walker = _Walker(defers_annotations=defers_annotations)
    walker.visit(node)
    bindings: dict[str, str] = {}
    for name, how in iter_bindings(node):
        bindings.setdefault(name, how)
    reads = walker.reads
    if isinstance(node, _COMPOUND):
        reads = [read for read in reads if read.is_late or read.name not in bindings]
    return Facts(
        bindings,
        tuple(dict.fromkeys(reads)),
        tuple(dict.fromkeys(walker.global_writes)),
        tuple(walker.dynamic),
        tuple(dict.fromkeys(walker.parameters)),
    )


class _Walker(ast.NodeVisitor):
    def __init__(self, *, defers_annotations: bool) -> None:
        self.scope = _Scope("module")
        self.defers_annotations = defers_annotations
        self.reads: list[Read] = []
        self.global_writes: list[str] = []
        self.dynamic: list[tuple[int, str]] = []
        self.parameters: list[str] = []

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._read(node.id, node.id, node.lineno)
        elif self.scope.kind == "class":
            self.scope.bound.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        parts: list[str] = [node.attr]
        root: ast.expr = node.value
        while isinstance(root, ast.Attribute):
            parts.insert(0, root.attr)
            root = root.value
        if isinstance(root, ast.Name) and isinstance(root.ctx, ast.Load):
            self._read(root.id, ".".join([root.id, *parts]), root.lineno)
        else:
            self.visit(root)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._read(node.target.id, node.target.id, node.lineno)
        self.visit(node.value)
        self.visit(node.target)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)  # comes first: in a class, x = x reads the x outside
        for target in node.targets:
            self.visit(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._visit_annotation(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)
        elif not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if (name in _DYNAMIC and not (name == "vars" and node.args)) or _is_module_lookup(node):
            self.dynamic.append((node.lineno, name))
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"query", "eval"}:
            for found in _iter_query_names(node):
                self._read(found, found, node.lineno)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        with self._entered("type", node.name, _list_type_parameters(node)):
            self._visit_bounds(node)
            self._visit_arguments(node.args)
            if node.returns is not None:
                self._visit_annotation(node.returns)
        self._bind_in_class(node.name)
        with (
            self._entered("type", "", _list_type_parameters(node)),
            self._entered("function", node.name, _list_parameters(node.args)),
        ):
            self._declare(node.body)
            for statement in node.body:
                self.visit(statement)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_arguments(node.args)
        with self._entered("function", "", _list_parameters(node.args)):
            self.scope.bound |= {name for name, _ in iter_bindings(node.body)}
            self.visit(node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        with self._entered("type", "", _list_type_parameters(node)):
            self._visit_bounds(node)
            for part in [*node.bases, *node.keywords]:
                self.visit(part)
            with self._entered("class", node.name, set()):
                self.scope.globals = find_declared(node.body, ast.Global)
                for statement in node.body:
                    self._visit_in_class(statement)
        self._bind_in_class(node.name)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, _ in iter_bindings(node):
            self._bind_in_class(name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.visit_Import(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._bind_in_class(node.name or "")
        self.generic_visit(node)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._visit_comprehension(node, [node.elt])

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._visit_comprehension(node, [node.elt])

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._visit_comprehension(node, [node.elt])

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._visit_comprehension(node, [node.key, node.value])

    def _visit_comprehension(
        self,
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        parts: list[ast.expr],
    ) -> None:
        self.visit(node.generators[0].iter)
        bound = {name for each in node.generators for name, _ in iter_bindings(each.target)}
        kind = "generator" if isinstance(node, ast.GeneratorExp) else "comprehension"
        with self._entered(kind, "", bound):
            for at, generator in enumerate(node.generators):
                for part in [*([generator.iter] if at else []), *generator.ifs]:
                    self.visit(part)
            for part in parts:
                self.visit(part)

    def _visit_in_class(self, statement: ast.stmt) -> None:
        """Visit a statement of a class; what a branch of it binds may be unbound after it."""
        before = set(self.scope.bound)
        self.visit(statement)
        if isinstance(statement, _COMPOUND):
            self.scope.maybe |= self.scope.bound - before

    def _visit_arguments(self, arguments: ast.arguments) -> None:
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.visit(default)
        for each in _list_arguments(arguments):
            self.parameters.append(each.arg)
            if each.annotation is not None:
                self._visit_annotation(each.annotation)

    def _visit_annotation(self, annotation: ast.expr) -> None:
        before = len(self.reads)
        self.visit(annotation)
        if self.defers_annotations:
            self.reads[before:] = [_defer(read) for read in self.reads[before:]]
        for text in _iter_strings(annotation):
            for name in _iter_names(text):
                self._read(name, name, annotation.lineno, is_late=True, is_soft=True)

    def _visit_bounds(self, node: ast.AST) -> None:
        for parameter in getattr(node, "type_params", []):
            if getattr(parameter, "bound", None) is not None:
                self.visit(parameter.bound)

    def _declare(self, body: list[ast.stmt]) -> None:
        scope = self.scope
        scope.globals = find_declared(body, ast.Global)
        bound = {name for statement in body for name, _ in iter_bindings(statement)}
        self.global_writes.extend(sorted(bound & scope.globals))
        scope.bound |= bound - scope.globals - find_declared(body, ast.Nonlocal)

    def _bind_in_class(self, name: str) -> None:
        if self.scope.kind == "class":
            self.scope.bound.add(name)

    def _read(
        self, name: str, dotted: str, line: int, *, is_late: bool = False, is_soft: bool = False
    ) -> None:
        found = _look_up(self.scope, name)
        if found == "own" or name == "__class__":
            return
        late = is_late or self.scope.is_late
        self.reads.append(
            Read(name, dotted, line, self.scope.where, late, is_soft or found == "maybe")
        )

    @contextmanager
    def _entered(self, kind: str, name: str, bound: set[str]) -> Iterator[None]:
        parent = self.scope
        is_late = parent.is_late or kind in {"function", "generator"}
        where = ".".join(part for part in (parent.where, name) if part) if kind != "type" else ""
        self.scope = _Scope(kind, parent, set(bound), where=where or parent.where, is_late=is_late)
        try:
            yield
        finally:
            self.scope = parent


def _look_up(scope: _Scope, name: str) -> str:
    """Say whether a name is of a scope around it; a class is seen from its own body alone."""
    current: _Scope | None = scope
    while current is not None and current.kind != "module":
        if name in current.globals:
            return "global"
        if name in current.bound and (current.kind != "class" or _is_own_class(scope, current)):
            return "maybe" if name in current.maybe else "own"
        current = current.parent
    return "global"


def _is_own_class(scope: _Scope, found: _Scope) -> bool:
    while scope.kind == "type" and scope.parent is not None:
        scope = scope.parent
    return scope is found


def _list_arguments(arguments: ast.arguments) -> list[ast.arg]:
    stars = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *stars]


def _list_parameters(arguments: ast.arguments) -> set[str]:
    return {each.arg for each in _list_arguments(arguments)}


def _list_type_parameters(node: ast.AST) -> set[str]:
    return {parameter.name for parameter in getattr(node, "type_params", [])}


def _defer(read: Read) -> Read:
    return Read(read.name, read.dotted, read.line, read.where, is_late=True, is_soft=read.is_soft)


def _iter_strings(annotation: ast.expr) -> Iterator[str]:
    for node in ast.walk(annotation):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _iter_names(text: str) -> Iterator[str]:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return
    yield from (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _iter_query_names(node: ast.Call) -> Iterator[str]:
    """In the text of a query of pandas, ``@limit`` is the Python variable."""
    for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
        for text in _iter_strings(argument):
            yield from _IN_QUERY.findall(text)


def _is_module_lookup(node: ast.Call) -> bool:
    """Recognise ``getattr(sys.modules[...], ...)``."""
    is_getattr = isinstance(node.func, ast.Name) and node.func.id == "getattr"
    return is_getattr and "sys.modules" in ast.unparse(node.args[0] if node.args else node)
