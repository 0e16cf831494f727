"""Where rows come from: a query, and the databases that answer it.

Nothing here imports pandas or a driver until a query runs.
"""

from typing import TYPE_CHECKING, Any

from dspipe.sources._query import Query, sql

if TYPE_CHECKING:
    from dspipe.sources._base import Source
    from dspipe.sources._open import close_all, open_source

__all__ = ["Query", "Source", "close_all", "open_source", "sql"]


def __getattr__(name: str) -> Any:
    """Load the rest on first use."""
    if name == "Source":
        from dspipe.sources._base import Source

        return Source
    if name in {"close_all", "open_source"}:
        from dspipe.sources import _open

        return getattr(_open, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the lazy names too, so that completion finds them."""
    return sorted({*globals(), *__all__})
