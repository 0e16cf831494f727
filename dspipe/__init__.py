"""dspipe: one class from the notebook to production.

Subclass `PredictionPipeline`, write `extract` in SQL, and run it: in a notebook, from a shell, on
AWS Lambda. Importing this package loads the standard library only; everything else is loaded when
it is first used.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names
from dspipe._version import __version__

if TYPE_CHECKING:
    from dspipe._contract import Contract, Policy
    from dspipe._pipeline import PredictionPipeline
    from dspipe._records import BatchResult, Preview, Provenance, Run
    from dspipe.sources import Query, sql

__all__ = [
    "BatchResult",
    "Contract",
    "Policy",
    "PredictionPipeline",
    "Preview",
    "Provenance",
    "Query",
    "Run",
    "__version__",
    "sql",
]

_ADDRESSES = {
    "BatchResult": "dspipe._records",
    "Contract": "dspipe._contract",
    "Policy": "dspipe._contract",
    "PredictionPipeline": "dspipe._pipeline",
    "Preview": "dspipe._records",
    "Provenance": "dspipe._records",
    "Query": "dspipe.sources",
    "Run": "dspipe._records",
    # What `%load_ext dspipe` asks for; nobody imports it by name.
    "load_ipython_extension": "dspipe.cells",
    "sql": "dspipe.sources",
    "unload_ipython_extension": "dspipe.cells",
}

__getattr__, __dir__ = lazy_names(globals(), _ADDRESSES)
