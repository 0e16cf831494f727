"""What the function may do: its role, with the exact name of every single thing.

A star stands only where AWS knows no name: after the log group, for the six characters that AWS
adds to a secret, for the keys under a prefix, and for network interfaces, which have no name before
they exist.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from dspipe.deploy.settings._record import DeploySettings
from dspipe.deploy.template._intrinsics import Json, arn, fill, get_att, resource, tag_list

# Source: Lambda, required IAM permissions for a VPC; only the first works on all resources alone.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html, read 2026-11-23.
_DESCRIBE_NETWORK = ("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets")
_CHANGE_NETWORK = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
)
_STREAM_ACTIONS = {
    "kinesis": (
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    ),
    "dynamodb": (
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
    ),
}
_SECRET_ACTIONS = {"secretsmanager": "secretsmanager:GetSecretValue", "ssm": "ssm:GetParameter"}


def make_role(settings: DeploySettings, tags: dict[str, str]) -> Json:
    """Write the role that the function runs under."""
    trust = trust_service("lambda.amazonaws.com")
    return write_role(
        settings, tags, trust, iter_statements(settings), name="run", why=_explain(settings)
    )


def write_role(
    settings: DeploySettings,
    tags: dict[str, str],
    trust: Json,
    statements: Iterable[Json],
    *,
    name: str,
    why: str,
    is_live: bool = False,
) -> Json:
    """Write a role with one policy, within the boundary that the settings name."""
    return resource(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": document(trust),
            "PermissionsBoundary": settings.permissions_boundary,
            "Policies": [{"PolicyName": name, "PolicyDocument": document(*statements)}],
            "Tags": tag_list(tags),
        },
        why=why,
        is_live=is_live,
    )


def iter_statements(settings: DeploySettings) -> Iterator[Json]:
    """Give what the function may do, one statement for each reason."""
    log_streams = arn("logs", f"log-group:/aws/lambda/{settings.function_name}:*")
    yield allow("WriteLogs", ("logs:CreateLogStream", "logs:PutLogEvents"), log_streams)
    yield from _iter_secret_statements(settings)
    yield from _iter_object_statements(settings)
    yield from _iter_queue_statements(settings)
    yield from _iter_stream_statements(settings)
    yield from _iter_network_statements(settings)
    if settings.kms_key is not None:
        yield use_key(settings)


def document(*statements: Json) -> Json:
    """Write a policy of statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, actions: Sequence[str], *resources: Any, **more: Any) -> Json:
    """Write a statement that allows actions.

    >>> allow("Send", ["sqs:SendMessage"], "arn:aws:sqs:eu-west-1:123456789012:jobs")["Resource"]
    'arn:aws:sqs:eu-west-1:123456789012:jobs'
    """
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": actions[0] if len(actions) == 1 else list(actions),
        "Resource": resources[0] if len(resources) == 1 else list(resources),
        **more,
    }


def trust_service(service: str, **more: Any) -> Json:
    """Write which service may take a role."""
    principal = {"Service": service}
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}


def use_key(settings: DeploySettings) -> Json:
    """Write that the key may be used, and only through the services that keep something here."""
    services = ("lambda", "s3", "secretsmanager", "sqs", "ssm")
    through = [fill(f"{service}.${{AWS::Region}}.amazonaws.com") for service in services]
    condition = {"StringEquals": {"kms:ViaService": through}}
    actions = ("kms:Decrypt", "kms:GenerateDataKey")
    return allow("UseKey", actions, settings.kms_key, Condition=condition)


def _iter_secret_statements(settings: DeploySettings) -> Iterator[Json]:
    for service, action in _SECRET_ACTIONS.items():
        arns = [fill(found.arn) for found in settings.references if found.service == service]
        if arns:
            sid = "ReadSecrets" if service == "secretsmanager" else "ReadParameters"
            yield allow(sid, [action], *arns)


def _iter_object_statements(settings: DeploySettings) -> Iterator[Json]:
    read = [fill(_objects_arn(found.bucket, found.prefix)) for found in settings.objects]
    if read:
        # An event of a bucket that keeps versions names the one it is about.
        yield allow("ReadObjects", ("s3:GetObject", "s3:GetObjectVersion"), *read)
    if settings.answers_location is not None:
        bucket, prefix = settings.answers_location
        kept = fill(_objects_arn(bucket, f"{prefix}/" if prefix else ""))
        # Read too: a presigned link has the rights of who signed it.
        yield allow("KeepAnswers", ("s3:GetObject", "s3:PutObject"), kept)


def _objects_arn(bucket: str, prefix: str) -> str:
    return f"arn:${{AWS::Partition}}:s3:::{bucket}/{prefix}*"


def _iter_queue_statements(settings: DeploySettings) -> Iterator[Json]:
    if settings.queue is not None:
        actions = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
        yield allow("ReadQueue", actions, get_att("Queue", "Arn"))
    if settings.keeps_failed_events:
        yield allow("KeepFailedEvents", ["sqs:SendMessage"], get_att("FailedEvents", "Arn"))


def _iter_stream_statements(settings: DeploySettings) -> Iterator[Json]:
    for service, actions in _STREAM_ACTIONS.items():
        arns = [found.arn for found in settings.streams if found.arn.split(":")[2] == service]
        if arns:
            yield allow(f"Read{service.capitalize()}", actions, *arns)


def _iter_network_statements(settings: DeploySettings) -> Iterator[Json]:
    if settings.vpc is None:
        return
    yield allow("FindNetwork", _DESCRIBE_NETWORK, "*")
    yield allow("JoinNetwork", _CHANGE_NETWORK, arn("ec2", "*/*"))
    # Lambda joins the network with this role; the code that runs later has no business there.
    function = arn("lambda", f"function:{settings.function_name}")
    actions = sorted((*_DESCRIBE_NETWORK, *_CHANGE_NETWORK))
    condition = {"ArnEquals": {"lambda:SourceFunctionArn": function}}
    refusal = allow("NotFromTheCode", actions, "*", Condition=condition)
    yield {**refusal, "Effect": "Deny"}


def _explain(settings: DeploySettings) -> str:
    lines = [
        "What the function may do. Every resource has its exact name; the stars are AWS's own."
    ]
    if any(found.service == "secretsmanager" for found in settings.references):
        lines.append("ReadSecrets: AWS adds a hyphen and six characters to the name of a secret.")
    if settings.vpc is not None:
        lines.append("FindNetwork: AWS takes these two actions on all resources or not at all.")
        lines.append("JoinNetwork: an interface has no name before it is made.")
        lines.append("NotFromTheCode: only Lambda itself may use the three statements before.")
    return "\n".join(lines)
