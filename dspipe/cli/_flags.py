"""Turn the arguments of a pipeline into options of the command line, and back into values."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from dspipe.cli._flag_types import (
    find_item_type,
    is_plain,
    list_choices,
    list_members,
    list_names,
    make_metavar,
    write_value,
)
from dspipe.errors import ArgumentError

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from dspipe import PredictionPipeline

Kind = Literal["text", "flag", "list", "json"]


@dataclass(frozen=True, slots=True)
class Flag:
    """Hold one argument of a pipeline as the command line shows it.

    Attributes
    ----------
    argument : str
        Name of the argument.
    kind : {"text", "flag", "list", "json"}
        How it is written: one text; ``--x/--no-x``; repeated, or as a JSON list; as JSON.
    options : tuple of str
        The options that give it, such as ``--top-n`` and ``--top_n``.
    metavar : str
        What stands for its value in the help.
    help : str
        Finished sentences: description, default, how to write it.
    choices : mapping of str to object
        The values that a text stands for; empty when the text is the value.
    """

    argument: str
    kind: Kind
    options: tuple[str, ...]
    metavar: str
    help: str
    choices: Mapping[str, object] = field(default_factory=dict)

    def read(self, given: Any) -> object:
        """Turn what the command line gave into what `check_arguments` takes.

        Raises
        ------
        ArgumentError
            If a text that must be JSON is not.
        """
        if self.kind == "flag":
            return given
        if self.kind == "list":
            is_json = len(given) == 1 and given[0].lstrip().startswith("[")
            return self._parse(given[0]) if is_json else [self._choose(text) for text in given]
        # The type may be a union with a plain text.
        if self.kind == "json" and given.lstrip()[:1] in ("{", "["):
            return self._parse(given)
        return self._choose(given)

    def _choose(self, text: str) -> object:
        return self.choices.get(text, text)

    def _parse(self, text: str) -> object:
        try:
            return json.loads(text)
        except ValueError as error:
            problem = (
                f"{self.options[0]} is not valid JSON: {error}. "
                f"Put it in single quotes and the texts inside it in double quotes."
            )
            record = {"argument": self.argument, "problem": problem}
            raise ArgumentError(problem, errors=[record]) from error


def make_flags(cls: "type[PredictionPipeline]", taken: Collection[str] = ()) -> list[Flag]:
    """Make the options for the arguments of a pipeline.

    Parameters
    ----------
    cls : type of PredictionPipeline
        The pipeline.
    taken : collection of str
        Options of the command itself, such as ``--format``. An argument whose option is among them
        is given as ``--arg.NAME``.
    """
    from dspipe._arguments import arguments_model

    fields = {info.alias or name: info for name, info in arguments_model(cls).model_fields.items()}
    options = _name_options(fields, taken)
    return [_make_flag(name, info, options[name]) for name, info in fields.items()]


def _name_options(names: Iterable[str], taken: Collection[str]) -> dict[str, tuple[str, ...]]:
    used, named = set(taken), {}
    for name in names:
        stem = name.strip("_")
        options = tuple(dict.fromkeys((f"--{stem.replace('_', '-')}", f"--{stem}")))
        if used & {*options, *map(negate, options)}:
            options = (f"--arg.{name}",)
        used.update(options, map(negate, options))
        named[name] = options
    return named


def negate(option: str) -> str:
    """Name the option that says no.

    >>> negate("--late")
    '--no-late'
    """
    return f"--no-{option.removeprefix('--')}"


def _make_flag(name: str, info: "FieldInfo", options: tuple[str, ...]) -> Flag:
    kinds = list_members(info.annotation)
    if kinds == [bool]:
        return Flag(name, "flag", options, "", _describe(info))
    item = find_item_type(kinds)
    kinds = kinds if item is None else list_members(item)
    choices = list_names(kinds) | list_choices(kinds)
    if item is not None:
        text = f"{_describe(info)} Repeat it, or give a JSON list."
        return Flag(name, "list", options, make_metavar(kinds), text, choices)
    if is_plain(kinds):
        return Flag(name, "text", options, make_metavar(kinds), _describe(info), choices)
    return Flag(name, "json", options, "JSON", _describe(info), choices)


def _describe(info: "FieldInfo") -> str:
    said = (info.description or "").strip()
    if said and not said.endswith((".", "!", "?")):
        said += "."
    need = "Required." if info.is_required() else f"Default: {write_value(info.get_default())}."
    return f"{said} {need}".strip()
