"""How sources connect, bind, stream, stop and fail: PostgreSQL, SQLite and DuckDB."""

import datetime as dt
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pandas as pd
import pytest
from postgres import PASSWORD, PostgresServer, find_free_port, make_server
from sources.answers import fetch, make_config

from dspipe.errors import (
    ConfigurationError,
    QueryError,
    SourceError,
    SourceTimeoutError,
    SourceUnavailableError,
)
from dspipe.sources import Query, close_all, open_source, sql

SERVERS = ["duckdb", "postgresql", "sqlite"]
BOTH_WAYS = pytest.mark.parametrize("arrow", [True, False], ids=["arrow", "rows"])
EVERYWHERE = pytest.mark.parametrize("server", SERVERS)


@pytest.fixture
def url(server: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Make a database with the table t (n integer, word text) of 1 to 25,000."""
    if server == "postgresql":
        return str(request.getfixturevalue("postgresql_with_table"))
    file = tmp_path / f"t.{server}"
    if server == "duckdb":
        import duckdb

        with duckdb.connect(str(file)) as connection:
            connection.execute(
                "create table t as select i::int n, 'w' || i word from range(1, 25001) r(i)"
            )
    else:
        connection = sqlite3.connect(file)
        with connection:
            connection.execute("create table t (n integer, word text)")
            connection.executemany("insert into t values (?, ?)", make_rows())
        connection.close()
    return f"{server}:///{file}"


@pytest.fixture(scope="module")
def postgresql_with_table(postgresql_url: str) -> str:
    """Put the table t into the session's server."""
    import psycopg

    with psycopg.connect(postgresql_url) as connection:
        connection.execute("drop table if exists t")
        connection.execute(
            "create table t as select n, 'w' || n as word from generate_series(1, 25000) n"
        )
    return postgresql_url


def make_rows() -> Iterator[tuple[int, str]]:
    """Give the rows of the table t."""
    return ((n, f"w{n}") for n in range(1, 25_001))


@EVERYWHERE
@BOTH_WAYS
def test_stream_gives_all_rows_in_order_when_read_in_batches(url: str, *, arrow: bool) -> None:
    """Nothing is lost, doubled or moved."""
    query = sql("select n, word from t where n > :least order by n", least=0)

    frames = list(query.iter_frames(batch_rows=9_000, config=make_config(url, arrow=arrow)))

    assert [len(frame) for frame in frames] == [9_000, 9_000, 7_000]
    assert pd.concat(frames)["n"].tolist() == list(range(1, 25_001))


@EVERYWHERE
@BOTH_WAYS
def test_stream_gives_one_empty_frame_when_no_row_matches(url: str, *, arrow: bool) -> None:
    """Columns and dtypes are those of an answer with rows."""
    frame = fetch(sql("select n, word from t where n < :n", n=0), url, arrow=arrow)

    assert len(frame) == 0
    assert frame.dtypes.equals(fetch(sql("select n, word from t"), url).dtypes)


@EVERYWHERE
@BOTH_WAYS
def test_values_are_bound_when_they_look_like_sql(url: str, *, arrow: bool) -> None:
    """A value is never part of the text, so it cannot end it."""
    evil = "x'; drop table t; --"

    frame = fetch(
        sql("select count(*) as n from t where word = :word or :word = 'y'", word=evil),
        url,
        arrow=arrow,
    )

    assert frame["n"].tolist() == [0]
    assert fetch(sql("select count(*) as n from t"), url)["n"].tolist() == [25_000]


@BOTH_WAYS
def test_server_sees_marks_and_no_values_when_values_are_bound(
    *,
    arrow: bool,
    postgresql_with_table: str,
) -> None:
    """PostgreSQL itself says which text opened the cursor."""
    query = sql(
        "select statement from pg_cursors where name <> '' and :word = 'needle'", word="needle"
    )

    statement = fetch(query, postgresql_with_table, arrow=arrow)["statement"].item()

    assert "CAST($1 AS text) = 'needle'" in statement


@EVERYWHERE
@BOTH_WAYS
def test_lists_expand_when_they_stand_after_in(url: str, *, arrow: bool) -> None:
    """IN takes lists of numbers and of texts; an empty list matches nothing."""
    query = sql(
        "select n from t where n in :ns and word in (:words) order by n",
        ns=[3, 1, 9],
        words=["w1", "w3"],
    )

    assert fetch(query, url, arrow=arrow)["n"].tolist() == [1, 3]
    assert len(fetch(sql("select n from t where n in :ns", ns=[]), url, arrow=arrow)) == 0


@EVERYWHERE
@BOTH_WAYS
@pytest.mark.parametrize(("word", "expected"), [(None, 25_000), ("w7", 1)])
def test_optional_filter_works_when_its_value_is_or_is_not_given(
    url: str,
    *,
    arrow: bool,
    word: str | None,
    expected: int,
) -> None:
    """The commonest form of an optional argument: (:word is null or word = :word)."""
    query = sql("select count(*) as n from t where :word is null or word = :word", word=word)

    assert fetch(query, url, arrow=arrow)["n"].tolist() == [expected]


@BOTH_WAYS
@pytest.mark.parametrize(
    ("expression", "value", "expected"),
    [
        ("date '2013-06-01' = :v", "2013-06-01", True),
        ("date '2013-06-01' = :v", dt.date(2013, 6, 1), True),
        ("date '2013-06-01' + :v = date '2013-06-02'", 1, True),
        (
            "timestamptz '2013-06-01 10:00Z' = :v",
            dt.datetime(2013, 6, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            True,
        ),
        ("time '10:00' = :v", dt.time(10), True),
        ("interval '1 day 2.5 seconds' = :v", dt.timedelta(days=1, seconds=2.5), True),
        ("1.10 = :v", Decimal("1.1"), True),
        ("2::numeric ^ 70 = :v", 2**70, True),
        ("'00000000-0000-0000-0000-000000000005'::uuid = :v", UUID(int=5), True),
        ("'00000000-0000-0000-0000-000000000005'::uuid = :v", str(UUID(int=5)), True),
        (r"'\x00ff'::bytea = :v", b"\x00\xff", True),
        ("""'{"a": 1}'::jsonb = :v""", {"a": 1}, True),
        ("2 = any(:v)", [1, 2], True),
        ("'a%s:b' = :v", "a%s:b", True),
        ("5 = any('{1}'::int[]) or :v", False, False),
    ],
)
def test_postgresql_compares_when_values_have_any_type(
    expression: str,
    value: object,
    *,
    expected: bool,
    arrow: bool,
    postgresql_url: str,
) -> None:
    """A value behaves like a literal in its place, on both ways."""
    frame = fetch(sql(f"select {expression} as fits", v=value), postgresql_url, arrow=arrow)

    assert frame["fits"].tolist() == [expected]


@EVERYWHERE
@BOTH_WAYS
def test_wrong_sql_shows_its_line_when_the_database_points_at_it(
    url: str, server: str, *, arrow: bool
) -> None:
    """The line and the caret are those of the user's text, not of what was sent."""
    with pytest.raises(SourceError) as caught:
        fetch(
            sql("select n,\n  :longer_than_a_mark as x, wrd\nfrom t", longer_than_a_mark=1),
            url,
            arrow=arrow,
        )

    message = str(caught.value)
    assert message.startswith("The source 'default' refused the query: ")
    assert message.endswith(
        f"\nLine 2:   :longer_than_a_mark as x, wrd\n{' ' * 36}^\nCorrect the SQL."
    )


def test_wrong_sql_gives_the_whole_sentence_when_postgresql_refuses(
    postgresql_with_table: str,
) -> None:
    """What the database said, where, and what to do."""
    with pytest.raises(SourceError) as caught:
        fetch(sql("select wrd from t"), postgresql_with_table)

    assert str(caught.value) == (
        "The source 'default' refused the query: column \"wrd\" does not exist.\n"
        "Line 1: select wrd from t\n"
        "               ^\n"
        "Correct the SQL."
    )


@EVERYWHERE
@BOTH_WAYS
def test_timeout_stops_the_query_when_it_runs_too_long(
    url: str, server: str, *, arrow: bool
) -> None:
    """The error is a TimeoutError, and the source works on."""
    slow = sql(
        "select count(*) as n from t a, t b, t c where (a.n + b.n) % (c.n + 7) = -1"
    ).timeout(0.2)

    with pytest.raises(SourceTimeoutError) as caught:
        fetch(slow, url, arrow=arrow)

    assert isinstance(caught.value, TimeoutError)
    assert str(caught.value) == (
        "The source 'default' took longer than its timeout of 0.2 seconds. "
        "Make the query select less, or raise the timeout with .timeout(seconds) or "
        "timeout_seconds."
    )
    assert len(fetch(sql("select n from t"), url, arrow=arrow)) == 25_000


@pytest.mark.parametrize("server", ["duckdb", "postgresql", "sqlite"])
@BOTH_WAYS
def test_session_is_read_only_when_nothing_else_is_set(
    url: str, *, arrow: bool, server: str
) -> None:
    """A statement that writes is refused, and nothing is written."""
    with pytest.raises(SourceError):
        fetch(sql("insert into t values (0, 'new') returning n"), url, arrow=arrow)

    assert fetch(sql("select count(*) as n from t"), url)["n"].tolist() == [25_000]


def test_postgresql_refuses_to_write_when_a_function_does(postgresql_with_table: str) -> None:
    """Read-only is the server's promise, not a look at the text."""
    with pytest.raises(SourceError) as caught:
        fetch(sql("select nextval('dspipe_numbers')"), make_sequence(postgresql_with_table))

    assert "cannot execute nextval() in a read-only transaction" in str(caught.value)


def make_sequence(url: str) -> str:
    """Make what only a writing session may use."""
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("create sequence if not exists dspipe_numbers")
    return url


@BOTH_WAYS
def test_connection_is_given_back_when_a_stream_is_abandoned(
    *, arrow: bool, postgresql_with_table: str
) -> None:
    """No cursor and no transaction stays open on the server after close()."""
    import psycopg

    config = make_config(postgresql_with_table, arrow=arrow)
    frames = sql("select n, word from t").iter_frames(batch_rows=10, config=config)
    next(frames)

    frames.close()

    with psycopg.connect(postgresql_with_table) as connection:
        open_ = connection.execute(
            "select count(*) from pg_stat_activity where state <> 'idle' and pid <> "
            "pg_backend_pid() "
            "and backend_type = 'client backend'"
        ).fetchone()
    assert open_ == (0,)


@pytest.mark.parametrize("server", ["duckdb", "sqlite"])
@BOTH_WAYS
def test_file_is_free_when_a_stream_is_abandoned(url: str, server: str, *, arrow: bool) -> None:
    """Another may write to the file as soon as the stream is closed."""
    frames = sql("select n from t").iter_frames(batch_rows=10, config=make_config(url, arrow=arrow))
    next(frames)

    frames.close()

    path = url.partition("///")[2]
    if server == "duckdb":
        import duckdb

        with duckdb.connect(path) as writer:
            writer.execute("insert into t values (0, 'new')")
    else:
        connection = sqlite3.connect(path, timeout=0)
        with connection:
            connection.execute("insert into t values (0, 'new')")
        connection.close()
    assert len(fetch(sql("select n from t"), url, arrow=arrow)) == 25_001


@BOTH_WAYS
def test_connections_are_reused_when_queries_follow_each_other(
    *, arrow: bool, postgresql_with_table: str
) -> None:
    """The same server process answers the next query."""
    query = sql("select pg_backend_pid() as pid")

    pids = {fetch(query, postgresql_with_table, arrow=arrow)["pid"].item() for _ in range(3)}

    assert len(pids) == 1


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """Start a server that a test may kill."""
    server, folder = make_server()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_next_run_works_when_the_server_was_killed_and_restarted(
    own_server: PostgresServer,
) -> None:
    """While it is down the error says so; then dead connections are replaced, on both ways."""
    query = sql("select 1 as one where :x = 1", x=1)
    for arrow in (True, False):
        fetch(query, own_server.url, arrow=arrow)
    own_server.stop()
    with pytest.raises(SourceError) as caught:
        fetch(query, own_server.url)
    own_server.start()

    answers = [fetch(query, own_server.url, arrow=arrow)["one"].tolist() for arrow in (True, False)]

    assert answers == [[1], [1]]
    assert f"cannot be reached at 127.0.0.1:{own_server.port}: " in str(caught.value)


@BOTH_WAYS
def test_stream_fails_with_a_sentence_when_the_server_dies_under_it(
    *,
    arrow: bool,
    own_server: PostgresServer,
) -> None:
    """A stream that breaks is an error, never a short answer."""
    query = sql(
        "select i, repeat('x', 1000) as pad from generate_series(1, 300000) i where i > :x", x=0
    )
    frames = query.iter_frames(batch_rows=1_000, config=make_config(own_server.url, arrow=arrow))
    next(frames)
    own_server.stop()

    with pytest.raises(SourceUnavailableError) as caught:
        list(frames)

    own_server.start()
    assert str(caught.value).startswith("The source 'default' failed while it sent the rows: ")


@BOTH_WAYS
def test_unreachable_database_is_named_without_its_password(*, arrow: bool) -> None:
    """Host, port and source are in the message; the password is nowhere in the chain."""
    port = find_free_port()
    url = f"postgresql://ann:{PASSWORD}@127.0.0.1:{port}/shop"

    with pytest.raises(SourceError) as caught:
        fetch(sql("select 1"), url, arrow=arrow)

    message = str(caught.value)
    assert message.startswith(f"The source 'default' cannot be reached at 127.0.0.1:{port}: ")
    assert message.endswith(
        "Check that the database runs and that its url in [tool.dspipe.sources] is right."
    )
    assert PASSWORD not in message + str(caught.value.__cause__)


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_missing_file_is_an_error_when_a_driver_would_create_it(
    dialect: str, tmp_path: Path
) -> None:
    """A misspelt path is no empty database."""
    with pytest.raises(SourceError) as caught:
        fetch(sql("select 1"), f"{dialect}:///{tmp_path}/no.db")

    assert str(caught.value) == (
        f"The source 'default' reads the file {tmp_path}/no.db, which does not exist. "
        f"Create it, or correct the url in [tool.dspipe.sources]."
    )
    assert not (tmp_path / "no.db").exists()


def test_unknown_source_offers_the_closest_name() -> None:
    """The message lists what there is and says where to add one."""
    with pytest.raises(SourceError) as caught:
        open_source("defalt", make_config("sqlite://"))

    assert str(caught.value) == (
        "There is no source named 'defalt'. Known sources: 'default'. Did you mean 'default'? "
        "Add it to [tool.dspipe.sources] in /pyproject.toml, or set DSPIPE_SOURCE_DEFALT."
    )


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "oracel://ann:s3cret@db/x",
            "The source 'default' has the dialect 'oracel', which SQLAlchemy does not know. "
            "Correct its url, or install the package that brings the dialect.",
        ),
        (
            "oracle://ann:s3cret@db:port/x",
            "The url of source 'default' cannot be read. "
            "Write it as dialect://user:password@host:port/database.",
        ),
        (
            "duckdb://data/x.duckdb",
            "The url of source 'default' names a host, which duckdb has not. "
            "Write three slashes before the file: duckdb:///data/shop.duckdb",
        ),
    ],
)
def test_url_is_refused_when_it_cannot_be_read(url: str, message: str) -> None:
    """The message never shows the url: it may hold a password."""
    with pytest.raises(ConfigurationError) as caught:
        open_source("default", make_config(url))

    assert str(caught.value) == message


