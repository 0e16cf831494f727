"""Which variables look like secrets, and which texts name one."""

import pytest
from deploy.drawn_settings import references, words
from hypothesis import given
from hypothesis import strategies as st

from dspipe._secrets import is_reference
from dspipe.deploy.settings._references import find_reference
from dspipe.deploy.settings._variables import find_variable_faults, is_secret


@pytest.mark.parametrize(
    "name",
    ["PASSWORD", "DB_PASSWORD", "GITHUB_TOKEN", "API_KEY", "aws_secret", "PRIVATE_KEY_PEM"],
)
def test_variable_is_a_secret_when_its_name_says_so(name: str) -> None:
    """A value of such a name is never written into a template."""
    assert is_secret(name, "x")


@pytest.mark.parametrize(
    "name", ["SECRET_NAME", "TOKEN_TTL", "MAX_TOKENS", "KEYBOARD", "SORT_KEY", "PASSWORD_PATH"]
)
def test_variable_is_no_secret_when_its_name_is_about_one(name: str) -> None:
    """Where a secret is, or how long it lives, may be known."""
    assert not is_secret(name, "x")


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://ann:tulip@db/shop",
        "mysql://ann@db/shop?password=tulip",
        "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN RSA PRIVATE KEY-----",
        f"ghp_{'a' * 36}",
        f"eyJ{'a' * 20}.eyJ{'b' * 20}.c",
    ],
)
def test_variable_is_a_secret_when_its_value_looks_like_one(value: str) -> None:
    """Passwords in urls, keys of AWS, private keys and tokens are found under any name."""
    assert is_secret("PLACE", value)


@pytest.mark.parametrize(
    "value",
    ["", "postgresql://ann@db/shop", "postgresql://ann:${PASSWORD}@db/shop", "s3://data/in"],
)
def test_variable_is_no_secret_when_its_value_is_plain(value: str) -> None:
    """A url without a password may be seen by everybody."""
    assert not is_secret("PLACE", value)


def test_empty_variable_is_no_secret() -> None:
    """A variable may be set to nothing under any name."""
    assert not is_secret("PASSWORD", "")


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        (
            {"environment": {"AWS_REGION": "x"}},
            "environment.AWS_REGION is a variable that Lambda sets itself. Use another name.",
        ),
        (
            {"environment": {"DSPIPE_ANSWERS": "s3://answers"}},
            "environment.DSPIPE_ANSWERS would give no right to write there. Set 'answers' instead.",
        ),
        (
            {"environment": {"MY-NAME": "x"}},
            "environment.MY-NAME is no name of a variable. Use letters, digits and underscores, "
            "at least two, and begin with a letter.",
        ),
        (
            {"environment": {"DB": "secret://db"}},
            "environment.DB names a secret. Move it to 'secrets', so it may be read.",
        ),
        (
            {"environment": {"DB": "x"}, "secrets": {"DB": "secret://db"}},
            "The variable DB stands in 'environment' and in 'secrets'. Remove one of them.",
        ),
        (
            {"secrets": {"DB": "tulip"}},
            'secrets.DB names no secret. Write "secret://<name>" or "secret://<name>#<field>" or '
            '"ssm://<name>", or the ARN of the secret; the value itself belongs into AWS.',
        ),
    ],
)
def test_variable_that_cannot_be_set_is_refused(
    settings: dict[str, dict[str, str]], fault: str
) -> None:
    """Each fault names the variable and never its value."""
    assert find_variable_faults(settings, {}) == [fault]


def test_tables_of_a_wrong_type_are_left_to_the_model() -> None:
    """One fault is told once."""
    assert find_variable_faults({"environment": 1, "secrets": {"DB": 1}}, {"shop": 1}) == []


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        (
            "secret://flights/reader#password",
            "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:"
            "flights/reader-??????",
        ),
        (
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:reader-AbCd12#host",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:reader-AbCd12",
        ),
        (
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:reader",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:reader-??????",
        ),
        (
            "ssm:///flights/password",
            "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/flights/password",
        ),
        (
            "arn:aws:ssm:eu-west-1:123456789012:parameter/password",
            "arn:aws:ssm:eu-west-1:123456789012:parameter/password",
        ),
    ],
)
def test_reference_becomes_the_name_that_a_policy_needs(text: str, arn: str) -> None:
    """The field does not matter to a policy; the six characters that AWS adds do."""
    reference = find_reference(text)

    assert reference is not None
    assert reference.arn == arn


@pytest.mark.parametrize(
    "text", ["", "tulip", "secret://", "secret://a*", "ssm://a?", "arn:aws:s3:::data", "s3://x/y"]
)
def test_text_that_names_no_secret_is_no_reference(text: str) -> None:
    """What a policy would read as more than one secret is refused as well."""
    assert find_reference(text) is None


@given(references | words | st.sampled_from(["", "s3://x", "postgresql://ann@db/x"]))
def test_deployment_and_function_agree_on_what_is_a_reference(text: str) -> None:
    """What the function will ask AWS for is what the policy allows."""
    assert (find_reference(text) is not None) == is_reference(text)
