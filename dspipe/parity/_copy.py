"""Copy a repository, so that what its cells write is thrown away."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from dspipe.errors import ParityError

MOST_BYTES = 2_000_000_000
# What no cell needs, and what is large.
_LEFT_OUT = {
    ".git", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache",
    ".tox", "__pycache__", "node_modules",
}  # fmt: skip
_MADE_BY_BUILDS = {"build", "dist"}


def copy_repository(root: Path, target: Path, *, most_bytes: int = MOST_BYTES) -> Path:
    """Copy a folder without its history, its environments and its caches.

    Links are followed: a cell that writes to one must not reach what it points to.

    Raises
    ------
    ParityError
        If it is too large to be copied for a proof.
    """
    size = sum(_iter_sizes(root))
    if size > most_bytes:
        raise ParityError(
            f"{root} holds {size / 1e9:.1f} GB, and a notebook is run in a copy of its repository "
            f"of at most {most_bytes / 1e9:.0f} GB, so that its cells change nothing. Move large "
            "data out of the repository, or check without --notebook."
        )
    shutil.copytree(
        root,
        target,
        ignore=lambda folder, names: {each for each in names if _is_left_out(root, folder, each)},
        ignore_dangling_symlinks=True,
    )
    return target


def _iter_sizes(root: Path) -> Iterator[int]:
    for folder, inner, files in os.walk(root, followlinks=True):
        inner[:] = [name for name in inner if not _is_left_out(root, folder, name)]
        for name in files:
            file = Path(folder, name)
            if file.is_file():
                yield file.stat().st_size


def _is_left_out(root: Path, folder: str, name: str) -> bool:
    is_environment = Path(folder, name, "pyvenv.cfg").is_file()
    is_built = name in _MADE_BY_BUILDS and Path(folder) == root
    return is_environment or is_built or name in _LEFT_OUT