@pytest.mark.parametrize("server", ["duckdb", "sqlite"])
def test_nothing_is_committed_when_a_source_may_write(url: str) -> None:
    """A statement runs once, and its transaction is rolled back: sources are for reading."""
    query = sql("insert into t values (0, 'new') returning n")

    frame = fetch(query, url, read_only=False, arrow=False)

    assert frame["n"].tolist() == [0]
    assert fetch(sql("select count(*) as n from t"), url)["n"].tolist() == [25_000]


def test_any_dialect_streams_when_sqlalchemy_has_it(tmp_path: Path) -> None:
    """Where no declared types are known, the first rows decide."""
    connection = sqlite3.connect(tmp_path / "t.sqlite")
    with connection:
        connection.execute("create table t (n integer, word text, part real, empty)")
        connection.execute("insert into t values (1, 'a', 1.5, null), (2, null, 2, null)")
    connection.close()
    query = sql("select n, word, part, empty, '50%' as share from t where n >= :least", least=1)

    frame = fetch(query, f"sqlite+pysqlite:///{tmp_path / 't.sqlite'}")

    expected = ["Int64", str(pd.Series(["a"]).dtype), "float64", "float64"]
    assert [str(dtype) for dtype in frame.dtypes[:4]] == expected
    assert frame["share"].tolist() == ["50%", "50%"]


