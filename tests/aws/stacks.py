"""A small stack for the tests of the stand-in: one function, its version, an alias, a queue."""

import hashlib
import io
import json
import time
import zipfile
from typing import Any

import boto3

BUCKET = "artifacts"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
OUTPUTS = {
    "Alias": {"Value": {"Ref": "Alias"}},
    "Absent": {"Condition": "Never", "Value": {"Ref": "Absent"}},
}
SURROUNDINGS: dict[str, Any] = {
    "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}},
    "Absent": {"Type": "AWS::SQS::Queue", "Condition": "Never"},
}
HANDLER = """
import os
def handler(event, context):
    if isinstance(event, dict) and "Records" in event:
        failed = [r["messageId"] for r in event["Records"] if r["body"] == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": i} for i in failed]}
    if event == "fail":
        raise ValueError("no")
    return {"answer": ANSWER, "version": context.function_version, "event": event}
"""


def put_package(answer: int) -> str:
    """Upload a function that gives this answer; returns the key."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        file = zipfile.ZipInfo("app.py", (1980, 1, 1, 0, 0, 0))
        package.writestr(file, f"ANSWER = {answer}\n{HANDLER}")
    key = f"{hashlib.sha256(content.getvalue()).hexdigest()}.zip"
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content.getvalue())
    return key


def make_bucket() -> None:
    """Make the bucket of the packages."""
    place = {"LocationConstraint": "eu-west-1"}
    boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)


def make_template(key: str, *, more: dict[str, Any] | None = None) -> dict[str, Any]:
    """Make the template of one deployment."""
    version = f"Version{key[:8]}"
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {"Name": {"Type": "String", "Default": "small"}},
        "Conditions": {"Never": {"Fn::Equals": [{"Ref": "Name"}, "other"]}},
        "Resources": {
            "Alias": {
                "Type": "AWS::Lambda::Alias",
                "Properties": {
                    "Name": "live",
                    "FunctionName": {"Ref": "Function"},
                    "FunctionVersion": {"Fn::GetAtt": [version, "Version"]},
                },
            },
            version: {
                "Type": "AWS::Lambda::Version",
                "DeletionPolicy": "Retain",
                "Properties": {"FunctionName": {"Ref": "Function"}},
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": {"Ref": "Name"},
                    "Code": {"S3Bucket": BUCKET, "S3Key": key},
                    "Handler": "app.handler",
                    "Runtime": "python3.13",
                    "Role": {"Fn::GetAtt": "Role.Arn"},
                },
            },
            **SURROUNDINGS,
            **(more or {}),
        },
        "Outputs": OUTPUTS,
    }


def deploy(template: dict[str, Any], *, kind: str, name: str = "small") -> str:
    """Plan, execute, and wait; returns the last status."""
    plan(template, kind=kind, name=name)
    boto3.client("cloudformation").execute_change_set(StackName=name, ChangeSetName="change")
    return wait(name)


def plan(template: dict[str, Any], *, kind: str, name: str = "small") -> dict[str, Any]:
    """Make a change set and show it."""
    api = boto3.client("cloudformation")
    api.create_change_set(
        StackName=name,
        ChangeSetName="change",
        ChangeSetType=kind,
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Tags=[{"Key": "team", "Value": "planes"}],
    )
    shown: dict[str, Any] = api.describe_change_set(StackName=name, ChangeSetName="change")
    return shown


def wait(name_or_id: str = "small") -> str:
    """Wait until nothing is in progress."""
    api = boto3.client("cloudformation")
    for _ in range(2000):
        status: str = api.describe_stacks(StackName=name_or_id)["Stacks"][0]["StackStatus"]
        if not status.endswith("_IN_PROGRESS"):
            return status
        time.sleep(0.01)  # the API tells of the end only when asked
    raise TimeoutError(status)


def invoke(event: object, *, qualifier: str = "live") -> Any:
    """Invoke the function and read its answer."""
    answer = boto3.client("lambda").invoke(
        FunctionName="small", Qualifier=qualifier, Payload=json.dumps(event).encode()
    )
    return json.loads(answer["Payload"].read())
