"""Start a model repository: a notebook to write in, and all that stands around it.

`make_repository` writes it; what it writes stands in ``template``, one file for each file.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe.new._git import GitState
    from dspipe.new._repository import Repository, make_repository

__all__ = ["GitState", "Repository", "make_repository"]

__getattr__, __dir__ = lazy_names(
    globals(),
    {
        "GitState": "dspipe.new._git",
        "Repository": "dspipe.new._repository",
        "make_repository": "dspipe.new._repository",
    },
)
