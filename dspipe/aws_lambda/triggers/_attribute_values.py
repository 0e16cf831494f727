"""Values as DynamoDB writes them, each with the letter of its type, to values of Python."""

import base64
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from dspipe.errors import RequestError


def read_item(item: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Read the attributes of an item.

    Numbers become int, or float where that holds the same digits, else Decimal. Sets become lists.

    Raises
    ------
    RequestError
        If a type is not known.

    Examples
    --------
    >>> read_item({"id": {"N": "7"}, "share": {"N": "0.5"}, "tags": {"SS": ["a", "b"]}})
    {'id': 7, 'share': 0.5, 'tags': ['a', 'b']}
    """
    return {name: _read_value(value) for name, value in item.items()}


def _read_value(value: Mapping[str, Any]) -> Any:
    ((letter, content),) = value.items()
    if letter not in _READERS:
        raise RequestError(
            f"An attribute of the item has the type '{letter}', which DynamoDB does not have. It "
            f"has: {', '.join(_READERS)}."
        )
    return _READERS[letter](content)


def _read_number(text: str) -> int | float | Decimal:
    try:
        exact = Decimal(text)
    except InvalidOperation as error:
        raise RequestError(
            "An attribute of the item is of the type 'N' and holds no number. Send the event as "
            "DynamoDB does."
        ) from error
    if exact == exact.to_integral_value():
        return int(exact)
    near = float(exact)
    return near if Decimal(repr(near)) == exact else exact


def _read_bytes(text: str) -> bytes:
    return base64.b64decode(text)


def _each(read: Callable[[Any], Any]) -> Callable[[list[Any]], list[Any]]:
    return lambda values: [read(value) for value in values]


_READERS: dict[str, Callable[[Any], Any]] = {
    "S": str,
    "N": _read_number,
    "B": _read_bytes,
    "BOOL": bool,
    "NULL": lambda _: None,
    "L": _each(_read_value),
    "M": read_item,
    "SS": _each(str),
    "NS": _each(_read_number),
    "BS": _each(_read_bytes),
}
