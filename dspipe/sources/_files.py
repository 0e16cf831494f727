"""The file of an embedded database, from its url."""

from pathlib import Path
from typing import TYPE_CHECKING

from dspipe.errors import ConfigurationError
from dspipe.sources._errors import missing_file

if TYPE_CHECKING:
    from dspipe._config import SourceSettings


def find_file(settings: "SourceSettings", root: Path) -> Path | None:
    """Read the file of a url, relative to the config's folder; None stands for memory."""
    _, _, place = settings.url.partition("://")
    if not place.startswith("/"):
        raise ConfigurationError(
            f"The url of source '{settings.name}' names a host, which "
            f"{settings.url.partition(':')[0]} has not. "
            f"Write three slashes before the file: duckdb:///data/shop.duckdb"
        )
    path = place[1:].partition("?")[0]
    return None if path in {"", ":memory:"} else root / path


def check_file(settings: "SourceSettings", file: Path | None) -> None:
    """Refuse a file that is not there, before a driver would create it."""
    if file is not None and not file.is_file():
        raise missing_file(settings.name, str(file))
