"""Leave out of installed distributions what no running program needs.

Each rule names what it takes by exact names, because near names are needed: ``numpy.testing`` is
imported at run time where ``numpy/tests`` is not, and scipy needs ``numpy.f2py``. That the rest
still works is not believed but proven, by running the package.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from dspipe.package.distributions._elf import cut_symbols

RULES_VERSION = 1  # of slimming and compiling; part of the key of the cache

# Packages that are known to import nothing from their folders "tests".
_WITH_TESTS = (
    "adbc_driver_manager", "adbc_driver_postgresql", "cloudpickle", "dateutil", "duckdb", "joblib",
    "mpmath", "narwhals", "numpy", "onnxruntime", "pandas", "psycopg", "pyarrow", "pymysql",
    "scipy", "skops", "sklearn", "sqlalchemy", "sympy", "threadpoolctl",
)  # fmt: skip
_SUFFIXES = {
    **dict.fromkeys((".pyi",), "type stubs"),
    **dict.fromkeys((".pyx", ".pxd", ".pxi", ".tp"), "Cython sources"),
    **dict.fromkeys((".h", ".hpp", ".c", ".cc", ".cpp", ".cmake", ".f2cmap"), "C sources"),
    **dict.fromkeys((".a",), "static libraries"),
    **dict.fromkeys((".pyc",), "bytecode of another folder"),
}
_NAMES = {"meson.build": "C sources"}
_FOLDERS = (
    "bin", "include", "share", "numpy/_core/include", "numpy/_core/lib", "numpy/doc",
    "numpy/random/_examples", "numpy/_pyinstaller", "pyarrow/include", "pyarrow/includes",
    "pyarrow/src", "scipy/datasets", "sklearn/datasets/data", "sklearn/datasets/descr",
    "sklearn/datasets/images",
)  # fmt: skip
_KEPT_OF_METADATA = ("METADATA", "entry_points.txt", "top_level.txt")


def slim(folder: Path, *, strip: bool) -> dict[str, int]:
    """Remove what is not needed from a folder of installed distributions.

    Parameters
    ----------
    folder : Path
        Changed in place.
    strip : bool
        Cut the symbol tables of compiled libraries too.

    Returns
    -------
    dict of str to int
        Bytes removed, by reason; largest first.
    """
    removed: dict[str, int] = {}
    for path, reason in [*_iter_folders(folder), *_iter_files(folder)]:
        removed[reason] = removed.get(reason, 0) + _remove(path)
    if strip:
        n_bytes = sum(_strip(path) for path in sorted(folder.rglob("*.so*")) if path.is_file())
        removed["symbol tables"] = n_bytes
    _remove_empty(folder)
    return dict(sorted(removed.items(), key=lambda pair: -pair[1]))


def _iter_folders(folder: Path) -> Iterator[tuple[Path, str]]:
    for name in _FOLDERS:
        if (folder / name).is_dir():
            yield folder / name, "scripts, headers and sample data"
    for name in _WITH_TESTS:
        inner = {path for path in (folder / name).rglob("tests") if path.is_dir()}
        yield from ((path, "tests") for path in inner if not inner & {*path.parents})


def _iter_files(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*")):
        metadata = next((part for part in path.parts if part.endswith(".dist-info")), None)
        if not path.is_file():
            continue
        if metadata is not None:
            if path.parent.name != metadata or path.name not in _KEPT_OF_METADATA:
                yield path, "records of the installation"
        elif reason := _SUFFIXES.get(path.suffix) or _NAMES.get(path.name):
            yield path, reason


def _remove(path: Path) -> int:
    """Remove a file or folder, and say how many bytes it had."""
    if path.is_dir():
        n_bytes = sum(inner.stat().st_size for inner in path.rglob("*") if inner.is_file())
        shutil.rmtree(path)
        return n_bytes
    if not path.exists():  # it went with its folder
        return 0
    n_bytes = path.stat().st_size
    path.unlink()
    return n_bytes


def _strip(path: Path) -> int:
    before = path.read_bytes()
    after = cut_symbols(before)
    if len(after) < len(before):
        path.write_bytes(after)
    return len(before) - len(after)


def _remove_empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
