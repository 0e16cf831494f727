"""Slimming: what goes, what stays, and libraries that still load."""

import ctypes
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe.package.distributions._elf import cut_symbols
from dspipe.package.distributions._slim import slim


def fill(folder: Path, names: list[str]) -> None:
    """Write files of ten bytes."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"0123456789")


def list_files(folder: Path) -> set[str]:
    """List the files that are left."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_slim_keeps_what_programs_import(tmp_path: Path) -> None:
    """Near names of what goes are needed at run time."""
    kept = [
        "numpy/testing/__init__.py", "numpy/f2py/__init__.py", "pandas/_testing/__init__.py",
        "sklearn/utils/_testing.py", "pandas/io/formats/templates/html.tpl", "unknown/tests/a.py",
        "pandas-3.1.1.dist-info/METADATA", "x-1.dist-info/entry_points.txt", "scipy/stats/x.npz",
    ]  # fmt: skip
    fill(tmp_path, kept)

    assert slim(tmp_path, strip=True) == {"symbol tables": 0}
    assert list_files(tmp_path) == set(kept)


def test_slim_removes_and_counts_by_reason(tmp_path: Path) -> None:
    """Every byte that went is accounted for."""
    fill(
        tmp_path,
        [
            *("numpy/core.py", "numpy/tests/a.py", "numpy/lib/tests/b.py"),
            *("numpy/lib/tests/tests/c.py", "numpy/a.pyi", "scipy/b.pyx", "scipy/c.h", "numpy/d.a"),
            *("bin/tool", "share/man/x.1", "numpy/_core/include/x.h"),
            *("x-1.dist-info/RECORD", "x-1.dist-info/licenses/LICENSE"),
            "numpy/__pycache__/core.cpython-311.pyc",
        ],
    )

    removed = slim(tmp_path, strip=False)

    assert removed == {
        "tests": 30,
        "scripts, headers and sample data": 30,
        "records of the installation": 20,
        "bytecode of another folder": 10,
        "static libraries": 10,
        "type stubs": 10,
        "Cython sources": 10,
        "C sources": 10,
    }
    assert list_files(tmp_path) == {"numpy/core.py"}
    assert [path.name for path in tmp_path.iterdir()] == ["numpy"]


def find_library() -> Path:
    """Find a compiled library that some package brought."""
    site = Path(sysconfig.get_path("platlib"))
    return next(path for path in sorted(site.glob("numpy/_core/_multiarray_umath*.so")))


def test_library_loads_without_its_symbol_tables(tmp_path: Path) -> None:
    """Programs see the same; only debuggers miss something."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("There is no C compiler.")
    source, library = tmp_path / "a.c", tmp_path / "a.so"
    source.write_text("static int one(void){return 41;}\nint two(void){return one()+1;}\n")
    subprocess.run([compiler, "-g", "-shared", "-fPIC", "-o", library, source], check=True)
    before = library.read_bytes()

    after = cut_symbols(before)
    library.write_bytes(after)

    assert ctypes.CDLL(str(library)).two() == 42
    assert len(after) < len(before)
    assert before[64 : len(after)] == after[64:]


def test_cut_is_done_once() -> None:
    """A library without tables stays as it is."""
    once = cut_symbols(find_library().read_bytes())

    assert cut_symbols(once) == once


@given(content=st.binary(max_size=200), is_marked=st.booleans())
def test_cut_leaves_what_is_no_library(content: bytes, *, is_marked: bool) -> None:
    """Whatever the bytes, nothing is raised, and nothing but the end is ever lost."""
    given_bytes = (b"\x7fELF\x02\x01" if is_marked else b"") + content

    after = cut_symbols(given_bytes)

    assert len(after) <= len(given_bytes)
    assert given_bytes[64 : len(after)] == after[64:]
