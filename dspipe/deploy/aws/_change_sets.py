"""Change sets: what CloudFormation would do with a template, before it does it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._refusals import AwsError, explain_denial
from dspipe.deploy.aws._state import State, Target, find_stack
from dspipe.errors import DeployError

Sleep = Callable[[float], object]
Say = Callable[[str], object]

# Small stacks are done at once, large ones in minutes: look soon, then less and less often.
FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 5.0
# CloudFormation takes longer texts from a bucket only.
MOST_TEXT_BYTES = 51_200

_NOTHING = ("didn't contain changes", "No updates are to be performed", "no changes")


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that a change set touches.

    Attributes
    ----------
    action : str
        "Add", "Modify", "Remove", "Import" or "Dynamic".
    resource : str
        Its name in the template.
    type : str
        Such as "AWS::Lambda::Function".
    replacement : str
        "True", "False" or "Conditional"; empty for what is not modified.
    details : tuple of str
        Properties that change.
    """

    action: str
    resource: str
    type: str
    replacement: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A change set that waits to be executed.

    Attributes
    ----------
    id : str
        Its ARN.
    stack_id : str
        The ARN of its stack, which finds events also after the stack is gone.
    changes : tuple of Change
    """

    id: str
    stack_id: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What a change set is asked for.

    Attributes
    ----------
    name : str
        Name of the change set; one of its own for each attempt.
    body : mapping of str to str
        ``TemplateBody``, or ``TemplateURL`` for a long one.
    parameters : mapping of str to str
    tags : mapping of str to str
        Tags of the stack, which CloudFormation hands on to what it creates.
    """

    name: str
    body: Mapping[str, str]
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


def create_change_set(
    aws: Aws, state: State, target: Target, request: Request, *, sleep: Sleep
) -> ChangeSet | None:
    """Ask CloudFormation what a template would change.

    Returns
    -------
    ChangeSet or None
        None when nothing would change; no change set is left then.

    Raises
    ------
    DeployError
        If CloudFormation refuses the template.
    """
    try:
        made = aws.call(
            "cloudformation",
            "create_change_set",
            StackName=target.stack,
            ChangeSetName=request.name,
            ChangeSetType="UPDATE" if state.exists else "CREATE",
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            Parameters=_to_pairs(request.parameters, "Parameter"),
            Tags=_to_pairs(request.tags),
            Description="Made by dspipe deploy.",
            **request.body,
        )
    except AwsError as error:
        if _says_nothing_changes(str(error)):
            return None
        raise
    return _wait_until_made(aws, str(made["Id"]), target, sleep)


def remove_change_set(aws: Aws, change_set: ChangeSet, target: Target) -> None:
    """Remove a change set, and the empty stack that was only made to hold it."""
    aws.find(
        "cloudformation",
        "delete_change_set",
        ChangeSetName=change_set.id,
        StackName=target.stack,
    )
    remove_empty_stack(aws, target)


def remove_empty_stack(aws: Aws, target: Target) -> None:
    """Remove a stack that holds nothing but was made for a change set."""
    stack = find_stack(aws, target.stack)
    if stack is not None and stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        aws.call("cloudformation", "delete_stack", StackName=target.stack)


def iter_waits() -> Iterator[float]:
    """Go through the seconds to wait between two looks, without an end."""
    seconds = FIRST_WAIT_SECONDS
    while True:
        yield seconds
        seconds = min(seconds * 1.5, LONGEST_WAIT_SECONDS)


def _wait_until_made(aws: Aws, name: str, target: Target, sleep: Sleep) -> ChangeSet | None:
    waits = iter_waits()
    while True:
        found = aws.call(
            "cloudformation",
            "describe_change_set",
            ChangeSetName=name,
            StackName=target.stack,
        )
        if found["Status"] == "CREATE_COMPLETE":
            return ChangeSet(name, str(found["StackId"]), _list_changes(aws, name, target, found))
        if found["Status"] in ("FAILED", "DELETE_COMPLETE"):
            return _give_up(aws, ChangeSet(name, str(found["StackId"]), ()), target, found)
        sleep(next(waits))


def _give_up(
    aws: Aws, change_set: ChangeSet, target: Target, found: Mapping[str, Any]
) -> ChangeSet | None:
    remove_change_set(aws, change_set, target)
    reason = str(found.get("StatusReason", "")).strip()
    if _says_nothing_changes(reason):
        return None
    raise DeployError(
        explain_denial(reason)
        or f"CloudFormation cannot apply the template of {target.stack}: {reason.rstrip('.')}. "
        f"Nothing was changed."
    )


def _list_changes(
    aws: Aws, name: str, target: Target, first: Mapping[str, Any]
) -> tuple[Change, ...]:
    listed, page = list(first.get("Changes") or ()), first
    while page.get("NextToken"):
        page = aws.call(
            "cloudformation",
            "describe_change_set",
            ChangeSetName=name,
            StackName=target.stack,
            NextToken=page["NextToken"],
        )
        listed += page.get("Changes") or ()
    return tuple(_read_change(one["ResourceChange"]) for one in listed if "ResourceChange" in one)


def _read_change(found: Mapping[str, Any]) -> Change:
    targets = [one.get("Target") or {} for one in found.get("Details") or ()]
    names = [one.get("Name") or one.get("Attribute") for one in targets]
    return Change(
        action=str(found["Action"]),
        resource=str(found["LogicalResourceId"]),
        type=str(found["ResourceType"]),
        replacement=str(found.get("Replacement") or ""),
        details=tuple(dict.fromkeys(str(name) for name in names if name)),
    )


def _says_nothing_changes(text: str) -> bool:
    return any(part in text for part in _NOTHING)


def _to_pairs(values: Mapping[str, str], prefix: str = "") -> list[dict[str, str]]:
    return [{f"{prefix}Key": name, f"{prefix}Value": value} for name, value in values.items()]
