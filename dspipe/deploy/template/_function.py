"""The function, its versions, the alias that serves, and its log."""

import json
from hashlib import sha256

from dspipe.deploy.settings._record import DeploySettings
from dspipe.deploy.template._artifact_facts import ArtifactFacts
from dspipe.deploy.template._intrinsics import LIVE, Json, get_att, ref, resource, tag_list

HANDLER = "dspipe.aws_lambda.handler"
ALIAS = "live"
# What may change without a new version: Lambda publishes none when nothing else has changed, and
# CloudFormation calls that a failure.
_UNVERSIONED = ("ReservedConcurrentExecutions", "Tags")
_HASH_CHARACTERS = 12
_DESCRIPTION_CHARACTERS = 256
_ASYNCHRONOUS_RETRIES = 2
_ACCEPTED = {
    "CKV_AWS_50": "Every run logs its stages and their seconds without another agent.",
    "CKV_AWS_115": "A share of the account's concurrency is a choice: reserved_concurrency.",
    "CKV_AWS_116": "Where triggers send events that nobody waits for, FailedEvents keeps those "
    "that fail.",
    "CKV_AWS_117": "A private network is a choice: vpc.",
    "CKV_AWS_173": "Variables are encrypted and hold no secrets; kms_key sets another key.",
    "CKV_AWS_272": "The package is named by the digest of its files, and never overwritten.",
}
_ASYNCHRONOUS_SECONDS = 3_600


def make_function_resources(
    settings: DeploySettings, facts: ArtifactFacts, tags: dict[str, str]
) -> dict[str, Json]:
    """Write the log group, the function, this version of it, and the alias."""
    function = _make_function(settings, facts, tags)
    resources = {
        "LogGroup": make_log_group(settings, f"/aws/lambda/{settings.function_name}", tags),
        "Function": function,
        version_id(function): _make_version(),
        LIVE: _make_alias(),
    }
    if settings.is_asynchronous:
        resources["AsynchronousInvokes"] = _make_invoke_settings()
    return resources


def version_id(function: Json) -> str:
    """Name a version after all that it consists of, so that any change publishes another one."""
    properties = {
        name: value for name, value in function["Properties"].items() if name not in _UNVERSIONED
    }
    digest = sha256(json.dumps(properties, sort_keys=True).encode()).hexdigest()
    return f"Version{digest[:_HASH_CHARACTERS]}"


def make_log_group(settings: DeploySettings, name: str, tags: dict[str, str]) -> Json:
    """Write a log group that keeps its lines for a while."""
    return resource(
        "AWS::Logs::LogGroup",
        {
            "LogGroupName": name,
            "RetentionInDays": settings.log_retention_days,
            "KmsKeyId": settings.kms_key,
            "Tags": tag_list(tags),
        },
        why="The log, made here so that it ends: Lambda itself would keep every line for ever.",
        accepted={
            "CKV_AWS_158": "CloudWatch encrypts every log; set kms_key for a key of your own.",
            "CKV_AWS_338": "How long lines are kept is a choice: log_retention_days.",
        },
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )


def _make_function(settings: DeploySettings, facts: ArtifactFacts, tags: dict[str, str]) -> Json:
    return resource(
        "AWS::Lambda::Function",
        {
            "FunctionName": settings.function_name,
            "Description": _describe(settings, facts),
            **_write_code(settings, facts),
            "Architectures": [settings.architecture],
            "Role": get_att("Role", "Arn"),
            "MemorySize": settings.memory_mb,
            "Timeout": settings.timeout_seconds,
            "EphemeralStorage": {"Size": settings.ephemeral_mb},
            **_write_choices(settings),
            "LoggingConfig": _write_logging(),
            "Tags": tag_list(tags | ({"dspipe:commit": facts.commit} if facts.commit else {})),
        },
        why="The pipeline. What is called is the alias below, never this newest state.",
        accepted=_ACCEPTED,
    )


def _describe(settings: DeploySettings, facts: ArtifactFacts) -> str:
    """Say what a version is of; the pipeline last, because its name may be long."""
    commit = f"commit {facts.commit}, " if facts.commit else ""
    told = f"{commit}package {facts.digest[:_HASH_CHARACTERS]}, pipeline {settings.pipeline}"
    return told[:_DESCRIPTION_CHARACTERS]


def _write_code(settings: DeploySettings, facts: ArtifactFacts) -> Json:
    if facts.format == "image":
        return {"PackageType": "Image", "Code": {"ImageUri": facts.image_uri}}
    return {
        "PackageType": "Zip",
        "Runtime": f"python{settings.python}",
        "Handler": HANDLER,
        "Code": {"S3Bucket": facts.bucket, "S3Key": facts.key},
    }


def _write_choices(settings: DeploySettings) -> Json:
    """Write what stands only in the templates of those who want it."""
    return {
        "Environment": {"Variables": settings.variables} if settings.variables else None,
        "KmsKeyArn": settings.kms_key,
        "VpcConfig": _write_network(settings),
        "SnapStart": {"ApplyOn": "PublishedVersions"} if settings.snap_start else None,
        "ReservedConcurrentExecutions": settings.reserved_concurrency,
    }


def _write_network(settings: DeploySettings) -> Json | None:
    if settings.vpc is None:
        return None
    return {
        "SubnetIds": list(settings.vpc.subnets),
        "SecurityGroupIds": list(settings.vpc.security_groups),
    }


def _write_logging() -> Json:
    return {
        "LogGroup": ref("LogGroup"),
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
    }


def _make_version() -> Json:
    # Its description is the function's: with one of its own it could be another version of a
    # function that has not changed, which Lambda does not publish.
    return resource(
        "AWS::Lambda::Version",
        {"FunctionName": ref("Function")},
        why=(
            "This version: fixed code and fixed settings. It stays when the next one takes its "
            "place,\nso that there is a way back."
        ),
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
    )


def _make_alias() -> Json:
    return resource(
        "AWS::Lambda::Alias",
        {
            "Name": ALIAS,
            "FunctionName": ref("Function"),
            "FunctionVersion": ref("LiveVersion"),
        },
        why="What everything else calls. It moves to a version that has proven itself.",
        is_live=True,
    )


def _make_invoke_settings() -> Json:
    destination = {"OnFailure": {"Destination": get_att("FailedEvents", "Arn")}}
    return resource(
        "AWS::Lambda::EventInvokeConfig",
        {
            "FunctionName": ref("Function"),
            "Qualifier": ALIAS,
            "MaximumRetryAttempts": _ASYNCHRONOUS_RETRIES,
            "MaximumEventAgeInSeconds": _ASYNCHRONOUS_SECONDS,
            "DestinationConfig": destination,
        },
        why="Nobody waits for these invocations: what fails to the end is kept.",
        is_live=True,
        DependsOn=[LIVE],
    )