def test_timeout_is_refused_when_the_dialect_has_none(tmp_path: Path) -> None:
    """A limit that nobody keeps is worse than none."""
    with pytest.raises(ConfigurationError) as caught:
        fetch(sql("select 1").timeout(5), f"sqlite+pysqlite:///{tmp_path / 't.sqlite'}")

    assert str(caught.value) == (
        "The source 'default' has a timeout of 5 seconds, and dspipe cannot set one for sqlite. "
        "Leave the timeout out."
    )


@EVERYWHERE
@BOTH_WAYS
def test_columns_are_refused_when_two_share_a_name(url: str, *, arrow: bool) -> None:
    """A frame could not tell them apart; no database may rename one silently."""
    with pytest.raises(SourceError) as caught:
        fetch(sql("select n as a, word as a from t where n < :most", most=3), url, arrow=arrow)

    assert str(caught.value) == (
        "The query returns more than one column named 'a'. Give each column its own name with AS."
    )


@EVERYWHERE
@BOTH_WAYS
def test_columns_are_read_when_their_names_only_look_renamed(url: str, *, arrow: bool) -> None:
    """A user may well number the columns herself."""
    frame = fetch(sql("select n as a, word as a_1 from t where n = :n", n=3), url, arrow=arrow)

    assert frame.to_dict("records") == [{"a": 3, "a_1": "w3"}]


