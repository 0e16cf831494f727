"""The template: AWS's own schemas accept all of them, and each resource does what it is for."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from deploy.drawn_settings import FACTS, IMAGE, REGION, tables
from hypothesis import HealthCheck, assume, example, given, settings

from dspipe.deploy import ArtifactFacts, DeploySettings, make_template, write_template
from dspipe.deploy.settings._conflicts import find_conflicts
from dspipe.deploy.template._make import find_version_id, make_tags
from dspipe.errors import ConfigurationError

BASE: dict[str, Any] = {"name": "late", "pipeline": "late.py:Late"}
TOPIC = f"arn:aws:sns:{REGION}:123456789012:calls"
EVERYTHING: dict[str, Any] = {
    **BASE,
    "environment": {"LEVEL": "low"},
    "secrets": {"DB_URL": "secret://flights/reader", "PASSWORD": "ssm://flights/password"},
    "vpc": {"subnets": ["subnet-0123456789abcdef0"], "security_groups": ["sg-0123456789abcdef0"]},
    "url": "iam",
    "api": True,
    "schedules": [{"expression": "rate(1 day)"}],
    "queue": True,
    "streams": [{"arn": f"arn:aws:kinesis:{REGION}:123456789012:stream/flights"}],
    "topics": [TOPIC],
    "objects": [{"bucket": "flights-in", "prefix": "day/"}],
    "answers": "s3://flights-answers/late",
    "alarms": {"topic": TOPIC},
    "permissions_boundary": "arn:aws:iam::123456789012:policy/within",
    "kms_key": f"arn:aws:kms:{REGION}:123456789012:key/0123-abc",
    "reserved_concurrency": 5,
    "snap_start": True,
    "tags": {"team": "flights"},
}
PUBLIC: dict[str, Any] = {**BASE, "url": "public", "allow_public_url": True}
FIFO: dict[str, Any] = {**BASE, "queue": {"fifo": True, "max_concurrency": 5}}


def make_settings(**table: Any) -> DeploySettings:
    """Make the settings of the environment "prod"."""
    return DeploySettings(root=Path(), env="prod", **{**BASE, **table})


def make_resources(**table: Any) -> dict[str, Any]:
    """Make the resources of a deployment."""
    found: dict[str, Any] = make_template(make_settings(**table), FACTS)["Resources"]
    return found


def find_names(template: Any) -> set[str]:
    """Find every name that a part of a template refers to."""
    if isinstance(template, list):
        return set().union(*map(find_names, template))
    if not isinstance(template, dict):
        return set()
    found = set().union(*map(find_names, template.values()))
    found |= {template["Ref"]} if "Ref" in template else set()
    found |= {template["Fn::GetAtt"][0]} if "Fn::GetAtt" in template else set()
    text = template.get("Fn::Sub", "")
    return found | set(re.findall(r"\$\{([A-Za-z0-9]+)\}", text))


@example(EVERYTHING)
@example(PUBLIC)
@example(FIFO)
@example(BASE)
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(tables)
def test_template_is_accepted_by_the_schemas_of_aws(table: dict[str, Any]) -> None:
    """cfn-lint has nothing to say about any template that settings can make."""
    from cfnlint.api import ManualArgs, lint

    wanted = make_settings(**table)
    assume(not find_conflicts(wanted))

    found = lint(write_template(make_template(wanted, FACTS)), config=ManualArgs(regions=[REGION]))

    assert [str(match) for match in found] == []


def test_template_of_an_image_is_accepted_by_the_schemas_of_aws() -> None:
    """A container image has no handler and no runtime of Lambda's."""
    from cfnlint.api import ManualArgs, lint

    text = write_template(make_template(make_settings(), IMAGE))

    assert lint(text, config=ManualArgs(regions=[REGION])) == []
    assert "Runtime" not in text
    assert "Handler" not in text


