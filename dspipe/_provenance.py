"""Which commit the code of a pipeline stands at."""

import inspect
import os
import subprocess
from functools import lru_cache
from pathlib import Path

COMMIT_VARIABLE = "DSPIPE_COMMIT"
_GIT_SECONDS = 5


def find_commit(pipeline_class: type) -> str | None:
    """Find the commit that holds a pipeline.

    Parameters
    ----------
    pipeline_class : type
        A class from a file, or from a notebook: then the repository of the working directory
        counts.

    Returns
    -------
    str or None
        ``DSPIPE_COMMIT`` where it is set, as in a package that was built from a commit. Else the
        commit of the repository, with "-modified" behind it when the pipeline's file differs from
        it. None where there is no repository or no git.
    """
    given = os.environ.get(COMMIT_VARIABLE)
    if given:
        return given
    file = find_file(pipeline_class)
    folder = file.parent if file else Path.cwd()
    repository = _find_repository(str(folder))
    if repository is None:
        return None
    # Two looks at the disk instead of two processes, for as long as neither history nor file
    # changed.
    return _ask_git(
        str(folder), str(file) if file else None, _changed_at(repository), _changed_at(file)
    )


@lru_cache
def find_file(pipeline_class: type) -> Path | None:
    """Find the file that a class was written in; None for a notebook or a shell."""
    try:
        file = Path(inspect.getfile(pipeline_class))
    except (OSError, TypeError):
        # A module that is not registered by its name still has code that knows its file.
        extract = inspect.unwrap(getattr(pipeline_class, "extract", None) or find_file)
        file = Path(extract.__code__.co_filename)
    return file.resolve() if file.is_file() else None


@lru_cache
def _find_repository(folder: str) -> Path | None:
    for place in (Path(folder), *Path(folder).parents):
        history = place / ".git" / "logs" / "HEAD"
        if history.is_file():
            return history
    return None


def _changed_at(file: Path | None) -> int | None:
    try:
        return file.stat().st_mtime_ns if file else None
    except OSError:
        return None


@lru_cache
def _ask_git(folder: str, file: str | None, _history: int | None, _file: int | None) -> str | None:
    commit = run_git(folder, "rev-parse", "HEAD", seconds=_GIT_SECONDS)
    if commit is None or file is None:
        return commit
    # The status is empty for a file that stands as committed.
    changes = run_git(folder, "status", "--porcelain", "--", file, seconds=_GIT_SECONDS)
    return f"{commit}-modified" if changes else commit


def run_git(folder: str | Path, *words: str, seconds: float) -> str | None:
    """Run git in a folder, and give what it prints without the last line end.

    Returns
    -------
    str or None
        None where there is no git, no repository, or git refuses or takes longer than `seconds`.
    """
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and a folder of the user's own
            ["git", "-C", str(folder), *words],  # noqa: S607 - the git of the user's own PATH is meant
            capture_output=True,
            text=True,
            timeout=seconds,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.removesuffix("\n")
