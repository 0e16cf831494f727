"""What a module imports: in bodies of functions too, and in the modules beside it."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path


def collect_imports(text: str, folder: Path) -> dict[str, bool]:
    """Collect the imports of a module that are neither of the standard library nor of dspipe.

    Parameters
    ----------
    text : str
        The module.
    folder : Path
        Where it lies: modules beside it ship with it, and what they import counts too.

    Returns
    -------
    dict of str to bool
        By full name, whether it is optional: tried, and done without where it is absent.
    """
    found: dict[str, bool] = {}
    _collect(text, folder, found, seen=set())
    return found


def _collect(text: str, folder: Path, found: dict[str, bool], *, seen: set[str]) -> None:
    for module, is_optional in _iter_imports(ast.parse(text)):
        top = module.partition(".")[0]
        beside = next(
            (file for file in (folder / f"{top}.py", folder / top / "__init__.py")
             if file.is_file()), None
        )  # fmt: skip
        if top in sys.stdlib_module_names or top == "dspipe":
            continue
        if beside is None:
            found[module] = found.get(module, True) and is_optional
        elif top not in seen:
            seen.add(top)
            files = [beside] if beside.stem == top else sorted(beside.parent.rglob("*.py"))
            for file in files:
                _collect(file.read_text(encoding="utf-8"), folder, found, seen=seen)


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
