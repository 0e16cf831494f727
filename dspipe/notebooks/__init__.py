"""Notebooks: from a notebook to the module that is only what its pipeline needs.

`convert` reads and judges, and writes nothing until it is told to; `trace` leads back. `strip`
takes out what a run left.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe.notebooks._convert import Conversion, convert
    from dspipe.notebooks._loaded import Sample
    from dspipe.notebooks._lock import ModuleLock, make_lock
    from dspipe.notebooks._reading import (
        Cell,
        Notebook,
        find_cells,
        load_notebook,
        read_document,
    )
    from dspipe.notebooks._requirements import (
        Requirements,
        add_loaded,
        infer_requirements,
        write_requirements,
    )
    from dspipe.notebooks._strip import Stripped, strip, write_document
    from dspipe.notebooks._trace import Origin, note_origin, trace
    from dspipe.notebooks._verdicts import CellReport, CellVerdict, judge_cells

__all__ = [
    "Cell",
    "CellReport",
    "CellVerdict",
    "Conversion",
    "ModuleLock",
    "Notebook",
    "Origin",
    "Requirements",
    "Sample",
    "Stripped",
    "add_loaded",
    "convert",
    "find_cells",
    "infer_requirements",
    "judge_cells",
    "load_notebook",
    "make_lock",
    "note_origin",
    "read_document",
    "strip",
    "trace",
    "write_document",
    "write_requirements",
]

__getattr__, __dir__ = lazy_names(
    globals(),
    {
        "Cell": "dspipe.notebooks._reading",
        "CellReport": "dspipe.notebooks._verdicts",
        "CellVerdict": "dspipe.notebooks._verdicts",
        "Conversion": "dspipe.notebooks._convert",
        "ModuleLock": "dspipe.notebooks._lock",
        "Notebook": "dspipe.notebooks._reading",
        "Origin": "dspipe.notebooks._trace",
        "Requirements": "dspipe.notebooks._requirements",
        "Sample": "dspipe.notebooks._loaded",
        "Stripped": "dspipe.notebooks._strip",
        "add_loaded": "dspipe.notebooks._requirements",
        "convert": "dspipe.notebooks._convert",
        "find_cells": "dspipe.notebooks._reading",
        "infer_requirements": "dspipe.notebooks._requirements",
        "judge_cells": "dspipe.notebooks._verdicts",
        "load_notebook": "dspipe.notebooks._reading",
        "make_lock": "dspipe.notebooks._lock",
        "note_origin": "dspipe.notebooks._trace",
        "read_document": "dspipe.notebooks._reading",
        "strip": "dspipe.notebooks._strip",
        "trace": "dspipe.notebooks._trace",
        "write_document": "dspipe.notebooks._strip",
        "write_requirements": "dspipe.notebooks._requirements",
    },
)
