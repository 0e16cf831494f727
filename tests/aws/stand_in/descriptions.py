"""How the API of CloudFormation shows what the stand-in remembers."""

from typing import Any

from aws.stand_in.records import Change, Resource, Stack, StackEvent


def describe_change(change: Change) -> dict[str, Any]:
    """Give one line of a plan as the API does."""
    details = [
        {
            "Target": {
                "Attribute": "Properties",
                "Name": name,
                "RequiresRecreation": "Always" if name in change.always_replaced else "Never",
            },
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
        for name in change.properties
    ]
    line = {
        "Action": change.action,
        "LogicalResourceId": change.name,
        "PhysicalResourceId": change.physical_id,
        "ResourceType": change.type,
        "Replacement": str(change.replacement) if change.action == "Modify" else None,
        "PolicyAction": find_policy_action(change),
        "Scope": ["Properties"] if change.action == "Modify" else [],
        "Details": details,
    }
    return {"Type": "Resource", "ResourceChange": line}


def find_policy_action(change: Change) -> str | None:
    """Say what happens to a resource that goes or is replaced."""
    if change.action == "Remove":
        return "Retain" if change.is_retained else "Delete"
    if change.replacement:
        return "ReplaceAndRetain" if change.is_retained else "ReplaceAndDelete"
    return None


def describe_stack(stack: Stack) -> dict[str, Any]:
    """Give a stack as the API does."""
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "Description": stack.template.get("Description"),
        "TemplateDescription": stack.template.get("Description"),
        "Parameters": as_parameters(stack.parameters),
        "Outputs": list(stack.outputs.values()),
        "Tags": as_tags(stack.tags),
        "Capabilities": stack.capabilities,
        "CreationTime": stack.created_at,
        "LastUpdatedTime": stack.changed_at,
        "EnableTerminationProtection": stack.is_protected,
        "DisableRollback": False,
    }


def describe_event(stack: Stack, event: StackEvent) -> dict[str, Any]:
    """Give a line of the history as the API does."""
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "EventId": event.id,
        "LogicalResourceId": event.name,
        "PhysicalResourceId": event.physical_id,
        "ResourceType": event.type,
        "ResourceStatus": event.status,
        "ResourceStatusReason": event.reason,
        "Timestamp": event.at,
    }


def describe_resource(stack: Stack, resource: Resource) -> dict[str, Any]:
    """Give a resource as the API does."""
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "LogicalResourceId": resource.name,
        "PhysicalResourceId": resource.physical_id,
        "ResourceType": resource.type,
        "ResourceStatus": "CREATE_COMPLETE",
        "Timestamp": resource.changed_at,
        "LastUpdatedTimestamp": resource.changed_at,
    }


def as_parameters(values: dict[str, str]) -> list[dict[str, str]]:
    """Give parameters as the API does."""
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def as_tags(tags: dict[str, str]) -> list[dict[str, str]]:
    """Give tags as the API does."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
