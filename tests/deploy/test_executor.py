"""Whole deployments by the real boto3 against the stand-in, with functions a few lines long."""

import json
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from aws.fixtures import StandIn
from deploy.functions import (
    ANSWER,
    CODE,
    LATE,
    Listener,
    deploy,
    draft,
    make_executor,
    make_package,
    make_settings,
)

from dspipe.deploy._plan import Step
from dspipe.deploy._smoke import invoke
from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._change_sets import MOST_TEXT_BYTES
from dspipe.deploy.aws._state import State, read_alias, read_state
from dspipe.errors import DeployError

OTHER: dict[str, Any] = {"predictions": [{"id": 1, "prediction": 0.75}], "rejected": []}
REFUSED = "Resource handler returned message: queue exists"


@pytest.fixture
def cloud(aws: StandIn, lambda_runtime: Path) -> Aws:
    """Give an empty account in which functions run."""
    del aws, lambda_runtime
    return Aws()


@pytest.fixture
def listener() -> Listener:
    """Give what keeps what is told."""
    return Listener()


def break_stack(cloud: StandIn, **fault: Any) -> None:
    """Let a call that CloudFormation makes fail."""
    faults = json.dumps([{"times": 9, "caller": "cloudformation", **fault}]).encode()
    server = HTTPConnection(cloud.url.removeprefix("http://"), timeout=60)
    server.request("POST", "/stand-in/faults", faults)
    server.getresponse().read()
    server.close()


def ask(cloud: Aws, qualifier: str = "live") -> Any:
    """Invoke the function with some arguments."""
    return invoke(cloud, LATE.stack, {"arguments": {"day": 1}}, qualifier).payload