@given(tables)
def test_nothing_without_the_alias_waits_for_it(table: dict[str, Any]) -> None:
    """Before a version serves, nothing that is made may refer to what is not made yet."""
    template = make_template(make_settings(**table), FACTS)
    resources = template["Resources"]
    waiting = {name for name, found in resources.items() if found.get("Condition") == "HasLive"}

    outputs = [found for found in template["Outputs"].values() if "Condition" not in found]
    early = [found for name, found in resources.items() if name not in waiting]

    assert find_names([*early, *outputs]).isdisjoint(waiting)


@given(tables)
def test_everything_that_invokes_calls_the_alias(table: dict[str, Any]) -> None:
    """Nothing but the alias and the version knows the function itself."""
    resources = make_resources(**table)

    knowing = {name for name, found in resources.items() if "Function" in find_names(found)}

    assert knowing - {"Live", "AsynchronousInvokes"} == {find_version_id({"Resources": resources})}
    assert "Live" in resources


@settings(max_examples=25)
@given(tables)
def test_equal_settings_make_equal_templates(table: dict[str, Any]) -> None:
    """A plan for what is there already is empty."""
    first = write_template(make_template(make_settings(**table), FACTS))

    second = write_template(make_template(make_settings(**table), FACTS))

    assert first == second


@given(tables)
def test_every_resource_says_what_it_is_for(table: dict[str, Any]) -> None:
    """A reviewer finds a sentence above each resource."""
    comments = [found["Metadata"]["Comment"] for found in make_resources(**table).values()]

    assert all(comment.endswith(".") for comment in comments)


def test_version_is_another_when_the_package_or_a_setting_is() -> None:
    """Lambda publishes a version where code or configuration changed, and only there."""
    versions = {
        find_version_id(make_template(make_settings(**table), facts))
        for table in ({}, {"memory_mb": 512}, {"environment": {"LEVEL": "low"}})
        for facts in (FACTS, IMAGE)
    }

    assert len(versions) == 6


def test_version_is_the_same_when_only_tags_and_concurrency_change() -> None:
    """Lambda would refuse to publish a version that differs in these alone."""
    first = find_version_id(make_template(make_settings(), FACTS))

    second = find_version_id(
        make_template(make_settings(tags={"team": "x"}, reserved_concurrency=5, url="iam"), FACTS)
    )

    assert first == second


