"""The stand-in of AWS does what the tests of deployments rely on."""

import json

import boto3
import pytest
from aws.fixtures import StandIn
from aws.stacks import deploy, invoke, make_bucket, make_template, plan, put_package, wait
from botocore.exceptions import ClientError

pytestmark = pytest.mark.usefixtures("aws", "lambda_runtime")


@pytest.fixture
def first_key(aws: StandIn) -> str:
    """Key of a package that answers 1."""
    make_bucket()
    return put_package(1)


@pytest.fixture
def second_key(first_key: str) -> str:
    """Key of a package that answers 2."""
    return put_package(2)


def test_create_makes_every_resource_and_the_alias_answers(first_key: str) -> None:
    """A first change set makes a function whose alias runs the uploaded package."""
    status = deploy(make_template(first_key), kind="CREATE")

    assert status == "CREATE_COMPLETE"
    assert invoke({"day": 1}) == {"answer": 1, "version": "1", "event": {"day": 1}}
    stack = boto3.client("cloudformation").describe_stacks(StackName="small")["Stacks"][0]
    assert {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]} == {
        "Alias": "arn:aws:lambda:eu-west-1:123456789012:function:small:live"
    }


def test_change_set_lists_what_it_would_do(first_key: str, second_key: str) -> None:
    """A change set shows actions, replacements and what stays."""
    deploy(make_template(first_key), kind="CREATE")

    shown = plan(make_template(second_key), kind="UPDATE")

    changes = [change["ResourceChange"] for change in shown["Changes"]]
    lines = {
        (c["Action"], c["LogicalResourceId"], c.get("Replacement"), c.get("PolicyAction"))
        for c in changes
    }
    assert lines == {
        ("Modify", "Function", "False", None),
        ("Add", f"Version{second_key[:8]}", None, None),
        ("Modify", "Alias", "False", None),
        ("Remove", f"Version{first_key[:8]}", None, "Retain"),
    }


def test_update_publishes_the_new_code_and_keeps_the_old_version(
    first_key: str, second_key: str
) -> None:
    """A version is published after the code has changed, and an old one stays callable."""
    deploy(make_template(first_key), kind="CREATE")

    status = deploy(make_template(second_key), kind="UPDATE")

    assert status == "UPDATE_COMPLETE"
    assert invoke({}) == {"answer": 2, "version": "2", "event": {}}
    assert invoke({}, qualifier="1") == {"answer": 1, "version": "1", "event": {}}


def test_change_set_without_changes_fails_as_on_aws(first_key: str) -> None:
    """A plan that changes nothing is a failed change set."""
    deploy(make_template(first_key), kind="CREATE")

    shown = plan(make_template(first_key), kind="UPDATE")

    assert (shown["Status"], shown["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert shown["StatusReason"] == (
        "The submitted information didn't contain changes. "
        "Submit different information to create a change set."
    )


def test_failed_update_restores_the_old_function_and_alias(first_key: str, second_key: str) -> None:
    """An update that fails late leaves code and alias as they were."""
    deploy(make_template(first_key), kind="CREATE")
    broken = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "DependsOn": "Alias",
        "Properties": {"FunctionName": {"Ref": "Alias"}, "EventSourceArn": "arn:aws:sqs:::none"},
    }

    status = deploy(make_template(second_key, more={"Broken": broken}), kind="UPDATE")

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert invoke({})["answer"] == 1
    assert invoke({}, qualifier="$LATEST")["answer"] == 1
    events = boto3.client("cloudformation").describe_stack_events(StackName="small")["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"] == "CREATE_FAILED"]
    assert [event["LogicalResourceId"] for event in failed] == ["Broken"]


def test_failed_creation_ends_in_rollback_complete_and_refuses_updates(first_key: str) -> None:
    """A stack whose creation failed holds nothing and must be deleted."""
    template = make_template("absent-key.zip")

    status = deploy(template, kind="CREATE")

    assert status == "ROLLBACK_COMPLETE"
    assert boto3.client("lambda").list_functions()["Functions"] == []
    assert boto3.client("iam").list_roles()["Roles"] == []
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        plan(make_template(first_key), kind="UPDATE")


def test_rollback_that_fails_leaves_a_stuck_stack(
    aws: StandIn, first_key: str, second_key: str
) -> None:
    """A stack whose way back fails too is stuck until someone acts."""
    deploy(make_template(first_key), kind="CREATE")
    denied = {"service": "lambda", "code": "AccessDeniedException", "message": "no", "status": 403}
    aws.send_faults(
        {**denied, "caller": "cloudformation", "call": "PUT .*/aliases/live"},
        {**denied, "caller": "cloudformation", "call": "PUT .*/code", "after": 1},
    )

    status = deploy(make_template(second_key), kind="UPDATE")

    assert status == "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(ClientError, match="UPDATE_ROLLBACK_FAILED state and can not be updated"):
        plan(make_template(second_key), kind="UPDATE")
    boto3.client("cloudformation").continue_update_rollback(StackName="small")
    assert wait() == "UPDATE_ROLLBACK_COMPLETE"


