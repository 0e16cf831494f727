"""Who asks DataRobot, and where: token and endpoint, found where its own client finds them."""

import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dspipe import _secrets
from dspipe.errors import ConfigurationError

TOKEN_VARIABLE = "DATAROBOT_API_TOKEN"  # noqa: S105 - the name of a variable
ENDPOINT_VARIABLE = "DATAROBOT_ENDPOINT"
FILE_VARIABLE = "DATAROBOT_CONFIG_FILE"
DEFAULT_ENDPOINT = "https://app.datarobot.com/api/v2"
_HOME_FILE = Path(".config", "datarobot", "drconfig.yaml")
# A key with a plain or quoted value; all that such a file holds.
_SETTING = re.compile(
    r"""([A-Za-z_]+)\s*:\s*(?:"([^"]*)"|'([^']*)'|([^#"'\s][^#]*?))?\s*(?:#.*)?"""
)


@dataclass(frozen=True, slots=True)
class Found:
    """A token, or a reference to one, with its endpoint; `origin` says where they stood."""

    token: str
    endpoint: str
    origin: str


class Account:
    """The token and the endpoint; the token can be read anew when it is refused.

    Parameters
    ----------
    token : str, optional
        A token, or a reference such as ``secret://datarobot#token``.
    endpoint : str, optional
        Root of the API.
    environ : mapping, optional
        The environment variables; those of the process when not given.
    """

    def __init__(
        self,
        token: str | None = None,
        endpoint: str | None = None,
        *,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._token, self._endpoint = token, endpoint
        self._environ = os.environ if environ is None else environ
        self._lock = threading.Lock()
        self._found: Found | None = None
        self._value: str | None = None

    @property
    def endpoint(self) -> str:
        """Root of the API, without a slash at its end."""
        return (self._endpoint or self._find().endpoint).rstrip("/")

    @property
    def origin(self) -> str:
        """Where the token was found."""
        return self._find().origin

    @property
    def known_token(self) -> str | None:
        """The token, if it was needed before."""
        return self._value

    def token(self) -> str:
        """Give the token.

        Raises
        ------
        ConfigurationError
            If there is none.
        """
        with self._lock:
            if self._value is None:
                self._value = _secrets.resolve(self._find().token)
            return self._value

    def renew(self, refused: str) -> bool:
        """Read the token anew after one was refused; say whether it is another by now."""
        with self._lock:
            if self._value == refused:
                _secrets.forget(self._find().token)
                self._found = self._value = None
        return self.token() != refused

    def _find(self) -> Found:
        if self._found is None:
            self._found = find_account(self._token, self._environ)
        return self._found


def find_account(token: str | None, environ: Mapping[str, str]) -> Found:
    """Find token and endpoint: as given, in the named file, the environment, the file at home.

    Raises
    ------
    ConfigurationError
        If there is no token, or a file cannot be read.
    """
    endpoint = environ.get(ENDPOINT_VARIABLE, DEFAULT_ENDPOINT)
    if token:
        return Found(token, endpoint, "the argument 'token'")
    if environ.get(FILE_VARIABLE):
        return _read_file(Path(environ[FILE_VARIABLE]))
    if environ.get(TOKEN_VARIABLE):
        return Found(environ[TOKEN_VARIABLE], endpoint, TOKEN_VARIABLE)
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or "~").expanduser() / _HOME_FILE
    if home.is_file():
        return _read_file(home)
    raise ConfigurationError(
        f"There is no token for DataRobot. Set {TOKEN_VARIABLE} to a token or to a reference such "
        f"as secret://datarobot#token, or write {home} with 'token' and 'endpoint'."
    )


def _read_file(path: Path) -> Found:
    """Read a file of settings; what is more than ``key: value`` is refused, never guessed."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigurationError(
            f"The settings of DataRobot in {path} cannot be read: {error.strerror}. Correct "
            f"{FILE_VARIABLE}, or unset it."
        ) from error
    settings = {}
    for number, line in enumerate(lines, start=1):
        if line.strip() in {"", "---"} or line.lstrip().startswith("#"):
            continue
        match = _SETTING.fullmatch(line)
        if match is None:  # the line is not shown, because it may hold the token
            raise ConfigurationError(
                f"Line {number} of {path} is not of the form 'key: value'. Write one setting a "
                "line, such as 'endpoint: https://app.datarobot.com/api/v2'."
            )
        settings[match[1]] = match[2] or match[3] or match[4] or ""
    if not settings.get("token"):
        raise ConfigurationError(f"{path} has no 'token'. Add a line 'token: ...' to it.")
    return Found(settings["token"], settings.get("endpoint") or DEFAULT_ENDPOINT, str(path))
