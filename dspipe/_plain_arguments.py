"""Checks for arguments of plain types, made without pydantic's Python half.

Importing pydantic costs more than all the rest of dspipe, and a Lambda function pays for it at
every cold start. Its core, which does the checking, is compiled and light. A signature of plain
types is described to the core here, in the same words that pydantic would use; everything else is
left to pydantic.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import partial
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from dspipe._signature import REQUIRED, Parameter

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

Schema = dict[str, Any]
Check = Callable[[Mapping[str, object]], dict[str, Any]]

_SIMPLE: dict[object, Schema] = {
    bool: {"type": "bool"},
    date: {"type": "date"},
    datetime: {"type": "datetime", "microseconds_precision": "truncate"},
    float: {"type": "float"},
    int: {"type": "int"},
    str: {"type": "str"},
}
_LITERALS = (bool, int, str)
_ENUM_BASES = (int, str, float)


def find_check(parameters: Iterable[Parameter]) -> Check | None:
    """Make a check of arguments that needs no pydantic.

    Parameters
    ----------
    parameters : iterable of Parameter
        Those of `extract`.

    Returns
    -------
    callable or None
        Takes a mapping, and gives a checked value for every parameter, in order, or raises
        pydantic-core's ValidationError. None when a type or a default is not plain, or when a
        default does not fit its type.

    Examples
    --------
    >>> check = find_check([Parameter("n", int, REQUIRED, None), Parameter("to", str, "x", None)])
    >>> check({"n": "7"})
    {'n': 7, 'to': 'x'}
    >>> find_check([Parameter("window", object, REQUIRED, None)]) is None
    True
    """
    fields = {}
    for parameter in parameters:
        schema = _find_schema(parameter.annotation)
        if schema is None or not _is_plain_default(parameter.default):
            return None
        if parameter.default is not REQUIRED:
            schema = {"type": "default", "schema": schema, "default": parameter.default}
        fields[parameter.name] = {"type": "model-field", "schema": schema}
    return _make_check({"type": "model-fields", "fields": fields})


def check_not_number(value: object, *, kind: str) -> object:
    """Keep the core from reading 20131001 as seconds since 1970 where a date is expected."""
    from pydantic_core import PydanticCustomError

    is_number = isinstance(value, int | float) or (isinstance(value, str) and _reads_number(value))
    if is_number:
        raise PydanticCustomError(f"{kind}_number", "a number")
    return value


def _make_check(schema: "CoreSchema | Schema") -> Check | None:
    from pydantic_core import SchemaValidator, ValidationError

    core: Any = schema
    validate = SchemaValidator(
        core, {"extra_fields_behavior": "forbid", "validate_default": True}
    ).validate_python
    try:
        validate({})
    except ValidationError as error:
        if any(fault["type"] != "missing" for fault in error.errors(include_url=False)):
            return None

    def check(given: Mapping[str, object]) -> dict[str, Any]:
        values: dict[str, Any] = validate(given)[0]
        return values

    return check


def _find_schema(annotation: Any) -> Schema | None:
    """Describe a type to the core; None for one that only pydantic knows how to describe."""
    if annotation in (date, datetime):
        function = partial(check_not_number, kind=annotation.__name__)
        before = {"type": "no-info", "function": function}
        return {"type": "function-before", "function": before, "schema": _SIMPLE[annotation]}
    if isinstance(annotation, type) and annotation in _SIMPLE:
        return _SIMPLE[annotation]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal and all(type(value) in _LITERALS for value in inner):
        return {"type": "literal", "expected": list(inner)}
    if origin is list and inner:
        items = _find_schema(inner[0])
        return items and {"type": "list", "items_schema": items}
    if origin in (Union, UnionType):
        return _find_union(inner)
    return _find_enum(annotation)


def _find_union(members: tuple[Any, ...]) -> Schema | None:
    choices = [_find_schema(member) for member in members if member is not NoneType]
    if None in choices:
        return None
    schema = choices[0] if len(choices) == 1 else {"type": "union", "choices": choices}
    return {"type": "nullable", "schema": schema} if NoneType in members else schema


def _find_enum(kind: Any) -> Schema | None:
    """Describe an enum that is nothing but its members."""
    if not (isinstance(kind, type) and issubclass(kind, Enum) and len(kind)):
        return None
    own_ways = ("_missing_", "__get_pydantic_core_schema__", "__get_validators__")
    if any(name in vars(base) for base in kind.__mro__ for name in own_ways if base is not Enum):
        return None
    schema: Schema = {"type": "enum", "cls": kind, "members": list(kind.__members__.values())}
    for base in _ENUM_BASES:
        if issubclass(kind, base):
            return {**schema, "sub_type": base.__name__}
    return schema


def _is_plain_default(default: object) -> bool:
    """Leave to pydantic what it may give a meaning of its own, such as a Field."""
    if isinstance(default, list):
        return all(map(_is_plain_default, default))
    return default is REQUIRED or isinstance(default, Enum | NoneType) or type(default) in _SIMPLE


def _reads_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
