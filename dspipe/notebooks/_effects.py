"""Statements that are run for their effect: imports that change a library, settings, paths."""

import ast
import re
from collections.abc import Iterator

from dspipe.notebooks._index import Index, iter_origins
from dspipe.notebooks._liftable import name_call
from dspipe.notebooks._slice import Slice
from dspipe.notebooks._statements import Statement

_EFFECT_IMPORTS = ("sklearn.experimental", "tensorflow_text", "swifter", "janitor", "pandas_flavor",
                   "duckdb_engine", "sklearnex", "geoalchemy2", "hvplot.pandas")  # fmt: skip
_OF_LIBRARY = {"swifter": "pandas", "janitor": "pandas", "tensorflow_text": "tensorflow",
               "duckdb_engine": "sqlalchemy", "geoalchemy2": "sqlalchemy"}  # fmt: skip
_SETTINGS = re.compile(
    r"(numpy\.random\.seed|random\.seed|numpy\.seterr|pandas\.set_option|pandas\.options\..*"
    r"|sklearn\.set_config|torch\.(set_default_dtype|manual_seed|set_num_threads)|os\.environ.*"
    r"|sys\.path\..*|tqdm\.pandas|tqdm\..*\.pandas|.*patch_sklearn|decimal\.getcontext.*"
    r"|locale\.setlocale|polars\.Config\..*|tensorflow\.random\.set_seed)$"
)
_SILENT = re.compile(r"pandas\.(set_option|options)[.(]['\"]?(display|plotting|io)")
_NO_QA = re.compile(r"#\s*noqa(?!:)|#\s*noqa:.*F401")


def find_effect_imports(index: Index, chosen: Slice) -> tuple[int, ...]:
    """Find imports that nothing reads and that change a library of the slice."""
    tops = _list_tops(index, chosen)
    read = {read.name for facts in index.facts for read in facts.reads}
    return tuple(
        statement.index
        for statement in index.statements
        if isinstance(statement.node, ast.Import | ast.ImportFrom)
        and index.is_used(statement)
        and _is_effect(statement, tops, read)
    )


def iter_dropped_settings(index: Index, chosen: Slice) -> Iterator[tuple[Statement, str]]:
    """List settings of libraries of the slice that the module does not make."""
    tops = _list_tops(index, chosen) | {"os", "sys", "random"}
    for statement in index.statements:
        if statement.index in chosen.kept or not index.is_used(statement):
            continue
        setting = _read_setting(index, statement.node)
        is_silent = _SILENT.match(_resolve(index, ast.unparse(statement.node)))
        if setting and setting.partition(".")[0] in tops and not is_silent:
            yield statement, setting


def list_modules(index: Index, chosen: Slice) -> set[str]:
    """List the modules that the slice imports, by their full names."""
    return {
        origin
        for place in chosen.kept
        for name, origin in iter_origins(index.statements[place].node)
        if _is_read(index, chosen, place, name)
    }


def _is_read(index: Index, chosen: Slice, place: int, name: str) -> bool:
    if not isinstance(index.statements[place].node, ast.Import | ast.ImportFrom):
        return True
    used = chosen.used.get(place, set())
    return name == "*" or any(dotted.partition(".")[0] == name for dotted in used)


def _list_tops(index: Index, chosen: Slice) -> set[str]:
    return {origin.partition(".")[0] for origin in list_modules(index, chosen)}


def _is_effect(statement: Statement, tops: set[str], read: set[str]) -> bool:
    for name, origin in iter_origins(statement.node):
        for module in _EFFECT_IMPORTS:
            library = _OF_LIBRARY.get(module, module.partition(".")[0])
            if f"{origin}.".startswith(f"{module}.") and library in tops:
                return True
        if name not in read and _NO_QA.search(statement.text):
            return True
    return False


def _read_setting(index: Index, node: ast.stmt) -> str | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        name = name_call(node.value, index.known)
        return name if _SETTINGS.match(name) else None
    if isinstance(node, ast.Assign):
        name = _resolve(index, ast.unparse(node.targets[0]))
        return name.partition("[")[0] if _SETTINGS.match(name) else None
    return None


def _resolve(index: Index, text: str) -> str:
    root, dot, rest = text.partition(".")
    return f"{index.known.origins.get(root, root)}{dot}{rest}"
