"""Packages in their bucket."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from aws.fixtures import StandIn
from deploy.functions import LATE
from deploy.sessions import ScriptedSession, refusal

from dspipe.deploy.aws._artifacts import delete_artifacts, list_artifacts, prepare_bucket, upload
from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._refusals import AwsError
from dspipe.errors import DeployError

ACCOUNT = {"sts.get_caller_identity": {"Account": "123456789012"}}


def test_bucket_is_made_private_versioned_and_for_tls_only(aws: StandIn) -> None:
    """Nobody but the account reads packages, and none is lost by being written again."""
    cloud = Aws()

    bucket = prepare_bucket(cloud, LATE)

    access = cloud.call("s3", "get_public_access_block", Bucket=bucket)
    versioning = cloud.call("s3", "get_bucket_versioning", Bucket=bucket)
    policy = json.loads(cloud.call("s3", "get_bucket_policy", Bucket=bucket)["Policy"])
    assert bucket == "dspipe-artifacts-123456789012-eu-west-1"
    assert set(access["PublicAccessBlockConfiguration"].values()) == {True}
    assert versioning["Status"] == "Enabled"
    assert policy["Statement"][0]["Effect"] == "Deny"
    assert policy["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_bucket_is_taken_as_it_is_when_it_is_there(aws: StandIn) -> None:
    """A second deployment finds the bucket of the first."""
    cloud = Aws()

    assert prepare_bucket(cloud, LATE) == prepare_bucket(cloud, LATE)


def test_bucket_that_is_set_is_never_made(aws: StandIn) -> None:
    """Whoever names a bucket has rules for it, which dspipe does not know."""
    with pytest.raises(DeployError) as caught:
        prepare_bucket(Aws(), replace(LATE, bucket="artifacts"))

    assert str(caught.value) == (
        "There is no bucket artifacts for the package of dspipe-late-dev. Create it, or take "
        "bucket out of [tool.dspipe.deploy]: dspipe then makes one of its own."
    )


def test_bucket_of_the_oldest_region_is_made_without_naming_it() -> None:
    """S3 refuses us-east-1 as a place."""
    made: list[dict[str, object]] = []
    session = ScriptedSession({
        **ACCOUNT,
        "s3.head_bucket": refusal("404"),
        "s3.create_bucket": lambda **given: made.append(given),
        "s3.put_public_access_block": {},
        "s3.put_bucket_versioning": {},
        "s3.put_bucket_policy": {},
    })  # fmt: skip

    prepare_bucket(Aws("us-east-1", session=session), LATE)

    assert made == [{"Bucket": "dspipe-artifacts-123456789012-us-east-1"}]


def test_bucket_of_another_account_is_named_as_such() -> None:
    """S3 says no more than that it is forbidden, and somebody may have taken the name."""
    denied = refusal("403", "Forbidden", "HeadBucket")
    session = ScriptedSession({**ACCOUNT, "s3.head_bucket": denied})

    with pytest.raises(AwsError) as caught:
        prepare_bucket(Aws(session=session), replace(LATE, bucket="artifacts"))

    assert str(caught.value) == (
        "The bucket artifacts belongs to another account than 123456789012, or: AWS refused "
        "s3:ListBucket on arn:aws:s3:::artifacts: the caller has no permission for it. Add to a "
        'policy:\n{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": '
        '"arn:aws:s3:::artifacts"}'
    )


def test_bucket_is_not_looked_for_any_further_when_aws_cannot_be_asked() -> None:
    """An outage is no missing bucket."""
    session = ScriptedSession({**ACCOUNT, "s3.head_bucket": refusal("SlowDown")})

    with pytest.raises(AwsError, match="AWS took no more calls of s3"):
        prepare_bucket(Aws(session=session), LATE)


def test_package_is_uploaded_once(aws: StandIn, tmp_path: Path) -> None:
    """What lies under a digest is never written again."""
    cloud, file = Aws(), tmp_path / "late.zip"
    file.write_bytes(b"first")
    bucket = prepare_bucket(cloud, LATE)

    uploads = [upload(cloud, bucket, "a/1.zip", file), upload(cloud, bucket, "a/1.zip", b"second")]

    body = cloud.call("s3", "get_object", Bucket=bucket, Key="a/1.zip")["Body"].read()
    assert uploads == [True, False]
    assert body == b"first"


def test_package_is_sent_with_the_digest_that_was_proven(tmp_path: Path) -> None:
    """AWS refuses a file that has changed since, so it is told what to expect."""
    file = tmp_path / "late.zip"
    file.write_bytes(b"first")
    session = ScriptedSession({**ACCOUNT, "s3.put_object": {}})

    upload(Aws(session=session), "artifacts", "a/1.zip", file, sha256="pf2Gj6==")

    assert session.calls[-1][1]["ChecksumSHA256"] == "pf2Gj6=="


def test_upload_goes_to_the_own_account_only() -> None:
    """A bucket of this name in a foreign account gets nothing."""
    session = ScriptedSession({**ACCOUNT, "s3.put_object": refusal("AccessDenied")})

    with pytest.raises(AwsError):
        upload(Aws(session=session), "artifacts", "a/1.zip", b"")

    assert session.calls[-1][1]["ExpectedBucketOwner"] == "123456789012"


def test_artifacts_are_deleted_with_all_versions_of_this_stack_alone(aws: StandIn) -> None:
    """Neither an older version nor a marker of a deletion is left, and others keep theirs."""
    cloud = Aws()
    bucket = prepare_bucket(cloud, LATE)
    for key in ("dspipe-late-dev/1.zip", "dspipe-late-dev/2.zip", "dspipe-late-dev2/1.zip"):
        upload(cloud, bucket, key, b"x")
    cloud.call("s3", "delete_object", Bucket=bucket, Key="dspipe-late-dev/1.zip")

    n_deleted = delete_artifacts(cloud, LATE)

    assert n_deleted == 3
    assert list_artifacts(cloud, LATE) == []
    assert cloud.find("s3", "head_object", Bucket=bucket, Key="dspipe-late-dev2/1.zip") is not None


def test_artifact_that_cannot_be_deleted_is_named() -> None:
    """S3 answers such a failure with success and a list."""
    version = {"Key": "dspipe-late-dev/1.zip", "VersionId": "1"}
    error = {**version, "Code": "AccessDenied", "Message": "Access Denied"}
    session = ScriptedSession({
        **ACCOUNT,
        "s3.list_object_versions": {"Versions": [version]},
        "s3.delete_objects": {"Errors": [error]},
    })  # fmt: skip

    with pytest.raises(DeployError) as caught:
        delete_artifacts(Aws(session=session), LATE)

    assert str(caught.value) == (
        "S3 did not delete dspipe-late-dev/1.zip in dspipe-artifacts-123456789012-eu-west-1 "
        "(AccessDenied): Access Denied"
    )
