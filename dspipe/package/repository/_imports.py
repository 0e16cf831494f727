"""Which modules of the repository a module may import, by its text: also those inside functions."""

import ast
from collections.abc import Iterator
from pathlib import Path


def find_imports(files: set[Path], import_root: Path) -> set[Path]:
    """Follow the import statements of files to all files below a folder that they lead to.

    Parameters
    ----------
    files : set of Path
        Python files.
    import_root : Path
        The folder that imports start from.

    Returns
    -------
    set of Path
        The files and all that they may import.
    """
    found: set[Path] = set()
    left = {file for file in files if file.is_relative_to(import_root)}
    while left:
        file = left.pop()
        found.add(file)
        names = _iter_names(file, import_root)
        left |= {path for name in names for path in _iter_files(name, import_root)} - found
    return found | files


def _iter_names(file: Path, import_root: Path) -> Iterator[tuple[str, ...]]:
    package = file.relative_to(import_root).parent.parts
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (tuple(name.name.split(".")) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            base = (*start, *(node.module.split(".") if node.module else ()))
            yield base
            # A name that is imported may be a module itself.
            yield from ((*base, name.name) for name in node.names)


def _iter_files(name: tuple[str, ...], import_root: Path) -> Iterator[Path]:
    """Give the file of a module and those of the packages around it."""
    for depth in range(1, len(name) + 1):
        stem = import_root.joinpath(*name[:depth])
        for file in (stem.with_suffix(".py"), stem / "__init__.py"):
            if file.is_file():
                yield file
