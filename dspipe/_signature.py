"""Read the signatures of a pipeline's stages: their faults, their parameters, who asks for what.

Standard library only, because it runs while a pipeline class is being defined.
"""

import inspect
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from dspipe._text import suggest

REQUIRED = inspect.Parameter.empty

_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_PARAMETERS = re.compile(
    r"^Parameters *\n-{3,} *\n(.*?)(?=^\S[^\n]*\n-{3,}|\Z)", re.MULTILINE | re.DOTALL
)
_selected: WeakKeyDictionary[Any, "_Selection"] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Parameter:
    """Hold one parameter of `extract`: its name, resolved annotation, default and description.

    `default` is `REQUIRED` when there is none; `description` comes from the docstring.
    """

    name: str
    annotation: Any
    default: Any
    description: str | None


def find_faults(name: str, method: object, *, owner: type | None = None) -> list[str]:
    """Find what keeps a stage from being called, as sentences.

    Parameters
    ----------
    name : str
        The stage as the user knows it: "extract", or "ChurnPipeline.extract".
    method : object
        What the class holds under that name.
    owner : type, optional
        The class, whose namespace the annotations may use.

    Returns
    -------
    list of str
        Finished sentences; empty when all is well.

    Examples
    --------
    >>> def extract(self, day):
    ...     pass
    >>> find_faults("extract", extract)
    ["extract has a parameter 'day' without a type. Write one, such as day: date."]
    """
    if isinstance(method, staticmethod | classmethod):
        return [f"{name} is a {type(method).__name__}. Make it a method: def {name}(self, ...)."]
    function = _function(method)
    if not inspect.isfunction(inspect.unwrap(function)):
        return [f"{name} is not a method. Write: def {_stage(name)}(self, ...)."]
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return [f"{name} is asynchronous. Write def instead of async def."]
    if _stage(name) == "extract":
        return _find_extract_faults(name, function, owner)
    return _find_stage_faults(name, function)


def find_unknown_arguments(name: str, method: object, extract: object) -> list[str]:
    """Find the arguments a stage asks for and `extract` does not take, as sentences.

    A parameter with a default is no fault: the stage then always gets its default.

    Examples
    --------
    >>> def extract(self, day: str): ...
    >>> def predict(self, features, dya): ...
    >>> find_unknown_arguments("predict", predict, extract)
    ["predict asks for 'dya', which is no parameter of extract. Did you mean 'day'?"]
    """
    parameters = list(_beyond(extract, 1))
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return []  # the names are not known; `find_faults` says so
    known = [parameter.name for parameter in parameters]
    return [
        f"{name} asks for '{parameter.name}', which is no parameter of extract."
        f"{suggest(parameter.name, known)}"
        for parameter in _beyond(method, 2)
        if parameter.kind in _BY_NAME
        and parameter.default is REQUIRED
        and parameter.name not in known
    ]


def read_parameters(extract: object, *, owner: type | None = None) -> list[Parameter]:
    """Read the parameters of an `extract` without faults, in order, `self` left out."""
    function = inspect.unwrap(_function(extract))
    descriptions = read_descriptions(inspect.getdoc(function) or "")
    return [
        Parameter(
            parameter.name,
            resolve_annotation(parameter.annotation, function, owner),
            parameter.default,
            descriptions.get(parameter.name),
        )
        for parameter in _beyond(extract, 1)
    ]


def select_arguments(method: object, arguments: Mapping[str, object]) -> dict[str, object]:
    """Pick the arguments that a stage asks for by name, beyond `self` and its data.

    Parameters
    ----------
    method : function or bound method
        `postprocess` or `predict`.
    arguments : mapping of str to object
        The checked arguments of the run.

    Returns
    -------
    dict of str to object
        All of them for a stage that takes ``**arguments``.

    Examples
    --------
    >>> def predict(self, features, *, day): ...
    >>> select_arguments(predict, {"day": "2013-10-01", "carrier": "UA"})
    {'day': '2013-10-01'}
    """
    function = _function(method)
    selection = _selected.get(function)
    if selection is None:
        selection = _selected[function] = _Selection.of(function)
    if selection.takes_all:
        return {key: value for key, value in arguments.items() if key != selection.data_name}
    return {name: arguments[name] for name in selection.names if name in arguments}


