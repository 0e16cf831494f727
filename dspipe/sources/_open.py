"""Names to sources: settings are looked up, the right room is opened once and kept."""

import atexit
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from dspipe._text import suggest
from dspipe.errors import SourceError

if TYPE_CHECKING:
    from dspipe._config import Config, SourceSettings
    from dspipe.sources._base import Source

_opened: "dict[tuple[str, Path], tuple[SourceSettings, Source]]" = {}
_lock = threading.Lock()


def open_source(name: str = "default", config: "Config | None" = None) -> "Source":
    """Open a source by name; the same settings give the same source, with its pool.

    Other settings for a name, such as a password that was renewed, give another source, and the
    connections of the one before are given back.

    Parameters
    ----------
    name : str, default="default"
        Key in ``[tool.dspipe.sources]``, or ``<NAME>`` of a variable ``DSPIPE_SOURCE_<NAME>``.
    config : Config, optional
        Where names are looked up; the nearest pyproject.toml when not given.

    Raises
    ------
    SourceError
        If no source has this name.
    ConfigurationError
        If its url cannot be read.
    """
    from dspipe._config import load_config

    settings = _find_settings(name, config := config or load_config())
    key = (name, config.root)
    with _lock:
        if not _opened:
            atexit.register(
                close_all
            )  # drivers complain about connections that outlive the interpreter
        known, source = _opened.get(key, (None, None))
        if source is None or known != settings:
            made = _make(settings, config.root)
            _opened[key] = settings, made
            if source is not None:
                source.close()
            source = made
        return source


def close_all() -> None:
    """Give back the connections of all sources; they open again when they are needed."""
    with _lock:
        sources = [source for _, source in _opened.values()]
        _opened.clear()
    for source in sources:
        source.close()


def _find_settings(name: str, config: "Config") -> "SourceSettings":
    from dspipe._config import source_variable

    if name in config.sources:
        return config.sources[name]
    known = ", ".join(f"'{other}'" for other in config.sources) or "none"
    raise SourceError(
        f"There is no source named '{name}'. Known sources: "
        f"{known}.{suggest(name, config.sources)} "
        f"Add it to [tool.dspipe.sources] in {config.root / 'pyproject.toml'}, "
        f"or set {source_variable(name)}."
    )


def _make(settings: "SourceSettings", root: Path) -> "Source":
    dialect = settings.url.partition(":")[0]
    if dialect == "duckdb":
        from dspipe.sources._duckdb import DuckDBSource

        return DuckDBSource(settings, root)
    if dialect == "sqlite":
        from dspipe.sources._sqlite import SQLiteSource

        return SQLiteSource(settings, root)
    if dialect in {"postgresql", "postgres", "postgresql+psycopg"}:
        from dspipe.sources._postgresql import PostgreSQLSource

        return PostgreSQLSource(settings)
    from dspipe.sources._sqlalchemy import SQLAlchemySource

    return SQLAlchemySource(settings)
