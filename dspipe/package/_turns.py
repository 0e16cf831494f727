"""One build at a time in a folder: two would change the cache and the package under each other."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def one_at_a_time(folder: Path, tell: Callable[[str], object]) -> Iterator[None]:
    """Wait until no other process builds in a folder, and keep others out.

    The system ends the wait of others also when this process is killed.

    Parameters
    ----------
    folder : Path
        Created when it is not there.
    tell : callable
        Told when there is somebody to wait for.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":  # it has no such locks
        yield
        return
    from fcntl import LOCK_EX, LOCK_NB, flock

    with (folder / ".lock").open("w") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            tell("Wait for another build in this folder")
            flock(file, LOCK_EX)
        yield
