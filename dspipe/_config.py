"""Settings of a repository: ``[tool.dspipe]`` in its pyproject.toml, then ``DSPIPE_*`` variables.

A source is looked up late: its variables are read, its secrets are fetched and its URL is checked
when somebody asks for that source, so a missing password of the warehouse stops nobody who works on
the sample data.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from dspipe._secrets import resolve
from dspipe._text import suggest
from dspipe.errors import ConfigurationError

SOURCE_VARIABLE = "DSPIPE_SOURCE_"
TABLES = ("backfill", "catalog", "check", "convert", "deploy", "sources", "train")
SOURCE_KEYS = ("arrow", "read_only", "timeout_seconds", "url")

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_DIALECT = re.compile(r"[A-Za-z][A-Za-z0-9_+.-]*://")
_PASSWORD = re.compile(r"^([^:/]+://[^:@/]*):.*@", re.DOTALL)
_SECRET_OPTION = re.compile(
    r"([?&][^=&]*(?:password|passwd|pwd|token|secret|key)[^=&]*)=[^&]*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """Say where a source is and how to read it.

    Parameters
    ----------
    name : str
        The name that queries use, such as "default".
    url : str
        Where it is: ``duckdb:///data/x.duckdb``, ``postgresql://user@host/database``. May hold a
        password, which `shown_url` and the repr leave out.
    read_only : bool, default=True
        Ask the database for a session that cannot write, where it has one.
    timeout_seconds : float, optional
        Longest time of one statement, in seconds; None sets no limit.
    arrow : bool, default=True
        Use the Arrow driver where it is installed.

    Examples
    --------
    >>> SourceSettings("default", "postgresql://ann:tulip@localhost/shop").shown_url
    'postgresql://ann:***@localhost/shop'
    """

    name: str
    url: str = field(repr=False)
    read_only: bool = True
    timeout_seconds: float | None = None
    arrow: bool = True

    @property
    def shown_url(self) -> str:
        """The URL as it may be shown: password and secret options replaced by ``***``."""
        return hide_password(self.url)

    def __repr__(self) -> str:
        return f"SourceSettings(name={self.name!r}, url={self.shown_url!r})"


@dataclass(frozen=True, slots=True)
class Config:
    """Hold the settings of one repository.

    Parameters
    ----------
    root : Path
        Folder that relative paths start from.
    sources : mapping of str to SourceSettings
        The known sources by name.
    """

    root: Path
    sources: Mapping[str, SourceSettings] = field(default_factory=lambda: MappingProxyType({}))


def load_config(start: Path | None = None, *, environ: Mapping[str, str] | None = None) -> Config:
    """Read the nearest ``[tool.dspipe]`` upward from a file or folder.

    Parameters
    ----------
    start : Path, optional
        File or folder to search upward from; the working directory when not given.
    environ : mapping of str to str, optional
        The environment variables; those of the process when not given.

    Returns
    -------
    Config
        Without such a table, one whose root is the working directory and whose sources come from
        ``DSPIPE_SOURCE_<NAME>`` alone.

    Raises
    ------
    ConfigurationError
        If the file is not TOML, or holds unknown keys or values of a wrong type; all faults
        together. Looking up a source raises it too, when its URL cannot be completed.

    Examples
    --------
    >>> load_config(Path("/"), environ={"DSPIPE_SOURCE_SHOP": "sqlite:///shop.db"}).sources["shop"]
    SourceSettings(name='shop', url='sqlite:///shop.db')
    """
    environment = os.environ if environ is None else environ
    here = Path.cwd() if start is None else Path(start).absolute()
    for folder in (here, *here.parents):
        file = folder / "pyproject.toml"
        settings = _read_settings(file)
        if settings is not None:
            return Config(folder, _Sources(_parse_sources(settings, file), environment))
    return Config(Path.cwd(), _Sources({}, environment))


def hide_password(url: str) -> str:
    """Replace the password and the secret options of a URL by ``***``.

    >>> hide_password("mysql://ann:tulip@db:3306/shop?ssl_key=k&charset=utf8")
    'mysql://ann:***@db:3306/shop?ssl_key=***&charset=utf8'
    """
    return _SECRET_OPTION.sub(r"\1=***", _PASSWORD.sub(r"\1:***@", url))


def source_variable(name: str) -> str:
    """Name the environment variable that overrides the URL of a source.

    >>> source_variable("sales-eu.v2")
    'DSPIPE_SOURCE_SALES_EU_V2'
    """
    return SOURCE_VARIABLE + re.sub(r"[-.]", "_", name).upper()


class _Sources(Mapping[str, SourceSettings]):
    """Look up sources by name, completing each URL from the environment when it is asked for."""

    def __init__(self, declared: Mapping[str, SourceSettings], environ: Mapping[str, str]) -> None:
        self._environ = environ
        known = {source_variable(name) for name in declared}
        extra = sorted(
            variable.removeprefix(SOURCE_VARIABLE).lower()
            for variable in environ
            if variable.startswith(SOURCE_VARIABLE) and variable not in known
        )
        self._declared = {**declared, **{name: SourceSettings(name, "") for name in extra if name}}

    def __getitem__(self, name: str) -> SourceSettings:
        settings = self._declared[name]
        variable = source_variable(name)
        if variable in self._environ:
            given, origin = self._environ[variable], f"the environment variable {variable}"
        else:
            given, origin = self._complete(settings), f"the url of source '{name}'"
        url = resolve(given)
        _check_url(url, origin)
        return replace(settings, url=url)

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)

    def __contains__(self, name: object) -> bool:
        return name in self._declared

    def __repr__(self) -> str:
        return f"<sources: {', '.join(self._declared) or 'none'}>"

    def _complete(self, settings: SourceSettings) -> str:
        names = sorted(set(_PLACEHOLDER.findall(settings.url)))
        unset = [name for name in names if name not in self._environ]
        if unset:
            raise ConfigurationError(
                f"The url of source '{settings.name}' needs environment variables that are not "
                f"set: {', '.join(unset)}. Set them, or give the whole url in "
                f"{source_variable(settings.name)}."
            )
        return _PLACEHOLDER.sub(self._fill, settings.url)

    def _fill(self, match: re.Match[str]) -> str:
        """Insert a value; one that stands as the whole password is quoted, as a URL demands."""
        value = resolve(self._environ[match[1]])
        url, start, end = match.string, match.start(), match.end()
        is_password = url[start - 1 : start] == ":" and url[end : end + 1] == "@"
        return quote(value, safe="") if is_password else value


def _check_url(url: str, origin: str) -> None:
    # The text is not shown: what is no URL may still hold a password.
    if not _DIALECT.match(url):
        raise ConfigurationError(
            f"{origin[0].upper()}{origin[1:]} is not a URL. "
            f"Write the dialect first, for example duckdb:///data/shop.duckdb or "
            f"postgresql://user@host/database."
        )


def _read_settings(file: Path) -> Mapping[str, Any] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return _parse_settings(file, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _parse_settings(file: Path, _mtime_ns: int, _size_bytes: int) -> Mapping[str, Any] | None:
    """Read the table, once for each state of the file: every run asks for its settings."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is not valid TOML: {error}. Correct it.") from error
    settings = document.get("tool", {}).get("dspipe")
    if settings is not None and not isinstance(settings, dict):
        raise ConfigurationError(f"[tool.dspipe] in {file} is not a table. Make it one.")
    return settings


