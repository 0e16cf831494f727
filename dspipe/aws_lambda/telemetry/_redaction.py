"""What must not stand in a log line: secrets that were fetched or given, passwords in URLs."""

import os
import re
from collections.abc import Iterable, Mapping

from dspipe import _secrets

_HIDDEN = "***"
_PASSWORD_IN_URL = re.compile(r"(://[^\s:/@]*:)[^\s/]+(?=@)")
_SECRET_OPTION = re.compile(
    r"(?i)\b((?:password|passwd|pwd|secret|token|api_?key)[\"']?\s*[=:](?!//)\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&'\"]+)"
)
_SECRET_NAME = re.compile(r"(?i)password|passwd|secret|token|credential|api_?key|access_key")
_FEWEST_CHARACTERS = 6  # hiding every "a" would hide the log


def redact(text: str, *, environ: Mapping[str, str] | None = None) -> str:
    """Hide what looks like a secret in a text for the log.

    Parameters
    ----------
    text : str
        A message or a traceback.
    environ : mapping of str to str, optional
        The environment variables; those of the process when not given. Values of those that are
        called like secrets are hidden wherever they stand.

    Examples
    --------
    >>> redact("no route to postgresql://ann:tulip@db/shop", environ={})
    'no route to postgresql://ann:***@db/shop'
    """
    for secret in _iter_secrets(os.environ if environ is None else environ):
        if len(secret) >= _FEWEST_CHARACTERS:
            text = text.replace(secret, _HIDDEN)
    text = _PASSWORD_IN_URL.sub(rf"\1{_HIDDEN}", text)
    return _SECRET_OPTION.sub(rf"\1{_HIDDEN}", text)


def is_secret_name(name: str) -> bool:
    """Say whether what is called so is likely to be a secret.

    >>> is_secret_name("DB_PASSWORD"), is_secret_name("carrier")
    (True, False)
    """
    return _SECRET_NAME.search(name) is not None


def _iter_secrets(environ: Mapping[str, str]) -> Iterable[str]:
    for name, value in environ.items():
        if is_secret_name(name) and not _secrets.is_reference(value):
            yield value
    # Those that were fetched by reference are in no variable.
    yield from _secrets.list_values()
