"""Turn the signature of `extract` into one pydantic model that checks the arguments of every run.

The notebook's call, the flags of the command line and a JSON event all pass through
`check_arguments`; `json_schema` describes the same model to machines. Where all types are plain,
the checks of the model are made without it, and give the same values and the same faults.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import partial, reduce
from operator import or_
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin
from weakref import WeakKeyDictionary

from dspipe._argument_faults import describe_problem, shorten, translate_faults
from dspipe._plain_arguments import Check, check_not_number, find_check
from dspipe._signature import (
    REQUIRED,
    Parameter,
    find_faults,
    find_unknown_arguments,
    read_parameters,
    select_arguments,
)
from dspipe.errors import PipelineDefinitionError

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

__all__ = [
    "arguments_model",
    "check_arguments",
    "find_faults",
    "find_unknown_arguments",
    "json_schema",
    "select_arguments",
]

_checks: WeakKeyDictionary[type, Check] = WeakKeyDictionary()
_models: WeakKeyDictionary[type, "type[BaseModel]"] = WeakKeyDictionary()
_PREFIX = "argument_"
_PLAIN = frozenset({str, int, float, bool, date, datetime, type(None)})


def arguments_model(cls: type) -> "type[BaseModel]":
    """Build the pydantic model of a pipeline's arguments, once for each class.

    Parameters
    ----------
    cls : type
        A pipeline class whose `extract` has no faults.

    Returns
    -------
    type of BaseModel
        One field a parameter, under its own name or, where pydantic needs that name for itself,
        under ``argument_<name>``; the alias is always the parameter's name. Unknown names are
        forbidden. Descriptions come from the docstring of `extract`.

    Raises
    ------
    PipelineDefinitionError
        If a type cannot be checked, or a default does not fit its type; all faults together.

    Examples
    --------
    >>> class Churn:
    ...     def extract(self, customer_id: int): ...
    >>> arguments_model(Churn).model_validate({"customer_id": "7"})
    ChurnArguments(customer_id=7)
    """
    model = _models.get(cls)
    if model is None:
        model = _models[cls] = _build_model(cls, read_parameters(_extract_of(cls), owner=cls))
    return model


def check_arguments(cls: type, given: Mapping[str, object]) -> dict[str, Any]:
    """Check arguments against the signature of `extract` and fill in the defaults.

    Parameters
    ----------
    cls : type
        The pipeline class.
    given : mapping of str to object
        Values by parameter name: Python values, or their text or JSON form. numpy scalars and
        pandas timestamps are taken as the plain values they stand for.

    Returns
    -------
    dict of str to object
        A checked value for every parameter of `extract`, in its order.

    Raises
    ------
    ArgumentError
        If names are unknown or missing or values do not fit; all faults together.

    Examples
    --------
    >>> class Churn:
    ...     def extract(self, as_of: date, customer_id: int | None = None): ...
    >>> check_arguments(Churn, {"as_of": "2013-10-01"})
    {'as_of': datetime.date(2013, 10, 1), 'customer_id': None}
    """
    from pydantic_core import ValidationError

    check = _find_check(cls)
    plain = {name: _to_plain(value) for name, value in given.items()}
    try:
        return check(plain)
    except ValidationError as error:
        known = [parameter.name for parameter in read_parameters(_extract_of(cls), owner=cls)]
        # Its own text repeats ours in pydantic's words, so it is kept as context only.
        raise translate_faults(cls.__name__, known, plain, error) from None


def json_schema(cls: type) -> dict[str, Any]:
    """Describe the arguments of a pipeline as JSON Schema (draft 2020-12).

    Examples
    --------
    >>> class Churn:
    ...     def extract(self, customer_id: int): ...
    >>> json_schema(Churn)["properties"]
    {'customer_id': {'title': 'Customer Id', 'type': 'integer'}}
    """
    return arguments_model(cls).model_json_schema()


def _find_check(cls: type) -> Check:
    """Make the check of a class once: a light one where that is the same."""
    check = _checks.get(cls)
    if check is None:
        parameters = read_parameters(_extract_of(cls), owner=cls)
        check = _checks[cls] = find_check(parameters) or _check_by_model(arguments_model(cls))
    return check


def _check_by_model(model: "type[BaseModel]") -> Check:
    validate = model.__pydantic_validator__.validate_python
    names = {name: field.alias or name for name, field in model.__pydantic_fields__.items()}

    def check(given: Mapping[str, object]) -> dict[str, Any]:
        checked = validate(given).__dict__
        return {alias: checked[name] for name, alias in names.items()}

    return check


def _extract_of(cls: type) -> Any:
    # The pipeline's class lies above this file, so its type cannot be named here.
    return cls.extract  # type: ignore[attr-defined]


def _build_model(cls: type, parameters: Iterable[Parameter]) -> "type[BaseModel]":
    from pydantic import BaseModel, ConfigDict, PydanticUserError, ValidationError, create_model

    config = ConfigDict(extra="forbid", validate_default=True)
    fields: dict[str, Any] = {}
    for parameter in parameters:
        clashes = parameter.name.startswith(("_", "model_")) or hasattr(BaseModel, parameter.name)
        name = f"{_PREFIX}{parameter.name}" if clashes else parameter.name
        default = ... if parameter.default is REQUIRED else parameter.default
        fields[name] = (_annotate(parameter), default)
    model: type[BaseModel]
    try:
        model = create_model(
            f"{cls.__name__}Arguments", __config__=config, __doc__=cls.__doc__, **fields
        )
        model.model_validate({})
    except PydanticUserError as error:
        raise _definition_error(cls, _find_type_faults(fields)) from error
    except ValidationError as error:
        faults = _find_default_faults(error)
        if faults:
            raise _definition_error(cls, faults) from error
    return model


def _annotate(parameter: Parameter) -> Any:
    """Put the description before the user's own metadata, which wins, and the alias after it."""
    from pydantic import Field

    annotation, metadata = _unpack(_refuse_numbers(parameter.annotation))
    described = Field(description=parameter.description)
    named = Field(alias=parameter.name, validation_alias=parameter.name)
    return _annotated(annotation, (described, *metadata, named))


