"""Which distributions a module needs, in the versions that are installed here.

Only what the module imports is asked for, in bodies of functions too, and only what is installed is
looked at: no index is asked, so no stranger's package of the same name comes in.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import Distribution, distribution, packages_distributions
from pathlib import Path

from dspipe._text import quote_some
from dspipe.notebooks._problems import Problem, make_error

_CORE = ("pandas", "pydantic", "sqlalchemy")


@dataclass(slots=True)
class _Needed:
    """What the imports of a module come to."""

    modules: dict[str, bool] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def write_requirements(text: str, folder: Path, *, name: str) -> str:
    """Write the requirements of a module, each pinned to the version that is installed.

    Parameters
    ----------
    text : str
        The module.
    folder : Path
        Where it lies: modules beside it ship with it, and what they import counts too.
    name : str
        How messages call it.

    Returns
    -------
    str
        One requirement a line, by name; what dspipe itself needs is among them.

    Raises
    ------
    NotebookError
        If a module is not installed, belongs to two distributions, or to a folder of this machine.
    """
    needed = _Needed()
    _collect(text, folder, needed, seen=set())
    owners = packages_distributions()
    for module, is_optional in needed.modules.items():
        _add(module, needed, owners, is_optional=is_optional)
    for core in _CORE:
        _pin(distribution(core), core, needed)
    if needed.problems:
        raise make_error(name, needed.problems)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    lines = [f"# Written by dspipe from {name}, for Python {version}."]
    lines += [needed.lines[key] for key in sorted(needed.lines)]
    lines += [f"# {module}: optional, and not installed here" for module in needed.absent]
    return "\n".join(lines) + "\n"


def _collect(text: str, folder: Path, needed: _Needed, *, seen: set[str]) -> None:
    """Collect what a module imports, through the modules beside it."""
    for module, is_optional in _iter_imports(ast.parse(text)):
        top = module.partition(".")[0]
        beside = next(
            (file for file in (folder / f"{top}.py", folder / top / "__init__.py")
             if file.is_file()), None
        )  # fmt: skip
        if top in sys.stdlib_module_names or top == "dspipe":
            continue
        if beside is None:
            needed.modules[module] = needed.modules.get(module, True) and is_optional
        elif top not in seen:
            seen.add(top)
            files = [beside] if beside.stem == top else sorted(beside.parent.rglob("*.py"))
            for file in files:
                _collect(file.read_text(encoding="utf-8"), folder, needed, seen=seen)


def _iter_imports(tree: ast.AST, *, is_optional: bool = False) -> Iterator[tuple[str, bool]]:
    if isinstance(tree, ast.Import):
        yield from ((alias.name, is_optional) for alias in tree.names)
    elif isinstance(tree, ast.ImportFrom) and tree.module and not tree.level:
        yield from ((f"{tree.module}.{alias.name}", is_optional) for alias in tree.names)
    elif isinstance(tree, ast.Try):
        caught = " ".join(ast.unparse(each.type) for each in tree.handlers if each.type)
        is_tried = "ImportError" in caught or "ModuleNotFoundError" in caught
        for child in tree.body:
            yield from _iter_imports(child, is_optional=is_optional or is_tried)
        for part in (*tree.handlers, *tree.orelse, *tree.finalbody):
            yield from _iter_imports(part, is_optional=is_optional)
    elif not (isinstance(tree, ast.If) and "TYPE_CHECKING" in ast.unparse(tree.test)):
        for each in ast.iter_child_nodes(tree):
            yield from _iter_imports(each, is_optional=is_optional)


def _add(
    module: str, needed: _Needed, owners: Mapping[str, list[str]], *, is_optional: bool
) -> None:
    top = module.partition(".")[0]
    names = list(dict.fromkeys(owners.get(top, [])))
    found = names if len(names) < 2 else _find_closest(module, names)  # noqa: PLR2004 - a choice
    if len(found) == 1:
        _pin(distribution(found[0]), module, needed)
    elif found:
        needed.problems.append(
            Problem(
                "E_OWNERS",
                f"'{top}' belongs to {len(found)} distributions that are installed: "
                f"{quote_some(sorted(found))}.",
                "Uninstall all but one.",
                name=top,
            )
        )
    elif is_optional:
        needed.absent = list(dict.fromkeys([*needed.absent, top]))
    else:
        needed.problems.append(
            Problem(
                "E_MISSING",
                f"'{top}' belongs to no distribution that is installed here, and lies not beside "
                "the module.",
                f"Install it, or put {top}.py beside the notebook: it ships with it.",
                name=top,
            )
        )


def _find_closest(module: str, names: list[str]) -> list[str]:
    """Find the owners of the longest part of a module's path, for packages of many owners."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        path = "/".join(parts[:length])
        wanted = re.compile(rf"{re.escape(path)}(/__init__\.py|\.py|\.[\w.-]*(so|pyd))$")
        found = [
            name
            for name in names
            if any(wanted.match(file.as_posix()) for file in distribution(name).files or [])
        ]
        if found:
            return found
    return names


def _pin(owner: Distribution, module: str, needed: _Needed) -> None:
    name, version = owner.metadata["Name"], owner.version
    key = re.sub(r"[-_.]+", "-", name).lower()
    url = json.loads(owner.read_text("direct_url.json") or "{}")
    public, plus, _ = version.partition("+")
    if "dir_info" in url:
        needed.problems.append(
            Problem(
                "E_FOLDER",
                f"'{module}' is of {name}, which is installed from a folder of this machine.",
                "Install a released version, or one from its repository: pip install "
                f"'{name} @ git+https://...'",
                name=module.partition(".")[0],
            )
        )
    elif "vcs_info" in url:
        vcs = url["vcs_info"]
        needed.lines[key] = f"{key} @ {vcs['vcs']}+{url['url']}@{vcs['commit_id']}"
    elif "archive_info" in url and not str(url["url"]).startswith("file:"):
        needed.lines[key] = f"{key} @ {url['url']}"
    else:
        hint = f"  # {version} here: name the index that has it" if plus else ""
        needed.lines[key] = f"{key}=={public}{hint}"
