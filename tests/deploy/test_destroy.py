"""A deployment is removed with all that it left, and what is left is named."""

from pathlib import Path
from typing import Any

import pytest
from aws.fixtures import StandIn
from deploy.functions import LATE, Listener, deploy, make_package, make_settings
from deploy.sessions import ScriptedSession, refusal

from dspipe.deploy._destroy import LOOKS, destroy, find_left
from dspipe.deploy._smoke import invoke
from dspipe.deploy.aws._artifacts import name_bucket
from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._state import State, read_state

ABSENT = refusal("ResourceNotFoundException")


@pytest.fixture
def cloud(aws: StandIn, lambda_runtime: Path) -> Aws:
    """Give an empty account in which functions run."""
    del aws, lambda_runtime
    return Aws()


def remove(cloud: Aws, listener: Listener) -> Any:
    """Destroy the deployment."""
    return destroy(
        cloud,
        LATE,
        notify=listener.events.append,
        say=listener.said.append,
        sleep=listener.sleep,
    )


def test_destroy_leaves_nothing_and_says_what_it_removed(cloud: Aws, tmp_path: Path) -> None:
    """Stack, versions, log and packages are gone; the bucket stays, for others use it."""
    listener, settings = Listener(), make_settings(tmp_path, queue={}, alarms={}, url="iam")
    for model in ("m1", "m2"):
        deploy(cloud, settings, make_package(tmp_path, model), listener)
    listener.said.clear()

    removal = remove(cloud, listener)

    bucket = name_bucket(cloud, LATE)
    assert removal.left == ()
    assert listener.said == [
        "Removed the stack dspipe-late-dev.",
        f"Removed 2 objects under dspipe-late-dev/ in {bucket}.",
    ]
    assert read_state(cloud, LATE) == State()
    assert cloud.find("lambda", "get_function", FunctionName=LATE.stack) is None
    assert cloud.find("s3", "head_bucket", Bucket=bucket) is not None


def test_destroy_leaves_another_environment_alone(cloud: Aws, tmp_path: Path) -> None:
    """The same package in prod is another object and another function."""
    listener, package = Listener(), make_package(tmp_path)
    deploy(cloud, make_settings(tmp_path), package, listener)
    deploy(cloud, make_settings(tmp_path, env="prod"), package, listener)

    removal = remove(cloud, listener)

    assert removal.left == ()
    assert invoke(cloud, "dspipe-late-prod", {"a": 1}, "live").failure is None
    key = f"dspipe-late-prod/{package.digest}.zip"
    assert cloud.find("s3", "head_object", Bucket=name_bucket(cloud, LATE), Key=key) is not None


def test_destroy_removes_what_a_stack_left_behind(cloud: Aws, tmp_path: Path) -> None:
    """A log group that Lambda made again after the stack was gone goes too."""
    listener = Listener()
    deploy(cloud, make_settings(tmp_path), make_package(tmp_path), listener)
    remove(cloud, listener)
    cloud.call("logs", "create_log_group", logGroupName="/aws/lambda/dspipe-late-dev")

    removal = remove(cloud, listener)

    assert removal.removed == ("the log group /aws/lambda/dspipe-late-dev",)
    assert removal.left == ()


def test_destroy_of_nothing_removes_nothing(cloud: Aws) -> None:
    """Running it again is no error."""
    removal = remove(cloud, Listener())

    assert (removal.removed, removal.left) == ((), ())


def script(**more: Any) -> Aws:
    """Script an account in which nothing is left."""
    answers = {
        "sts.get_caller_identity": {"Account": "123456789012"},
        "cloudformation.describe_stacks": refusal("ValidationError", "x does not exist"),
        "lambda.get_function": ABSENT,
        "lambda.delete_function": ABSENT,
        "logs.delete_log_group": ABSENT,
        "logs.describe_log_groups": {"logGroups": []},
        "s3.list_object_versions": refusal("NoSuchBucket"),
        "resourcegroupstaggingapi.get_resources": {"ResourceTagMappingList": []},
    }
    return Aws(session=ScriptedSession({**answers, **more}))


def test_left_names_everything_that_is_still_there() -> None:
    """Each is found by asking for it; what only its tags know is found by them."""
    versions = {"Versions": [{"Key": "dspipe-late-dev/0a.zip", "VersionId": "1"}]}
    cloud = script(**{
        "cloudformation.describe_stacks": {"Stacks": [{"StackStatus": "DELETE_FAILED"}]},
        "lambda.get_function": {},
        "logs.describe_log_groups": {
            "logGroups": [
                {"logGroupName": "/aws/lambda/dspipe-late-dev"},
                {"logGroupName": "/aws/lambda/dspipe-late-dev-2"},
            ]
        },
        "s3.list_object_versions": versions,
        "resourcegroupstaggingapi.get_resources": {
            "ResourceTagMappingList": [{"ResourceARN": "arn:aws:sqs:eu-west-1:1:jobs"}]
        },
    })  # fmt: skip

    assert find_left(cloud, LATE) == [
        "stack dspipe-late-dev",
        "function dspipe-late-dev",
        "log group /aws/lambda/dspipe-late-dev",
        "s3://dspipe-artifacts-123456789012-eu-west-1/dspipe-late-dev/0a.zip",
        "arn:aws:sqs:eu-west-1:1:jobs",
    ]


def test_left_says_so_when_tags_cannot_be_read() -> None:
    """A look that was denied is no proof."""
    denied = refusal("AccessDenied", operation="GetResources")
    cloud = script(**{"resourcegroupstaggingapi.get_resources": denied})

    (left,) = find_left(cloud, LATE)

    assert left.startswith(
        "perhaps more, because tags could not be read: AWS refused tag:GetResources on *"
    )


def test_destroy_looks_again_until_tags_are_forgotten() -> None:
    """The index of tags knows a queue for a while after it is gone."""
    tagged = {"ResourceTagMappingList": [{"ResourceARN": "arn:queue"}]}
    forgotten: dict[str, Any] = {"ResourceTagMappingList": []}
    listener = Listener()
    cloud = script(**{"resourcegroupstaggingapi.get_resources": [tagged, tagged, forgotten]})

    removal = remove(cloud, listener)

    assert removal.left == ()
    assert listener.waited == [3.0, 3.0]


def test_destroy_names_what_stays() -> None:
    """After enough looks it is told, and not waited for any longer."""
    tagged = {"ResourceTagMappingList": [{"ResourceARN": "arn:queue"}]}
    listener = Listener()
    cloud = script(**{"resourcegroupstaggingapi.get_resources": tagged})

    removal = remove(cloud, listener)

    assert removal.left == ("arn:queue",)
    assert len(listener.waited) == LOOKS
