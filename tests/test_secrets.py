"""Secrets by reference: what they name, how long they are kept, what is said when it fails."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from aws.fixtures import StandIn
from hypothesis import given
from hypothesis import strategies as st

from dspipe import _aws, _secrets
from dspipe._config import load_config
from dspipe._secrets import KEPT_SECONDS, forget_all, is_reference, list_values, resolve
from dspipe.errors import ConfigurationError

DATABASE = {
    "username": "ann@shop",
    "password": "tu/l:ip@",
    "host": "db.example.com",
    "port": 5432,
    "dbname": "shop",
    "engine": "postgres",
}
Put = Callable[[str, Any], str]


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """Keep no value and no client from one test to the next."""
    yield
    forget_all()
    _aws.forget_clients()


@pytest.fixture
def put_secret(aws: StandIn) -> Put:
    """Store a secret, or a new value of it, and give its ARN."""

    def put(name: str, value: Any) -> str:
        text = value if isinstance(value, str) else json.dumps(value)
        client = _aws.client("secretsmanager")
        try:
            return str(client.create_secret(Name=name, SecretString=text)["ARN"])
        except client.exceptions.ResourceExistsException:
            return str(client.put_secret_value(SecretId=name, SecretString=text)["ARN"])

    return put


@pytest.fixture
def put_parameter(aws: StandIn) -> Put:
    """Store an encrypted parameter and give its ARN."""

    def put(name: str, value: Any) -> str:
        client = _aws.client("ssm")
        client.put_parameter(Name=name, Value=value, Type="SecureString")
        return str(client.get_parameter(Name=name)["Parameter"]["ARN"])

    return put


@given(st.text())
def test_text_is_its_own_value_when_it_names_no_secret(text: str) -> None:
    """Whatever is no reference passes unchanged, and AWS is not asked."""
    if not is_reference(text):
        assert resolve(text) == text


def test_secret_is_found_when_it_is_named_or_its_arn_is_given(put_secret: Put) -> None:
    """A name and an ARN lead to the same value."""
    arn = put_secret("shop/token", "tulip")

    assert (resolve("secret://shop/token"), resolve(arn)) == ("tulip", "tulip")


def test_field_is_taken_when_secret_is_json_object(put_secret: Put) -> None:
    """`#field` takes one field; a number becomes its text."""
    arn = put_secret("shop/db", DATABASE)

    assert resolve("secret://shop/db#password") == "tu/l:ip@"
    assert resolve(f"{arn}#port") == "5432"


@pytest.mark.parametrize("reference", ["ssm://shop/token", "ssm:///shop/token"])
def test_parameter_is_decrypted_when_it_is_named(put_parameter: Put, reference: str) -> None:
    """A name with levels may be written with its first slash or without."""
    put_parameter("/shop/token", "tulip")

    assert resolve(reference) == "tulip"


def test_parameter_is_found_when_its_arn_is_given(put_parameter: Put) -> None:
    """The ARN of a parameter leads to its value."""
    assert resolve(put_parameter("token", "tulip")) == "tulip"


def test_url_is_made_when_secret_is_of_a_database(put_secret: Put) -> None:
    """What AWS stores for a database becomes a URL, with user and password quoted."""
    put_secret("shop/db", DATABASE)

    actual = resolve("secret://shop/db")

    assert actual == "postgresql://ann%40shop:tu%2Fl%3Aip%40@db.example.com:5432/shop"


@given(st.text(min_size=1), st.text(min_size=1))
def test_url_of_a_database_holds_user_and_password_unchanged(user: str, password: str) -> None:
    """Any user and password are read back from the URL as they were stored."""
    fields = {**DATABASE, "username": user, "password": password}
    reference = _secrets._Reference("secret://db", "secretsmanager", "db", None)

    parts = urlsplit(_secrets._make_url(reference, fields))

    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)
    assert (parts.hostname, parts.port, parts.path) == ("db.example.com", 5432, "/shop")


def test_value_is_asked_for_again_when_its_time_is_over(put_secret: Put) -> None:
    """A changed secret is seen after the time that values are kept, not before."""
    put_secret("token", "old")
    resolve("secret://token", clock=lambda: 0.0)
    put_secret("token", "new")

    kept = resolve("secret://token", clock=lambda: KEPT_SECONDS - 1)
    renewed = resolve("secret://token", clock=lambda: KEPT_SECONDS)

    assert (kept, renewed) == ("old", "new")


def test_value_is_asked_for_again_when_all_are_forgotten(put_secret: Put) -> None:
    """Forgetting makes a changed secret visible at once."""
    put_secret("token", "old")
    resolve("secret://token")
    put_secret("token", "new")

    forget_all()

    assert resolve("secret://token") == "new"


def test_values_are_listed_with_their_fields_when_they_are_in_memory(put_secret: Put) -> None:
    """A log leaves out what is listed: as it was stored, and as it stands in a URL."""
    put_secret("shop/db", DATABASE)
    put_secret("token", "tulip")
    before = list_values()

    resolve("secret://shop/db#port")
    resolve("secret://token")

    assert before == []
    assert list_values() == [
        quote(json.dumps(DATABASE), safe=""),
        json.dumps(DATABASE),
        "tu%2Fl%3Aip%40",
        "tu/l:ip@",
        "tulip",
    ]


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        (
            "secret://shop/none",
            "The secret 'shop/none' does not exist in AWS Secrets Manager, in this account and "
            "region. Create it there, or correct the reference 'secret://shop/none'.",
        ),
        (
            "ssm://shop/none#a",
            "The parameter '/shop/none' does not exist in the Parameter Store of AWS, in this "
            "account and region. Create it there, or correct the reference 'ssm://shop/none#a'.",
        ),
        (
            "secret://",
            "'secret://' does not name a secret. Write secret://name, secret://name#field, "
            "ssm://name, or a whole ARN.",
        ),
        (
            "arn:aws:secretsmanager:eu-west-1",
            "'arn:aws:secretsmanager:eu-west-1' does not name a secret. Write secret://name, "
            "secret://name#field, ssm://name, or a whole ARN.",
        ),
        (
            "secret://shop/db#",
            "'secret://shop/db#' does not name a secret. Write secret://name, "
            "secret://name#field, ssm://name, or a whole ARN.",
        ),
        (
            "secret://text#user",
            "The secret 'text' is not a JSON object, so it has no field 'user'. Leave out #user, "
            "or store a JSON object.",
        ),
        (
            "secret://shop/db#pasword",
            "The secret 'shop/db' has no field 'pasword'. Did you mean 'password'? Its fields: "
            "dbname, engine, host, password, port, username.",
        ),
        (
            "secret://keys",
            "The secret 'keys' is a JSON object with the fields: api, web. Name one, as in "
            "secret://keys#api, or store username, password, host, port, dbname and engine for "
            "the URL of a database.",
        ),
        (
            "secret://oracle",
            "The secret 'oracle' is of the engine 'oracle', whose URL is not known. Write the URL "
            "yourself, with a variable for each field, such as secret://oracle#password.",
        ),
        (
            "secret://bytes",
            "The secret 'bytes' holds bytes. Store it as text, or as a JSON object.",
        ),
    ],
)
def test_reference_is_refused_without_its_value_when_it_leads_nowhere(
    put_secret: Put, reference: str, sentence: str
) -> None:
    """What is wrong is said by names alone; no value is in it."""
    put_secret("text", "tulip")
    put_secret("shop/db", DATABASE)
    put_secret("keys", {"web": "tulip", "api": "rose"})
    put_secret("oracle", {**DATABASE, "engine": "oracle"})
    _aws.client("secretsmanager").create_secret(Name="bytes", SecretBinary=b"tulip")

    with pytest.raises(ConfigurationError) as caught:
        resolve(reference)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("url", "environ"),
    [
        ("secret://shop/db", {}),
        ("${SHOP}", {"SHOP": "secret://shop/db"}),
        ("sqlite:///other.db", {"DSPIPE_SOURCE_DEFAULT": "secret://shop/db"}),
        (
            "postgresql://${USER_}:${PASSWORD}@db.example.com:5432/shop",
            {"USER_": "ann%40shop", "PASSWORD": "secret://shop/db#password"},
        ),
    ],
    ids=["url", "variable of the url", "variable of the source", "password alone"],
)
def test_source_has_secret_in_its_url_when_a_setting_refers_to_it(
    put_secret: Put, tmp_path: Path, url: str, environ: dict[str, str]
) -> None:
    """A reference may stand wherever the URL of a source, or a part of it, is given."""
    put_secret("shop/db", DATABASE)
    (tmp_path / "pyproject.toml").write_text(f'[tool.dspipe.sources]\ndefault = "{url}"\n')

    source = load_config(tmp_path, environ=environ).sources["default"]

    assert source.url == "postgresql://ann%40shop:tu%2Fl%3Aip%40@db.example.com:5432/shop"
    assert "tu%2Fl" not in repr(source)


def test_source_is_refused_without_its_value_when_secret_is_no_url(
    put_secret: Put, tmp_path: Path
) -> None:
    """A secret in the place of a URL that is none is not shown."""
    put_secret("token", "tulip")

    with pytest.raises(ConfigurationError) as caught:
        load_config(tmp_path, environ={"DSPIPE_SOURCE_SHOP": "secret://token"}).sources["shop"]

    assert str(caught.value) == (
        "The environment variable DSPIPE_SOURCE_SHOP is not a URL. Write the dialect first, for "
        "example duckdb:///data/shop.duckdb or postgresql://user@host/database."
    )
