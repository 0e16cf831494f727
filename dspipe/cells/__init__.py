"""Cells: the IPython extension, which says in the notebook what would become of its cells."""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe.cells._extension import load_ipython_extension, unload_ipython_extension

__all__ = ["load_ipython_extension", "unload_ipython_extension"]

__getattr__, __dir__ = lazy_names(globals(), dict.fromkeys(__all__, "dspipe.cells._extension"))
