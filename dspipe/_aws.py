"""AWS, asked only when a secret or an object is really needed; its errors become sentences.

boto3 takes a third of a second to import, so it is imported by the first call that needs it. A
client is made once a service and region, with timeouts short enough for a function that is billed
while it waits.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dspipe._deadline import TimeIsOver, interrupted_in_time
from dspipe._extras import load_extra
from dspipe.errors import (
    ConfigurationError,
    DspipeError,
    SourceError,
    SourceTimeoutError,
    SourceUnavailableError,
)

CONNECT_SECONDS = 3
READ_SECONDS = 20
ATTEMPTS = 3

_ABSENT = frozenset(
    {
        "404",
        "NoSuchBucket",
        "NoSuchKey",
        "NoSuchVersion",
        "ParameterNotFound",
        "ParameterVersionNotFound",
        "ResourceNotFoundException",
    }
)
_REFUSED = frozenset({"403", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_BAD_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TooManyUpdates",
    }
)
_BROKEN = frozenset(
    {
        "500",
        "503",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "ServiceUnavailable",
    }
)

_clients: dict[tuple[str, str | None], Any] = {}
_lock = threading.Lock()


@contextmanager
def calling(
    action: str, resource: str, *, absent: Exception | None = None, region: str | None = None
) -> Iterator[Any]:
    """Give the client for one call, and turn what goes wrong in it into a sentence.

    Parameters
    ----------
    action : str
        The action as policies name it, such as "s3:GetObject"; its service is the client's.
    resource : str
        ARN of what the action is done to, for the policy that has to allow it.
    absent : Exception, optional
        What to raise when AWS does not have the resource.
    region : str, optional
        Where it is; the region of the environment when not given.

    Yields
    ------
    boto3 client

    Raises
    ------
    ConfigurationError
        Without credentials or a region, or when the action is not allowed.
    SourceUnavailableError
        If AWS cannot be reached, or is out of order.
    SourceTimeoutError
        If the time limit ends before the call does.
    SourceError
        If AWS asks to be called less often.
    MissingExtraError
        If boto3 is not installed.
    """
    try:
        with interrupted_in_time():
            yield client(action.partition(":")[0], region)
    except TimeIsOver as error:
        raise SourceTimeoutError(
            f"AWS had not done {action} on {resource} when the time of this run was over. Give the "
            "run more time, or see to the network."
        ) from error
    except Exception as error:
        code = find_code(error)
        if absent is not None and code in _ABSENT:
            raise absent from error
        sentence = _explain(error, code, f"{action} on {resource}", action)
        if sentence is None:
            raise
        raise _choose_class(error, code)(sentence) from error


def client(service: str, region: str | None = None) -> Any:
    """Give the boto3 client of a service; the same one each time.

    Raises
    ------
    MissingExtraError
        If boto3 is not installed.
    """
    with _lock:
        if (service, region) not in _clients:
            _clients[service, region] = _make_client(service, region)
        return _clients[service, region]


def forget_clients() -> None:
    """Close all clients: their connections do not outlive a snapshot."""
    with _lock:
        for made in _clients.values():
            made.close()
        _clients.clear()


def find_code(error: BaseException) -> str:
    """Find the code that AWS gave to an error; empty where it gave none.

    >>> find_code(ValueError("no answer of AWS"))
    ''
    """
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def _make_client(service: str, region: str | None) -> Any:
    # A session of its own: the default one is shared with the user's code, and not thread-safe.
    session = load_extra("boto3.session", extra="aws", needed_by=f"AWS's {service}").Session()
    config = load_extra("botocore.config", extra="aws", needed_by=f"AWS's {service}").Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "adaptive", "total_max_attempts": ATTEMPTS},
        # Links to encrypted objects are refused when they are signed in the older way.
        signature_version="s3v4" if service == "s3" else None,
    )
    # boto3 knows AWS_DEFAULT_REGION alone; all other tools of AWS know AWS_REGION.
    region = region or os.environ.get("AWS_REGION") or None
    return session.client(service, region_name=region, config=config)


def _explain(error: Exception, code: str, call: str, action: str) -> str | None:
    """Say what went wrong; None for what is not AWS's."""
    if code in _REFUSED:
        return (
            f"AWS refused {call}. Allow the action on that resource in the policy of the role."
            f"{_REFUSAL_NOTES.get(action, '')}"
        )
    if code in _BAD_CREDENTIALS:
        return (
            f"AWS took the credentials for {call} as wrong or expired ({code}). Renew them, for "
            "instance with 'aws sso login'."
        )
    if code in _THROTTLED | _BROKEN:
        return f"AWS did not do {call} after {ATTEMPTS} attempts ({code}). Try again later."
    if code:
        message = error.response["Error"].get("Message", "")  # type: ignore[attr-defined]  # seen by find_code
        return f"AWS answered {code} to {call}: {message.rstrip('.')}. Correct what it names."
    return next(
        (
            sentence.format(call=call)
            for name, sentence in _SENTENCES.items()
            if _is_named(error, name)
        ),
        None,
    )


def _choose_class(error: Exception, code: str) -> type[DspipeError]:
    if code in _THROTTLED:
        return SourceError
    if code in _BROKEN or any(_is_named(error, name) for name in _UNREACHED):
        return SourceUnavailableError
    return ConfigurationError


def _is_named(error: Exception, name: str) -> bool:
    """Tell botocore's classes by name, so that nothing of it is imported to look at an error."""
    return any(
        kind.__name__ == name and kind.__module__.startswith("botocore")
        for kind in type(error).__mro__
    )


_REFUSAL_NOTES = {
    **dict.fromkeys(
        ("s3:GetObject", "s3:GetObjectVersion"),
        " Without s3:ListBucket on the bucket, AWS says the same of an object that is not there.",
    ),
    "secretsmanager:GetSecretValue": " A secret with a key of its own also needs kms:Decrypt on "
    "that key.",
    "ssm:GetParameter": " A SecureString with a key of its own also needs kms:Decrypt on that key.",
}

# Parents of all errors of the network.
_UNREACHED = ("ConnectionError", "HTTPClientError")
_SENTENCES = {
    "NoRegionError": "No AWS region is set for {call}. Set AWS_REGION, or a region in the AWS "
    "profile.",
    "ProfileNotFound": "The AWS profile for {call} does not exist. Correct AWS_PROFILE, or create "
    "the profile with 'aws configure'.",
    "NoCredentialsError": "There are no AWS credentials for {call}. Log in with 'aws sso login', "
    "set AWS_PROFILE, or give the function a role.",
    "PartialCredentialsError": "The AWS credentials for {call} are incomplete. Set both "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    "SSOError": "The AWS login for {call} is over. Log in again with 'aws sso login'.",
    **dict.fromkeys(
        _UNREACHED,
        "AWS could not be reached for {call}. A function in a VPC needs a NAT gateway or an "
        "endpoint of that service in the VPC; elsewhere, see to the network.",
    ),
}
