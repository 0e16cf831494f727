"""Packages: a pipeline with all that it needs, slimmed, compiled, proven, and the same every time.

`build` makes one; nothing is uploaded here.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names
from dspipe.package._records import BuildSettings, ImportTime, Package, Part, Report, Sample

if TYPE_CHECKING:
    from dspipe.package._build import build
    from dspipe.package._saved import load_package
    from dspipe.package._table import write_report

__all__ = [
    "BuildSettings",
    "ImportTime",
    "Package",
    "Part",
    "Report",
    "Sample",
    "build",
    "load_package",
    "write_report",
]

__getattr__, __dir__ = lazy_names(
    globals(),
    {
        "build": "dspipe.package._build",
        "load_package": "dspipe.package._saved",
        "write_report": "dspipe.package._table",
    },
)
