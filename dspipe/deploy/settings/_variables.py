"""Variables of the function: which may stand in a template, and which are secrets.

A template, a change set and the console show plain variables to everybody who may look. A secret
is therefore never a plain variable: only its name travels.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from dspipe._config import hide_password
from dspipe.deploy.settings._references import find_reference

# Source: Lambda environment variables, reserved names,
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, read 2026-11-23.
_RESERVED = re.compile(r"AWS_.*|LAMBDA_.*|_HANDLER|_X_AMZN_TRACE_ID|TZ")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]+")
_SECRET_WORDS = frozenset(
    [
        "APIKEY",
        "CREDENTIAL",
        "CREDENTIALS",
        "PASSPHRASE",
        "PASSWD",
        "PASSWORD",
        "PWD",
        "SECRET",
        "TOKEN",
    ]
)
_SECRET_PAIRS = frozenset([("ACCESS", "KEY"), ("API", "KEY"), ("PRIVATE", "KEY")])
# A variable may tell where a secret is, how long it lives, what it is called.
_ABOUT_WORDS = frozenset(["ARN", "COUNT", "HEADER", "ID", "NAME", "PATH", "SECONDS", "TTL"])
_SECRET_VALUE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\b(AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}"
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\."
)
_PLACEHOLDER = re.compile(r"\$\{\w+\}")
_HOW_TO_WRITE = 'Write "secret://<name>" or "secret://<name>#<field>" or "ssm://<name>"'


def find_variable_faults(settings: Mapping[str, Any], sources: Mapping[str, Any]) -> list[str]:
    """Find variables that cannot be set, secrets in the open, and secrets that name no secret.

    The values are never shown.

    Examples
    --------
    >>> find_variable_faults({"secrets": {"DB": "tulip"}}, {})
    ['secrets.DB names no secret. Write "secret://<name>" or "secret://<name>#<field>" or \
"ssm://<name>", or the ARN of the secret; the value itself belongs into AWS.']
    """
    plain = _read_texts(settings.get("environment"))
    secret = _read_texts(settings.get("secrets"))
    return [
        *_iter_name_faults(plain, secret),
        *_iter_open_secrets(plain),
        *_iter_missing_references(secret),
        *_iter_open_passwords(sources),
    ]


def find_source_references(sources: Mapping[str, Any]) -> tuple[str, ...]:
    """Find the urls of sources that are references to secrets.

    Examples
    --------
    >>> find_source_references({"default": "secret://flights/reader", "demo": "sqlite:///x.db"})
    ('secret://flights/reader',)
    """
    return tuple(url for _, url in _iter_urls(sources) if find_reference(url) is not None)


def _read_texts(table: object) -> dict[str, str]:
    """Take the variables that are texts; the model of the settings refuses the others."""
    if not isinstance(table, dict):
        return {}
    return {name: value for name, value in table.items() if isinstance(value, str)}


def _iter_name_faults(plain: Mapping[str, str], secret: Mapping[str, str]) -> Iterator[str]:
    for place, names in (("environment", plain), ("secrets", secret)):
        for name in names:
            if name == "DSPIPE_ANSWERS":
                yield f"{place}.{name} would give no right to write there. Set 'answers' instead."
            elif _RESERVED.fullmatch(name):
                yield f"{place}.{name} is a variable that Lambda sets itself. Use another name."
            elif not _NAME.fullmatch(name):
                yield (
                    f"{place}.{name} is no name of a variable. Use letters, digits and "
                    f"underscores, at least two, and begin with a letter."
                )
    for name in sorted(plain.keys() & secret.keys()):
        yield f"The variable {name} stands in 'environment' and in 'secrets'. Remove one of them."


def _iter_open_secrets(plain: Mapping[str, str]) -> Iterator[str]:
    for name, value in plain.items():
        if find_reference(value) is not None:
            yield f"environment.{name} names a secret. Move it to 'secrets', so it may be read."
        elif is_secret(name, value):
            yield (
                f"environment.{name} looks like a secret, and everybody who sees the template "
                f"would see it. Put the value into AWS Secrets Manager or SSM and name it: "
                f'secrets.{name} = "secret://<name>".'
            )


def is_secret(name: str, value: str) -> bool:
    """Say whether a variable looks like a secret, by its name or its value.

    >>> is_secret("DB_PASSWORD", "x"), is_secret("SECRET_NAME", "x"), is_secret("MAX_TOKENS", "x")
    (True, False, False)
    >>> is_secret("DATABASE", "mysql://ann:tulip@db/x")
    True
    """
    words = name.upper().split("_")
    is_about = words[-1] in _ABOUT_WORDS
    has_word = not _SECRET_WORDS.isdisjoint(words)
    has_pair = not _SECRET_PAIRS.isdisjoint(pairwise(words))
    by_name = bool(value) and not is_about and (has_word or has_pair)
    return by_name or bool(_SECRET_VALUE.search(value)) or _holds_password(value)


def _iter_missing_references(secret: Mapping[str, str]) -> Iterator[str]:
    for name, value in secret.items():
        if find_reference(value) is None:
            yield (
                f"secrets.{name} names no secret. {_HOW_TO_WRITE}, or the ARN of the secret; the "
                f"value itself belongs into AWS."
            )


def _iter_open_passwords(sources: Mapping[str, Any]) -> Iterator[str]:
    for name, url in _iter_urls(sources):
        if _holds_password(url):
            yield (
                f"The url of source '{name}' holds a password, which would travel in the package. "
                f"Keep the url in AWS Secrets Manager and name it: {name} = "
                f'"secret://<name>", or write ${{PASSWORD}} in its place and set secrets.PASSWORD.'
            )


def _iter_urls(sources: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, entry in sources.items():
        url = entry.get("url") if isinstance(entry, dict) else entry
        if isinstance(url, str):
            yield name, url


def _holds_password(url: str) -> bool:
    """Say whether a url holds a password; a place that a variable fills is none."""
    if "://" not in url:
        return False
    bare = _PLACEHOLDER.sub("", url).replace(":@", "@")
    return hide_password(bare) != bare
