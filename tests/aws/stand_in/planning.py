"""What a change set would do: the difference between a stack and a template."""

from collections.abc import Callable, Mapping
from typing import Any

from aws.stand_in.records import Change, Resource, Stack
from aws.stand_in.resource_types import ResourceType
from aws.stand_in.templates import (
    Scope,
    TemplateError,
    order_resources,
    resolve,
    resolve_conditions,
)

ACCOUNT = "123456789012"
UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"


def make_scope(
    stack: Stack,
    template: Mapping[str, Any],
    parameters: Mapping[str, str],
    region: str,
    find_resource: Callable[[str], Resource | None],
) -> Scope:
    """Make what the functions of a template refer to; unknown resources give a placeholder."""

    def reference(name: str) -> Any:
        resource = find_resource(name)
        return UNKNOWN if resource is None else resource.physical_id

    def attribute(name: str, wanted: str) -> Any:
        resource = find_resource(name)
        return UNKNOWN if resource is None else find_attribute(resource, wanted)

    values = {**pseudo_parameters(stack, region), **fill_parameters(template, parameters)}
    scope = Scope(values, reference, attribute, mappings=template.get("Mappings", {}))
    resolve_conditions(template, scope)
    return scope


def find_attribute(resource: Resource, wanted: str) -> Any:
    """Give an attribute, or fail as CloudFormation does."""
    if wanted not in resource.attributes:
        raise TemplateError(
            f"Template error: resource {resource.name} does not support attribute type {wanted} "
            "in Fn::GetAtt"
        )
    return resource.attributes[wanted]


def pseudo_parameters(stack: Stack, region: str) -> dict[str, str]:
    """Give what AWS itself says."""
    return {
        "AWS::AccountId": ACCOUNT,
        "AWS::Partition": "aws",
        "AWS::Region": region,
        "AWS::StackId": stack.id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com",
    }


def fill_parameters(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Add the defaults, split the lists, and refuse what is missing or too much."""
    declared = template.get("Parameters", {})
    unknown = sorted(given.keys() - declared.keys())
    if unknown:
        raise TemplateError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    missing = [n for n, p in declared.items() if n not in given and "Default" not in p]
    if missing:
        raise TemplateError(f"Parameters: [{', '.join(missing)}] must have values")
    return {
        name: as_declared(given.get(name, parameter.get("Default")), parameter)
        for name, parameter in declared.items()
    }


def as_declared(value: Any, parameter: Mapping[str, Any]) -> Any:
    """Split the value of a list."""
    is_list = parameter["Type"] == "CommaDelimitedList" or parameter["Type"].startswith("List<")
    return [part.strip() for part in str(value).split(",")] if is_list else str(value)


def plan_changes(
    stack: Stack, template: dict[str, Any], parameters: Mapping[str, str], region: str
) -> list[Change]:
    """Compare every resource; what refers to something new is taken to change."""
    check_types(template)
    uncertain: set[str] = set()

    def find_resource(name: str) -> Resource | None:
        check_exists(name, template)
        return None if name in uncertain else stack.resources.get(name)

    scope = make_scope(stack, template, parameters, region, find_resource)
    changes = []
    wanted = wanted_resources(template, scope)
    for name in wanted:
        change = plan_resource(name, template["Resources"][name], stack, scope)
        if change is not None:
            changes.append(change)
            if change.action == "Add" or change.replacement:
                uncertain.add(name)
    return changes + [plan_removal(r) for n, r in stack.resources.items() if n not in wanted]


def wanted_resources(template: Mapping[str, Any], scope: Scope) -> list[str]:
    """List the resources whose condition holds, in the order to make them."""
    resources = template["Resources"]
    return [
        name
        for name in order_resources(resources)
        if scope.conditions.get(resources[name].get("Condition", ""), True)
    ]


def plan_resource(
    name: str, wanted: Mapping[str, Any], stack: Stack, scope: Scope
) -> Change | None:
    """Compare one resource with what is there."""
    properties = resolve(wanted.get("Properties", {}), scope)
    there = stack.resources.get(name)
    if there is None:
        return Change("Add", name, wanted["Type"])
    names = sorted(there.properties.keys() | properties.keys())
    changed = tuple(n for n in names if there.properties.get(n) != properties.get(n))
    if not changed:
        return None
    always = ResourceType.known[there.type].replaced_by & set(changed)
    return Change(
        "Modify",
        name,
        there.type,
        there.physical_id,
        bool(always),
        changed,
        always,
        is_retained=wanted.get("UpdateReplacePolicy") == "Retain",
    )


def plan_removal(there: Resource) -> Change:
    """Say that a resource goes."""
    return Change(
        "Remove", there.name, there.type, there.physical_id, is_retained=there.is_retained
    )


def check_types(template: Mapping[str, Any]) -> None:
    """Refuse types that the stand-in cannot make."""
    types = {resource["Type"] for resource in template["Resources"].values()}
    unknown = sorted(types - ResourceType.known.keys())
    if unknown:
        raise TemplateError(
            f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]"
        )


def check_exists(name: str, template: Mapping[str, Any]) -> None:
    """Refuse a reference to nothing."""
    if name not in template["Resources"]:
        raise TemplateError(
            f"Template format error: Unresolved resource dependencies [{name}] in the Resources "
            "block of the template"
        )