def _unpack(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(annotation) is Annotated:
        return get_args(annotation)[0], annotation.__metadata__
    return annotation, ()


def _annotated(annotation: Any, metadata: Iterable[object]) -> Any:
    # Type checkers read Annotated[...] as a type, which a computed one is not.
    special_form: Any = Annotated
    return special_form[(annotation, *metadata)]


def _refuse_numbers(annotation: Any) -> Any:
    """Keep pydantic from reading 20131001 as seconds since 1970 where a date is expected."""
    from pydantic import BeforeValidator

    base, metadata = _unpack(annotation)
    if base in (date, datetime):
        # After the limits: pydantic checks those it meets later in another, plainer way.
        check = BeforeValidator(partial(check_not_number, kind=base.__name__))
        return _annotated(base, (*metadata, check))
    if metadata:
        return _annotated(_refuse_numbers(base), metadata)
    generic: Any = get_origin(annotation)
    inner = get_args(annotation)
    if not any(part is date or part is datetime or get_args(part) for part in inner):
        return annotation
    changed = tuple(_refuse_numbers(part) for part in inner)
    if generic in (Union, UnionType):
        return reduce(or_, changed)
    return generic[changed] if hasattr(generic, "__class_getitem__") else annotation


def _definition_error(cls: type, faults: list[str]) -> PipelineDefinitionError:
    listed = faults[0] if len(faults) == 1 else "".join(f"\n  - {fault}" for fault in faults)
    return PipelineDefinitionError(f"{cls.__name__} cannot be used: {listed}", faults=faults)


def _find_type_faults(fields: Mapping[str, Any]) -> list[str]:
    from pydantic import PydanticUserError, create_model

    faults = []
    for name, field in fields.items():
        try:
            create_model("One", **{name: field})
        except PydanticUserError:
            faults.append(
                f"extract has a parameter '{name.removeprefix(_PREFIX)}' of a type that cannot "
                f"be checked: {_write_type(field[0])}. Arguments are numbers, texts, dates, enums, "
                f"lists of these, or pydantic models."
            )
    return faults


def _write_type(annotation: Any) -> str:
    kind = get_args(annotation)[0]
    return kind.__qualname__ if isinstance(kind, type) else str(kind)


def _find_default_faults(error: "ValidationError") -> list[str]:
    faults = []
    for detail in error.errors(include_url=False):
        name = str(detail["loc"][0]).removeprefix(_PREFIX)
        if detail["type"] == "missing" and len(detail["loc"]) == 1:
            continue
        optional = " Add '| None' to its type." if detail["input"] is None else ""
        faults.append(
            f"extract gives '{name}' the default {shorten(detail['input'])}, "
            f"which {describe_problem(detail)}.{optional}"
        )
    return faults


def _to_plain(value: Any) -> Any:
    """Turn numpy scalars and arrays and pandas timestamps into the plain values they stand for."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind in (list, tuple, set):
        return kind(_to_plain(item) for item in value)
    library = kind.__module__.partition(".")[0]
    if library == "numpy":
        # Nanoseconds would come out as a bare integer.
        exact = value.astype("datetime64[us]") if value.dtype.kind == "M" else value
        return exact.tolist()
    return _to_plain_pandas(value) if library == "pandas" else value


def _to_plain_pandas(value: Any) -> Any:
    if type(value).__name__ in ("NaTType", "NAType"):
        return None
    if isinstance(value, datetime):
        return value.to_pydatetime(warn=False)  # type: ignore[attr-defined]  # a Timestamp
    return _to_plain(value.tolist()) if hasattr(value, "tolist") else value
