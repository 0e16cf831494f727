"""A password that changes while a function is warm: no request fails, nothing is deployed."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from aws.fixtures import StandIn
from aws_lambda.calls import make_request
from psycopg import sql as text
from psycopg.conninfo import conninfo_to_dict

from dspipe import PredictionPipeline, _aws, _secrets, sources, sql
from dspipe.aws_lambda import make_handler
from dspipe.predictors import MockPredictor

ROLE = "rotating"


class Counts(PredictionPipeline):
    """Reads one row from the default source."""

    key = "n"
    predictor = MockPredictor(0.5)

    def extract(self) -> Any:
        """Read the row."""
        return sql("select 1 as n, cast(2.0 as real) as size")


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """Keep no secret, no connection and no log handler from one test to the next."""
    handlers = logging.getLogger().handlers[:]
    yield
    sources.close_all()
    _secrets.forget_all()
    _aws.forget_clients()
    logging.getLogger().handlers[:] = handlers


@pytest.fixture
def admin(postgresql_url: str) -> Iterator["psycopg.Connection[Any]"]:
    """Give a connection that may change passwords, and leave no role behind."""
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(f"create role {ROLE} login")
        yield connection
        sources.close_all()
        connection.execute(f"drop role {ROLE}")


def rotate(admin: "psycopg.Connection[Any]", password: str) -> None:
    """Change the password in the database and end its connections, then store it."""
    query = text.SQL("alter role {} password {}").format(text.Identifier(ROLE), password)
    admin.execute(query)
    admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [ROLE]
    )
    known: dict[str, Any] = conninfo_to_dict(admin.info.dsn)
    fields = {name: known[name] for name in ("host", "port", "dbname")}
    secret = json.dumps({**fields, "engine": "postgres", "username": ROLE, "password": password})
    client = _aws.client("secretsmanager")
    try:
        client.create_secret(Name="shop/db", SecretString=secret)
    except client.exceptions.ResourceExistsException:
        client.put_secret_value(SecretId="shop/db", SecretString=secret)


def test_handler_answers_when_password_was_rotated_in_between(
    aws: StandIn, admin: "psycopg.Connection[Any]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refused connection makes the secret be asked for anew, within the same request."""
    monkeypatch.setenv("DSPIPE_SOURCE_DEFAULT", "secret://shop/db")
    rotate(admin, "first-password")
    handler = make_handler(Counts)
    before = handler(make_request())

    rotate(admin, "second/password")
    after = handler(make_request())

    assert (before["statusCode"], after["statusCode"]) == (200, 200)
    assert json.loads(after["body"])["predictions"] == [{"n": 1, "prediction": 0.5}]


def test_handler_answers_without_the_name_when_secret_does_not_exist(
    aws: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sender learns that it failed; the log says which secret is missing; later it is there."""
    monkeypatch.setenv("DSPIPE_SOURCE_DEFAULT", "secret://shop/none")
    handler = make_handler(Counts)

    failed = handler(make_request())

    assert failed["statusCode"] == 500
    assert "shop/none" not in failed["body"]
    assert "The secret 'shop/none' does not exist in AWS Secrets Manager" in capsys.readouterr().out
    _aws.client("secretsmanager").create_secret(Name="shop/none", SecretString="sqlite:///:memory:")
    assert handler(make_request())["statusCode"] == 200
