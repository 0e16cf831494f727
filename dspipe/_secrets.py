"""Secrets by reference: a setting names where a value is kept, and the value is asked for late.

``secret://name`` and the ARN of a secret are in AWS Secrets Manager, ``ssm://name`` and the ARN of
a parameter in the Parameter Store of Systems Manager. ``#field`` takes one field of a JSON object.
Values are kept in memory for some minutes, so that a changed secret is seen without a deployment.
"""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import quote

from dspipe import _aws
from dspipe._text import suggest
from dspipe.errors import ConfigurationError

KEPT_SECONDS = 300.0

_ARN_PARTS = 6
_REFERENCE = re.compile(
    r"(?:(?P<scheme>secret|ssm)://|(?=arn:aws[a-z-]*:(?P<service>secretsmanager|ssm):))"
    r"(?P<name>[^#]*)(?:#(?P<field>.*))?",
    re.DOTALL,
)
# What Secrets Manager calls the engines of databases, and how their URLs begin.
_DIALECTS = {
    "aurora-mysql": "mysql",
    "aurora-postgresql": "postgresql",
    "mariadb": "mariadb",
    "mysql": "mysql",
    "postgres": "postgresql",
    "postgresql": "postgresql",
}

# What a secret of a database holds that is none.
_OPEN_FIELDS = frozenset(
    {"dbClusterIdentifier", "dbInstanceIdentifier", "dbname", "engine", "host", "port", "username"}
)

_kept: dict[tuple[str, str], tuple[float, str]] = {}
_lock = threading.Lock()


def resolve(text: str, *, clock: Callable[[], float] = monotonic) -> str:
    """Give the value that a reference names; any other text is its own value.

    Parameters
    ----------
    text : str
        A reference, or a value.
    clock : callable, default=time.monotonic
        Tells the time in seconds.

    Returns
    -------
    str
        The value. A secret of a database as AWS writes it (``username``, ``password``, ``host``,
        ``port``, ``dbname``, ``engine``) becomes its URL, when no field is named.

    Raises
    ------
    ConfigurationError
        If the secret or its field does not exist, or AWS does not let it be read.
    SourceError
        If AWS cannot be reached, or asks to be called less often.

    Examples
    --------
    >>> resolve("postgresql://ann@localhost/shop")
    'postgresql://ann@localhost/shop'
    """
    reference = _parse(text)
    if reference is None:
        return text
    return _choose(reference, _fetch(reference, clock))


def is_reference(text: str) -> bool:
    """Say whether a text names a secret in the place of being one.

    >>> is_reference("secret://shop/db#password"), is_reference("tulip")
    (True, False)
    """
    return _REFERENCE.match(text) is not None


def forget(text: str) -> None:
    """Forget the value that a reference names; it is asked for again when it is needed."""
    reference = _parse(text)
    if reference is not None:
        with _lock:
            _kept.pop((reference.service, reference.name), None)


def forget_all() -> None:
    """Forget all values; each is asked for again when it is needed."""
    with _lock:
        _kept.clear()


