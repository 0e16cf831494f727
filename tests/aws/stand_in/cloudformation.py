"""The API of CloudFormation over our own engine: change sets, stacks, events.

moto's own engine skips types, publishes a version before the code has changed and never rolls back.
"""

import threading
import uuid
from datetime import UTC, datetime
from typing import Any

from aws.stand_in.descriptions import (
    as_parameters,
    as_tags,
    describe_change,
    describe_event,
    describe_resource,
    describe_stack,
)
from aws.stand_in.execution import Deployment, delete_stack
from aws.stand_in.planning import ACCOUNT, plan_changes
from aws.stand_in.records import ChangeSet, Stack
from aws.stand_in.resource_types import client
from aws.stand_in.templates import TemplateError, load_template
from moto.cloudformation.exceptions import CloudFormationError
from moto.core.responses import ActionResult, BaseResponse, EmptyResult

STACKS: list[Stack] = []
NO_CHANGE = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)
READY = {
    "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
}  # fmt: skip
NAMED = {"RoleName", "ManagedPolicyName"}


class CloudFormation(BaseResponse):  # type: ignore[misc]  # moto is not in the type checker's environment
    """One request; the methods are the actions."""

    def __init__(self) -> None:
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    # --- change sets ----------------------------------------------------------------------------
    def create_change_set(self) -> ActionResult:
        """Plan a change, and make the stack when it is the first."""
        name, kind = self._get_param("StackName"), self._get_param("ChangeSetType") or "UPDATE"
        stack = self._stack_to_change(name, kind)
        if self._get_param("ChangeSetName") in stack.change_sets:
            raise CloudFormationError(
                "AlreadyExistsException",
                f"ChangeSet {self._get_param('ChangeSetName')} cannot be created due to a mismatch "
                "with existing attribute Template",
            )
        change_set = self._plan(stack, kind)
        if stack not in STACKS:
            stack.set_status("REVIEW_IN_PROGRESS", "User Initiated")
            STACKS.append(stack)
        stack.change_sets[change_set.name] = change_set
        return ActionResult({"Id": change_set.id, "StackId": stack.id})

    def describe_change_set(self) -> ActionResult:
        """Show a plan."""
        stack, change_set = self._find_change_set()
        return ActionResult(
            {
                "ChangeSetName": change_set.name,
                "ChangeSetId": change_set.id,
                "StackId": stack.id,
                "StackName": stack.name,
                "Description": change_set.description,
                "Parameters": as_parameters(change_set.parameters),
                "Tags": as_tags(change_set.tags),
                "Capabilities": change_set.capabilities,
                "CreationTime": change_set.created_at,
                "ExecutionStatus": change_set.execution_status,
                "Status": change_set.status,
                "StatusReason": change_set.reason,
                "Changes": [describe_change(change) for change in change_set.changes],
            }
        )

    def list_change_sets(self) -> ActionResult:
        """List the plans of a stack."""
        stack = self._find_stack(self._get_param("StackName"))
        return ActionResult(
            {
                "Summaries": [
                    {
                        "StackId": stack.id,
                        "StackName": stack.name,
                        "ChangeSetId": change_set.id,
                        "ChangeSetName": change_set.name,
                        "ExecutionStatus": change_set.execution_status,
                        "Status": change_set.status,
                        "StatusReason": change_set.reason,
                        "CreationTime": change_set.created_at,
                    }
                    for change_set in stack.change_sets.values()
                ]
            }
        )

    def delete_change_set(self) -> ActionResult:
        """Forget a plan; a stack that was never made stays in review, as on AWS."""
        try:
            stack, change_set = self._find_change_set()
        except CloudFormationError:
            return EmptyResult()
        del stack.change_sets[change_set.name]
        return EmptyResult()

    def execute_change_set(self) -> ActionResult:
        """Start a plan; it goes on in the background."""
        stack, change_set = self._find_change_set()
        if change_set.execution_status != "AVAILABLE":
            raise CloudFormationError(
                "InvalidChangeSetStatus",
                f"ChangeSet [{change_set.id}] cannot be executed in its current status of "
                f"[{change_set.status}]",
            )
        check_ready(stack)
        deployment = Deployment(stack, change_set, self.region)
        deployment.begin()
        stack.changed_at = datetime.now(UTC)
        stack.change_sets.clear()  # AWS removes them too, since they no longer apply
        threading.Thread(target=deployment.run).start()
        return EmptyResult()

    # --- stacks ---------------------------------------------------------------------------------
    def describe_stacks(self) -> ActionResult:
        """Show one stack, or all that live."""
        name = self._get_param("StackName")
        alive = [stack for stack in STACKS if stack.status != "DELETE_COMPLETE"]
        stacks = [self._find_stack(name, with_deleted=True)] if name else alive
        return ActionResult({"Stacks": [describe_stack(stack) for stack in stacks]})

    def list_stacks(self) -> ActionResult:
        """List the stacks, also deleted ones."""
        wanted = self._get_param("StackStatusFilter") or []
        return ActionResult(
            {
                "StackSummaries": [
                    {**describe_stack(stack), "DeletionTime": stack.deleted_at}
                    for stack in STACKS
                    if not wanted or stack.status in wanted
                ]
            }
        )

    def describe_stack_events(self) -> ActionResult:
        """Show the history, newest first."""
        stack = self._find_stack(self._get_param("StackName"), with_deleted=True)
        events = [describe_event(stack, event) for event in reversed(stack.events)]
        return ActionResult({"StackEvents": events})

    def describe_stack_resources(self) -> ActionResult:
        """Show the resources in full."""
        stack = self._find_stack(self._get_param("StackName"), with_deleted=True)
        wanted = self._get_param("LogicalResourceId")
        resources = [r for r in stack.resources.values() if wanted in (None, r.name)]
        return ActionResult({"StackResources": [describe_resource(stack, r) for r in resources]})

    def describe_stack_resource(self) -> ActionResult:
        """Show one resource."""
        stack = self._find_stack(self._get_param("StackName"))
        name = self._get_param("LogicalResourceId")
        if name not in stack.resources:
            raise invalid(f"Resource {name} does not exist for stack {stack.name}")
        resource = describe_resource(stack, stack.resources[name])
        return ActionResult({"StackResourceDetail": resource})

    def list_stack_resources(self) -> ActionResult:
        """Show the resources in short."""
        stack = self._find_stack(self._get_param("StackName"))
        resources = [describe_resource(stack, r) for r in stack.resources.values()]
        return ActionResult({"StackResourceSummaries": resources})

    def get_template(self) -> ActionResult:
        """Give the template as it was sent: of a stack, or of a change set."""
        if self._get_param("ChangeSetName"):
            _, change_set = self._find_change_set()
            return ActionResult({"TemplateBody": change_set.template_text})
        stack = self._find_stack(self._get_param("StackName"), with_deleted=True)
        return ActionResult({"TemplateBody": stack.template_text})

    def validate_template(self) -> ActionResult:
        """Read a template and list its parameters."""
        template, _ = self._read_template()
        parameters = [
            {"ParameterKey": name, "DefaultValue": parameter.get("Default")}
            for name, parameter in template.get("Parameters", {}).items()
        ]
        return ActionResult({"Parameters": parameters, "Description": template.get("Description")})

    def update_termination_protection(self) -> ActionResult:
        """Guard a stack against deletion."""
        stack = self._find_stack(self._get_param("StackName"))
        stack.is_protected = bool(self._get_param("EnableTerminationProtection"))
        return ActionResult({"StackId": stack.id})

    def delete_stack(self) -> ActionResult:
        """Start to remove a stack; nothing happens when there is none."""
        try:
            stack = self._find_stack(self._get_param("StackName"))
        except CloudFormationError:
            return EmptyResult()
        if stack.is_protected:
            raise invalid(
                f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            )
        check_idle(stack)
        stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
        stack.deleted_at = datetime.now(UTC)
        threading.Thread(target=delete_stack, args=(stack,)).start()
        return EmptyResult()

    def continue_update_rollback(self) -> ActionResult:
        """Say that a rollback that had failed is now done."""
        stack = self._find_stack(self._get_param("StackName"))
        if stack.status != "UPDATE_ROLLBACK_FAILED":
            raise invalid(
                f"Stack:{stack.id} is in {stack.status} state and can not continue its rollback."
            )
        stack.set_status("UPDATE_ROLLBACK_COMPLETE")
        return EmptyResult()

    # --- what the actions share -----------------------------------------------------------------
    def _plan(self, stack: Stack, kind: str) -> ChangeSet:
        template, text = self._read_template()
        parameters = self._read_parameters(stack)
        check_capabilities(template, self._get_param("Capabilities") or [])
        try:
            changes = plan_changes(stack, template, parameters, self.region)
        except TemplateError as error:
            raise invalid(str(error)) from error
        name = self._get_param("ChangeSetName")
        change_set = ChangeSet(
            id=make_arn(self.region, "changeSet", name),
            name=name,
            kind=kind,
            template=template,
            template_text=text,
            parameters=parameters,
            tags={tag["Key"]: tag["Value"] for tag in self._get_param("Tags") or []},
            capabilities=self._get_param("Capabilities") or [],
            changes=changes,
            description=self._get_param("Description"),
        )
        is_same = template.get("Outputs") == stack.template.get("Outputs")
        if not changes and is_same and change_set.tags == stack.tags:
            change_set.status, change_set.execution_status = "FAILED", "UNAVAILABLE"
            change_set.reason = NO_CHANGE
        return change_set

    def _read_template(self) -> tuple[dict[str, Any], str]:
        text = self._get_param("TemplateBody")
        if self._get_param("UsePreviousTemplate"):
            text = self._find_stack(self._get_param("StackName")).template_text
        if text is None and self._get_param("TemplateURL"):
            text = read_from_bucket(self._get_param("TemplateURL"))
        if len(text) > 51_200 and self._get_param("TemplateBody"):
            raise invalid(
                "1 validation error detected: Value at 'templateBody' failed to satisfy "
                "constraint: Member must have length less than or equal to 51200"
            )
        try:
            return load_template(text), text
        except TemplateError as error:
            raise invalid(str(error)) from error

    def _read_parameters(self, stack: Stack) -> dict[str, str]:
        return {
            given["ParameterKey"]: (
                stack.parameters[given["ParameterKey"]]
                if given.get("UsePreviousValue")
                else given["ParameterValue"]
            )
            for given in self._get_param("Parameters") or []
        }

    def _stack_to_change(self, name: str, kind: str) -> Stack:
        found = next((s for s in STACKS if s.name == name and s.status != "DELETE_COMPLETE"), None)
        if kind == "UPDATE" and found is None:
            raise invalid(f"Stack [{name}] does not exist")
        if found is None:
            return Stack(make_arn(self.region, "stack", name), name)
        if kind == "CREATE" and found.status != "REVIEW_IN_PROGRESS":
            raise invalid(
                f"Stack [{name}] already exists and cannot be created again with the changeSet "
                f"[{self._get_param('ChangeSetName')}]."
            )
        check_ready(found)
        return found

    def _find_stack(self, name_or_id: str, *, with_deleted: bool = False) -> Stack:
        for stack in reversed(STACKS):
            is_alive = stack.status != "DELETE_COMPLETE"
            if stack.id == name_or_id and (is_alive or with_deleted):
                return stack
            if stack.name == name_or_id and is_alive:
                return stack
        raise invalid(f"Stack with id {name_or_id} does not exist")

    def _find_change_set(self) -> tuple[Stack, ChangeSet]:
        wanted = self._get_param("ChangeSetName")
        for stack in STACKS:
            for change_set in stack.change_sets.values():
                is_here = self._get_param("StackName") in (None, stack.name, stack.id)
                if change_set.id == wanted or (is_here and change_set.name == wanted):
                    return stack, change_set
        raise CloudFormationError("ChangeSetNotFound", f"ChangeSet [{wanted}] does not exist")