def test_source_is_the_same_when_its_settings_are() -> None:
    """Pools live as long as the process, until close_all."""
    config = make_config("sqlite:///:memory:")
    first = open_source("default", config)

    assert open_source("default", config) is first

    close_all()
    assert open_source("default", config) is not first


@EVERYWHERE
def test_streams_run_side_by_side_when_threads_share_a_source(url: str) -> None:
    """One stream a thread, one source for all."""
    totals: list[int] = []

    def work() -> None:
        frames = sql("select n from t where n > :n", n=0).iter_frames(
            batch_rows=1_000, config=make_config(url)
        )
        totals.append(sum(int(frame["n"].sum()) for frame in frames))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert totals == [25_000 * 25_001 // 2] * 4


def test_file_of_sql_is_found_when_it_lies_beside_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller's folder comes first, then the working directory; the error names both."""
    (tmp_path / "features.sql").write_text("select :x", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert sql.file("features.sql", x=1).statement.text == "select :x"
    with pytest.raises(QueryError) as caught:
        sql.file("missing.sql")

    here = Path(__file__).resolve().parent
    assert str(caught.value) == (
        f"The SQL file 'missing.sql' was not found. Looked for {here / 'missing.sql'} and "
        f"{tmp_path / 'missing.sql'}. Give a path relative to the calling file or to the working "
        "directory."
    )


def test_query_shows_itself_without_running() -> None:
    """The HTML holds text, values and source, escaped."""
    query = sql("select a < :limit", limit="<b>").on("warehouse")

    html = query._repr_html_()

    assert repr(query) == "Query('select a < :limit', source='warehouse')"
    assert all(
        part in html for part in ("select a &lt; :limit", "&#x27;&lt;b&gt;&#x27;", "warehouse")
    )


def test_query_head_gives_the_first_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at the data without reading all of it."""
    monkeypatch.setenv("DSPIPE_SOURCE_DEFAULT", "duckdb:///:memory:")
    query: Query = sql("select i from range(100000) t(i)")

    assert query.head(3)["i"].tolist() == [0, 1, 2]
    assert len(query.to_frame()) == 100_000
