"""The whole template, applied to the stand-in of AWS in its two steps."""

import io
import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws.fixtures import StandIn
from aws.stacks import BUCKET, make_bucket, wait

from dspipe.deploy import ArtifactFacts, DeploySettings, make_template, write_template
from dspipe.deploy.template._make import find_version_id

REGION = "eu-west-1"
STACK = "dspipe-late-prod"
KEY = "late/0a.zip"
FACTS = ArtifactFacts(digest="0a" * 32, bucket=BUCKET, key=KEY, commit="6fb6a43c1e2d")
SMALL = DeploySettings(root=Path(), env="prod", name="late", pipeline="late.py:Late")


@pytest.fixture
def facts(aws: StandIn) -> ArtifactFacts:
    """Upload a package, and make what the settings expect to be there."""
    make_bucket()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr("dspipe/aws_lambda.py", "def handler(event, context):\n    return event\n")
    boto3.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=content.getvalue())
    boto3.client("sns").create_topic(Name="calls")
    boto3.client("kinesis").create_stream(StreamName="flights", ShardCount=1)
    return FACTS


def make_large_settings() -> DeploySettings:
    """Make settings that ask for every kind of resource."""
    account = boto3.client("sts").get_caller_identity()["Account"]
    topic = f"arn:aws:sns:{REGION}:{account}:calls"
    asked: dict[str, Any] = {
        "secrets": {"DB_URL": "secret://flights/reader"},
        "url": "iam",
        "api": True,
        "schedules": [{"expression": "rate(1 day)", "arguments": {"day": "2013-06-01"}}],
        "queue": True,
        "streams": [{"arn": f"arn:aws:kinesis:{REGION}:{account}:stream/flights"}],
        "topics": [topic],
        "objects": [{"bucket": "flights-in", "prefix": "day/"}],
        "answers": "s3://flights-answers/late",
        "alarms": {"topic": topic},
    }
    return DeploySettings.model_validate({**SMALL.__dict__, **asked})


def apply(template: dict[str, Any], live: str, *, kind: str = "UPDATE") -> dict[str, str]:
    """Apply the text of a template, and give the outputs of the stack."""
    api = boto3.client("cloudformation")
    api.create_change_set(
        StackName=STACK,
        ChangeSetName="change",
        ChangeSetType=kind,
        TemplateBody=write_template(template),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": "LiveVersion", "ParameterValue": live}],
    )
    api.execute_change_set(StackName=STACK, ChangeSetName="change")
    assert wait(STACK) == f"{kind}_COMPLETE"
    (stack,) = api.describe_stacks(StackName=STACK)["Stacks"]
    return {found["OutputKey"]: found["OutputValue"] for found in stack["Outputs"]}


def list_resources() -> set[str]:
    """List the logical ids of what the stack holds."""
    found = boto3.client("cloudformation").describe_stack_resources(StackName=STACK)
    return {resource["LogicalResourceId"] for resource in found["StackResources"]}


def test_nothing_calls_the_function_before_a_version_serves(facts: ArtifactFacts) -> None:
    """The first step publishes, the second makes what invokes; then all is there."""
    template = make_template(make_large_settings(), facts)
    waiting = {
        name for name, found in template["Resources"].items() if found.get("Condition") == "HasLive"
    }

    first = apply(template, "", kind="CREATE")
    before = list_resources()
    second = apply(template, first["Version"])

    assert first["Version"] == "1"
    assert before == set(template["Resources"]) - waiting
    assert list_resources() == set(template["Resources"])
    assert set(second) - set(first) == {"Alias", "Url", "Api"}


def test_next_version_stands_beside_the_one_that_serves(facts: ArtifactFacts) -> None:
    """A changed setting publishes another version; the alias stays where it was."""
    first = apply(make_template(SMALL, facts), "", kind="CREATE")
    apply(make_template(SMALL, facts), first["Version"])
    changed = make_template(SMALL.model_copy(update={"memory_mb": 3008}), facts)

    outputs = apply(changed, first["Version"])

    client = boto3.client("lambda")
    alias = client.get_alias(FunctionName=STACK, Name="live")
    memories = [
        client.get_function_configuration(FunctionName=STACK, Qualifier=version)["MemorySize"]
        for version in ("1", "2")
    ]
    assert (outputs["Version"], alias["FunctionVersion"]) == ("2", "1")
    assert memories == [1769, 3008]
    assert find_version_id(changed) in list_resources()