def list_values() -> list[str]:
    """List the values in memory, the longest first, so that a log can leave them out.

    Fields of JSON objects and the forms that stand in URLs are listed too, but not those that say
    where a database is.
    """
    with _lock:
        texts = [value for _, value in _kept.values()]
    fields = [
        field
        for text in texts
        for name, field in (_read_object(text) or {}).items()
        if isinstance(field, str) and name not in _OPEN_FIELDS
    ]
    values = {*texts, *fields}
    return sorted(values | {quote(value, safe="") for value in values}, key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class _Reference:
    """Where a value is kept: the text of the setting, the service, the name and the field."""

    text: str
    service: str
    name: str
    field: str | None

    @property
    def called(self) -> str:
        noun = "secret" if self.service == "secretsmanager" else "parameter"
        return f"{noun} '{self.name}'"

    @property
    def region(self) -> str | None:
        return self.name.split(":")[3] if self.name.startswith("arn:") else None

    @property
    def arn(self) -> str:
        if self.name.startswith("arn:"):
            return self.name
        if self.service == "ssm":
            return f"arn:aws:ssm:*:*:parameter/{self.name.lstrip('/')}"
        return f"arn:aws:secretsmanager:*:*:secret:{self.name}-??????"


def _parse(text: str) -> _Reference | None:
    match = _REFERENCE.match(text)
    if match is None:
        return None
    is_secret = "secret" in (match["scheme"] or match["service"])
    name, field = match["name"], match["field"]
    is_whole = len(name.split(":")) >= _ARN_PARTS if name.startswith("arn:") else name
    if not is_whole or field == "":
        raise ConfigurationError(
            f"'{text}' does not name a secret. Write secret://name, secret://name#field, "
            "ssm://name, or a whole ARN."
        )
    if match["scheme"] == "ssm" and "/" in name:
        name = "/" + name.lstrip("/")  # a name with levels begins with a slash
    return _Reference(text, "secretsmanager" if is_secret else "ssm", name, field)


def _fetch(reference: _Reference, clock: Callable[[], float]) -> str:
    key = (reference.service, reference.name)
    with _lock:
        until, value = _kept.get(key, (0.0, ""))
        if key not in _kept or clock() >= until:
            value = _ASK[reference.service](reference)
            _kept[key] = (clock() + KEPT_SECONDS, value)
    return value


def _ask_secrets_manager(reference: _Reference) -> str:
    with _aws.calling(
        "secretsmanager:GetSecretValue",
        reference.arn,
        absent=_not_there(reference, "AWS Secrets Manager"),
        region=reference.region,
    ) as secrets_manager:
        answer = secrets_manager.get_secret_value(SecretId=reference.name)
    if "SecretString" not in answer:
        raise ConfigurationError(
            f"The {reference.called} holds bytes. Store it as text, or as a JSON object."
        )
    return str(answer["SecretString"])


def _ask_parameter_store(reference: _Reference) -> str:
    with _aws.calling(
        "ssm:GetParameter",
        reference.arn,
        absent=_not_there(reference, "the Parameter Store of AWS"),
        region=reference.region,
    ) as ssm:
        answer = ssm.get_parameter(Name=reference.name, WithDecryption=True)
    return str(answer["Parameter"]["Value"])


_ASK = {"secretsmanager": _ask_secrets_manager, "ssm": _ask_parameter_store}


def _not_there(reference: _Reference, place: str) -> ConfigurationError:
    return ConfigurationError(
        f"The {reference.called} does not exist in {place}, in this account and region. Create it "
        f"there, or correct the reference '{reference.text}'."
    )


def _choose(reference: _Reference, value: str) -> str:
    """Choose what a reference asks for: a field, the URL of a database, or all of it."""
    fields = _read_object(value)
    if reference.field is not None:
        return _choose_field(reference, fields)
    if fields is None:
        return value
    if fields.keys() >= {"username", "password", "host", "engine"}:
        return _make_url(reference, fields)
    raise ConfigurationError(
        f"The {reference.called} is a JSON object with the fields: {', '.join(sorted(fields))}. "
        f"Name one, as in {reference.text}#{min(fields, default='field')}, or store username, "
        "password, host, port, dbname and engine for the URL of a database."
    )


def _read_object(value: str) -> dict[str, Any] | None:
    try:
        found = json.loads(value)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _choose_field(reference: _Reference, fields: dict[str, Any] | None) -> str:
    if fields is None:
        raise ConfigurationError(
            f"The {reference.called} is not a JSON object, so it has no field "
            f"'{reference.field}'. Leave out #{reference.field}, or store a JSON object."
        )
    if reference.field not in fields:
        raise ConfigurationError(
            f"The {reference.called} has no field '{reference.field}'."
            f"{suggest(str(reference.field), fields)} Its fields: {', '.join(sorted(fields))}."
        )
    chosen = fields[reference.field]
    return chosen if isinstance(chosen, str) else json.dumps(chosen)


def _make_url(reference: _Reference, fields: dict[str, Any]) -> str:
    dialect = _DIALECTS.get(str(fields["engine"]))
    if dialect is None:
        raise ConfigurationError(
            f"The {reference.called} is of the engine '{fields['engine']}', whose URL is not "
            f"known. Write the URL yourself, with a variable for each field, such as "
            f"{reference.text}#password."
        )
    user, password = (quote(str(fields[name]), safe="") for name in ("username", "password"))
    port = f":{fields['port']}" if fields.get("port") else ""
    database = quote(str(fields.get("dbname") or ""), safe="")
    return f"{dialect}://{user}:{password}@{fields['host']}{port}/{database}"