def test_first_deployment_serves_after_its_check(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """Stack, version and alias are made in this order, and the alias answers."""
    settings = make_settings(tmp_path, queue={}, alarms={})

    done = deploy(cloud, settings, make_package(tmp_path), listener)

    assert (done.version, done.previous) == ("1", None)
    assert ask(cloud) == {**ANSWER, "arguments": {"day": 1}, "version": "1"}
    assert listener.said == [
        "Upload the package.",
        "Create the stack dspipe-late-dev, which publishes a new version.",
        "Invoke the new version before it serves.",
        "Version 1 answers as it should.",
        "Create the alias and all that leads to it.",
    ]
    made = [one.resource for one in listener.events if one.status == "CREATE_COMPLETE"]
    assert made.index("Function") < made.index("Live")


def test_source_that_does_not_answer_is_told_and_no_reason_to_stop(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """A database that is down must not keep a correction from being deployed."""
    code = CODE.replace('"model":', '"source_fault": "SourceUnavailableError", "model":')

    done = deploy(cloud, make_settings(tmp_path), make_package(tmp_path, code=code), listener)

    assert done.version == "1"
    assert (
        "But its source 'default' does not answer (SourceUnavailableError), so runs that read it "
        "will fail. Check its url or secret, and vpc; then: dspipe logs --env dev"
    ) in listener.said


def test_second_deployment_moves_the_alias_and_keeps_the_first_version(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """What was published stays, so that there is a way back."""
    settings = make_settings(tmp_path)
    deploy(cloud, settings, make_package(tmp_path, "m1"), listener)

    done = deploy(cloud, settings, make_package(tmp_path, "m2"), listener)

    assert (done.version, done.previous) == ("2", "1")
    assert ask(cloud)["version"] == "2"
    assert ask(cloud, "1")["version"] == "1"


def test_same_deployment_changes_nothing(cloud: Aws, listener: Listener, tmp_path: Path) -> None:
    """What is there and serves needs no step."""
    settings, package = make_settings(tmp_path), make_package(tmp_path)
    deploy(cloud, settings, package, listener)
    listener.said.clear()

    done = deploy(cloud, settings, package, listener)

    assert (done.version, done.previous, listener.said) == ("1", "1", [])


def test_other_settings_around_the_function_leave_its_version(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """A schedule is added to the stack, and the same version serves."""
    package = make_package(tmp_path)
    deploy(cloud, make_settings(tmp_path), package, listener)
    settings = make_settings(tmp_path, schedules=[{"expression": "rate(1 day)"}])

    done = deploy(cloud, settings, package, listener)

    assert (done.version, done.previous) == ("1", "1")
    assert "AWS::Scheduler::Schedule" in {one.type for one in listener.events}


def test_bad_version_is_stopped_by_its_check_and_the_alias_stays(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """A version that answers otherwise than its package is published and never serves."""
    settings = make_settings(tmp_path)
    deploy(cloud, settings, make_package(tmp_path), listener)
    bad = make_package(tmp_path, "m2", answer=OTHER)

    with pytest.raises(DeployError, match="Version 2 answers the sample otherwise"):
        deploy(cloud, settings, bad, listener)

    assert read_alias(cloud, LATE.stack) == ("1", {})
    assert ask(cloud)["predictions"] == ANSWER["predictions"]


def test_correction_after_a_bad_version_serves(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """A failed check leaves a stack that takes the next deployment."""
    settings = make_settings(tmp_path)
    deploy(cloud, settings, make_package(tmp_path), listener)
    with pytest.raises(DeployError):
        deploy(cloud, settings, make_package(tmp_path, "m2", answer=OTHER), listener)

    done = deploy(cloud, settings, make_package(tmp_path, "m3"), listener)

    assert (done.version, done.previous) == ("3", "1")


def test_first_version_that_does_not_load_gets_no_alias(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """Nothing leads to a function that never worked."""
    broken = make_package(tmp_path, code="import nothing_like_this  # {answer!r} {model!r}")

    with pytest.raises(DeployError) as caught:
        deploy(cloud, make_settings(tmp_path), broken, listener)

    assert str(caught.value).startswith("Version 1 fails with Runtime.ImportModuleError: ")
    assert read_alias(cloud, LATE.stack) == (None, {})


def test_failed_update_goes_back_and_the_old_version_serves(
    aws: StandIn, cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """CloudFormation's reason is told, and nobody who calls notices."""
    deploy(cloud, make_settings(tmp_path), make_package(tmp_path), listener)
    break_stack(aws, service="sqs", call="CreateQueue", code="QueueExists", message=REFUSED)
    settings = make_settings(tmp_path, queue={})

    with pytest.raises(DeployError) as caught:
        deploy(cloud, settings, make_package(tmp_path, "m2"), listener)

    first, *_, last = str(caught.value).splitlines()
    assert first == (
        "The stack dspipe-late-dev ended as UPDATE_ROLLBACK_COMPLETE. What served before serves on."
    )
    assert REFUSED in str(caught.value)
    assert last == "Correct that and deploy again."
    assert ask(cloud)["version"] == "1"


def test_deployment_after_a_failed_update_serves(
    aws: StandIn, cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """A rolled back stack takes the same deployment again."""
    settings = make_settings(tmp_path, queue={})
    deploy(cloud, make_settings(tmp_path), make_package(tmp_path), listener)
    break_stack(aws, service="sqs", call="CreateQueue", code="QueueExists", message=REFUSED)
    with pytest.raises(DeployError):
        deploy(cloud, settings, make_package(tmp_path, "m2"), listener)
    break_stack(aws, service="none", call="none", code="none", message="")

    done = deploy(cloud, settings, make_package(tmp_path, "m2"), listener)

    assert done.previous == "1"
    assert ask(cloud)["version"] == done.version


def test_failed_creation_says_what_to_run(
    aws: StandIn, cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """The stack is stuck then, and the next deployment says so before it does anything."""
    settings = make_settings(tmp_path, queue={})
    break_stack(aws, service="sqs", call="CreateQueue", code="QueueExists", message=REFUSED)

    with pytest.raises(DeployError, match="ended as ROLLBACK_COMPLETE"):
        deploy(cloud, settings, make_package(tmp_path), listener)

    with pytest.raises(DeployError, match="Run: dspipe destroy --env dev"):
        draft(cloud, settings, make_package(tmp_path))


def test_plan_shows_all_of_a_new_stack_and_leaves_nothing(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """Also what the second stride makes is shown; the account is as empty as before."""
    settings = make_settings(tmp_path, url="iam")
    wanted = draft(cloud, settings, make_package(tmp_path))

    changes = make_executor(cloud, wanted, listener).preview()

    assert {one.action for one in changes} == {"Add"}
    assert {"Function", "Live", "Url"} <= {one.resource for one in changes}
    while read_state(cloud, LATE).status is not None:  # deleted in the background
        listener.sleep(1)
    assert read_state(cloud, LATE) == State()
    assert cloud.call("s3", "list_buckets")["Buckets"] == []


def test_plan_of_an_update_shows_what_changes_and_changes_nothing(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """Another package is another code and another version."""
    settings = make_settings(tmp_path)
    deploy(cloud, settings, make_package(tmp_path), listener)
    before = read_state(cloud, LATE)
    wanted = draft(cloud, settings, make_package(tmp_path, "m2"))

    changes = make_executor(cloud, wanted, listener).preview()

    assert ("Modify", "Function", ("Code", "Description")) in [
        (one.action, one.resource, one.details) for one in changes
    ]
    assert sorted(one.action for one in changes if "Version" in one.type) == ["Add", "Remove"]
    assert read_state(cloud, LATE) == before


def test_plan_of_what_is_there_shows_nothing(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """An empty plan asks for no change set."""
    settings, package = make_settings(tmp_path), make_package(tmp_path)
    deploy(cloud, settings, package, listener)

    executor = make_executor(cloud, draft(cloud, settings, package), listener)

    assert executor.preview() == ()


def test_long_template_is_handed_over_by_the_bucket(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """CloudFormation takes a text of such a length from nowhere else."""
    wanted = draft(cloud, make_settings(tmp_path), make_package(tmp_path))
    long = replace(wanted, text="# a long comment\n" * 4_000 + wanted.text)

    done = make_executor(cloud, long, listener).run()

    assert len(long.text) > MOST_TEXT_BYTES
    assert done.version == "1"


def test_long_template_is_not_planned_because_a_plan_uploads_nothing(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """The message says how to see it all the same."""
    wanted = draft(cloud, make_settings(tmp_path), make_package(tmp_path))
    long = replace(wanted, text="#" * (MOST_TEXT_BYTES + 1))

    with pytest.raises(DeployError) as caught:
        make_executor(cloud, long, listener).preview()

    assert str(caught.value) == (
        "The template of dspipe-late-dev is longer than 51,200 bytes, and CloudFormation reads "
        "such a one from a bucket only. A plan uploads nothing: read the template with "
        "--template-only, or deploy."
    )


def test_canary_ends_with_all_calls_at_the_new_version(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """The alias carries a share first, and the new version alone in the end."""
    settings = make_settings(tmp_path, alarms={}, canary={"weight": 0.5, "minutes": 1})
    deploy(cloud, settings, make_package(tmp_path), listener)

    done = deploy(cloud, settings, make_package(tmp_path, "m2"), listener)

    assert done.version == "2"
    assert "Version 2 gets 50% of the calls." in listener.said
    assert read_alias(cloud, LATE.stack) == ("2", {})


def test_canary_that_meets_an_alarm_leaves_the_old_version(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """A real alarm of the stack, set off while the new version has its share."""
    settings = make_settings(tmp_path, alarms={}, canary={"weight": 0.5, "minutes": 1})
    deploy(cloud, settings, make_package(tmp_path), listener)
    executor = make_executor(
        cloud, draft(cloud, settings, make_package(tmp_path, "m2")), Ringing(cloud)
    )

    with pytest.raises(DeployError, match="The alarm dspipe-late-dev-errors went off while"):
        executor.run()

    assert read_alias(cloud, LATE.stack) == ("1", {})


def test_plan_that_is_refused_leaves_no_empty_stack(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """CloudFormation makes a stack for a change set, also for one that fails."""
    wanted = draft(cloud, make_settings(tmp_path), make_package(tmp_path))
    broken = replace(wanted, text="Resources: {Queue: {Type: 'AWS::SQS::Queue'}}")

    with pytest.raises(DeployError, match="LiveVersion"):
        make_executor(cloud, broken, listener).preview()

    assert read_state(cloud, LATE) == State()


def test_plan_is_empty_when_cloudformation_sees_no_change(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """Who doubts what the stack shows asks, and hears that nothing would change."""
    settings, package = make_settings(tmp_path), make_package(tmp_path)
    deploy(cloud, settings, package, listener)
    deploy(cloud, settings, make_package(tmp_path, "m2"), listener)
    current = draft(cloud, settings, make_package(tmp_path, "m2"))
    plan = replace(current.plan, steps=(Step("apply", ""),), parameters={"LiveVersion": "1"})

    changes = make_executor(cloud, replace(current, plan=plan), listener).preview()

    assert changes == ()


def test_deployment_of_an_image_that_nobody_pushed_is_refused(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """There is no file to upload then."""
    wanted = draft(cloud, make_settings(tmp_path), make_package(tmp_path))
    without = replace(wanted, artifact=replace(wanted.artifact, file=None))

    with pytest.raises(DeployError) as caught:
        make_executor(cloud, without, listener).run()

    assert str(caught.value) == (
        "The package of dspipe-late-dev is an image, and dspipe pushes none. Push it, and deploy "
        "it with --image URI."
    )


def test_template_that_publishes_no_version_is_refused(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """Without a version there is nothing to check and nothing to serve."""
    wanted = draft(cloud, make_settings(tmp_path), make_package(tmp_path))
    text = "Parameters: {LiveVersion: {Type: String}}\nResources: {Q: {Type: 'AWS::SQS::Queue'}}"

    with pytest.raises(DeployError) as caught:
        make_executor(cloud, replace(wanted, text=text), listener).run()

    assert str(caught.value) == (
        "The stack dspipe-late-dev published no version, so nothing can be checked. Its template "
        "needs a resource of the type AWS::Lambda::Version."
    )


def test_check_of_no_known_version_is_refused(
    cloud: Aws, listener: Listener, tmp_path: Path
) -> None:
    """A plan that was made for another state does not guess a version."""
    wanted = draft(cloud, make_settings(tmp_path), make_package(tmp_path))
    plan = replace(wanted.plan, steps=(Step("check", "Check"),))

    with pytest.raises(DeployError) as caught:
        make_executor(cloud, replace(wanted, plan=plan), listener).run()

    assert str(caught.value) == (
        "No version of dspipe-late-dev is known. Run: dspipe status --env dev"
    )


class Ringing(Listener):
    """Sets off an alarm while it waits for the canary."""

    def __init__(self, cloud: Aws) -> None:
        super().__init__()
        self._cloud = cloud

    def sleep(self, seconds: float) -> None:
        """Let the alarm go off once the alias carries a share."""
        super().sleep(seconds)
        if read_alias(self._cloud, LATE.stack)[1]:
            self._cloud.call(
                "cloudwatch",
                "set_alarm_state",
                AlarmName="dspipe-late-dev-errors",
                StateValue="ALARM",
                StateReason="too many errors",
            )
