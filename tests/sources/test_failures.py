"""Why a source failed: who asks, who answers, and how long there was time; then it works again."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from time import monotonic

import psycopg
import pytest
from postgres import PASSWORD, PostgresServer, find_free_port, make_server
from sources.answers import fetch, make_config

from dspipe._deadline import time_limit
from dspipe.errors import (
    SourceAuthenticationError,
    SourceError,
    SourceTimeoutError,
    SourceUnavailableError,
)
from dspipe.sources import close_all, open_source, sql
from dspipe.sources._errors import find_code, not_connected
from dspipe.sources._sqlalchemy import wait_in_time

BOTH_WAYS = pytest.mark.parametrize("arrow", [True, False], ids=["arrow", "rows"])
ONE = sql("select 1 as one")
SLOW = {
    "postgresql": sql("select pg_sleep(60)"),
    "duckdb": sql(
        "select count(*) as n from range(100000) a, range(100000) b, range(100000) c "
        "where (a.range + b.range) % (c.range + 7) = -1"
    ),
    "sqlite": sql(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000000) "
        "select max(i) as most from n"
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Start a server that these tests may fill, stop and change."""
    server, folder = make_server()
    try:
        yield server
    finally:
        close_all()
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@BOTH_WAYS
@pytest.mark.parametrize("user", ["postgres", "ann"])
def test_wrong_user_or_password_is_an_authentication_error(
    user: str, *, arrow: bool, server: PostgresServer
) -> None:
    """Who asked is named, and where; the password that was tried is nowhere in the chain."""
    url = f"postgresql://{user}:tulip@127.0.0.1:{server.port}/postgres"

    with pytest.raises(SourceAuthenticationError) as caught:
        fetch(ONE, url, arrow=arrow)

    where = f"127.0.0.1:{server.port}"
    assert str(caught.value) == (
        f"The source 'default' refuses the user at {where}: connection failed: connection to "
        f'server at "127.0.0.1", port {server.port} failed: FATAL:  password authentication failed '
        f'for user "{user}". Check the user and the password in its url, or in the secret that '
        "the url refers to."
    )
    assert "tulip" not in f"{caught.value}{caught.value.__cause__}"


def test_missing_database_is_no_reason_to_wait(server: PostgresServer) -> None:
    """It will not be there in a minute either."""
    with pytest.raises(SourceError) as caught:
        fetch(ONE, server.url.removesuffix("postgres") + "shop")

    assert type(caught.value) is SourceError
    assert 'database "shop" does not exist. Check that' in str(caught.value)


def test_database_without_a_free_connection_is_unavailable(server: PostgresServer) -> None:
    """It will be there in a while, so whoever asks may come again."""
    close_all()
    with ExitStack() as held:
        try:
            while True:
                held.enter_context(psycopg.connect(server.url))
        except psycopg.OperationalError:
            pass

        with pytest.raises(SourceUnavailableError) as caught:
            fetch(ONE, server.url)

    assert "FATAL:  sorry, too many clients already. Check that" in str(caught.value)
    assert fetch(ONE, server.url)["one"].tolist() == [1]


@BOTH_WAYS
def test_source_recovers_when_the_database_was_down_at_first(*, arrow: bool) -> None:
    """A function that started during an outage answers after it, without a new deployment."""
    server, folder = make_server()
    server.stop()
    with pytest.raises(SourceUnavailableError) as caught:
        fetch(ONE, server.url, arrow=arrow)
    server.start()

    answer = fetch(ONE, server.url, arrow=arrow)["one"].tolist()

    close_all()
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)
    assert answer == [1]
    assert str(caught.value).startswith(
        f"The source 'default' cannot be reached at 127.0.0.1:{server.port}: "
    )


@BOTH_WAYS
def test_renewed_password_opens_another_source_and_closes_the_first(
    *, arrow: bool, server: PostgresServer
) -> None:
    """Other settings under a name replace its connections, so none of the old user's stays open."""
    with psycopg.connect(server.url, autocommit=True) as owner:
        owner.execute("drop role if exists ann")
        owner.execute("create role ann login password 'one'")
        urls = [
            server.url.replace(f"postgres:{PASSWORD}", f"ann:{word}") for word in ("one", "two")
        ]
        first = open_source("default", make_config(urls[0], arrow=arrow))
        fetch(ONE, urls[0], arrow=arrow)
        owner.execute("alter role ann password 'two'")

        answer = fetch(ONE, urls[1], arrow=arrow)["one"].tolist()

        count = "select count(*) from pg_stat_activity where usename = 'ann' and pid <> all(%s)"
        new = open_source("default", make_config(urls[1], arrow=arrow))
        mine = fetch(sql("select pg_backend_pid() as pid"), urls[1], arrow=arrow)["pid"].tolist()
        wait_until_gone(owner, count, mine)
    assert answer == [1]
    assert new is not first


