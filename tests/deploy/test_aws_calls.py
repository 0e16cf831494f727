"""Calls to AWS through a session that was handed in."""

import pytest
from deploy.sessions import ScriptedSession, refusal

from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._refusals import AwsError


def test_aws_uses_region_of_settings_before_that_of_the_profile() -> None:
    """What the repository says counts more than what this machine says."""
    assert Aws("us-east-2", session=ScriptedSession({})).region == "us-east-2"
    assert Aws(session=ScriptedSession({})).region == "eu-west-1"


def test_aws_is_refused_when_nobody_names_a_region() -> None:
    """A region is never guessed."""
    aws = Aws(session=ScriptedSession({}, region=None))

    with pytest.raises(AwsError) as caught:
        aws.call("lambda", "get_alias")

    assert str(caught.value) == (
        "No AWS region is set. dspipe needs to know where the function lives. Set region in "
        "[tool.dspipe.deploy], or the variable AWS_REGION, or that of your profile."
    )


def test_aws_asks_for_account_once() -> None:
    """The account does not change while a command runs."""
    session = ScriptedSession({"sts.get_caller_identity": {"Account": "123456789012"}})
    aws = Aws(session=session)

    accounts = [aws.account, aws.account]

    assert accounts == ["123456789012", "123456789012"]
    assert session.names() == ["sts.get_caller_identity"]


def test_find_gives_none_only_when_a_thing_is_absent() -> None:
    """A denied look is no proof that there is nothing."""
    answers = [refusal("ResourceNotFoundException"), refusal("AccessDenied")]
    aws = Aws(session=ScriptedSession({"lambda.get_alias": answers}))

    absent = aws.find("lambda", "get_alias")

    assert absent is None
    with pytest.raises(AwsError, match="AWS refused lambda:"):
        aws.find("lambda", "get_alias")


def test_items_are_none_when_a_thing_is_absent_and_an_error_when_denied() -> None:
    """A list of what is not there is empty; one that is denied is an error."""
    answers = [{"x": [{"a": 1}]}, refusal("NoSuchBucket"), refusal("AccessDenied")]
    aws = Aws(session=ScriptedSession({"s3.list": answers}))

    found = [list(aws.iter_items("s3", "list", "x")) for _ in range(2)]

    assert found == [[{"a": 1}], []]
    with pytest.raises(AwsError, match="AWS refused s3:"):
        list(aws.iter_items("s3", "list", "x"))