def test_delete_removes_everything_that_is_not_retained(first_key: str) -> None:
    """Deleting a stack removes its resources; its history stays, by its id."""
    deploy(make_template(first_key), kind="CREATE")
    api = boto3.client("cloudformation")
    stack_id = api.describe_stacks(StackName="small")["Stacks"][0]["StackId"]

    api.delete_stack(StackName="small")

    assert wait(stack_id) == "DELETE_COMPLETE"
    assert boto3.client("lambda").list_functions()["Functions"] == []
    assert boto3.client("sqs").list_queues().get("QueueUrls", []) == []
    with pytest.raises(ClientError, match="Stack with id small does not exist"):
        api.describe_stacks(StackName="small")


def test_change_set_of_a_new_stack_leaves_it_in_review(first_key: str) -> None:
    """Planning alone makes nothing but an empty stack."""
    shown = plan(make_template(first_key), kind="CREATE")

    assert {change["ResourceChange"]["Action"] for change in shown["Changes"]} == {"Add"}
    api = boto3.client("cloudformation")
    stack = api.describe_stacks(StackName="small")["Stacks"][0]
    assert stack["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert boto3.client("lambda").list_functions()["Functions"] == []


def test_alias_parts_events_by_weight(first_key: str, second_key: str) -> None:
    """Additional version weights send their share of events to another version."""
    deploy(make_template(first_key), kind="CREATE")
    deploy(make_template(second_key), kind="UPDATE")
    api = boto3.client("lambda")

    weights = {"AdditionalVersionWeights": {"1": 0.5}}
    api.update_alias(FunctionName="small", Name="live", FunctionVersion="2", RoutingConfig=weights)

    assert {invoke({})["version"] for _ in range(40)} == {"1", "2"}
    api.update_alias(
        FunctionName="small",
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {}},
    )
    assert {invoke({})["version"] for _ in range(20)} == {"1"}


def test_raising_handler_is_a_function_error(first_key: str) -> None:
    """A handler that raises gives 200, the header, and the error as JSON."""
    deploy(make_template(first_key), kind="CREATE")

    answer = boto3.client("lambda").invoke(
        FunctionName="small", Qualifier="live", Payload=b'"fail"', LogType="Tail"
    )

    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert json.loads(answer["Payload"].read())["errorType"] == "ValueError"
    assert answer["ExecutedVersion"] == "1"


def test_queue_keeps_only_the_messages_that_are_reported_as_failed(first_key: str) -> None:
    """A partial batch answer removes the messages that were done."""
    mapping = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "FunctionName": {"Ref": "Alias"},
            "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "BatchSize": 10,
        },
    }
    deploy(make_template(first_key, more={"Mapping": mapping}), kind="CREATE")
    api = boto3.client("sqs")
    url = api.get_queue_url(QueueName="jobs")["QueueUrl"]

    for body in ("good", "bad", "good"):
        api.send_message(QueueUrl=url, MessageBody=body)

    left = api.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in left] == ["bad"]


def test_stack_tags_reach_the_resources(first_key: str) -> None:
    """Every resource that takes tags has those of the stack."""
    deploy(make_template(first_key), kind="CREATE")

    found = boto3.client("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "team", "Values": ["planes"]}]
    )["ResourceTagMappingList"]

    services = {resource["ResourceARN"].split(":")[2] for resource in found}
    assert services >= {"lambda", "sqs"}


def test_fault_makes_one_call_fail_as_aws_fails(aws: StandIn) -> None:
    """A fault gives the error that boto3 gives on AWS, once."""
    fault = {
        "service": "lambda",
        "call": "GET .*/functions",
        "code": "AccessDeniedException",
        "message": "User: x is not authorized to perform: lambda:ListFunctions",
        "status": 403,
    }
    aws.send_faults(fault)

    with pytest.raises(ClientError) as caught:
        boto3.client("lambda").list_functions()

    assert caught.value.response["Error"] == {
        "Code": "AccessDeniedException",
        "Message": "User: x is not authorized to perform: lambda:ListFunctions",
    }
    assert boto3.client("lambda").list_functions()["Functions"] == []


def test_template_with_an_unknown_type_is_refused(first_key: str) -> None:
    """What the stand-in cannot make is an error, never skipped."""
    template = make_template(first_key, more={"Odd": {"Type": "AWS::Odd::Thing"}})

    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::Odd::Thing\]"):
        plan(template, kind="CREATE")
