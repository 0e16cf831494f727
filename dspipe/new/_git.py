"""Put a new repository under git, as far as git is there and knows who commits."""

import shlex
import sys
from enum import Enum
from pathlib import Path

from dspipe._provenance import run_git

_SECONDS = 20
_FILTER = "filter.dspipe-strip.clean"


class GitState(Enum):
    """How far a new repository is under git."""

    ABSENT = "absent"
    INSIDE = "inside"
    STAGED = "staged"
    COMMITTED = "committed"


def find_outer_repository(folder: Path) -> Path | None:
    """Find the repository that a folder lies in, whether the folder exists or not."""
    place = next(parent for parent in folder.parents if parent.is_dir())
    found = run_git(place, "rev-parse", "--show-toplevel", seconds=_SECONDS)
    return Path(found) if found else None


def put_under_git(folder: Path, message: str) -> GitState:
    """Make the repository and its first commit, where git is there and has an identity."""
    if run_git(folder, "init", "--quiet", seconds=_SECONDS) is None:
        return GitState.ABSENT
    state = _commit(folder, message)
    # After the commit, which has no outputs in it. The setting stays on this machine, so it may
    # name this very Python: a window that starts git knows no environment that a shell activated.
    command = f"{shlex.quote(sys.executable)} -m dspipe strip -"
    run_git(folder, "config", _FILTER, command, seconds=_SECONDS)
    return state


def _commit(folder: Path, message: str) -> GitState:
    run_git(folder, "add", "--all", seconds=_SECONDS)
    # Git would make up an identity from the names of user and machine.
    who = ("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
    if run_git(folder, *who, seconds=_SECONDS) is None:
        return GitState.STAGED
    done = run_git(folder, "commit", "--quiet", "--message", message, seconds=_SECONDS)
    return GitState.STAGED if done is None else GitState.COMMITTED
