"""What secrets look like."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

_SHOWN_CHARACTERS = 2
_SHORTEST_SHOWN = 12
_LEAST_BITS = 3.0  # of a character; words of a language have fewer
_KINDS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("an AWS access key", r"\b(?P<secret>(?:AKIA|ASIA)[0-9A-Z]{16})\b"),
        (
            "an AWS secret key",
            r"(?i)aws\w{0,20}secret\w{0,20}[\"']?\s*[:=]\s*[\"']?(?P<secret>[a-z0-9/+]{40})\b",
        ),
        ("a private key", r"(?P<secret>-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----)"),
        ("a token of GitHub", r"\b(?P<secret>gh[pousr]_\w{36,}|github_pat_\w{40,})\b"),
        ("a token of Slack", r"\b(?P<secret>xox[abprs]-[0-9A-Za-z-]{10,})"),
        ("a key of Google", r"\b(?P<secret>AIza[\w-]{35})(?![\w-])"),
        ("a key of a service", r"\b(?P<secret>(?:sk|rk|pk)[-_](?:live_|ant-|proj-)?[\w-]{20,})"),
        ("a signed token", r"\b(?P<secret>eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})"),
        ("a bearer token", r"(?i)\bbearer\s+(?P<secret>[\w.~+/-]{16,}=*)"),
        (
            "a password in a URL",
            r"\b[a-zA-Z][\w+.-]*://[^\s:/@'\"]*:(?P<secret>[^\s/@'\"]+)@",
        ),
        (
            "a password",
            r"(?i)(?:password|passwd|pwd)[\"']?\]?\s*(?::|=)\s*[\"'](?P<secret>[^\"'\s]{4,})[\"']",
        ),
    )
)
_NAMED = re.compile(
    r"(?i)\b(?P<name>[\w.-]*(?:token|secret|credential|api_?key|access_?key|password|passwd)\w*)"
    r"[\"']?\]?\s*(?::\s*str\s*)?[:=]\s*(?:[\"'](?P<quoted>[^\"'\s]{8,})[\"']|(?P<bare>[\w+/=.~-]{12,}))"
)
_STANDS_FOR_ONE = re.compile(
    r"(?i)(\*+|x+|\.+|<.*>|.*[{}$].*|your.*|my.*password.*|.*example.*|change.?me|password|secret|"
    r"[a-z]+://.*|none|null|.*…|.*\.\.\.)"
)


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret in a text: what it is, and where it stands. It shows two characters at most."""

    kind: str
    start: int
    end: int
    shown: str
    value: str = field(repr=False)


def find_secrets(text: str) -> Iterator[Secret]:
    """Find what looks like a secret, in the order of the kinds; each place once.

    >>> [secret.kind for secret in find_secrets("postgresql://ann:tulip@db/shop")]
    ['a password in a URL']
    """
    taken: list[range] = []
    for kind, match, group in _iter_matches(text):
        start, end = match.span(group)
        value = match[group]
        if _STANDS_FOR_ONE.fullmatch(value) or any(start in place for place in taken):
            continue
        taken.append(range(start, end))
        yield Secret(kind, start, end, _show(value), value)


def _iter_matches(text: str) -> Iterator[tuple[str, re.Match[str], str]]:
    for kind, pattern in _KINDS:
        for match in pattern.finditer(text):
            yield kind, match, "secret"
    for match in _NAMED.finditer(text):
        group = "quoted" if match["quoted"] else "bare"
        if is_random(match[group]):
            yield f"what is called {match['name']}", match, group


def is_random(value: str) -> bool:
    """Say whether a text is made of chance and not of words.

    >>> is_random("kQ8zP2vN5xT1mR7c"), is_random("requirements.lock")
    (True, False)
    """
    if not (re.search(r"\d", value) and re.search(r"[A-Za-z]", value)):
        return False
    counts = Counter(value).values()
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in counts)
    return bits >= _LEAST_BITS


def _show(value: str) -> str:
    is_long = len(value) >= _SHORTEST_SHOWN and not value.startswith("-")
    return f"{value[:_SHOWN_CHARACTERS] if is_long else ''}…"
