"""Choose the statements that a pipeline needs, from its class through all that they reach."""

import ast
from collections import deque
from dataclasses import dataclass, field

from dspipe._text import quote_some
from dspipe.notebooks._definitions import find_definitions
from dspipe.notebooks._index import Index, is_main_block
from dspipe.notebooks._lookups import BUILTINS, MODULE_NAMES, explain_unbound
from dspipe.notebooks._mutations import Mutation
from dspipe.notebooks._problems import Problem
from dspipe.notebooks._refusals import Refusal, refuse_statement, shorten
from dspipe.notebooks._scopes import Read
from dspipe.notebooks._side_statements import find_writers, iter_changes, iter_registrations
from dspipe.notebooks._statements import Statement


@dataclass(frozen=True, slots=True)
class Need:
    """Why a statement is kept: which statement needs it, for which name."""

    name: str
    by: int | None = None
    read: Read | None = None


@dataclass(slots=True)
class Slice:
    """The statements to keep, and why others that are needed cannot be.

    Attributes
    ----------
    kept : dict of int to Need
    used : dict of int to set of str
        Dotted names that are read of what a kept import binds.
    stars : dict of int to set of str
        Names that are read of a star import.
    problems : list of Problem
    """

    kept: dict[int, Need] = field(default_factory=dict)
    used: dict[int, set[str]] = field(default_factory=dict)
    stars: dict[int, set[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def make_slice(
    index: Index,
    target: int,
    class_name: str,
    extra: tuple[int, ...] = (),
    roots: tuple[str, ...] = (),
) -> Slice:
    """Choose what a class needs.

    Parameters
    ----------
    index : Index
    target : int
        The statement that defines the class.
    class_name : str
    extra : tuple of int
        Statements to keep besides.
    roots : tuple of str
        Names to keep besides, with all that they need.
    """
    slicer = _Slicer(index)
    slicer.keep(target, Need(class_name))
    for name in (class_name, *roots):
        slicer.define(name, Need(name), None)
    for statement in index.statements:
        is_asked = statement.tag == "keep" and not is_main_block(statement.node)
        if is_asked or statement.index in extra:
            slicer.keep(statement.index, Need(_name(statement)))
    slicer.finish()
    return slicer.slice


class _Slicer:
    def __init__(self, index: Index) -> None:
        self.index = index
        self.slice = Slice()
        self._todo: deque[int] = deque()
        self._named: set[str] = set()
        self._told: set[tuple[str, str]] = set()
        self._registered: set[int] = set()
        self._behind_stars: dict[str, Need] = {}

    def keep(self, place: int, need: Need) -> None:
        if place not in self.slice.kept:
            self.slice.kept[place] = need
            self._todo.append(place)

    def finish(self) -> None:
        while self._todo:
            place = self._todo.popleft()
            statement, facts = self.index.statements[place], self.index.facts[place]
            need = self.slice.kept[place]
            refusal = refuse_statement(statement, facts, self.index.known, need.name)
            if refusal is not None:
                self._tell(refusal, statement, need)
                continue
            if isinstance(statement.node, ast.Import | ast.ImportFrom):
                if statement.tag == "keep":
                    self.slice.used.setdefault(place, set()).update(facts.bindings)
                continue
            for read in facts.reads:
                self._resolve(read, place)
            if place not in self._registered:  # such as many functions that are all called _
                for name in facts.bindings:
                    self.define(name, need, place)
        self._tell_stars()
        self.slice.problems.sort(key=lambda each: (each.cell or 0, each.line or 0, each.code))

    def define(self, name: str, need: Need, by: int | None) -> None:
        """Keep all that gives a name its meaning, once."""
        if name in self._named or name not in self.index.bindings:
            return
        self._named.add(name)
        places = self._find_places(name, need)
        for place in places:
            self.keep(place, Need(name, by if by is not None else need.by, need.read))
        if self._is_imported(places):
            return
        for place in iter_registrations(self.index, name, places):
            self._registered.add(place)
            self.keep(place, Need(_name(self.index.statements[place]), places[0]))
        for place, change in iter_changes(self.index, name, places):
            self._keep_change(place, change, name, places[0])
        for place in find_writers(self.index, name):
            self._tell_writer(place, name, Need(name, places[0]))

    def _resolve(self, read: Read, place: int) -> None:
        name = read.name
        if name in self.index.bindings:
            self._use(read, place)
            return
        if read.is_soft or name in MODULE_NAMES or self._is_written(name):
            return
        if self._take_star(read, place, last=len(self.index.statements)):
            return
        if any(isinstance(star.names, str) for star in self.index.stars):
            self._behind_stars.setdefault(name, Need(name, place, read))
            return
        if name in BUILTINS:
            return
        unbound = explain_unbound(self.index, read, self.index.facts[place].parameters)
        self._tell(
            Refusal(unbound.code, unbound.message, unbound.fix, read.line),
            self.index.statements[place],
            self.slice.kept[place],
            read,
        )

    def _use(self, read: Read, place: int) -> None:
        need = Need(read.name, place, read)
        self.define(read.name, need, place)
        bound = self.index.bindings[read.name]
        if self._is_too_early(read, place, bound[0]):
            self._tell_order(read, place, bound[0])
        for each in bound:
            if isinstance(self.index.statements[each].node, ast.Import | ast.ImportFrom):
                self.slice.used.setdefault(each, set()).add(read.dotted)
        self._check_later_star(read, bound[-1], need)

    def _is_too_early(self, read: Read, place: int, first: int) -> bool:
        """Say whether a name is read before the notebook binds it, and is no builtin either."""
        if read.is_late or read.is_soft or first < place:
            return False
        return not self._take_star(read, place, last=place) and read.name not in BUILTINS

    def _find_places(self, name: str, need: Need) -> tuple[int, ...]:
        found = find_definitions(self.index, name)
        if not found.conflict:
            return found.places
        statements = [self.index.statements[place] for place in found.conflict]
        code = "E_REDEF"
        kinds = [self.index.facts[place].bindings[name] for place in found.conflict]
        where = "; ".join(f"cell {each.cell.number}, line {each.line}" for each in statements)
        message = f"'{name}' has {len(statements)} meanings ({where}), and a kernel has the one "
        message += "that ran last."
        fix = "Keep one, rename the others, or mark the old ones with '# dspipe: skip'."
        if "del" in kinds:
            code, message = "E_DYN", f"'{name}' is bound and deleted again ({where})."
            fix = "Remove the del, or mark it with '# dspipe: skip'."
        self._tell(Refusal(code, message, fix), statements[-1], need)
        return found.conflict[:1]

    def _is_imported(self, places: tuple[int, ...]) -> bool:
        nodes = [self.index.statements[place].node for place in places]
        return all(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes)

    def _keep_change(self, place: int, change: Mutation, name: str, by: int) -> None:
        statement = self.index.statements[place]
        need = Need(name, by)
        if change.kind == "unknown" and change.detail != "register" and statement.tag != "keep":
            self._tell(
                Refusal(
                    "E_STATE",
                    f"'{name}' may be changed by `{shorten(statement.node)}`.",
                    "Move it into a method, mark it with '# dspipe: keep' to ship it, or with "
                    "'# dspipe: skip' when it changes nothing.",
                    change.line,
                ),
                statement,
                need,
            )
            return
        refusal = refuse_statement(statement, self.index.facts[place], self.index.known, name)
        is_patch = change.kind == "attribute" and self.index.facts[by].bindings.get(name) in {
            "class", "def"
        }  # fmt: skip
        if refusal is not None and refusal.code == "E_STATE":
            refusal = _explain_change(refusal, statement, name, is_patch=is_patch)
        if refusal is not None and place not in self.slice.kept:
            self._tell(refusal, statement, need)
            return
        self.keep(place, need)

    def _is_written(self, name: str) -> bool:
        """Say whether a kept function makes the name with ``global`` before it is read."""
        return any(name in self.index.facts[place].global_writes for place in self.slice.kept)

    def _take_star(self, read: Read, place: int, *, last: int) -> bool:
        for star in reversed(self.index.stars):
            if star.index < last and not isinstance(star.names, str) and read.name in star.names:
                self.slice.stars.setdefault(star.index, set()).add(read.name)
                self.keep(star.index, Need(read.name, place, read))
                return True
        return False

    def _check_later_star(self, read: Read, bound: int, need: Need) -> None:
        for star in self.index.stars:
            if star.index > bound and not isinstance(star.names, str) and read.name in star.names:
                own, brings = (self.index.statements[each] for each in (bound, star.index))
                self._tell(
                    Refusal(
                        "E_REDEF",
                        f"'{read.name}' is bound in cell {own.cell.number}, line {own.line}, and "
                        f"again by `from {star.module} import *`.",
                        "Import by name what is used of that module.",
                    ),
                    brings,
                    need,
                )

    def _tell_stars(self) -> None:
        """Name the star imports whose names are not known, with what may come from them."""
        if not self._behind_stars:
            return
        names = list(self._behind_stars)
        shown = sorted(names, key=lambda name: (name in BUILTINS, names.index(name)))
        for star in self.index.stars:
            if isinstance(star.names, str):
                self._tell(
                    Refusal(
                        "E_STAR",
                        f"{star.module} cannot be imported here ({star.names}), so what "
                        f"`from {star.module} import *` binds is not known. It may be: "
                        f"{quote_some(shown)}.",
                        "Import what is used by name, such as: "
                        f"from {star.module} import {shown[0]}",
                    ),
                    self.index.statements[star.index],
                    self._behind_stars[shown[0]],
                )

    def _tell_order(self, read: Read, place: int, later: int) -> None:
        there = self.index.statements[later]
        self._tell(
            Refusal(
                "E_ORDER",
                f"'{read.name}' is read here, and bound only later: cell {there.cell.number}, "
                f"line {there.line}.",
                "Move the cell that binds it above this one.",
                read.line,
            ),
            self.index.statements[place],
            self.slice.kept[place],
        )

    def _tell_writer(self, place: int, name: str, need: Need) -> None:
        statement = self.index.statements[place]
        self._tell(
            Refusal(
                "E_STATE",
                f"'{name}' is changed by a function that `{shorten(statement.node)}` calls.",
                "Return the value instead; mark the call with '# dspipe: keep' to ship it, or with "
                "'# dspipe: skip' when the pipeline does not depend on it.",
            ),
            statement,
            need,
        )

    def _tell(
        self, refusal: Refusal, statement: Statement, need: Need, read: Read | None = None
    ) -> None:
        if (refusal.code, refusal.message) in self._told:
            return
        self._told.add((refusal.code, refusal.message))
        line = refusal.line or statement.line
        lines = statement.cell.source.split("\n")
        own = Need(need.name, statement.index, read) if read is not None else need
        self.slice.problems.append(
            Problem(
                refusal.code,
                refusal.message,
                refusal.fix,
                statement.cell.number,
                line,
                statement.cell.execution_count,
                read.name if read is not None else need.name,
                lines[line - 1] if line <= len(lines) else None,
                self._draw_chain(own),
            )
        )

    def _draw_chain(self, need: Need) -> tuple[str, ...]:
        """Say who needs a name, from the pipeline on."""
        chain: list[str] = []
        seen: set[int] = set()
        while need.by is not None and need.by not in seen:
            seen.add(need.by)
            by = self.index.statements[need.by]
            where = (need.read.where if need.read else "") or _name(by)
            line = need.read.line if need.read else by.line
            chain.insert(0, f"{where} (cell {by.cell.number}, line {line})")
            need = self.slice.kept.get(need.by, Need(""))
        return tuple(chain)


def _explain_change(
    refusal: Refusal, statement: Statement, name: str, *, is_patch: bool
) -> Refusal:
    code = "E_PATCH" if is_patch else "E_STATE"
    return Refusal(
        code,
        f"'{name}' is changed by `{shorten(statement.node)}`, with what a module cannot compute.",
        refusal.fix,
        refusal.line,
    )


def _name(statement: Statement) -> str:
    """Name a statement by what it defines, or by how it begins."""
    name = getattr(statement.node, "name", None)
    if isinstance(name, str):
        return name
    targets = getattr(statement.node, "targets", None) or [getattr(statement.node, "target", None)]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return quote_some(names).replace("'", "") if names else shorten(statement.node)