def resolve_annotation(annotation: Any, function: Callable[..., Any], owner: type | None) -> Any:
    """Turn an annotation that may be, or hold, a string into the type it names.

    Raises
    ------
    NameError, SyntaxError, TypeError, AttributeError
        If the text names nothing that is known where the function was written.
    """
    classes = reversed(owner.__mro__) if owner is not None else ()
    local = {key: value for base in classes for key, value in vars(base).items()}
    # One annotation at a time: that of the return value may name what only type checkers import.
    holder = SimpleNamespace(__annotations__={"it": annotation})
    names = getattr(function, "__globals__", {})
    hints = typing.get_type_hints(holder, names, local, include_extras=True)
    return hints["it"]


def read_descriptions(docstring: str) -> dict[str, str]:
    r"""Read the "Parameters" section of a docstring in NumPy form.

    Examples
    --------
    >>> read_descriptions("Parameters\n----------\nday : date\n    Day of departure.\n")
    {'day': 'Day of departure.'}
    """
    section = _PARAMETERS.search(docstring)
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for line in section[1].splitlines() if section else ():
        if line and not line[0].isspace():
            names = [name.strip() for name in line.partition(":")[0].split(",")]
            found.update({name: [] for name in names})
        elif line.strip():
            for name in names:
                found[name].append(line.strip())
    return {name: " ".join(lines) for name, lines in found.items() if lines}


@dataclass(frozen=True, slots=True)
class _Selection:
    """Say what one stage asks for."""

    names: tuple[str, ...]
    takes_all: bool
    data_name: str | None

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "_Selection":
        first, others = next(_beyond(function, 1), None), list(_beyond(function, 2))
        return cls(
            names=tuple(parameter.name for parameter in others if parameter.kind in _BY_NAME),
            takes_all=any(parameter.kind is parameter.VAR_KEYWORD for parameter in others),
            data_name=first.name if first else None,
        )


def _find_extract_faults(name: str, function: Callable[..., Any], owner: type | None) -> list[str]:
    if not list(inspect.signature(function).parameters):
        return [f"{name} has no 'self'. Write: def extract(self, ...)."]
    faults = []
    for parameter in _beyond(function, 1):
        if parameter.kind not in _BY_NAME:
            faults.append(_describe_kind(name, parameter))
        elif parameter.annotation is REQUIRED:
            faults.append(
                f"{name} has a parameter '{parameter.name}' without a type. "
                f"Write one, such as {parameter.name}: date."
            )
        else:
            faults += _find_annotation_faults(name, parameter, function, owner)
    return faults


def _find_stage_faults(name: str, function: Callable[..., Any]) -> list[str]:
    first = next(_beyond(function, 1), None)
    if first is None or first.kind in (first.KEYWORD_ONLY, first.VAR_KEYWORD):
        data = "features" if _stage(name) == "predict" else "data"
        return [f"{name} takes no {data}. Write: def {_stage(name)}(self, {data}, ...)."]
    return [
        _describe_kind(name, parameter)
        for parameter in _beyond(function, 2)
        if parameter.kind is parameter.POSITIONAL_ONLY
    ]


def _find_annotation_faults(
    name: str, parameter: inspect.Parameter, function: Callable[..., Any], owner: type | None
) -> list[str]:
    try:
        resolve_annotation(parameter.annotation, inspect.unwrap(function), owner)
    except NameError as error:
        return [
            (
                f"{name} has a parameter '{parameter.name}' of type {parameter.annotation}, but "
                f"'{error.name}' is not known when the class is defined. Import or define it "
                f"above the class, at the top level and outside 'if TYPE_CHECKING'."
            )
        ]
    except Exception as error:  # noqa: BLE001 - evaluating the user's text may raise anything
        return [
            (
                f"{name} has a parameter '{parameter.name}' whose type {parameter.annotation!r} "
                f"cannot be read ({type(error).__name__}: {error}). Correct it."
            )
        ]
    return []


def _describe_kind(name: str, parameter: inspect.Parameter) -> str:
    if parameter.kind is parameter.POSITIONAL_ONLY:
        return (
            f"{name} takes '{parameter.name}' by position only, and arguments are given by name. "
            f"Remove the '/'."
        )
    stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else "**"
    return f"{name} takes {stars}{parameter.name}. Name every parameter, each with its type."


def _beyond(method: object, n_skipped: int) -> Iterator[inspect.Parameter]:
    parameters = inspect.signature(_function(method)).parameters.values()
    return iter(list(parameters)[n_skipped:])


def _function(method: Any) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(method, "__func__", method)
    return function


def _stage(name: str) -> str:
    return name.rpartition(".")[2]
