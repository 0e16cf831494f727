"""Which commit the files of a repository stand at."""

import os
from pathlib import Path

from dspipe._provenance import COMMIT_VARIABLE, run_git

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
    commit = run_git(root, "rev-parse", "HEAD", seconds=_GIT_SECONDS)
    if commit is None:
        return None, False
    changes = run_git(root, "status", "--porcelain", "--", ".", seconds=_GIT_SECONDS)
    return commit, bool(changes)