def check_ready(stack: Stack) -> None:
    """Refuse a change in a state that AWS refuses."""
    if stack.status not in READY | {"REVIEW_IN_PROGRESS"}:
        raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def check_idle(stack: Stack) -> None:
    """Refuse a deletion while something runs."""
    if stack.status.endswith("_IN_PROGRESS") and stack.status != "REVIEW_IN_PROGRESS":
        raise invalid(f"Stack [{stack.id}] cannot be deleted while in status {stack.status}")


def check_capabilities(template: dict[str, Any], given: list[str]) -> None:
    """Refuse roles that nobody has acknowledged."""
    roles = [r for r in template["Resources"].values() if r["Type"].startswith("AWS::IAM::")]
    is_named = any(NAMED & r.get("Properties", {}).keys() for r in roles)
    enough = {"CAPABILITY_NAMED_IAM"} if is_named else {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"}
    if roles and not enough & set(given):
        needed = "CAPABILITY_NAMED_IAM" if is_named else "CAPABILITY_IAM"
        raise CloudFormationError(
            "InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]"
        )


def invalid(sentence: str) -> CloudFormationError:
    """Make the error that CloudFormation gives most of the time."""
    return CloudFormationError("ValidationError", sentence)


def make_arn(region: str, kind: str, name: str) -> str:
    """Make an identity that nothing else has."""
    return f"arn:aws:cloudformation:{region}:{ACCOUNT}:{kind}/{name}/{uuid.uuid4()}"


def read_from_bucket(url: str) -> str:
    """Read a template out of a bucket, by the path of its address."""
    bucket, key = url.split("/", 3)[3].split("/", 1)
    if ".s3." in url:
        bucket, key = url.split("/")[2].split(".s3.", maxsplit=1)[0], url.split("/", 3)[3]
    body = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return str(body.decode())
