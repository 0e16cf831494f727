"""Put what is wrong with a table of settings into sentences for the person who wrote it."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dspipe._argument_faults import describe_problem, shorten
from dspipe._text import suggest

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

# Their values may be secrets that stand in the wrong place.
_UNSHOWN = ("environment", "secrets")
_EXPECTED = {"dict_type": "a table", "model_type": "a table", "tuple_type": "a list"}
_LENGTHS = {"too_long": "max_length", "too_short": "min_length"}
_EXAMPLES = {
    "arn": '"arn:aws:kinesis:eu-west-1:123456789012:stream/flights"',
    "bucket": '"flights-to-score"',
    "expression": '"cron(0 5 * * ? *)"',
    "pipeline": '"flight_delay.py:FlightDelay"',
    "security_groups": '["sg-0123456789abcdef0"]',
    "subnets": '["subnet-0123456789abcdef0"]',
}


def find_unknown(given: Iterable[str], known: Iterable[str]) -> list[str]:
    """Say of each unknown key what was meant.

    Examples
    --------
    >>> find_unknown(["memory"], ["memory_mb", "name"])
    ["There is no key 'memory'. Did you mean 'memory_mb'? There are: memory_mb, name."]
    """
    names = list(known)
    return [
        f"There is no key '{key}'.{suggest(key, names)} There are: {', '.join(names)}."
        for key in given
        if key not in names
    ]


def iter_faults(error: "ValidationError") -> Iterator[str]:
    """Write one sentence for each place that pydantic finds at fault."""
    found: dict[str, ErrorDetails] = {}
    for detail in error.errors(include_url=False):
        found.setdefault(_write_path(detail["loc"]), detail)
    for path, detail in found.items():
        # A list that is too short because none of its values is right has one fault, not two.
        if not any(other.startswith((f"{path}[", f"{path}.")) for other in found):
            yield _describe(path, detail)


def _write_path(parts: tuple[int | str, ...]) -> str:
    """Write a place as in TOML: ``schedules[0].expression``."""
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part != "[key]":  # where a key of a table is at fault, and not its value
            path += f".{part}" if path else part
    return path


def _describe(path: str, detail: "ErrorDetails") -> str:
    last = str(detail["loc"][-1])
    if detail["type"] == "missing":
        return f"'{path}' must be given, such as {last} = {_EXAMPLES.get(last, '...')}."
    if detail["type"] == "extra_forbidden":
        return f"There is no key '{path}'. Remove it, or correct its name."
    problem = _describe_problem(detail)
    if path.startswith(_UNSHOWN):
        return f"'{path}' cannot be used: {problem}"
    return f"'{path}' cannot be {shorten(detail['input'])}: {problem}"


def _describe_problem(detail: "ErrorDetails") -> str:
    if detail["type"] == "value_error":  # ours, which are written to stand here
        sentence = str(detail["ctx"]["error"])
        return sentence if sentence.endswith(("?", ".")) else f"{sentence}."
    if detail["type"] in _LENGTHS:
        count = detail["ctx"][_LENGTHS[detail["type"]]]
        return f"it must hold at {'most' if detail['type'] == 'too_long' else 'least'} {count}."
    expected = _EXPECTED.get(detail["type"])
    return f"it must be {expected}." if expected else f"it {describe_problem(detail)}."
