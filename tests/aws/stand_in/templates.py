"""Read a CloudFormation template: its functions, its conditions, the order of its resources."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any, cast

import yaml

NO_VALUE = object()
SUBSTITUTION = re.compile(r"\$\{([^}]*)\}")
SHORT_FORMS = ("Ref", "Condition")  # all the others are called Fn::Name


class TemplateError(Exception):
    """The template is wrong, as CloudFormation would say it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the functions of a template can refer to.

    Attributes
    ----------
    values : mapping of str to object
        Parameters and pseudo parameters.
    reference : callable
        Gives ``Ref`` of a resource.
    attribute : callable
        Gives ``Fn::GetAtt`` of a resource.
    conditions : dict of str to bool
        The conditions.
    mappings : mapping
        The section Mappings.
    """

    values: Mapping[str, Any]
    reference: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    conditions: dict[str, bool] = field(default_factory=dict)
    mappings: Mapping[str, Any] = field(default_factory=dict)


def load_template(text: str) -> dict[str, Any]:
    """Read JSON or YAML with the short forms of functions."""
    template = yaml.load(text, Loader=TemplateLoader)  # noqa: S506  a SafeLoader, see below
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise TemplateError("Template format error: At least one Resources member must be defined.")
    return template


class TemplateLoader(yaml.SafeLoader):
    """Safe YAML, and tags such as ``!Sub``."""


def read_tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    """Turn a short form into the long one."""
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        value = value.split(".", 1) if suffix == "GetAtt" else value
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(cast("yaml.MappingNode", node), deep=True)
    return {suffix if suffix in SHORT_FORMS else f"Fn::{suffix}": value}


TemplateLoader.add_multi_constructor("!", read_tag)
# An unquoted date, such as the version of a policy, stays a text.
TemplateLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def resolve(value: Any, scope: Scope) -> Any:
    """Replace the functions in a value by what they give."""
    if isinstance(value, list):
        items = [resolve(item, scope) for item in value]
        return [item for item in items if item is not NO_VALUE]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (name, argument) = next(iter(value.items()))
        if name in FUNCTIONS:
            return FUNCTIONS[name](argument, scope)
    members = {key: resolve(member, scope) for key, member in value.items()}
    return {key: member for key, member in members.items() if member is not NO_VALUE}


def find_ref(name: str, scope: Scope) -> Any:
    """Ref."""
    if name == "AWS::NoValue":
        return NO_VALUE
    return scope.values[name] if name in scope.values else scope.reference(name)


def find_attribute(path: Any, scope: Scope) -> Any:
    """Fn::GetAtt."""
    name, attribute = path.split(".", 1) if isinstance(path, str) else path
    return scope.attribute(name, attribute)


def substitute(argument: Any, scope: Scope) -> str:
    """Fn::Sub."""
    text, own = argument if isinstance(argument, list) else (argument, {})
    own = {name: resolve(value, scope) for name, value in own.items()}

    def replace(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        if name in own:
            return str(own[name])
        return str(find_attribute(name, scope) if "." in name else find_ref(name, scope))

    return SUBSTITUTION.sub(replace, text)


def choose(argument: list[Any], scope: Scope) -> Any:
    """Fn::If."""
    name, if_true, if_false = argument
    return resolve(if_true if scope.conditions[name] else if_false, scope)


def look_up(argument: list[Any], scope: Scope) -> Any:
    """Fn::FindInMap."""
    name, first, second = (resolve(part, scope) for part in argument)
    return scope.mappings[name][first][second]


def join(argument: list[Any], scope: Scope) -> str:
    """Fn::Join."""
    return str(argument[0]).join(str(part) for part in resolve(argument[1], scope))


FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "Ref": find_ref,
    "Condition": lambda name, scope: scope.conditions[name],
    "Fn::GetAtt": find_attribute,
    "Fn::Sub": substitute,
    "Fn::If": choose,
    "Fn::FindInMap": look_up,
    "Fn::Join": join,
    "Fn::Split": lambda argument, scope: resolve(argument[1], scope).split(argument[0]),
    "Fn::Select": lambda argument, scope: resolve(argument[1], scope)[int(argument[0])],
    "Fn::ToJsonString": lambda argument, scope: json.dumps(resolve(argument, scope)),
    "Fn::Equals": lambda argument, scope: len({str(v) for v in resolve(argument, scope)}) == 1,
    "Fn::Not": lambda argument, scope: not resolve(argument[0], scope),
    "Fn::And": lambda argument, scope: all(resolve(argument, scope)),
    "Fn::Or": lambda argument, scope: any(resolve(argument, scope)),
}


def resolve_conditions(template: Mapping[str, Any], scope: Scope) -> None:
    """Fill the conditions of a scope; they may name each other in any order."""
    pending = dict(template.get("Conditions", {}))
    while pending:
        n_before = len(pending)
        for name, condition in list(pending.items()):
            try:
                scope.conditions[name] = bool(resolve(condition, scope))
            except KeyError:
                continue
            del pending[name]
        if len(pending) == n_before:
            raise TemplateError(f"Template error: unresolved conditions {sorted(pending)}")


def order_resources(resources: Mapping[str, Any]) -> list[str]:
    """Put what is referred to before what refers to it."""
    graph = {
        name: {other for other in iter_references(resource) if other in resources}
        for name, resource in resources.items()
    }
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        names = ", ".join(sorted(set(error.args[1])))
        raise TemplateError(f"Circular dependency between resources: [{names}]") from error


def iter_references(value: Any) -> Iterator[str]:
    """Find every name that a value refers to."""
    if isinstance(value, list):
        for item in value:
            yield from iter_references(item)
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from iter_references_of(key, member)


def iter_references_of(key: str, member: Any) -> Iterator[str]:
    """Find the names in one member of an object."""
    if key == "Ref":
        yield member
    elif key == "Fn::GetAtt":
        yield member.split(".")[0] if isinstance(member, str) else member[0]
    elif key == "DependsOn":
        yield from [member] if isinstance(member, str) else member
    else:
        if key == "Fn::Sub":
            text = member if isinstance(member, str) else member[0]
            yield from (name.split(".")[0] for name in SUBSTITUTION.findall(text))
        yield from iter_references(member)
