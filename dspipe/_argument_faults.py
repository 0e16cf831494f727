"""Put the faults that pydantic finds in arguments into sentences for the person who gave them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dspipe._text import suggest
from dspipe.errors import ArgumentError

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

MOST_SHOWN_CHARACTERS = 60

_EXPECTED = {
    "bool": "true or false",
    "date": "a date such as 2013-10-01",
    "datetime": "a date and time such as 2013-10-01T06:30:00",
    "float": "a number",
    "int": "a whole number",
    "string": "a text",
}
_KIND = re.compile(r"(bool|date|datetime|float|int|string)_(type|parsing|from_.*|number)")


def translate_faults(
    pipeline: str, known: Sequence[str], given: Mapping[str, object], error: "ValidationError"
) -> ArgumentError:
    """Make one error of all the faults that pydantic found.

    Parameters
    ----------
    pipeline : str
        Name of the pipeline.
    known : sequence of str
        The arguments it takes.
    given : mapping of str to object
        The arguments that were checked.
    error : ValidationError
        What pydantic says about them.

    Returns
    -------
    ArgumentError
        Its message holds one line a fault; its `errors` one record a fault.
    """
    problems = dict(_iter_problems(pipeline, known, given, error))
    records = [{"argument": path, "problem": problem} for path, problem in problems.items()]
    return ArgumentError("\n".join(problems.values()), errors=records)


def describe_problem(detail: "ErrorDetails") -> str:
    """Say what a value must be, as the end of a sentence."""
    kind = _KIND.fullmatch(detail["type"])
    if kind:
        return f"must be {_EXPECTED[kind[1]]}"
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    message = message.rstrip(".")
    if message.startswith("Input should "):
        return f"must {message.removeprefix('Input should ')}"
    return f"is refused: {message}"


def shorten(value: object) -> str:
    """Write a value on one line of bounded length.

    >>> shorten("x" * 80)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"
    """
    text = repr(value)
    return text if len(text) <= MOST_SHOWN_CHARACTERS else f"{text[: MOST_SHOWN_CHARACTERS - 1]}…"


def _iter_problems(
    pipeline: str, known: Sequence[str], given: Mapping[str, object], error: "ValidationError"
) -> Iterator[tuple[str, str]]:
    grouped: dict[str, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        grouped.setdefault(_path(detail, given), []).append(detail)
    unknown = [path for path, found in grouped.items() if found[0]["type"] == "extra_forbidden"]
    # A misspelt name is one fault, not an unknown argument and a missing one.
    hints = [suggest(path, known) for path in unknown]
    for path, found in grouped.items():
        if path in unknown:
            yield path, _describe_unknown(pipeline, path, known)
        elif found[0]["type"] != "missing":
            what = " or ".join(dict.fromkeys(describe_problem(detail) for detail in found))
            what = what.replace(" or must be ", " or ")
            value = shorten(found[0]["input"])
            yield path, f"{pipeline} cannot take {value} as '{path}': it {what}."
        elif not any(f"'{path}'" in hint for hint in hints):
            takes = f" {_takes(known)}" if path in known else ""
            yield path, f"{pipeline} needs the argument '{path}'.{takes}"


def _path(detail: "ErrorDetails", given: Mapping[str, object]) -> str:
    """Write where a fault is; parts that are no place in the input name members of a union."""
    path, value, last = "", given, len(detail["loc"]) - 1
    for position, part in enumerate(detail["loc"]):
        inside: Any = value
        names_end = position == last and detail["type"] in ("missing", "extra_forbidden")
        if isinstance(inside, Mapping) and (names_end or part in inside):
            path += f".{part}" if path else str(part)
            value = inside.get(part, {})
        elif isinstance(inside, list | tuple) and isinstance(part, int):
            path += f"[{part}]"
            value = inside[part]
    return path


def _describe_unknown(pipeline: str, path: str, known: Sequence[str]) -> str:
    if "." in path or "[" in path:
        return f"{pipeline} got an unknown argument '{path}'. Remove it."
    takes = _takes(known)
    return f"{pipeline} got an unknown argument '{path}'. {takes}{suggest(path, known)}"


def _takes(known: Sequence[str]) -> str:
    return f"It takes: {', '.join(known)}." if known else "It takes no arguments."