def _parse_sources(settings: Mapping[str, Any], file: Path) -> dict[str, SourceSettings]:
    faults = _find_unknown("[tool.dspipe]", settings, TABLES)
    faults += [
        f"'{key}' must be a table." for key in TABLES if not isinstance(settings.get(key, {}), dict)
    ]
    entries = settings.get("sources", {})
    sources = {}
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        options = {"url": entry} if isinstance(entry, str) else entry
        found = _find_source_faults(name, options)
        if not found:
            sources[name] = SourceSettings(name, **options)
        faults += found
    faults += _find_shared_variables(sources)
    if faults:
        raise ConfigurationError(f"The settings in {file} cannot be used. {' '.join(faults)}")
    return sources


def _find_unknown(place: str, given: Iterable[str], known: Iterable[str]) -> list[str]:
    return [
        f"{place} has an unknown key '{key}'.{suggest(key, known)} It takes: {', '.join(known)}."
        for key in given
        if key not in known
    ]


def _find_source_faults(name: str, options: Any) -> list[str]:
    place = f"Source '{name}'"
    if not isinstance(options, dict):
        return [f"{place} must be a url, or a table with a 'url'."]
    faults = _find_unknown(place, options, SOURCE_KEYS)
    if not isinstance(options.get("url"), str):
        faults.append(f"{place} needs a 'url' that is a text.")
    faults += [
        f"{place} needs true or false for '{key}', not {options[key]!r}."
        for key in ("arrow", "read_only")
        if not isinstance(options.get(key, True), bool)
    ]
    timeout = options.get("timeout_seconds", 1)
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout > 0:
        faults.append(f"{place} needs a number above 0 for 'timeout_seconds', not {timeout!r}.")
    return faults


def _find_shared_variables(names: Iterable[str]) -> list[str]:
    owners: dict[str, str] = {}
    faults = []
    for name in names:
        other = owners.setdefault(source_variable(name), name)
        if other != name:
            faults.append(
                f"Sources '{other}' and '{name}' would both be overridden by "
                f"{source_variable(name)}. Rename one."
            )
    return faults
