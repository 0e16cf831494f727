"""What AWS refuses, as sentences: which action on what, and what to do about it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dspipe.errors import DeployError

_ABSENT = frozenset(
    {
        "404",
        "NoSuchBucket",
        "NoSuchKey",
        "NotFound",
        "ResourceNotFoundException",
        "ChangeSetNotFound",
        "ChangeSetNotFoundException",
    }
)
_DENIED = frozenset(
    {"403", "AccessDenied", "AccessDeniedException", "Forbidden", "UnauthorizedOperation"}
)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_UNKNOWN_CALLER = frozenset(
    {
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_THROTTLED = frozenset(
    {
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_NOT_AUTHORIZED = re.compile(
    r"(?:User: (?P<who>\S+) )?is not authorized to perform: (?P<action>[\w-]+:\w+)"
    r"(?: on resource: (?P<resource>[^\s,]+))?"
)
_EXPLICIT = re.compile(r"with an explicit deny(?: in (?P<where>an? [\w -]+? policy|[\w -]+))?")
_VERSION_ARN = re.compile(r"arn:[\w-]+:lambda:[^:]*:[^:]*:function:[^:]+:[0-9]+")
_OBJECT_ARN = re.compile(r"arn:[\w-]+:s3:::[^/]+/.+")
# Where the name of a permission is not that of the operation.
_ACTIONS = {
    ("lambda", "Invoke"): "lambda:InvokeFunction",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "HeadObject"): "s3:GetObject",
    ("s3", "ListObjectVersions"): "s3:ListBucketVersions",
    ("s3", "DeleteObjects"): "s3:DeleteObjectVersion",
    ("s3", "PutPublicAccessBlock"): "s3:PutBucketPublicAccessBlock",
}
_PREFIXES = {"resourcegroupstaggingapi": "tag"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call to AWS, as it was made."""

    service: str
    operation: str
    parameters: Mapping[str, Any]


class AwsError(DeployError):
    """Is raised when AWS refuses a call or cannot be reached.

    Attributes
    ----------
    code : str
        AWS's own name for the reason, such as "AccessDenied".
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def is_absent(self) -> bool:
        """Whether AWS said that there is no such thing."""
        is_no_stack = self.code == "ValidationError" and "does not exist" in str(self)
        return self.code in _ABSENT or is_no_stack


def explain(error: Exception, call: Call) -> AwsError:
    """Turn an error of botocore into a sentence with what to do."""
    response = getattr(error, "response", None)
    if response is None:
        return _explain_client_side(error, call)
    code = str(response.get("Error", {}).get("Code", "Unknown"))
    said = str(response.get("Error", {}).get("Message", "")).strip()
    operation = str(getattr(error, "operation_name", call.operation))
    return AwsError(_write(code, said, operation, call), code=code)


def explain_denial(said: str, *, otherwise: tuple[str, str] | None = None) -> str | None:
    """Write what a text of AWS says about a missing permission, or None if it is about another.

    Parameters
    ----------
    said : str
        AWS's own message, as in an error or in an event of a stack.
    otherwise : tuple of (str, str), optional
        Action and resource to name where the text names none.

    Examples
    --------
    >>> print(explain_denial(
    ...     "User: ann is not authorized to perform: sqs:CreateQueue on resource: arn:aws:sqs:jobs"
    ... ))
    AWS refused sqs:CreateQueue on arn:aws:sqs:jobs: ann has no permission for it. Add to a policy:
    {"Effect": "Allow", "Action": "sqs:CreateQueue", "Resource": "arn:aws:sqs:jobs"}
    """
    found = _NOT_AUTHORIZED.search(said)
    if found is None and otherwise is None:
        return None
    action, resource = otherwise or ("", "*")
    who = None
    if found is not None:
        who, action, resource = found["who"], found["action"], found["resource"] or resource
    who = who or "the caller"
    denied = _EXPLICIT.search(said)
    if denied is not None:
        where = denied["where"] or "a policy"
        return (
            f"AWS refused {action} on {resource}: an explicit deny in {where.strip()} forbids it "
            f"to {who}. No further permission can allow it. Ask who owns that policy."
        )
    statement = {"Effect": "Allow", "Action": action, "Resource": _widen(resource)}
    return (
        f"AWS refused {action} on {resource}: {who} has no permission for it. Add to a policy:\n"
        f"{json.dumps(statement)}"
    )


def _write(code: str, said: str, operation: str, call: Call) -> str:
    if code in _DENIED:
        return explain_denial(said, otherwise=_name_permission(operation, call)) or said
    if code in _EXPIRED:
        return (
            "The AWS credentials have expired. Get new ones, for example with: aws sso login. "
            "Then run the command again."
        )
    if code in _UNKNOWN_CALLER:
        return (
            f"AWS does not know these credentials ({code}). Check AWS_PROFILE, or the variables "
            f"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: aws sts get-caller-identity tells."
        )
    if code in _THROTTLED:
        return (
            f"AWS took no more calls of {call.service} {operation} for now ({code}), also after "
            f"several tries. Wait a minute and run the command again."
        )
    return f"AWS refused {call.service} {operation} ({code}): {said.rstrip('.')}."


def _name_permission(operation: str, call: Call) -> tuple[str, str]:
    prefix = _PREFIXES.get(call.service, call.service)
    action = _ACTIONS.get((call.service, operation), f"{prefix}:{operation}")
    return action, _name_resource(call)


def _name_resource(call: Call) -> str:
    bucket, key = call.parameters.get("Bucket"), call.parameters.get("Key")
    if call.service == "s3" and bucket:
        return f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"
    return "*"


def _widen(resource: str) -> str:
    """Name a resource so that the next version and the next package are allowed, too.

    >>> _widen("arn:aws:lambda:eu-west-1:1:function:late:7")
    'arn:aws:lambda:eu-west-1:1:function:late:*'
    >>> _widen("arn:aws:s3:::artifacts/dspipe-late-dev/0a1b.zip")
    'arn:aws:s3:::artifacts/dspipe-late-dev/*'
    """
    if _VERSION_ARN.fullmatch(resource):
        return f"{resource.rpartition(':')[0]}:*"
    if _OBJECT_ARN.fullmatch(resource):
        return f"{resource.rpartition('/')[0]}/*"
    return resource


def _explain_client_side(error: Exception, call: Call) -> AwsError:
    kind = type(error).__name__
    if "Credential" in kind:
        message = (
            "No AWS credentials were found. dspipe uses those that the aws command uses. Set "
            "AWS_PROFILE, or run: aws configure sso"
        )
    elif "Token" in kind or "SSO" in kind or "Login" in kind:
        message = (
            "The AWS session is over or was never begun. Run: aws sso login. Then run the command "
            "again."
        )
    elif kind == "ProfileNotFound":
        message = f"{error}. Set AWS_PROFILE to one that aws configure list-profiles shows."
    elif "Connect" in kind or "Timeout" in kind or "Endpoint" in kind:
        message = (
            f"AWS {call.service} could not be reached ({kind}). Check the network, a proxy, and "
            f"that the region exists."
        )
    else:
        message = f"AWS {call.service} {call.operation} could not be called ({kind}): {error}"
    return AwsError(message, code=kind)
