"""Change sets and the events of a stack, told while they happen."""

from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from deploy.functions import LATE, Listener, ignore
from deploy.sessions import ScriptedSession, refusal

from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._change_sets import Change, ChangeSet, Request, create_change_set, iter_waits
from dspipe.deploy.aws._refusals import AwsError
from dspipe.deploy.aws._stack_events import delete_stack, execute
from dspipe.deploy.aws._state import State
from dspipe.errors import DeployError

STACK = "arn:stack"
REQUEST = Request("c1", {"TemplateBody": "{}"}, {"LiveVersion": "4"}, {"team": "delay"})
MADE = ChangeSet("arn:c1", STACK, ())
NO_CHANGE = "The submitted information didn't contain changes. Submit different information."


def event(number: int, status: str, resource: str = LATE.stack, reason: str = "") -> dict[str, Any]:
    """Make one event as CloudFormation gives it."""
    is_stack = resource == LATE.stack
    return {
        "EventId": str(number),
        "Timestamp": datetime(2026, 1, 1, tzinfo=UTC),
        "LogicalResourceId": resource,
        "ResourceType": "AWS::CloudFormation::Stack" if is_stack else "AWS::SQS::Queue",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def script_events(*pages: list[dict[str, Any]]) -> ScriptedSession:
    """Script what the history looks like each time it is asked for, the newest first."""
    return ScriptedSession({
        "cloudformation.describe_stack_events": [{"StackEvents": page} for page in pages],
        "cloudformation.execute_change_set": {},
    })  # fmt: skip


def run(session: ScriptedSession, listener: Listener) -> None:
    """Execute the change set."""
    aws = Aws(session=session)
    execute(aws, MADE, LATE, notify=listener.events.append, sleep=listener.sleep)


def script_change_set(**described: Any) -> ScriptedSession:
    """Script a change set that CloudFormation describes like this."""
    return ScriptedSession({
        "cloudformation.create_change_set": {"Id": "arn:c1"},
        "cloudformation.describe_change_set": {"StackId": STACK, **described},
        "cloudformation.delete_change_set": {},
        "cloudformation.delete_stack": {},
        "cloudformation.describe_stacks": {"Stacks": [{"StackStatus": "REVIEW_IN_PROGRESS"}]},
    })  # fmt: skip


def create(session: ScriptedSession, state: State | None = None) -> ChangeSet | None:
    """Create the change set."""
    aws = Aws(session=session)
    return create_change_set(aws, state or State(), LATE, REQUEST, sleep=ignore)


def test_change_set_creates_a_stack_with_parameters_and_tags() -> None:
    """What is asked for reaches CloudFormation in its own words."""
    session = script_change_set(Status="CREATE_COMPLETE")

    create(session)

    assert session.calls[0][1] == {
        "StackName": "dspipe-late-dev",
        "ChangeSetName": "c1",
        "ChangeSetType": "CREATE",
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        "Parameters": [{"ParameterKey": "LiveVersion", "ParameterValue": "4"}],
        "Tags": [{"Key": "team", "Value": "delay"}],
        "Description": "Made by dspipe deploy.",
        "TemplateBody": "{}",
    }


def test_change_set_tells_every_change_of_all_pages() -> None:
    """A long list comes in pages; each change names what of it changes, once."""
    function = {
        "Action": "Modify",
        "LogicalResourceId": "Function",
        "ResourceType": "AWS::Lambda::Function",
        "Replacement": "False",
        "Details": [{"Target": {"Name": "Code"}}, {"Target": {"Name": "Code"}}, {"Target": {}}],
    }
    queue = {"Action": "Add", "LogicalResourceId": "Queue", "ResourceType": "AWS::SQS::Queue"}
    session = script_change_set()
    session.set(
        "cloudformation.describe_change_set",
        [
            {"Status": "CREATE_IN_PROGRESS", "StackId": STACK},
            {
                "Status": "CREATE_COMPLETE",
                "StackId": STACK,
                "Changes": [{"ResourceChange": function}],
                "NextToken": "more",
            },
            {"Changes": [{"ResourceChange": queue}]},
        ],
    )

    made = create(session, State(status="CREATE_COMPLETE"))

    assert made == ChangeSet(
        "arn:c1",
        STACK,
        (
            Change("Modify", "Function", "AWS::Lambda::Function", "False", ("Code",)),
            Change("Add", "Queue", "AWS::SQS::Queue"),
        ),
    )


def test_change_set_is_none_and_removed_when_nothing_changes() -> None:
    """AWS makes a failed change set of it, which nobody needs."""
    session = script_change_set(Status="FAILED", StatusReason=NO_CHANGE)

    assert create(session) is None
    assert "cloudformation.delete_change_set" in session.names()
    assert session.names()[-1] == "cloudformation.delete_stack"


def test_change_set_is_none_when_aws_refuses_one_without_changes() -> None:
    """Some say so at once."""
    session = script_change_set()
    error = refusal("ValidationError", "No updates are to be performed.")
    session.set("cloudformation.create_change_set", error)

    assert create(session) is None


def test_change_set_is_an_error_when_aws_refuses_it_for_another_reason() -> None:
    """Only the absence of changes is no failure."""
    session = script_change_set()
    session.set("cloudformation.create_change_set", refusal("ValidationError", "Bad template"))

    with pytest.raises(AwsError, match="Bad template"):
        create(session)


def test_change_set_says_why_when_the_template_cannot_be_applied() -> None:
    """The reason of CloudFormation is told, and that nothing was changed."""
    session = script_change_set(Status="FAILED", StatusReason="Unresolved resource.")

    with pytest.raises(DeployError) as caught:
        create(session)

    assert str(caught.value) == (
        "CloudFormation cannot apply the template of dspipe-late-dev: Unresolved resource. Nothing "
        "was changed."
    )


def test_events_are_told_once_in_order_and_only_new_ones() -> None:
    """An end that happened before the execution is no end of it."""
    old = event(1, "UPDATE_COMPLETE")
    begun, made = event(2, "UPDATE_IN_PROGRESS"), event(3, "CREATE_COMPLETE", "Queue")
    done = event(4, "UPDATE_COMPLETE")
    session = script_events([old], [old], [begun, old], [done, made, begun, old])
    listener = Listener()

    run(session, listener)

    assert [one.id for one in listener.events] == ["2", "3", "4"]
    assert listener.waited == pytest.approx([0.05, 0.075])


def test_waits_grow_to_a_few_seconds() -> None:
    """A small stack is not kept waiting, a large one not asked after all the time."""
    waits = list(islice(iter_waits(), 20))

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (0.05, 5.0)


def test_failed_update_names_causes_and_what_serves() -> None:
    """What was only cancelled because of something else is left out."""
    denied = "User: ann is not authorized to perform: sqs:CreateQueue on resource: arn:q"
    session = script_events(
        [],
        [
            event(5, "UPDATE_ROLLBACK_COMPLETE"),
            event(4, "CREATE_FAILED", "Topic", "Resource creation cancelled"),
            event(3, "CREATE_FAILED", "Dead", "Name is taken."),
            event(2, "CREATE_FAILED", "Queue", denied),
            event(1, "UPDATE_IN_PROGRESS"),
        ],
    )

    with pytest.raises(DeployError) as caught:
        run(session, Listener())

    assert str(caught.value) == (
        "The stack dspipe-late-dev ended as UPDATE_ROLLBACK_COMPLETE. What served before serves "
        "on.\n"
        "Queue (AWS::SQS::Queue): AWS refused sqs:CreateQueue on arn:q: ann has no permission for "
        'it. Add to a policy:\n{"Effect": "Allow", "Action": "sqs:CreateQueue", "Resource": '
        '"arn:q"}\n'
        "Dead (AWS::SQS::Queue): Name is taken.\n"
        "Correct that and deploy again."
    )


def test_failed_creation_says_that_the_rest_must_be_destroyed() -> None:
    """A stack that was never whole takes no further change set."""
    failed = event(1, "CREATE_FAILED", "Queue")
    session = script_events([], [event(2, "ROLLBACK_COMPLETE"), failed])

    with pytest.raises(DeployError) as caught:
        run(session, Listener())

    assert str(caught.value) == (
        "The stack dspipe-late-dev ended as ROLLBACK_COMPLETE.\n"
        "Queue (AWS::SQS::Queue): no reason was given\n"
        "Correct that, run: dspipe destroy --env dev. Then deploy again."
    )


def test_interrupted_watch_says_that_the_stack_goes_on() -> None:
    """Ctrl-C ends the watch, not what CloudFormation does."""
    session = script_events([], [])

    def sleep(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(DeployError) as caught:
        execute(Aws(session=session), MADE, LATE, notify=ignore, sleep=sleep)

    assert str(caught.value) == (
        "Nobody watches the stack dspipe-late-dev any longer; CloudFormation goes on with it. The "
        "alias was not moved by dspipe. See: dspipe status --env dev"
    )


def test_deletion_of_no_stack_is_done_at_once() -> None:
    """There is nothing to wait for."""
    error = refusal("ValidationError", "Stack with id x does not exist")
    session = ScriptedSession({"cloudformation.describe_stacks": error})

    delete_stack(Aws(session=session), LATE, notify=ignore, sleep=ignore)

    assert session.names() == ["cloudformation.describe_stacks"]