def wait_until_gone(owner: psycopg.Connection, count: str, mine: list[int]) -> None:
    """Ask until the server has noticed that a connection was closed."""
    end = monotonic() + 20
    while (owner.execute(count, [mine]).fetchone() or [0])[0]:
        assert monotonic() < end, "a connection of the old settings is still open"


@BOTH_WAYS
@pytest.mark.parametrize("name", SLOW)
def test_query_stops_when_the_time_of_the_run_is_over(
    name: str, *, arrow: bool, request: pytest.FixtureRequest
) -> None:
    """No source works on for a caller who is gone; its own, longer timeout changes nothing."""
    url = f"{name}:///:memory:"
    if name == "postgresql":
        url = request.getfixturevalue("server").url
    fetch(ONE, url, arrow=arrow)

    with pytest.raises(SourceTimeoutError) as caught, time_limit(0.3):
        fetch(SLOW[name].timeout(300), url, arrow=arrow)

    assert str(caught.value) == (
        "The source 'default' had not answered when the time of this run was over. Make the query "
        "select less, or give the run more time."
    )


@pytest.mark.parametrize("name", SLOW)
def test_query_stops_at_its_own_timeout_when_there_is_more_time(
    name: str, request: pytest.FixtureRequest
) -> None:
    """The shorter of the two counts, and is told."""
    url = f"{name}:///:memory:"
    if name == "postgresql":
        url = request.getfixturevalue("server").url

    with pytest.raises(SourceTimeoutError) as caught, time_limit(300):
        fetch(SLOW[name].timeout(0.2), url)

    assert "took longer than its timeout of 0.2 seconds." in str(caught.value)


REFUSALS = [
    "(1045, \"Access denied for user 'ann'@'db' (using password: YES)\")",
    "ORA-01017: invalid username/password; logon denied",
    "(18456, b\"Login failed for user 'ann'.\")",
    "250001 (08001): Incorrect username or password was specified.",
    'FATAL: role "ann" is not permitted to log in',
    'FATAL: no pg_hba.conf entry for host "10.0.0.1", user "ann"',
    "fe_sendauth: no password supplied",
]


CODES = [
    ("28P01", SourceAuthenticationError),
    ("1698", SourceAuthenticationError),
    ("3D000", SourceError),
    ("1049", SourceError),
    ("53300", SourceUnavailableError),
    ("2003", SourceUnavailableError),
    ("", SourceUnavailableError),
]


@pytest.mark.parametrize(("code", "kind"), CODES)
def test_a_failed_connection_is_told_by_its_code_in_any_language(
    code: str, kind: type[SourceError]
) -> None:
    """A server may speak French; codes are the same everywhere."""
    assert type(not_connected("default", "db:1", "Accès refusé.", code)) is kind


class Oracle:
    """Stands for what Oracle's driver puts into its errors."""

    code = 1017


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (psycopg.errors.InvalidPassword("no"), "28P01"),
        (OSError(1045, "Access denied"), "1045"),
        (Exception("28000", "[28000] Login failed"), "28000"),
        (Exception(Oracle()), "1017"),
        (psycopg.OperationalError("connection failed"), ""),
        (Exception(), ""),
        (None, ""),
    ],
)
def test_code_is_found_where_the_driver_has_it(error: Exception | None, code: str) -> None:
    """Each driver has a place of its own for it."""
    assert find_code(error) == code


@pytest.mark.parametrize("message", REFUSALS)
def test_refused_users_are_told_by_the_words_of_their_database(message: str) -> None:
    """Some drivers give no code for a connection that failed."""
    assert type(not_connected("default", "db:1", message)) is SourceAuthenticationError


def test_unreachable_port_is_unavailable() -> None:
    """Nobody listens there now; somebody may in a minute."""
    with pytest.raises(SourceUnavailableError):
        fetch(ONE, f"postgresql://ann@127.0.0.1:{find_free_port()}/shop")


def test_connection_is_waited_for_no_longer_than_there_is_time() -> None:
    """A server that takes the call and says nothing would cost ten seconds."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"postgresql://ann@127.0.0.1:{deaf.getsockname()[1]}/shop"
        start = monotonic()

        with pytest.raises(SourceUnavailableError), time_limit(0.5):
            fetch(ONE, url, arrow=False)

        assert monotonic() - start < 5


@pytest.mark.parametrize(
    ("asked", "seconds"), [(10, 3), ("2", 2), ("0", 3), ("soon", "soon")], ids=str
)
def test_wait_for_a_connection_is_shortened_to_whole_seconds(
    asked: object, seconds: object
) -> None:
    """No less than asked where there is more time; none at all means all there is."""
    with time_limit(2.5):
        assert wait_in_time(asked) == seconds
    assert str(wait_in_time(asked)) == str(asked)
