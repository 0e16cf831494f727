"""Read from the type of an argument how it is written on a command line."""

from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

_LISTS = (list, tuple, set, frozenset)
_METAVARS = {"bool": "BOOLEAN", "int": "INTEGER", "float": "NUMBER", "str": "TEXT"}


def list_members(annotation: Any) -> list[Any]:
    """List the types that a value may have: those of a union, None left out, metadata removed.

    >>> list_members(Annotated[int, "a year"] | str | None)
    [<class 'int'>, <class 'str'>]
    """
    if get_origin(annotation) is Annotated:
        return list_members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [kind for part in get_args(annotation) for kind in list_members(part)]
    return [] if annotation in (None, type(None)) else [annotation]


def find_item_type(kinds: list[Any]) -> Any:
    """Give the type of the items when the only member is a list of one type, else None.

    >>> find_item_type([list[int]]), find_item_type([int])
    (<class 'int'>, None)
    """
    if len(kinds) != 1 or (get_origin(kinds[0]) or kinds[0]) not in _LISTS:
        return None
    items = [part for part in get_args(kinds[0]) if part is not Ellipsis]
    if len(items) > 1:
        return None
    item = items[0] if items else str
    return item if is_plain(list_members(item)) else None


def list_choices(kinds: list[Any]) -> dict[str, object]:
    """List the values of literals and enums by the text a user writes: the value, or its name.

    >>> list_choices([Literal["arr", 15]])
    {'arr': 'arr', '15': 15}
    """
    choices: dict[str, object] = {}
    for kind in kinds:
        if get_origin(kind) is Literal:
            choices |= {write_value(value): value for value in get_args(kind)}
        elif is_enum(kind):
            choices |= {write_value(member): member for member in kind}
    return choices


def list_names(kinds: list[Any]) -> dict[str, object]:
    """List the members of enums by their Python names."""
    return {member.name: member for kind in kinds if is_enum(kind) for member in kind}


def is_plain(kinds: list[Any]) -> bool:
    """Say whether one text is enough for a value: no list, mapping or model among its types."""
    return not any(
        (get_origin(kind) or kind) in (*_LISTS, dict) or hasattr(kind, "model_fields")
        for kind in kinds
    )


def make_metavar(kinds: list[Any]) -> str:
    """Give what stands for a value in the help.

    >>> make_metavar([int, str])
    'INTEGER|TEXT'
    """
    if choices := list_choices(kinds):
        return "|".join(choices)
    names = [getattr(kind, "__name__", str(kind)) for kind in kinds]
    return "|".join(_METAVARS.get(name, name.upper()) for name in names) or "TEXT"


def write_value(value: object) -> str:
    """Write a value as a user would type it.

    >>> write_value(True), write_value(["a"]), write_value(None)
    ('true', '["a"]', 'none')
    """
    if isinstance(value, Enum):
        return write_value(value.value)
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple | set | frozenset | dict) or hasattr(value, "model_dump"):
        from pydantic_core import to_json

        return to_json(value).decode()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def is_enum(kind: Any) -> bool:
    """Say whether a type is an enum."""
    return isinstance(kind, type) and issubclass(kind, Enum)
