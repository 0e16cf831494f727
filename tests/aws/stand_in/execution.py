"""Carry out a change set: in order, with a history, and back again when something fails."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws.stand_in.planning import make_scope, wanted_resources
from aws.stand_in.records import ChangeSet, Resource, Stack
from aws.stand_in.resource_types import (
    Made,
    ResourceError,
    ResourceType,
    find_name,
    is_absent,
    tags_as_dict,
)
from aws.stand_in.templates import Scope, TemplateError, order_resources, resolve
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

FAILURES = (ResourceError, TemplateError, ClientError, BotoCoreError, KeyError, ValueError)


class Deployment:
    """One execution of one change set."""

    def __init__(self, stack: Stack, change_set: ChangeSet, region: str) -> None:
        self._stack = stack
        self._wanted = change_set
        self._before = dict(stack.resources)
        self._scope = make_scope(
            stack, change_set.template, change_set.parameters, region, stack.resources.get
        )
        self._undo: list[Callable[[], None]] = []
        self._replaced: list[Resource] = []
        self._failed = ""
        self._kind = "CREATE" if stack.status == "REVIEW_IN_PROGRESS" else "UPDATE"

    def begin(self) -> None:
        """Enter the state that shows that it runs."""
        self._stack.set_status(f"{self._kind}_IN_PROGRESS", "User Initiated")

    def run(self) -> None:
        """Make and change everything, or go back."""
        try:
            self._apply()
        except FAILURES as error:
            self._roll_back(str(error))
            return
        self._remember()
        if self._kind == "UPDATE":
            self._stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            self._clean_up()
        self._stack.set_status(f"{self._kind}_COMPLETE")

    def _apply(self) -> None:
        for name in wanted_resources(self._wanted.template, self._scope):
            declared = self._wanted.template["Resources"][name]
            properties = resolve(declared.get("Properties", {}), self._scope)
            there = self._stack.resources.get(name)
            try:
                self._apply_one(name, declared, properties, there)
            except FAILURES as error:
                self._fail(name, declared["Type"], "CREATE" if there is None else "UPDATE", error)
                raise
        outputs = self._wanted.template.get("Outputs", {})
        self._outputs = make_outputs(outputs, self._scope)

    def _apply_one(
        self,
        name: str,
        declared: dict[str, Any],
        properties: dict[str, Any],
        there: Resource | None,
    ) -> None:
        if there is None:
            self._create(name, declared, properties)
        elif there.properties != properties:
            changed = {
                key
                for key in there.properties.keys() | properties.keys()
                if there.properties.get(key) != properties.get(key)
            }
            if changed & ResourceType.known[there.type].replaced_by:
                self._create(name, declared, properties)
                self._replaced.append(there)
            else:
                self._update(there, declared, properties)
        else:
            self._stack.resources[name] = make_resource(name, declared, properties, describe(there))

    def _create(self, name: str, declared: dict[str, Any], properties: dict[str, Any]) -> None:
        stack, kind = self._stack, ResourceType.known[declared["Type"]]
        stack.add_event(name, "", kind.type_name, "CREATE_IN_PROGRESS")
        own_name = find_name(kind, stack.name, name, properties)
        made = kind.create(own_name, self._with_tags(kind, properties))
        resource = make_resource(name, declared, properties, made)
        there = stack.resources.get(name)
        stack.resources[name] = resource
        stack.add_event(name, made.physical_id, kind.type_name, "CREATE_COMPLETE")
        self._undo.append(lambda: self._undo_creation(resource, there))

    def _with_tags(self, kind: ResourceType, properties: dict[str, Any]) -> dict[str, Any]:
        """Add the stack's tags, for types that take any; a resource's own win."""
        if not kind.is_tagged:
            return properties
        return {**properties, "Tags": {**self._wanted.tags, **tags_as_dict(properties)}}

    def _undo_creation(self, resource: Resource, there: Resource | None) -> None:
        delete_resource(self._stack, resource)
        if there is not None:
            self._stack.resources[there.name] = there

    def _update(
        self, there: Resource, declared: dict[str, Any], properties: dict[str, Any]
    ) -> None:
        stack, kind = self._stack, ResourceType.known[there.type]
        stack.add_event(there.name, there.physical_id, there.type, "UPDATE_IN_PROGRESS")
        tagged = self._with_tags(kind, properties)
        made = kind.update(describe(there), there.properties, tagged)
        resource = make_resource(there.name, declared, properties, made)
        stack.resources[there.name] = resource
        stack.add_event(there.name, made.physical_id, there.type, "UPDATE_COMPLETE")
        self._undo.append(lambda: self._undo_update(resource, there))

    def _undo_update(self, resource: Resource, there: Resource) -> None:
        kind = ResourceType.known[there.type]
        self._stack.add_event(there.name, there.physical_id, there.type, "UPDATE_IN_PROGRESS")
        kind.update(describe(resource), resource.properties, there.properties)
        self._stack.resources[there.name] = there
        self._stack.add_event(there.name, there.physical_id, there.type, "UPDATE_COMPLETE")

    def _fail(self, name: str, type_name: str, verb: str, error: Exception) -> None:
        there = self._stack.resources.get(name)
        physical_id = "" if there is None else there.physical_id
        self._stack.add_event(name, physical_id, type_name, f"{verb}_FAILED", str(error))
        self._failed = name

    def _roll_back(self, reason: str) -> None:
        prefix = "" if self._kind == "CREATE" else "UPDATE_"
        verb = "create" if self._kind == "CREATE" else "update"
        if self._failed:
            reason = f"The following resource(s) failed to {verb}: [{self._failed}]. "
        self._stack.set_status(f"{prefix}ROLLBACK_IN_PROGRESS", reason)
        try:
            for undo in reversed(self._undo):
                undo()
        except FAILURES as error:
            self._stack.set_status(f"{prefix}ROLLBACK_FAILED", str(error))
            return
        self._stack.set_status(f"{prefix}ROLLBACK_COMPLETE")

    def _remember(self) -> None:
        stack, wanted = self._stack, self._wanted
        stack.template, stack.template_text = wanted.template, wanted.template_text
        stack.parameters, stack.tags = dict(wanted.parameters), dict(wanted.tags)
        stack.capabilities, stack.outputs = wanted.capabilities, self._outputs

    def _clean_up(self) -> None:
        """Remove what is no longer wanted; a failure here does not undo the update."""
        gone = set(self._before) - set(wanted_resources(self._wanted.template, self._scope))
        for resource in reversed(list(self._before.values())):
            if resource.name in gone and not resource.is_retained:
                delete_quietly(self._stack, resource)
            if resource.name in gone:
                self._stack.resources.pop(resource.name, None)
        for resource in self._replaced:
            if not resource.is_retained_when_replaced:
                current = self._stack.resources[resource.name]
                delete_quietly(self._stack, resource)
                self._stack.resources[resource.name] = current


def delete_stack(stack: Stack) -> None:
    """Remove everything that is not retained, last made first."""
    failed = []
    order = [n for n in order_resources(stack.template["Resources"]) if n in stack.resources]
    leftover = [name for name in stack.resources if name not in order]
    for name in reversed(order + leftover):
        resource = stack.resources[name]
        try:
            delete_resource(stack, resource)
        except FAILURES as error:
            stack.add_event(name, resource.physical_id, resource.type, "DELETE_FAILED", str(error))
            failed.append(name)
    if failed:
        names = ", ".join(failed)
        reason = f"The following resource(s) failed to delete: [{names}]. "
        stack.set_status("DELETE_FAILED", reason)
    else:
        stack.set_status("DELETE_COMPLETE")


def delete_resource(stack: Stack, resource: Resource) -> None:
    """Remove one resource; what is already gone is no failure."""
    identity = (resource.name, resource.physical_id, resource.type)
    if resource.is_retained:
        stack.add_event(*identity, "DELETE_SKIPPED")
    else:
        stack.add_event(*identity, "DELETE_IN_PROGRESS")
        try:
            ResourceType.known[resource.type].delete(describe(resource), resource.properties)
        except ClientError as error:
            if not is_absent(error):
                raise
        stack.add_event(*identity, "DELETE_COMPLETE")
    stack.resources.pop(resource.name, None)


def delete_quietly(stack: Stack, resource: Resource) -> None:
    """Remove one resource, and only note a failure."""
    try:
        delete_resource(stack, resource)
    except FAILURES as error:
        stack.add_event(
            resource.name, resource.physical_id, resource.type, "DELETE_FAILED", str(error)
        )


def make_outputs(declared: dict[str, Any], scope: Scope) -> dict[str, Mapping[str, Any]]:
    """Resolve the outputs whose condition holds."""
    return {
        name: {
            "OutputKey": name,
            "OutputValue": str(resolve(output["Value"], scope)),
            "Description": output.get("Description"),
        }
        for name, output in declared.items()
        if scope.conditions.get(output.get("Condition", ""), True)
    }


def describe(resource: Resource) -> Made:
    """Give what a type knows a resource by."""
    return Made(resource.physical_id, resource.attributes)


def make_resource(
    name: str, declared: dict[str, Any], properties: dict[str, Any], made: Made
) -> Resource:
    """Make the record of a resource as it now is."""
    return Resource(
        name,
        declared["Type"],
        properties,
        made.physical_id,
        made.attributes,
        is_retained=declared.get("DeletionPolicy") == "Retain",
        is_retained_when_replaced=declared.get("UpdateReplacePolicy") == "Retain",
    )
