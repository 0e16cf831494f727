"""Which commit the files of a repository stand at."""

import os
import subprocess
from pathlib import Path

from dspipe._provenance import COMMIT_VARIABLE

_GIT_SECONDS = 30


def find_state(root: Path) -> tuple[str | None, bool]:
    """Find the commit of a repository, and whether files in the folder differ from it.

    Returns
    -------
    tuple of str or None and bool
        ``DSPIPE_COMMIT`` where it is set, as in a build without history. ``(None, False)`` where
        there is no repository, no commit yet, or no git.
    """
    given = os.environ.get(COMMIT_VARIABLE)
    if given:
        return given, False
    commit = _git(root, "rev-parse", "HEAD")
    if commit is None:
        return None, False
    return commit, bool(_git(root, "status", "--porcelain", "--", "."))


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and a folder of the user's own
            ["git", "-C", str(root), *words],  # noqa: S607 - the git of the user's own PATH is meant
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
