"""Choose the files of the repository that go into a package.

These are the modules that the pipeline imports, the files that it opened while it ran here, SQL
beside its modules, the model's folder, and what the settings add. Hidden files and databases never
go: the first may hold secrets, the second belong where the function can reach them.
"""

from collections.abc import Iterator
from pathlib import Path

from dspipe._text import quote_some
from dspipe.errors import PackageError
from dspipe.package._records import BuildSettings
from dspipe.package.repository._imports import find_imports
from dspipe.package.repository._place import Place
from dspipe.package.repository._sample_run import SampleRun

_DATABASES = (".db", ".duckdb", ".sqlite", ".sqlite3", ".wal")
_NOT_SHIPPED = (*_DATABASES, ".ipynb", ".pyc", ".pyo")
_FOLDERS = ("__pycache__", "build", "dist", "node_modules")


def collect_code(settings: BuildSettings, place: Place, run: SampleRun) -> dict[str, Path]:
    """Choose files by their name in the package.

    Raises
    ------
    PackageError
        If a pattern of `include` matches nothing, or two files would have one name.
    """
    modules = {path for path in run.modules if _is_ours(path, place.root)}
    modules = find_imports(modules, place.import_root)
    chosen = {*modules, *_iter_sql(modules, place.root), *_iter_model(run, place.root)}
    chosen |= {path for path in run.opened if path.is_file() and _is_ours(path, place.root)}
    chosen |= set(_iter_included(settings, place.root))
    # What ships of the settings is written anew; a lock is no part of the code.
    chosen -= {place.root / "pyproject.toml", settings.lock_file.resolve()}
    files: dict[str, Path] = {}
    for path in sorted(chosen):
        other = files.setdefault(place.name_of(path), path)
        if other != path:
            raise PackageError(
                f"{other} and {path} would both be '{place.name_of(path)}' in the package. "
                "Rename one of them."
            )
    return files


def _is_ours(path: Path, root: Path) -> bool:
    if not path.is_relative_to(root) or path.suffix in _NOT_SHIPPED:
        return False
    parts = path.relative_to(root).parts
    return not any(part.startswith(".") or part in _FOLDERS for part in parts)


def _iter_sql(modules: set[Path], root: Path) -> Iterator[Path]:
    """Give the SQL files beside modules: which one is read may depend on the arguments."""
    for folder in {path.parent for path in modules}:
        yield from (path for path in folder.rglob("*.sql") if _is_ours(path, root))


def _iter_model(run: SampleRun, root: Path) -> Iterator[Path]:
    if run.model_folder is not None:
        inside = (path for path in run.model_folder.rglob("*") if path.is_file())
        yield from (path for path in inside if _is_ours(path, root))


def _iter_included(settings: BuildSettings, root: Path) -> Iterator[Path]:
    empty = []
    for pattern in settings.include:
        found = [path for path in sorted(root.glob(pattern)) if path.is_file()]
        if not found:
            empty.append(pattern)
        yield from found
    if empty:
        raise PackageError(
            f"The setting 'include' matches no file in {root} with {quote_some(empty)}. Correct "
            "the pattern, or remove it."
        )
