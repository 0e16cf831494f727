"""Where the rows of a new repository come from, as a file of it may say: without secrets."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from dspipe._config import hide_password
from dspipe.errors import ConfigurationError

SAMPLE_URL = "duckdb:///data/sample.duckdb"
_PLACEHOLDER = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9_+.-]*://|arn:aws|\$\{)\S*")
# As SQLAlchemy reads it: a password ends at the first "@".
_LOGIN = re.compile(r"(?P<user>[^:/]+://[^:@/?]*):(?P<password>[^@]*)@(?P<rest>.*)", re.DOTALL)
_OPTION = re.compile(r"(?P<name>[?&][^=&]*=)(?P<value>[^&]*)")
_FILE = re.compile(r"(?P<dialect>duckdb|sqlite):///(?P<path>[^/?:][^?]*)(?P<rest>.*)")
# What a dialect needs besides SQLAlchemy, as a line of requirements.in.
_DRIVERS = {
    "duckdb": "duckdb",
    "mariadb": "pymysql",
    "mysql": "pymysql",
    "postgres": "psycopg[binary]",
    "postgresql": "psycopg[binary]",
}


@dataclass(frozen=True, slots=True)
class NewSource:
    """Where the rows of a new repository come from.

    Attributes
    ----------
    url : str
        As it is written: a password is ``${NAME}``.
    hidden : mapping of str to str
        Those names, and what was given for them; never written, never shown.
    """

    url: str
    hidden: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def dialect(self) -> str:
        """How the url begins, such as "postgresql"."""
        return re.split(r"[+:]", self.url, maxsplit=1)[0]

    @property
    def driver(self) -> str | None:
        """The distribution that reads it; None where none is needed, or nobody knows which."""
        return _DRIVERS.get(self.dialect)


def read_source(url: str, module: str, folder: Path) -> NewSource:
    """Read the url of a user's database, and put its secrets aside.

    Parameters
    ----------
    url : str
        A url, or a reference such as ``secret://shop/reader``.
    module : str
        What variables are named after.
    folder : Path
        The repository: the path of a file becomes relative to it.

    Raises
    ------
    ConfigurationError
        If it is no url, or it cannot be told where its password ends. Neither shows it.

    Examples
    --------
    >>> source = read_source("postgresql://ann:tulip@db/shop", "shop", Path("shop"))
    >>> source
    NewSource(url='postgresql://ann:${SHOP_PASSWORD}@db/shop')
    """
    if not _URL.fullmatch(url):
        raise ConfigurationError(
            "--source is not a URL. Write the dialect first, for example "
            "postgresql://user@host/database or duckdb:////srv/data/shop.duckdb."
        )
    hidden: dict[str, str] = {}
    prefix = module.upper()
    url = _hide_login(url, f"{prefix}_PASSWORD", hidden)
    url = _OPTION.sub(lambda option: _hide_option(option, prefix, hidden), url)
    return NewSource(_FILE.sub(lambda place: _make_relative(place, folder), url), hidden)


def _hide_login(url: str, variable: str, hidden: dict[str, str]) -> str:
    login = _LOGIN.fullmatch(url)
    if login is None:
        return url
    if "@" in login["rest"].partition("?")[0]:
        raise ConfigurationError(
            "--source has more than one '@', so it cannot be told where its password ends. Write "
            "an '@' of a password as %40."
        )
    if not login["password"] or _PLACEHOLDER.fullmatch(login["password"]):
        return url
    # It is quoted again when it is put in.
    hidden[variable] = unquote(login["password"])
    return f"{login['user']}:${{{variable}}}@{login['rest']}"


def _hide_option(option: re.Match[str], prefix: str, hidden: dict[str, str]) -> str:
    # A connection string of ODBC is one value, with parameters of its own.
    inner = "?" + unquote(option["value"]).replace(";", "&")
    is_open = hide_password(option[0]) == option[0] and hide_password(inner) == inner
    if is_open or not option["value"] or _PLACEHOLDER.fullmatch(option["value"]):
        return option[0]
    name = re.sub(r"\W", "_", option["name"].strip("?&=")).upper()
    hidden[f"{prefix}_{name}"] = option["value"]
    return f"{option['name']}${{{prefix}_{name}}}"


def _make_relative(place: re.Match[str], folder: Path) -> str:
    """Name a file from the repository, where settings start, and not from where the user stands."""
    path = Path(os.path.relpath(place["path"], folder)).as_posix()
    return f"{place['dialect']}:///{path}{place['rest']}"
