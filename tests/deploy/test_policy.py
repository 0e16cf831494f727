"""What the function may do, and what a plan says about rights that come and go."""

from pathlib import Path
from typing import Any

import pytest
from deploy.drawn_settings import FACTS, REGION, tables
from hypothesis import given

from dspipe.deploy import DeploySettings, PolicyChange, diff_policies, make_template
from dspipe.deploy.template._policy import iter_statements

HERE = "${AWS::Region}:${AWS::AccountId}"
KEY = f"arn:aws:kms:{REGION}:123456789012:key/0123-abc"


def make_settings(**table: Any) -> DeploySettings:
    """Make the settings of the environment "prod"."""
    return DeploySettings(
        root=Path(), env="prod", **{"name": "late", "pipeline": "late.py:Late", **table}
    )


def write_name(value: Any) -> str:
    """Write a name of a policy as a text."""
    if isinstance(value, dict):
        ((_, inside),) = value.items()
        return inside if isinstance(inside, str) else ".".join(inside)
    return str(value)


def find_rights(settings: DeploySettings) -> dict[str, tuple[list[str], list[str]]]:
    """Find the actions and the resources of each statement of the role of the function."""
    rights = {}
    for statement in iter_statements(settings):
        actions, resources = (
            found if isinstance(found, list) else [found]
            for found in (statement["Action"], statement["Resource"])
        )
        rights[statement["Sid"]] = (actions, [write_name(resource) for resource in resources])
    return rights


def test_function_may_only_write_its_log_when_nothing_else_is_set() -> None:
    """The least that Lambda needs, in the one log group."""
    assert find_rights(make_settings()) == {
        "WriteLogs": (
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [f"arn:${{AWS::Partition}}:logs:{HERE}:log-group:/aws/lambda/dspipe-late-prod:*"],
        )
    }


@pytest.mark.parametrize(
    ("table", "sid", "actions", "resources"),
    [
        (
            {"secrets": {"DB": "secret://flights/reader#password"}},
            "ReadSecrets",
            ["secretsmanager:GetSecretValue"],
            [f"arn:${{AWS::Partition}}:secretsmanager:{HERE}:secret:flights/reader-??????"],
        ),
        (
            {"secrets": {"DB": "ssm:///flights/password"}},
            "ReadParameters",
            ["ssm:GetParameter"],
            [f"arn:${{AWS::Partition}}:ssm:{HERE}:parameter/flights/password"],
        ),
        (
            {"answers": "s3://answers/late"},
            "KeepAnswers",
            ["s3:GetObject", "s3:PutObject"],
            ["arn:${AWS::Partition}:s3:::answers/late/*"],
        ),
        (
            {"answers": "s3://answers"},
            "KeepAnswers",
            ["s3:GetObject", "s3:PutObject"],
            ["arn:${AWS::Partition}:s3:::answers/*"],
        ),
        (
            {"objects": [{"bucket": "new", "prefix": "day/"}, {"bucket": "all"}]},
            "ReadObjects",
            ["s3:GetObject", "s3:GetObjectVersion"],
            ["arn:${AWS::Partition}:s3:::new/day/*", "arn:${AWS::Partition}:s3:::all/*"],
        ),
        (
            {"queue": True},
            "ReadQueue",
            ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            ["Queue.Arn"],
        ),
        (
            {"topics": [f"arn:aws:sns:{REGION}:123456789012:calls"]},
            "KeepFailedEvents",
            ["sqs:SendMessage"],
            ["FailedEvents.Arn"],
        ),
        (
            {"streams": [{"arn": f"arn:aws:kinesis:{REGION}:123456789012:stream/flights"}]},
            "ReadKinesis",
            [
                "kinesis:DescribeStream",
                "kinesis:DescribeStreamSummary",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards",
            ],
            [f"arn:aws:kinesis:{REGION}:123456789012:stream/flights"],
        ),
        (
            {"streams": [{"arn": f"arn:aws:dynamodb:{REGION}:123456789012:table/t/stream/x"}]},
            "ReadDynamodb",
            ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            [f"arn:aws:dynamodb:{REGION}:123456789012:table/t/stream/x"],
        ),
        ({"kms_key": KEY}, "UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [KEY]),
    ],
)
def test_setting_gives_the_rights_that_it_needs(
    table: dict[str, Any], sid: str, actions: list[str], resources: list[str]
) -> None:
    """Each setting opens exactly what it names."""
    assert find_rights(make_settings(**table))[sid] == (actions, resources)


@given(tables)
def test_no_statement_allows_everything(table: dict[str, Any]) -> None:
    """A star alone stands only where AWS takes nothing else, and no action holds one."""
    for statement in iter_statements(make_settings(**table)):
        actions, resources = (
            found if isinstance(found, list) else [found]
            for found in (statement["Action"], statement["Resource"])
        )

        assert not [action for action in actions if "*" in action]
        if "*" in resources and statement["Effect"] == "Allow":
            assert actions == ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]


