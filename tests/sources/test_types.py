"""Both ways of reading give the same frame, and its dtypes come from the declared types alone."""

import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sources.answers import TYPES, fetch

from dspipe.errors import SourceError
from dspipe.sources import sql

DUCKDB = "duckdb:///:memory:"
SERVERS = ["duckdb", "postgresql"]
TEXT = pd.Series(["a"]).dtype


@pytest.fixture(scope="module")
def postgresql_types(postgresql_url: str) -> str:
    """Give the server types of a user's own."""
    import psycopg

    with psycopg.connect(postgresql_url) as connection:
        connection.execute("drop type if exists dspipe_mood cascade")
        connection.execute("drop domain if exists dspipe_count cascade")
        connection.execute("create type dspipe_mood as enum ('a', 'b')")
        connection.execute("create domain dspipe_count as integer")
    return postgresql_url


@pytest.fixture(scope="module")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make a file with one table of all declared types: a row, and a row of NULL."""
    file = tmp_path_factory.mktemp("types") / "types.sqlite"
    declared = ", ".join(f"{name} {type_}" for name, type_, *_ in TYPES["sqlite"])
    values = ", ".join(value for _, _, value, _ in TYPES["sqlite"])
    nulls = ", ".join("NULL" for _ in TYPES["sqlite"])
    connection = sqlite3.connect(file)
    with connection:
        connection.execute(f"create table types ({declared})")
        connection.execute(f"insert into types values ({values}), ({nulls})")  # noqa: S608  a text of this test
    connection.close()
    return f"sqlite:///{file}"


def make_query(kind: str, rows: str) -> str:
    """Write a query for all types of a server: a value, NULL, both, or nothing."""
    values = ", ".join(f"{value} AS {name}" for name, value, _ in TYPES[kind])
    nulls = ", ".join(
        f"CASE WHEN 1 = 0 THEN {value} END AS {name}" for name, value, _ in TYPES[kind]
    )
    return {
        "value": f"SELECT {values}",
        "null": f"SELECT {nulls}",
        "both": f"SELECT {values} UNION ALL SELECT {nulls}",
        "none": f"SELECT * FROM (SELECT {values}) AS q WHERE 1 = 0",  # noqa: S608  a text of this test
    }[rows]


def assert_dtypes(frame: pd.DataFrame, expected: list[tuple[str, str]]) -> None:
    """Compare all dtypes at once."""
    actual = [(name, str(dtype)) for name, dtype in frame.dtypes.items()]
    wanted = [(name, str(TEXT) if kind == "text" else kind) for name, kind in expected]
    assert actual == wanted


@pytest.mark.parametrize("rows", ["value", "null", "both", "none"])
@pytest.mark.parametrize("kind", SERVERS)
def test_both_ways_give_the_same_frame_when_columns_have_every_type(
    kind: str, rows: str, postgresql_types: str
) -> None:
    """Dtypes are those of the table whether values, nulls or no rows come."""
    url = DUCKDB if kind == "duckdb" else postgresql_types
    query = sql(make_query(kind, rows))

    fast, slow = fetch(query, url), fetch(query, url, arrow=False)

    pd.testing.assert_frame_equal(fast, slow)
    assert_dtypes(fast, [(name, dtype) for name, _, dtype in TYPES[kind]])


@pytest.mark.parametrize("kind", SERVERS)
def test_each_type_gives_the_same_column_when_it_stands_alone(
    kind: str, postgresql_types: str
) -> None:
    """A column that only rows can carry must not hide whether the others agree in Arrow."""
    url = DUCKDB if kind == "duckdb" else postgresql_types
    for name, value, dtype in TYPES[kind]:
        query = sql(f"SELECT {value} AS {name} UNION ALL SELECT NULL WHERE :x = 1", x=1)

        fast, slow = fetch(query, url), fetch(query, url, arrow=False)

        pd.testing.assert_frame_equal(fast, slow)
        assert_dtypes(fast, [(name, dtype)])


@pytest.mark.parametrize("where", ["", " WHERE whole IS NULL", " WHERE 1 = 0"])
def test_both_ways_give_the_same_frame_when_sqlite_declares_types(
    sqlite_url: str, where: str
) -> None:
    """SQLite's declarations decide, whether or not there is a value."""
    for names in ("*", *[name for name, *_ in TYPES["sqlite"]]):
        query = sql(f"SELECT {names} FROM types{where}")  # noqa: S608  a text of this test

        fast, slow = fetch(query, sqlite_url), fetch(query, sqlite_url, arrow=False)

        pd.testing.assert_frame_equal(fast, slow)
        expected = [(name, dtype) for name, _, _, dtype in TYPES["sqlite"] if names in ("*", name)]
        assert_dtypes(fast, expected)


def test_values_are_exact_when_drivers_tempt_to_lose_them(postgresql_types: str) -> None:
    """Large whole numbers, padding, zones, years of 365 days and document types survive."""
    frame = fetch(sql(make_query("postgresql", "both")), postgresql_types)

    row = frame.iloc[0]
    assert row["bigint"] == 9_007_199_254_740_993
    assert row["char"] == "ab  "
    assert row["timestamptz"] == pd.Timestamp("2013-06-01 08:00", tz="UTC")
    assert row["interval"] == pd.Timedelta(days=428, seconds=4.5)
    assert (row["json"], row["jsonb_text"]) == ({"a": [1, None]}, "x")
    assert row["matrix"] == [[1, 2], [3, 4]]
    assert row["bytea"] == b"\x00\xff"
    assert frame.iloc[1].isna().all()


