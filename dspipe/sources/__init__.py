"""Where rows come from: a query, and the databases that answer it.

Nothing here imports pandas or a driver until a query runs.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names
from dspipe.sources._query import Query, sql

if TYPE_CHECKING:
    from dspipe.sources._base import Source
    from dspipe.sources._open import close_all, open_source

__all__ = ["Query", "Source", "close_all", "open_source", "sql"]


__getattr__, __dir__ = lazy_names(
    globals(),
    {
        "Source": "dspipe.sources._base",
        "close_all": "dspipe.sources._open",
        "open_source": "dspipe.sources._open",
    },
)