def test_network_is_joined_by_lambda_and_not_by_the_code() -> None:
    """The rights that Lambda needs to join the network are taken from the code that runs there."""
    network = {"subnets": ["subnet-0123456789"], "security_groups": ["sg-0123456789"]}

    statements = {
        statement["Sid"]: statement for statement in iter_statements(make_settings(vpc=network))
    }

    refused = statements["NotFromTheCode"]
    allowed = {*statements["FindNetwork"]["Action"], *statements["JoinNetwork"]["Action"]}
    assert refused["Effect"] == "Deny"
    assert set(refused["Action"]) == allowed
    assert write_name(refused["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]) == (
        f"arn:${{AWS::Partition}}:lambda:{HERE}:function:dspipe-late-prod"
    )


def test_key_is_used_through_the_services_alone() -> None:
    """A key opens what a service keeps, and nothing that the code brings along."""
    key = {found["Sid"]: found for found in iter_statements(make_settings(kms_key=KEY))}["UseKey"]

    services = [write_name(name) for name in key["Condition"]["StringEquals"]["kms:ViaService"]]

    assert services == [
        f"{name}.${{AWS::Region}}.amazonaws.com"
        for name in ("lambda", "s3", "secretsmanager", "sqs", "ssm")
    ]


def test_only_schedules_of_the_group_may_take_their_role() -> None:
    """Another account's schedules cannot borrow the right to invoke."""
    template = make_template(make_settings(schedules=[{"expression": "rate(1 day)"}]), FACTS)

    role = template["Resources"]["ScheduleRole"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]

    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert write_name(trust["Condition"]["StringEquals"]["aws:SourceArn"]) == (
        f"arn:${{AWS::Partition}}:scheduler:{HERE}:schedule-group/dspipe-late-prod"
    )


def test_every_role_stays_within_the_boundary() -> None:
    """A platform team's boundary holds for each role of the stack."""
    boundary = "arn:aws:iam::123456789012:policy/within"
    template = make_template(
        make_settings(schedules=[{"expression": "rate(1 day)"}], permissions_boundary=boundary),
        FACTS,
    )

    roles = [
        found["Properties"]["PermissionsBoundary"]
        for found in template["Resources"].values()
        if found["Type"] == "AWS::IAM::Role"
    ]

    assert roles == [boundary, boundary]


def test_plan_names_a_right_that_a_setting_adds() -> None:
    """A secret more is one line more."""
    old = make_template(make_settings(), FACTS)
    new = make_template(make_settings(secrets={"DB": "secret://reader"}), FACTS)

    added, removed = diff_policies(old, new), diff_policies(new, old)

    assert added == [
        PolicyChange(
            change="added",
            effect="Allow",
            holder="Role",
            action="secretsmanager:GetSecretValue",
            resource=f"arn:${{AWS::Partition}}:secretsmanager:{HERE}:secret:reader-??????",
        )
    ]
    assert [(found.change, found.action) for found in removed] == [
        ("removed", "secretsmanager:GetSecretValue")
    ]


def test_plan_names_who_is_let_in() -> None:
    """Permissions of a function and policies of a queue are rights too."""
    topic = f"arn:aws:sns:{REGION}:123456789012:calls"
    old = make_template(make_settings(), FACTS)
    new = make_template(make_settings(topics=[topic]), FACTS)

    changes = diff_policies(old, new)

    assert [(found.effect, found.holder, found.action, found.resource) for found in changes] == [
        ("Allow", "Role", "sqs:SendMessage", "${FailedEvents.Arn}"),
        ("Deny", "*", "sqs:*", "${FailedEvents.Arn}"),
        ("Allow", "sns.amazonaws.com", "sqs:SendMessage", "${FailedEvents.Arn}"),
        ("Allow", "sns.amazonaws.com", "lambda:InvokeFunction", "${Live}"),
    ]
    assert changes[-1].condition == f'{{"SourceArn": "{topic}"}}'


@given(tables)
def test_plan_for_what_is_there_changes_no_right(table: dict[str, Any]) -> None:
    """Equal templates have equal rights."""
    template = make_template(make_settings(**table), FACTS)

    assert diff_policies(template, template) == []


@given(tables, tables)
def test_plan_back_takes_what_the_plan_gave(old: dict[str, Any], new: dict[str, Any]) -> None:
    """A change and its reverse name the same rights, the other way round."""
    before = make_template(make_settings(**old), FACTS)
    after = make_template(make_settings(**new), FACTS)
    turned = {"added": "removed", "removed": "added"}

    there, back = diff_policies(before, after), diff_policies(after, before)

    assert {
        (turned[found.change], found.holder, found.action, found.resource) for found in there
    } == {(found.change, found.holder, found.action, found.resource) for found in back}


def test_first_plan_adds_every_right() -> None:
    """Before the first deployment nobody may do anything."""
    changes = diff_policies(None, make_template(make_settings(), FACTS))

    assert [(found.change, found.holder, found.action) for found in changes] == [
        ("added", "lambda.amazonaws.com", "sts:AssumeRole"),
        ("added", "Role", "logs:CreateLogStream"),
        ("added", "Role", "logs:PutLogEvents"),
    ]


def test_plan_reads_rights_that_somebody_else_added() -> None:
    """Whoever owns the template may write policies in every form that AWS takes."""
    statement = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": ["a", "b"]}
    queue = {"Effect": "Deny", "Action": "sqs:*", "Resource": {"Fn::Join": ["", ["x", "y"]]}}
    template = {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]},
            },
            "More": {
                "Type": "AWS::IAM::Policy",
                "Properties": {"PolicyDocument": {"Statement": statement}},
            },
            "Queue": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {"PolicyDocument": {"Statement": [queue]}},
            },
        }
    }

    changes = diff_policies(None, template)

    assert [(found.effect, found.holder, found.action, found.resource) for found in changes] == [
        ("Allow", "Role", "all that a policy allows", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("Allow", "More", "all but iam:*", "all but a"),
        ("Allow", "More", "all but iam:*", "all but b"),
        ("Deny", "*", "sqs:*", "['', ['x', 'y']]"),
    ]
