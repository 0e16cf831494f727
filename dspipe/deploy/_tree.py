"""Refuse to deploy files that no commit holds, so that every prediction can name its code."""

from pathlib import Path

from dspipe._provenance import run_git
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
    done = run_git(root, *words, seconds=_GIT_SECONDS)
    if done is None or run_git(root, "rev-parse", "HEAD", seconds=_GIT_SECONDS) is None:
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
