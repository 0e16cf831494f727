"""The checks of `dspipe check`: each has a code, a severity and a page that explains it.

`check` runs all of them over one pipeline and gives a `CheckReport`.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe.checks._check import check
    from dspipe.checks._findings import CheckReport, Finding, Rule
    from dspipe.checks._fixes import Repair, fix
    from dspipe.checks._places import Edit, Fix, Place
    from dspipe.checks._sql_review import review_sql

__all__ = [
    "CheckReport",
    "Edit",
    "Finding",
    "Fix",
    "Place",
    "Repair",
    "Rule",
    "check",
    "fix",
    "review_sql",
]

__getattr__, __dir__ = lazy_names(
    globals(),
    {
        "CheckReport": "dspipe.checks._findings",
        "Edit": "dspipe.checks._places",
        "Finding": "dspipe.checks._findings",
        "Fix": "dspipe.checks._places",
        "Place": "dspipe.checks._places",
        "Repair": "dspipe.checks._fixes",
        "Rule": "dspipe.checks._findings",
        "check": "dspipe.checks._check",
        "fix": "dspipe.checks._fixes",
        "review_sql": "dspipe.checks._sql_review",
    },
)
