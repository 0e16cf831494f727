"""Notebooks: from a notebook to the module that is only what its pipeline needs.

`convert` reads and judges, and writes nothing until it is told to; `trace` leads back.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe.notebooks._convert import Conversion, convert
    from dspipe.notebooks._requirements import write_requirements
    from dspipe.notebooks._trace import Origin, note_origin, trace

__all__ = ["Conversion", "Origin", "convert", "note_origin", "trace", "write_requirements"]

__getattr__, __dir__ = lazy_names(
    globals(),
    {
        "Conversion": "dspipe.notebooks._convert",
        "Origin": "dspipe.notebooks._trace",
        "convert": "dspipe.notebooks._convert",
        "note_origin": "dspipe.notebooks._trace",
        "trace": "dspipe.notebooks._trace",
        "write_requirements": "dspipe.notebooks._requirements",
    },
)
