"""Refuse to deploy files that no commit holds, so that every prediction can name its code."""

import subprocess
from pathlib import Path

from dspipe._text import quote_some
from dspipe.errors import DeployError

_GIT_SECONDS = 30
_MOST_SHOWN = 3
_BYTECODE = ":(exclude,glob)**/__pycache__/**"


def check_tree(root: Path, *, built: Path | None = None) -> None:
    """Check that git holds every file of a model repository as it is.

    Parameters
    ----------
    root : Path
        Folder of the model repository; it may be a folder of a larger one.
    built : Path, optional
        Where builds go; what lies there does not count.

    Raises
    ------
    DeployError
        If files were changed since the last commit, or there is none.
    """
    words = ["status", "--porcelain", "--untracked-files=all", "--", ".", _BYTECODE]
    if built is not None and built.is_relative_to(root) and built != root:
        words.append(f":(exclude){built.relative_to(root).as_posix()}")
    done = _git(root, *words)
    has_commit = done is not None and _git(root, "rev-parse", "HEAD") is not None
    if done is None or not has_commit:
        raise DeployError(
            f"{root} is not in a git repository with a commit, so nobody could tell which code "
            f"serves. Commit it, or deploy it all the same with --allow-dirty."
        )
    changed = [line[3:] for line in done.splitlines()]
    if changed:
        raise DeployError(
            f"These files differ from the last commit: {quote_some(changed, most=_MOST_SHOWN)}. A "
            f"deployment names its commit, so commit them, or deploy them all the same with "
            f"--allow-dirty."
        )


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and a folder of the user's own
            ["git", "-C", str(root), *words],  # noqa: S607 - the git of the user's own PATH
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
