"""The checks of `dspipe check`: each has a code, a severity and a page that explains it.

`check` runs all of them over one pipeline and gives a `CheckReport`.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe.checks._check import check
    from dspipe.checks._findings import CheckReport, Finding, Rule

__all__ = ["CheckReport", "Finding", "Rule", "check"]

__getattr__, __dir__ = lazy_names(
    globals(),
    {
        "CheckReport": "dspipe.checks._findings",
        "Finding": "dspipe.checks._findings",
        "Rule": "dspipe.checks._findings",
        "check": "dspipe.checks._check",
    },
)