def test_version_stays_when_the_next_takes_its_place() -> None:
    """There is always a way back."""
    resources = make_resources()
    version = resources[find_version_id({"Resources": resources})]

    assert (version["DeletionPolicy"], version["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize("facts", [FACTS, IMAGE], ids=["zip", "image"])
@pytest.mark.parametrize(
    "change",
    [lambda facts: replace(facts, commit="0e0e"), lambda facts: replace(facts, digest="0c" * 32)],
    ids=["commit", "digest"],
)
def test_version_is_another_exactly_when_its_function_is(
    facts: ArtifactFacts, change: Callable[[ArtifactFacts], ArtifactFacts]
) -> None:
    """An image may keep its address when the commit changes, and Lambda must see a change."""
    first, second = (make_template(make_settings(), each) for each in (facts, change(facts)))

    names = find_version_id(first), find_version_id(second)

    assert names[0] != names[1]
    assert first["Resources"]["Function"] != second["Resources"]["Function"]
    assert first["Resources"][names[0]] == second["Resources"][names[1]]


def test_version_is_described_by_its_commit_package_and_pipeline() -> None:
    """A version without a description of its own has that of the function when it is published."""
    resources = make_resources()

    assert resources["Function"]["Properties"]["Description"] == (
        "commit 6fb6a43c1e2d, package 0a0a0a0a0a0a, pipeline late.py:Late"
    )
    version = resources[find_version_id({"Resources": resources})]
    assert set(version["Properties"]) == {"FunctionName"}


def test_alias_stands_on_the_version_that_the_parameter_names() -> None:
    """The template never decides by itself which version serves."""
    template = make_template(make_settings(), FACTS)

    assert template["Resources"]["Live"]["Properties"]["FunctionVersion"] == {"Ref": "LiveVersion"}
    assert template["Parameters"]["LiveVersion"]["Default"] == ""
    assert template["Conditions"] == {
        "HasLive": {"Fn::Not": [{"Fn::Equals": [{"Ref": "LiveVersion"}, ""]}]}
    }


def test_tags_are_on_everything_and_the_commit_on_the_function_alone() -> None:
    """A new commit changes one resource, not all."""
    resources = make_resources(**EVERYTHING)
    tagged = {
        name: {tag["Key"]: tag["Value"] for tag in found["Properties"]["Tags"]}
        for name, found in resources.items()
        if isinstance(found["Properties"].get("Tags"), list)
    }
    common = {"dspipe:name": "late", "dspipe:environment": "prod", "team": "flights"}

    assert make_tags(make_settings(**EVERYTHING)) == common
    assert tagged.pop("Function") == {**common, "dspipe:commit": "6fb6a43c1e2d"}
    assert all(tags == common for tags in tagged.values())
    assert {"Role", "LogGroup", "Queue", "DeadLetters", "FailedEvents", "ScheduleGroup"} <= set(
        tagged
    )


def test_queue_gives_messages_back_long_after_the_timeout() -> None:
    """A message is never handed out again while the function still works on it."""
    resources = make_resources(queue=True, timeout_seconds=100)

    assert resources["Queue"]["Properties"]["VisibilityTimeout"] == 600
    assert resources["QueueInvokes"]["Properties"]["FunctionResponseTypes"] == [
        "ReportBatchItemFailures"
    ]


def test_queue_that_keeps_the_order_has_dead_letters_that_do() -> None:
    """SQS demands the same kind for both, and an ending of their names."""
    resources = make_resources(**FIFO)

    names = [resources[name]["Properties"]["QueueName"] for name in ("Queue", "DeadLetters")]

    assert names == ["dspipe-late-prod-queue.fifo", "dspipe-late-prod-dead.fifo"]


def test_schedule_hands_over_arguments_as_the_function_reads_them() -> None:
    """Dates of TOML become the texts that a run takes; AWS writes the time over its keyword."""
    from datetime import date

    schedule = {
        "expression": "cron(0 5 * * ? *)",
        "time_zone": "Europe/Zurich",
        "arguments": {"day": date(2013, 6, 1), "until": "{date + 1 day}", "carrier": "Zürich"},
        "enabled": False,
    }
    found = make_resources(schedules=[schedule])["Schedule1"]["Properties"]

    assert json.loads(found["Target"]["Input"]) == {
        "schedule": {
            "name": "schedule-1",
            "time": "<aws.scheduler.scheduled-time>",
            "time_zone": "Europe/Zurich",
        },
        "arguments": {"day": "2013-06-01", "until": "{date + 1 day}", "carrier": "Zürich"},
    }
    assert (found["ScheduleExpression"], found["ScheduleExpressionTimezone"], found["State"]) == (
        "cron(0 5 * * ? *)",
        "Europe/Zurich",
        "DISABLED",
    )


def test_rule_waits_for_the_objects_that_are_named() -> None:
    """Without a prefix all objects of the bucket count."""
    resources = make_resources(objects=[{"bucket": "new", "prefix": "day/"}, {"bucket": "all"}])

    details = [
        resources[name]["Properties"]["EventPattern"]["detail"] for name in ("Objects1", "Objects2")
    ]

    assert details == [
        {"bucket": {"name": ["new"]}, "object": {"key": [{"prefix": "day/"}]}},
        {"bucket": {"name": ["all"]}},
    ]


def test_alarms_watch_the_alias_and_what_was_not_done() -> None:
    """Errors, refusals, slowness; messages and events that failed to the end."""
    resources = make_resources(**{**EVERYTHING, "timeout_seconds": 100})
    alarms = {
        name: found["Properties"]
        for name, found in resources.items()
        if found["Type"] == "AWS::CloudWatch::Alarm"
    }

    assert list(alarms) == [
        "ErrorsAlarm",
        "FaultsAlarm",
        "ThrottlesAlarm",
        "DurationAlarm",
        "DeadLettersAlarm",
        "FailedEventsAlarm",
    ]
    assert alarms["ErrorsAlarm"]["Dimensions"] == [
        {"Name": "FunctionName", "Value": "dspipe-late-prod"},
        {"Name": "Resource", "Value": "dspipe-late-prod:live"},
    ]
    assert alarms["FaultsAlarm"]["Dimensions"] == [
        {"Name": "function", "Value": "dspipe-late-prod"}
    ]
    assert alarms["DurationAlarm"]["Threshold"] == 80_000
    assert all(found["AlarmActions"] == [TOPIC] for found in alarms.values())


def test_alarms_are_left_out_when_nobody_wants_them() -> None:
    """Alarms = false is taken at its word."""
    assert not [name for name in make_resources(alarms=False) if name.endswith("Alarm")]


def test_url_and_api_ask_iam_who_calls() -> None:
    """Nobody reaches a pipeline without a signature unless it is said twice."""
    resources = make_resources(url="iam", api=True)

    assert resources["Url"]["Properties"]["AuthType"] == "AWS_IAM"
    assert {
        found["Properties"]["AuthorizationType"]
        for found in resources.values()
        if found["Type"] == "AWS::ApiGatewayV2::Route"
    } == {"AWS_IAM"}


def test_public_url_lets_everybody_in_by_the_url_alone() -> None:
    """Both permissions are bound to the URL, so that the function itself stays closed."""
    resources = make_resources(**PUBLIC)

    assert resources["Url"]["Properties"]["AuthType"] == "NONE"
    assert resources["UrlPermission"]["Properties"]["FunctionUrlAuthType"] == "NONE"
    assert resources["UrlInvokePermission"]["Properties"]["InvokedViaFunctionUrl"] is True


def test_snap_start_of_an_image_is_refused() -> None:
    """Whether a package becomes an image is known only when it is built."""
    with pytest.raises(ConfigurationError) as raised:
        make_template(make_settings(snap_start=True), IMAGE)

    assert str(raised.value) == (
        "The package of late is a container image, and 'snap_start' works with zip packages. Set "
        "snap_start = false, or make the package fit a zip."
    )


def test_schedule_with_an_argument_that_json_cannot_hold_is_a_fault_of_ours() -> None:
    """TOML holds dates and JSON's own types and nothing else."""
    with pytest.raises(TypeError, match="is not of JSON's types"):
        make_resources(schedules=[{"expression": "rate(1 day)", "arguments": {"a": object()}}])


@pytest.mark.slow
def test_template_has_no_open_role_bucket_or_url_when_checkov_looks(tmp_path: Path) -> None:
    """Checkov finds nothing but what is accepted with a reason, and the URL that is public."""
    checkov = os.environ.get("DSPIPE_TEST_CHECKOV")
    if not checkov:
        pytest.skip("DSPIPE_TEST_CHECKOV does not name checkov, which has its own environment")
    for name, table in {"all": EVERYTHING, "fifo": FIFO, "base": BASE, "public": PUBLIC}.items():
        text = write_template(make_template(make_settings(**table), FACTS))
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")

    options = ["--skip-download", "--framework", "cloudformation", "--output", "json"]
    done = subprocess.run(
        [checkov, *options, "--directory", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    results = json.loads(done.stdout)["results"]

    assert [
        (Path(found["file_path"]).name, found["check_id"]) for found in results["failed_checks"]
    ] == [("public.yaml", "CKV_AWS_258")]
    assert all(found["check_result"]["suppress_comment"] for found in results["skipped_checks"])
