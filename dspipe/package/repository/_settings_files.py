"""The files that dspipe writes into a package: what the handler is told, and where sources are."""

import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from dspipe._config import hide_password, source_variable
from dspipe.errors import PackageError
from dspipe.package._records import BuildSettings
from dspipe.package.repository._place import Place

SETTINGS_FILE = "dspipe.json"
ROWS_FILE = "rows.json"
FORMAT = 1
_PLACEHOLDER = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_FILE_URL = re.compile(r"^(duckdb|sqlite):///(?!:memory:)")


def write_settings_files(
    settings: BuildSettings, place: Place, *, commit: str | None, types: str | None
) -> dict[str, bytes]:
    """Write the files of a package that are no copies.

    Parameters
    ----------
    settings : BuildSettings
    place : Place
    commit : str, optional
    types : str, optional
        The contract of extracted rows, as JSON.

    Returns
    -------
    dict of str to bytes
        Content by name in the package.

    Raises
    ------
    PackageError
        If a source of the repository has a password in its url.
    """
    content = {
        "format": FORMAT,
        "name": settings.name,
        "pipeline": place.pipeline,
        "commit": commit,
        "accept_rows": settings.accept_rows,
        "rows": None if types is None else ROWS_FILE,
    }
    files = {
        SETTINGS_FILE: f"{json.dumps(content, indent=2, ensure_ascii=False)}\n",
        "pyproject.toml": write_sources(read_sources(place.root)),
    }
    if types is not None:
        files[ROWS_FILE] = types
    return {name: text.encode() for name, text in files.items()}


def read_sources(root: Path) -> Mapping[str, Any]:
    """Read the sources of a repository as they are written, placeholders and references too."""
    file = root / "pyproject.toml"
    if not file.is_file():
        return {}
    tool = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
    sources: Mapping[str, Any] = tool.get("dspipe", {}).get("sources", {})
    return sources


def write_sources(sources: Mapping[str, Any]) -> str:
    """Write the sources as TOML, and nothing else of the repository's settings.

    Examples
    --------
    >>> print(write_sources({"default": "sqlite:///a.db", "shop": {"url": "x://", "arrow": False}}))
    [tool.dspipe.sources]
    "default" = "sqlite:///a.db"
    "shop" = {"url" = "x://", "arrow" = false}
    <BLANKLINE>
    """
    lines = ["[tool.dspipe.sources]"]
    for name, entry in sources.items():
        _check_password(name, entry if isinstance(entry, str) else str(entry.get("url", "")))
        lines.append(f"{_write_value(name)} = {_write_value(entry)}")
    return "\n".join([*lines, ""])


def find_local_sources(sources: Mapping[str, Any], variables: Collection[str]) -> Iterator[str]:
    """Say which sources are files of this machine, which no function can read.

    Sources whose variable the function will have are elsewhere there, so nothing is said of them.
    """
    for name, entry in sources.items():
        url = entry if isinstance(entry, str) else str(entry.get("url", ""))
        if _FILE_URL.match(url) and source_variable(name) not in variables:
            yield (
                f"The source '{name}' is the file {url}, which is not in the package. Set "
                f"{source_variable(name)} in [tool.dspipe.deploy.environment] or "
                "[tool.dspipe.deploy.secrets]."
            )


def _write_value(value: object) -> str:
    if isinstance(value, Mapping):
        pairs = (f"{_write_value(key)} = {_write_value(inner)}" for key, inner in value.items())
        return f"{{{', '.join(pairs)}}}"
    # Texts, numbers and booleans are written alike in JSON and TOML, but for two things: TOML has
    # no halves of a character beyond 16 bits, and wants DEL escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _check_password(name: str, url: str) -> None:
    filled = _PLACEHOLDER.sub("***", url)
    if hide_password(filled) != filled:
        raise PackageError(
            f"The source '{name}' has a password in its url, {hide_password(url)}, and a package "
            "holds no secrets. Write ${VARIABLE} in its place and set the variable under "
            "[tool.dspipe.deploy.secrets]."
        )
