"""Execute a change set or a deletion, and tell each event of the stack while it happens."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._change_sets import ChangeSet, Sleep, iter_waits
from dspipe.deploy.aws._refusals import explain_denial
from dspipe.deploy.aws._state import Target, find_stack
from dspipe.errors import DeployError

_GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE")
_CONSEQUENCES = ("cancelled", "The following resource(s) failed")
_MOST_REASONS = 5


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One line of what CloudFormation does.

    Attributes
    ----------
    id : str
    time_utc : datetime
    resource : str
        Name in the template; the stack's own name for the stack.
    type : str
    status : str
        Such as "CREATE_IN_PROGRESS".
    reason : str
        Why, where CloudFormation says so.
    """

    id: str
    time_utc: datetime
    resource: str
    type: str
    status: str
    reason: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether something went wrong here, and not only because of something else."""
        is_cause = not any(part in self.reason for part in _CONSEQUENCES)
        return self.status.endswith("_FAILED") and is_cause


Notify = Callable[[StackEvent], object]


def execute(
    aws: Aws, change_set: ChangeSet, target: Target, *, notify: Notify, sleep: Sleep
) -> None:
    """Execute a change set and wait for its end.

    Raises
    ------
    DeployError
        If CloudFormation fails; it has gone back to what was before.
    """
    newest = _find_newest(aws, change_set.stack_id)
    aws.call(
        "cloudformation",
        "execute_change_set",
        ChangeSetName=change_set.id,
        StackName=target.stack,
    )
    watch(aws, change_set.stack_id, target, newest, notify=notify, sleep=sleep)


def delete_stack(aws: Aws, target: Target, *, notify: Notify, sleep: Sleep) -> None:
    """Delete the stack and wait until it is gone; without one there is nothing to do.

    Raises
    ------
    DeployError
        If something could not be deleted.
    """
    stack = find_stack(aws, target.stack)
    if stack is None:
        return
    stack_id = str(stack["StackId"])
    newest = _find_newest(aws, stack_id)
    aws.call("cloudformation", "delete_stack", StackName=target.stack)
    if stack["StackStatus"] != "REVIEW_IN_PROGRESS":
        watch(aws, stack_id, target, newest, notify=notify, sleep=sleep)


def watch(
    aws: Aws, stack_id: str, target: Target, newest: str | None, *, notify: Notify, sleep: Sleep
) -> None:
    """Tell each event after the newest known one until the stack comes to rest.

    Raises
    ------
    DeployError
        If it comes to rest without what was asked for.
    """
    happened: list[StackEvent] = []
    try:
        for seconds in iter_waits():
            for event in reversed(list(_iter_since(aws, stack_id, newest))):
                newest = event.id
                happened.append(event)
                notify(event)
            # The events, not the status: right after the call that still is the one from before.
            ends = [event.status for event in happened if _is_end(event, target)]
            if ends:
                _check_end(ends[-1], happened, target)
                return
            sleep(seconds)
    except KeyboardInterrupt as error:
        raise DeployError(
            f"Nobody watches the stack {target.stack} any longer; CloudFormation goes on with it. "
            f"The alias was not moved by dspipe. See: dspipe status{target.option}"
        ) from error


def iter_events(aws: Aws, stack_id: str) -> Iterator[StackEvent]:
    """Go through the events of a stack, the newest first."""
    events = aws.iter_items(
        "cloudformation", "describe_stack_events", "StackEvents", StackName=stack_id
    )
    return map(_read_event, events)


def _find_newest(aws: Aws, stack_id: str) -> str | None:
    newest = next(iter_events(aws, stack_id), None)
    return newest.id if newest else None


def _iter_since(aws: Aws, stack_id: str, newest: str | None) -> Iterator[StackEvent]:
    # The history of a stack may be long: no page is asked for behind the newest known event.
    return takewhile(lambda event: event.id != newest, iter_events(aws, stack_id))


def _read_event(found: dict[str, Any]) -> StackEvent:
    return StackEvent(
        id=str(found["EventId"]),
        time_utc=found["Timestamp"].astimezone(UTC),
        resource=str(found["LogicalResourceId"]),
        type=str(found["ResourceType"]),
        status=str(found["ResourceStatus"]),
        reason=str(found.get("ResourceStatusReason") or ""),
    )


def _is_end(event: StackEvent, target: Target) -> bool:
    is_stack = event.type == "AWS::CloudFormation::Stack" and event.resource == target.stack
    is_over = event.status.endswith(("_COMPLETE", "_FAILED"))
    return is_stack and is_over and event.status != "UPDATE_FAILED"


def _check_end(status: str, events: list[StackEvent], target: Target) -> None:
    if status in _GOOD:
        return
    failures = [event for event in events if event.is_failure][:_MOST_REASONS]
    lines = [_describe(event) for event in failures]
    served = "What served before serves on." if status.startswith("UPDATE") else ""
    told = "\n".join([f"The stack {target.stack} ended as {status}. {served}".rstrip(), *lines])
    raise DeployError(f"{told}\n{_advise(status, target)}")


def _describe(event: StackEvent) -> str:
    reason = explain_denial(event.reason) or event.reason or "no reason was given"
    return f"{event.resource} ({event.type}): {reason}"


def _advise(status: str, target: Target) -> str:
    if status.startswith("UPDATE"):
        return "Correct that and deploy again."
    return f"Correct that, run: dspipe destroy{target.option}. Then deploy again."
