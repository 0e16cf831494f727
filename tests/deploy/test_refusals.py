"""What AWS refuses becomes a sentence that says what to do."""

import botocore.exceptions as foreign
import pytest
from deploy.sessions import refusal

from dspipe.deploy.aws._refusals import Call, explain, explain_denial

CALL = Call("lambda", "update_alias", {})
BUCKET = {"Bucket": "artifacts", "Key": "late/0a.zip"}
NO_POLICY = (
    "User: arn:aws:iam::1:user/ann is not authorized to perform: lambda:UpdateAlias on resource: "
    "arn:aws:lambda:eu-west-1:1:function:late because no identity-based policy allows the "
    "lambda:UpdateAlias action"
)


def test_denial_names_action_resource_caller_and_policy_line() -> None:
    """Who may not do what is told with the statement that would allow it."""
    actual = explain(refusal("AccessDeniedException", NO_POLICY), CALL)

    assert str(actual) == (
        "AWS refused lambda:UpdateAlias on arn:aws:lambda:eu-west-1:1:function:late: "
        "arn:aws:iam::1:user/ann has no permission for it. Add to a policy:\n"
        '{"Effect": "Allow", "Action": "lambda:UpdateAlias", '
        '"Resource": "arn:aws:lambda:eu-west-1:1:function:late"}'
    )
    assert actual.code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("call", "operation", "expected"),
    [
        (Call("s3", "put_object", BUCKET), "PutObject", "s3:PutObject on arn:aws:s3:::artifacts/"),
        (
            Call("s3", "head_bucket", {"Bucket": "artifacts"}),
            "HeadBucket",
            "s3:ListBucket on arn:aws:s3:::artifacts:",
        ),
        (Call("lambda", "invoke", {}), "Invoke", "lambda:InvokeFunction on *"),
        (
            Call("resourcegroupstaggingapi", "get_resources", {}),
            "GetResources",
            "tag:GetResources on *",
        ),
    ],
)
def test_denial_is_named_by_the_call_when_aws_says_access_denied_alone(
    call: Call, operation: str, expected: str
) -> None:
    """S3 says no more than that; the call says which permission it needs."""
    actual = explain(refusal("403", "Forbidden", operation), call)

    assert str(actual).startswith(f"AWS refused {expected}")


def test_denial_offers_no_policy_line_when_it_is_explicit() -> None:
    """What another policy forbids cannot be allowed by one more."""
    said = (
        "User: ann is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::1:role/x "
        "with an explicit deny in a service control policy"
    )

    assert explain_denial(said) == (
        "AWS refused iam:CreateRole on arn:aws:iam::1:role/x: an explicit deny in a service "
        "control policy forbids it to ann. No further permission can allow it. Ask who owns that "
        "policy."
    )


def test_denial_is_none_when_a_text_is_about_another_matter() -> None:
    """A reason that is no denial is told as it stands."""
    assert explain_denial("Resource handler returned message: queue exists") is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            refusal("ExpiredTokenException"),
            "The AWS credentials have expired. Get new ones, for example with: aws sso login. Then "
            "run the command again.",
        ),
        (
            refusal("InvalidClientTokenId"),
            "AWS does not know these credentials (InvalidClientTokenId). Check AWS_PROFILE, or the "
            "variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: aws sts get-caller-identity "
            "tells.",
        ),
        (
            refusal("Throttling", "Rate exceeded", "UpdateAlias"),
            "AWS took no more calls of lambda UpdateAlias for now (Throttling), also after "
            "several tries. Wait a minute and run the command again.",
        ),
        (
            refusal("ValidationError", "Template format error.", "CreateChangeSet"),
            "AWS refused lambda CreateChangeSet (ValidationError): Template format error.",
        ),
        (
            foreign.NoCredentialsError(),
            "No AWS credentials were found. dspipe uses those that the aws command uses. Set "
            "AWS_PROFILE, or run: aws configure sso",
        ),
        (
            foreign.UnauthorizedSSOTokenError(),
            "The AWS session is over or was never begun. Run: aws sso login. Then run the command "
            "again.",
        ),
        (
            foreign.ProfileNotFound(profile="work"),
            "The config profile (work) could not be found. Set AWS_PROFILE to one that aws "
            "configure list-profiles shows.",
        ),
        (
            foreign.EndpointConnectionError(endpoint_url="x"),
            "AWS lambda could not be reached (EndpointConnectionError). Check the network, a "
            "proxy, and that the region exists.",
        ),
        (
            foreign.ParamValidationError(report="Missing Name"),
            "AWS lambda update_alias could not be called (ParamValidationError): Parameter "
            "validation failed:\nMissing Name",
        ),
    ],
)
def test_refusal_says_what_to_do_by_its_cause(error: Exception, expected: str) -> None:
    """Each cause has its own way out."""
    assert str(explain(error, CALL)) == expected


@pytest.mark.parametrize(
    ("error", "is_absent"),
    [
        (refusal("ResourceNotFoundException"), True),
        (refusal("404"), True),
        (refusal("ValidationError", "Stack with id late does not exist"), True),
        (refusal("ValidationError", "Stack late is busy"), False),
        (refusal("AccessDenied"), False),
    ],
)
def test_refusal_knows_whether_a_thing_is_absent(error: Exception, *, is_absent: bool) -> None:
    """CloudFormation has no code of its own for a stack that is not there."""
    assert explain(error, CALL).is_absent is is_absent


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (
            "arn:aws:lambda:eu-west-1:1:function:late:7",
            "arn:aws:lambda:eu-west-1:1:function:late:*",
        ),
        ("arn:aws:lambda:eu-west-1:1:function:late", "arn:aws:lambda:eu-west-1:1:function:late"),
        ("arn:aws:s3:::artifacts/late/0a.zip", "arn:aws:s3:::artifacts/late/*"),
    ],
)
def test_offered_policy_allows_the_next_version_and_package_too(
    resource: str, expected: str
) -> None:
    """The message names the very thing; a line for that alone would be needed anew each time."""
    said = f"User: ann is not authorized to perform: x:Y on resource: {resource}"

    told = explain_denial(said)

    assert told is not None
    assert told.startswith(f"AWS refused x:Y on {resource}: ")
    assert told.endswith(f'"Resource": "{expected}"}}')
