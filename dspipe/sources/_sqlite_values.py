"""Python values in the five kinds that SQLite has."""

from typing import Any


def to_sqlite(value: Any) -> Any:
    """Turn a value into one of SQLite's five kinds, dates as ISO text."""
    if value is None or isinstance(value, int | float | str | bytes):
        return value
    if hasattr(value, "hour") and hasattr(value, "year"):
        return value.isoformat(sep=" ")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