@pytest.mark.parametrize("arrow", [True, False])
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("timestamp", "timestamp 'infinity'"),
        ("timestamptz", "timestamptz '-infinity'"),
        ("date", "date 'infinity'"),
    ],
)
@pytest.mark.parametrize("server", SERVERS)
def test_infinity_is_refused_when_a_moment_holds_it(
    server: str,
    kind: str,
    value: str,
    *,
    arrow: bool,
    postgresql_url: str,
) -> None:
    """A driver would wrap it into another year, or fail without the column's name."""
    url = DUCKDB if server == "duckdb" else postgresql_url

    with pytest.raises(SourceError) as caught:
        fetch(sql(f"SELECT {value} AS until"), url, arrow=arrow)

    assert str(caught.value) == (
        f"Column 'until' holds a {kind} that is infinite or outside the years 1 to 9999. "
        f"A frame has no such value. "
        f"Replace it in the SQL, for example: CASE WHEN isfinite(until) THEN until END"
    )


@pytest.mark.parametrize("arrow", [True, False])
def test_a_whole_number_is_refused_when_it_exceeds_64_bits(*, arrow: bool) -> None:
    """DuckDB's HUGEINT may hold what Int64 cannot."""
    with pytest.raises(SourceError) as caught:
        fetch(sql("SELECT 99999999999999999999::HUGEINT AS n"), DUCKDB, arrow=arrow)

    assert str(caught.value) == (
        "Column 'n' holds a whole number outside the range of a 64-bit integer. "
        "Convert it in the SQL, for example: CAST(n AS DOUBLE PRECISION) or to text."
    )


@pytest.mark.parametrize("arrow", [True, False])
@pytest.mark.parametrize(
    ("values", "found", "expected"),
    [
        ("case when i < 15000 then 1 else 'x' end", "str", "integer"),
        ("case when i < 15000 then 1 else 1.5 end", "float", "integer"),
        ("case when i < 15000 then 1.5 else 'x' end", "str", "float"),
        ("case when i < 15000 then 'x' else 1 end", "int", "text"),
        ("case when i < 15000 then null else 'x' end", "str", "only NULL"),
    ],
)
def test_sqlite_is_refused_when_an_expression_changes_its_kind_late(
    values: str,
    found: str,
    expected: str,
    *,
    arrow: bool,
) -> None:
    """The first rows decide; a later value of another kind is no silent conversion."""
    numbers = "with recursive n(i) as (select 0 union all select i + 1 from n where i < 20000)"

    with pytest.raises(SourceError) as caught:
        fetch(sql(f"{numbers} select {values} as v from n"), "sqlite:///:memory:", arrow=arrow)  # noqa: S608  a text of this test

    assert str(caught.value) == (
        f"Column 'v' holds a value of type {found}, where its other values or its declaration "
        f"say {expected}. A column has one type. Convert it in the SQL: CAST(v AS ...)."
    )


@pytest.mark.parametrize("arrow", [True, False])
@pytest.mark.parametrize(
    ("declared", "value", "found"),
    [
        ("INTEGER", "'abc'", "str"),
        ("INTEGER", "1.5", "float"),
        ("DATE", "20130601", "int"),
        ("BOOLEAN", "2", "int"),
        ("BLOB", "'abc'", "str"),
    ],
)
def test_sqlite_is_refused_when_a_value_breaks_its_declaration(
    declared: str,
    value: str,
    found: str,
    *,
    arrow: bool,
    tmp_path: Path,
) -> None:
    """SQLite lets any value into any column; a frame does not."""
    connection = sqlite3.connect(tmp_path / "x.sqlite")
    with connection:
        connection.execute(f"create table t (v {declared})")
        connection.execute(f"insert into t values ({value})")  # noqa: S608  a text of this test
    connection.close()

    with pytest.raises(SourceError) as caught:
        fetch(sql("select v from t"), f"sqlite:///{tmp_path / 'x.sqlite'}", arrow=arrow)

    assert f"Column 'v' holds a value of type {found}," in str(caught.value)


@given(batch_rows=st.integers(1, 45_000) | st.integers(1, 40), n_rows=st.sampled_from([0, 1, 40]))
def test_batches_rejoin_to_the_whole_when_cut_at_any_size(batch_rows: int, n_rows: int) -> None:
    """Every batch but the last has exactly its rows, all dtypes are equal, and nothing is lost."""
    check_batches(n_rows, batch_rows)


@pytest.mark.parametrize("batch_rows", [7_000, 9_999, 10_000, 10_001, 25_000, 50_000, 60_000])
def test_batches_rejoin_to_the_whole_when_the_answer_is_long(batch_rows: int) -> None:
    """The same, across the chunks in which drivers deliver."""
    check_batches(50_000, batch_rows)


def check_batches(n_rows: int, batch_rows: int) -> None:
    """Compare a stream with the whole, on both ways."""
    from sources.answers import make_config

    query = sql(
        "SELECT i, CASE WHEN i > 20 THEN i END AS late, i % 7 = 0 AS flag, i::VARCHAR AS word "
        "FROM range(:n) AS t(i)",
        n=n_rows,
    )
    whole = fetch(query, DUCKDB)
    for arrow in (True, False):
        config = make_config(DUCKDB, arrow=arrow)

        batches = list(query.iter_frames(batch_rows=batch_rows, config=config))

        full = [batch_rows] * (n_rows // batch_rows)
        assert [len(batch) for batch in batches] == (
            full + [n_rows % batch_rows] * bool(n_rows % batch_rows) or [0]
        )
        assert all(batch.dtypes.equals(whole.dtypes) for batch in batches)
        assert all(isinstance(batch.index, pd.RangeIndex) for batch in batches)
        pd.testing.assert_frame_equal(pd.concat(batches, ignore_index=True), whole)
