"""Packages in their bucket: each lies under the digest of its contents and is never changed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._refusals import AwsError
from dspipe.deploy.aws._state import Target
from dspipe.errors import DeployError

_THERE_ALREADY = ("PreconditionFailed", "412")
_NOT_OURS = ("AccessDenied", "403")
_MOST_DELETED_AT_ONCE = 1_000
_NO_REGION_TO_NAME = "us-east-1"


def name_bucket(aws: Aws, target: Target) -> str:
    """Name the bucket that artifacts go to: the one that is set, or dspipe's own."""
    return target.bucket or f"dspipe-artifacts-{aws.account}-{aws.region}"


def name_key(target: Target, digest: str, suffix: str = "zip") -> str:
    """Name an artifact.

    The stack stands in front, with its environment, so that destroying one environment never takes
    the package of another.

    >>> name_key(Target("flights", "dev", "dspipe-flights-dev"), "0a1b")
    'dspipe-flights-dev/0a1b.zip'
    """
    return f"{target.stack}/{digest}.{suffix}"


def prepare_bucket(aws: Aws, target: Target) -> str:
    """Find the bucket, or create dspipe's own: private, versioned, over TLS only.

    Raises
    ------
    DeployError
        If the bucket that is set does not exist, or belongs to another account.
    """
    bucket = name_bucket(aws, target)
    owned = {"Bucket": bucket, "ExpectedBucketOwner": aws.account}
    if _is_there(aws, owned):
        return bucket
    if target.bucket is not None:
        raise DeployError(
            f"There is no bucket {bucket} for the package of {target.stack}. Create it, or take "
            f"bucket out of [tool.dspipe.deploy]: dspipe then makes one of its own."
        )
    _create_bucket(aws, owned)
    return bucket


def upload(
    aws: Aws, bucket: str, key: str, content: Path | bytes, *, sha256: str | None = None
) -> bool:
    """Put a package into the bucket, unless it lies there.

    Parameters
    ----------
    aws : Aws
        Calls AWS.
    bucket, key : str
        Where it goes.
    content : Path or bytes
        A file, or what it would hold.
    sha256 : str, optional
        What AWS must find, in base64; computed while the content is sent when not given.

    Returns
    -------
    bool
        False when it was there already.

    Raises
    ------
    AwsError
        If AWS refuses.
    """
    place = {"Bucket": bucket, "Key": key, "ExpectedBucketOwner": aws.account}
    try:
        if isinstance(content, bytes):
            _put(aws, place, content, sha256)
        else:
            with content.open("rb") as file:
                _put(aws, place, file, sha256)
    except AwsError as error:
        if error.code in _THERE_ALREADY:
            return False
        raise
    return True


def list_artifacts(aws: Aws, target: Target) -> list[dict[str, str]]:
    """List everything that was uploaded for a deployment, with all versions."""
    bucket, prefix = name_bucket(aws, target), f"{target.stack}/"
    listed = (
        one
        for field in ("Versions", "DeleteMarkers")
        for one in aws.iter_items("s3", "list_object_versions", field, Bucket=bucket, Prefix=prefix)
    )
    return [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed]


def delete_artifacts(aws: Aws, target: Target) -> int:
    """Delete everything that was uploaded for a deployment, and say how many objects that were.

    Raises
    ------
    DeployError
        If some could not be deleted.
    """
    bucket, found = name_bucket(aws, target), list_artifacts(aws, target)
    for part in _cut(found, _MOST_DELETED_AT_ONCE):
        wanted = {"Objects": part, "Quiet": True}
        answer = aws.call("s3", "delete_objects", Bucket=bucket, Delete=wanted)
        if answer.get("Errors"):
            first = answer["Errors"][0]
            raise DeployError(
                f"S3 did not delete {first['Key']} in {bucket} ({first['Code']}): "
                f"{first.get('Message', '')}"
            )
    return len(found)


def _is_there(aws: Aws, owned: dict[str, str]) -> bool:
    try:
        return aws.find("s3", "head_bucket", **owned) is not None
    except AwsError as error:
        if error.code not in _NOT_OURS:
            raise
        raise AwsError(
            f"The bucket {owned['Bucket']} belongs to another account than {aws.account}, or: "
            f"{error}",
            code=error.code,
        ) from error


def _create_bucket(aws: Aws, owned: dict[str, str]) -> None:
    # us-east-1 is the one region that may not be named.
    place = {"LocationConstraint": aws.region}
    options = {} if aws.region == _NO_REGION_TO_NAME else {"CreateBucketConfiguration": place}
    aws.call("s3", "create_bucket", Bucket=owned["Bucket"], **options)
    aws.call(
        "s3",
        "put_public_access_block",
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
        **owned,
    )
    aws.call("s3", "put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"}, **owned)
    policy = json.dumps(_demand_tls(owned["Bucket"]))
    aws.call("s3", "put_bucket_policy", Policy=policy, **owned)


def _demand_tls(bucket: str) -> dict[str, Any]:
    arn = f"arn:aws:s3:::{bucket}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyOverTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }


def _put(aws: Aws, place: dict[str, str], body: Any, sha256: str | None) -> None:
    checksum = {"ChecksumSHA256": sha256} if sha256 else {"ChecksumAlgorithm": "SHA256"}
    aws.call("s3", "put_object", Body=body, IfNoneMatch="*", **checksum, **place)


def _cut(found: list[dict[str, str]], size: int) -> Iterator[list[dict[str, str]]]:
    for first in range(0, len(found), size):
        yield found[first : first + size]
