"""Calls to AWS through a session that was handed in."""

import os

import pytest
from deploy.sessions import ScriptedSession, refusal

from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._refusals import AwsError


def test_aws_uses_region_of_settings_before_that_of_the_profile() -> None:
    """What the repository says counts more than what this machine says."""
    assert Aws("us-east-2", session=ScriptedSession({})).region == "us-east-2"
    assert Aws(session=ScriptedSession({})).region == "eu-west-1"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"AWS_REGION": "us-east-2", "AWS_DEFAULT_REGION": "us-west-2"}, "us-east-2"),
        ({"AWS_REGION": "us-east-2"}, "us-east-2"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-west-2"}, "us-west-2"),
    ],
)
def test_aws_takes_the_region_of_the_variables_when_settings_have_none(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS_REGION counts alone too, as with all other tools of AWS; boto3 does not read it."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert Aws().region == expected
    assert Aws("eu-west-1").region == "eu-west-1"


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
