"""Which statements a module may hold at its top, and what is said about the others."""

import ast
from dataclasses import dataclass

from dspipe.notebooks._index import is_environment_test, is_import_like
from dspipe.notebooks._liftable import Known, find_culprit, name_call
from dspipe.notebooks._scopes import Facts
from dspipe.notebooks._statements import Statement

_MOST_SHOWN = 60
_KEEP = "if it gives the same in every process, mark it with '# dspipe: keep'"
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Match)
_DEFERRED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a statement cannot be in a module."""

    code: str
    message: str
    fix: str
    line: int | None = None


def refuse_statement(statement: Statement, facts: Facts, known: Known, name: str) -> Refusal | None:
    """Say why a statement cannot be at the top of a module, or None when it can.

    Parameters
    ----------
    statement : Statement
    facts : Facts
    known : Known
    name : str
        The name that it is needed for.
    """
    if statement.magics:
        return _refuse_magic(statement, name)
    if statement.tag == "keep":
        return None
    if facts.dynamic:
        return _refuse_dynamic(facts, name)
    if _has_await(statement.node):
        return Refusal(
            "E_STATE",
            f"'{name}' needs 'await' at the top of a cell, which a module cannot do.",
            f"Put it into an async function, or compute '{name}' in a method.",
        )
    if "walrus" in facts.bindings.values() and not isinstance(statement.node, _LOOPS):
        return Refusal(
            "E_DYN",
            f"'{name}' is bound by ':=' in the middle of an expression.",
            f"Bind it with a statement of its own: {name} = ...",
        )
    return _refuse_kind(statement.node, known, name)


def shorten(node: ast.AST) -> str:
    """Write a piece of code on one line, cut where it is long."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 4]} ..."


def _refuse_magic(statement: Statement, name: str) -> Refusal:
    if isinstance(statement.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return Refusal(
            "E_MAGIC",
            f"'{name}' holds `{statement.magics[0]}`, which is IPython and not Python.",
            "Write it in Python, or move it out of the definition.",
        )
    return Refusal(
        "E_MAGIC",
        f"'{name}' comes from `{statement.magics[0]}`, which only IPython runs.",
        f"Bind '{name}' with a Python statement in a cell of its own.",
    )


def _refuse_dynamic(facts: Facts, name: str) -> Refusal:
    line, what = facts.dynamic[0]
    looked = f"{what}()" if what != "getattr" else "getattr(sys.modules[...])"
    return Refusal(
        "E_DYN",
        f"'{name}' uses {looked}, so the names that it needs cannot be seen.",
        "Name what it uses directly; if all it needs is in the module, mark it with "
        "'# dspipe: keep'.",
        line,
    )


def _refuse_kind(node: ast.stmt, known: Known, name: str) -> Refusal | None:
    if _is_definition(node):
        return None
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr):
        return _refuse_value(node.value, known, name) if node.value is not None else None
    if isinstance(node, ast.Delete):
        return _refuse_delete(node, name)
    if isinstance(node, ast.Try):
        return _refuse_try(node, known, name)
    return _refuse_block(node, name)


def _is_definition(node: ast.stmt) -> bool:
    if isinstance(node, ast.If):
        return is_environment_test(node.test)
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Pass)
    plain = (ast.Import, ast.ImportFrom, *definitions)
    return isinstance(node, plain) or type(node).__name__ == "TypeAlias"


def _refuse_block(node: ast.stmt, name: str) -> Refusal:
    if isinstance(node, _LOOPS):
        return _refuse_loop(node, name)
    if isinstance(node, ast.If):
        return Refusal(
            "E_DYN",
            f"'{name}' is bound under `if {shorten(node.test)}`, so it may have two meanings.",
            f"Bind it with one expression, {name} = A if ... else B, or {_KEEP}.",
        )
    return Refusal(
        "E_STATE",
        f"'{name}' depends on `{shorten(node)}`, which is no definition.",
        f"Write a definition, or {_KEEP}.",
    )


def _refuse_loop(node: ast.stmt, name: str) -> Refusal:
    kind = {"For": "for loop", "AsyncFor": "for loop", "While": "while loop", "Match": "match"}.get(
        type(node).__name__, "with block"
    )
    return Refusal(
        "E_LOOP",
        f"'{name}' is made by a {kind}, whose last value is the state of this kernel.",
        f"Use a comprehension, or a function that returns it; {_KEEP}.",
    )


def _refuse_delete(node: ast.Delete, name: str) -> Refusal | None:
    if any(isinstance(target, ast.Name) for target in node.targets):
        return Refusal(
            "E_DYN",
            f"'{name}' is deleted here, so whether it is there depends on what ran last.",
            "Remove the del, or mark it with '# dspipe: skip'.",
        )
    return None


def _refuse_try(node: ast.Try, known: Known, name: str) -> Refusal | None:
    """Allow an import that is tried, and falls back to a plain value."""
    parts = [
        *node.body,
        *node.orelse,
        *node.finalbody,
        *(each for handler in node.handlers for each in handler.body),
    ]
    caught = " ".join(ast.unparse(each.type) for each in node.handlers if each.type)
    is_import = is_import_like(node) and (
        "ImportError" in caught or "ModuleNotFoundError" in caught or not caught
    )
    if is_import:
        return next((found for each in parts if (found := _refuse_kind(each, known, name))), None)
    return Refusal(
        "E_DYN",
        f"'{name}' is bound in a try, so its value depends on what failed.",
        f"Bind it outside of the try, or {_KEEP}.",
    )


def _refuse_value(value: ast.expr, known: Known, name: str) -> Refusal | None:
    culprit = find_culprit(value, known)
    if culprit is None:
        return None
    source = _find_variable(culprit, known)
    computed = f"'{name}' is computed from '{source}'" if source else f"'{name}' is computed"
    fix = f"Write its value as a literal, or compute it in a method; {_KEEP}."
    if isinstance(culprit, ast.Call) and not source and not culprit.args:
        called = name_call(culprit, known)
        fix = f"If {called}() holds no data, mark the line with '# dspipe: keep'; else make it "
        fix += "in a method."
    return Refusal(
        "E_STATE",
        f"{computed} by `{shorten(culprit)}`, which may give something else in another process.",
        fix,
        getattr(culprit, "lineno", None),
    )


def _find_variable(culprit: ast.expr, known: Known) -> str | None:
    """Find the notebook's variable that a value is taken from."""
    for node in ast.walk(culprit):
        if isinstance(node, ast.Name) and node.id in known.defined:
            return node.id
    return None


def _has_await(node: ast.AST) -> bool:
    if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
        return True
    if isinstance(node, ast.comprehension) and node.is_async:
        return True
    return any(
        _has_await(child)
        for child in ast.iter_child_nodes(node)
        if not isinstance(child, _DEFERRED)
    )
