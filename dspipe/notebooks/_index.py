"""Everything that is known about the statements of a notebook before one of them is chosen."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dspipe.notebooks._bindings import iter_bindings
from dspipe.notebooks._liftable import Known
from dspipe.notebooks._mutations import (
    Mutation,
    find_changed_parameters,
    find_mutations,
    iter_inner_changes,
)
from dspipe.notebooks._scopes import Facts, find_facts
from dspipe.notebooks._stars import list_names
from dspipe.notebooks._statements import Code, Statement

_RECORD_BASES = frozenset(
    ("BaseModel", "Enum", "Flag", "IntEnum", "IntFlag", "NamedTuple", "StrEnum", "TypedDict")
)


@dataclass(frozen=True, slots=True)
class Star:
    """One ``from module import *``; `names` is a sentence where they could not be listed."""

    index: int
    module: str
    names: frozenset[str] | str


class Index:
    """The statements of a notebook with what they bind, read and change.

    Parameters
    ----------
    code : Code
    folder : Path
        Where the notebook lies; star imports are looked up from there.
    """

    def __init__(self, code: Code, folder: Path) -> None:
        self.code = code
        self.statements = code.statements
        self._folder = folder
        defers = any(_is_future(each.node) for each in code.statements)
        self.facts: tuple[Facts, ...] = tuple(
            find_facts(each.node, defers_annotations=defers) for each in code.statements
        )
        self.bindings = self._list_bindings(is_used=True)
        self.left_out = self._list_bindings(is_used=False)

    def is_used(self, statement: Statement) -> bool:
        """Say whether a statement counts: not skipped, and not under ``if __name__ == ...``."""
        return statement.tag != "skip" and not is_main_block(statement.node)

    @cached_property
    def definitions(self) -> tuple[Statement, ...]:
        """The functions and classes that have a decorator or a base."""
        return tuple(
            each
            for each in self.statements
            if isinstance(each.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and (each.node.decorator_list or getattr(each.node, "bases", None))
            and self.is_used(each)
        )

    @cached_property
    def mutations(self) -> tuple[tuple[Mutation, ...], ...]:
        """What each statement changes."""
        changed = {
            name: find_changed_parameters(self.statements[place].node)
            for name, places in self.bindings.items()
            for place in places
            if self.facts[place].bindings[name] == "def"
        }
        return tuple(
            find_mutations(each.node, changed) if self.is_used(each) else ()
            for each in self.statements
        )

    @cached_property
    def writers(self) -> Mapping[str, frozenset[str]]:
        """Name the functions that change what a name of the notebook holds, by that name."""
        found: dict[str, frozenset[str]] = {}
        for each, facts in zip(self.statements, self.facts, strict=True):
            if not isinstance(each.node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            outside = {read.name for read in facts.reads if read.is_late}
            changed = outside & {change.name for change in iter_inner_changes(each.node)}
            for name in sorted(changed.union(facts.global_writes)):
                found[name] = found.get(name, frozenset()) | {each.node.name}
        return found

    @cached_property
    def known(self) -> Known:
        """What names stand for."""
        origins = {
            name: origin
            for each in self.statements
            if self.is_used(each)
            for name, origin in iter_origins(each.node)
        }
        records = {each.node.name for each in self.statements if _is_record(each.node)}  # type: ignore[attr-defined] # a class
        defined = frozenset(self.bindings) - frozenset(origins)
        return Known(origins, frozenset(records), defined)

    @cached_property
    def stars(self) -> tuple[Star, ...]:
        """The star imports, in the order of the document."""
        found = [
            (each.index, each.node.module)
            for each in self.statements
            if isinstance(each.node, ast.ImportFrom)
            and each.node.module
            and each.node.names[0].name == "*"
            and self.is_used(each)
        ]
        names = list_names([module for _, module in found], self._folder)
        return tuple(Star(at, module, _freeze(names[module])) for at, module in found)

    def find_aliases(self, name: str) -> frozenset[str]:
        """Find the names that stand for the same object, through plain ``b = a``."""
        found, todo = {name}, [name]
        while todo:
            current = todo.pop()
            for other in self._same.get(current, ()):
                if other not in found:
                    found.add(other)
                    todo.append(other)
        return frozenset(found)

    @cached_property
    def _same(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for each in self.statements:
            node = each.node
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        found[node.value.id] = (*found.get(node.value.id, ()), target.id)
        return found

    def _list_bindings(self, *, is_used: bool) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for statement, facts in zip(self.statements, self.facts, strict=True):
            if self.is_used(statement) == is_used:
                for name in facts.bindings:
                    found.setdefault(name, []).append(statement.index)
        return found


def iter_origins(node: ast.AST) -> Iterator[tuple[str, str]]:
    """List the names that imports in a statement bind, each with what it stands for."""
    for each in ast.walk(node):
        if isinstance(each, ast.Import):
            for alias in each.names:
                top = alias.name.partition(".")[0]
                yield alias.asname or top, alias.name if alias.asname else top
        elif isinstance(each, ast.ImportFrom):
            dots = "." * each.level
            for alias in each.names:
                yield alias.asname or alias.name, f"{dots}{each.module or ''}.{alias.name}"


def is_main_block(node: ast.stmt) -> bool:
    """Recognise ``if __name__ == "__main__":``."""
    return isinstance(node, ast.If) and ast.unparse(node.test).replace('"', "'") in {
        "__name__ == '__main__'",
        "'__main__' == __name__",
    }


def is_import_like(node: ast.stmt) -> bool:
    """Recognise an import, also one that is tried or for type checkers alone."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.If):
        return is_environment_test(node.test)
    return isinstance(node, ast.Try) and any(
        isinstance(each, ast.Import | ast.ImportFrom) for each in node.body
    )


def is_environment_test(test: ast.expr) -> bool:
    """Recognise a test of nothing but the interpreter."""
    text = ast.unparse(test)
    return text in {"TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING"} or text.startswith(
        ("sys.version_info", "sys.platform", "platform.system()", "os.name", "not TYPE_CHECKING")
    )


def list_bound(nodes: Iterable[ast.AST]) -> set[str]:
    """List the names that pieces of code bind."""
    return {name for node in nodes for name, _ in iter_bindings(node)}


def _is_record(node: ast.stmt) -> bool:
    if not isinstance(node, ast.ClassDef):
        return False
    bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
    decorators = " ".join(ast.unparse(each) for each in node.decorator_list)
    return bool(bases & _RECORD_BASES) or "dataclass" in decorators


def _is_future(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
    )


def _freeze(names: list[str] | str) -> frozenset[str] | str:
    return names if isinstance(names, str) else frozenset(names)
