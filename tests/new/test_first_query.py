"""The first query of a user's own database: on a table that is there, else one to fill in."""

import sqlite3
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dspipe._config import Config, load_config
from dspipe.errors import DspipeError
from dspipe.new._first_query import describe_tables, make_first_query, make_query_to_fill_in

ORDERS = """
create table misc (a varchar, b integer);
create table "order" (order_id integer, ordered_at timestamp, "Net Amount" double precision);
insert into "order" values
    (1, timestamp '2026-01-05 10:00:00', 3.5), (2, timestamp '2026-01-06 23:00:00', 4.5);
"""


def settings_of(url: str, folder: Path) -> Config:
    """Give the settings of a repository with this source."""
    return load_config(folder, environ={"DSPIPE_SOURCE_DEFAULT": url})


def lines_of(text: str) -> list[str]:
    """Give the lines of a statement without the indentation that it has in the notebook."""
    return [line.strip() for line in text.split("\n")]


ORDERS_BY_DAY = [
    'select order_id, ordered_at, "Net Amount"',
    'from "order"',
    "where ordered_at >= :day and ordered_at < :end",
    "order by order_id",
]


def test_query_asks_a_table_of_duckdb_that_has_days_and_a_key(tmp_path: Path) -> None:
    """What happened on a day is what predictions are about; odd names are quoted."""
    with duckdb.connect(str(tmp_path / "own.duckdb")) as connection:
        connection.execute(ORDERS)

    query = make_first_query(settings_of(f"duckdb:///{tmp_path / 'own.duckdb'}", tmp_path))

    assert lines_of(query.text) == ORDERS_BY_DAY
    assert (query.key, query.table_name) == ("order_id", '"order"')
    assert query.day == date(2026, 1, 6)
    assert describe_tables(query.tables) == (
        "- `misc`: a (varchar), b (integer)\n"
        "- `order`: order_id (integer), ordered_at (timestamp), Net Amount (double)"
    )


def test_query_asks_a_table_of_sqlite(tmp_path: Path) -> None:
    """SQLite has no information schema, and the same query comes of it."""
    with sqlite3.connect(tmp_path / "own.sqlite") as connection:
        connection.executescript(ORDERS.replace("timestamp '", "'"))
    connection.close()

    query = make_first_query(settings_of(f"sqlite:///{tmp_path / 'own.sqlite'}", tmp_path))

    assert lines_of(query.text) == ORDERS_BY_DAY
    assert query.day == date(2026, 1, 6)


def test_query_asks_a_table_of_postgresql_in_its_schema(
    postgresql_url: str, tmp_path: Path
) -> None:
    """A schema that is nobody's default is part of the name."""
    import sqlalchemy as sa

    engine = sa.create_engine(postgresql_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.exec_driver_sql("drop schema if exists sales cascade")
        connection.exec_driver_sql("create schema sales")
        connection.exec_driver_sql(f"set search_path to sales; {ORDERS}")

    query = make_first_query(settings_of(postgresql_url, tmp_path))

    with engine.begin() as connection:
        connection.exec_driver_sql("drop schema sales cascade")
    engine.dispose()
    assert query.table_name == 'sales."order"'
    assert lines_of(query.text)[1] == 'from sales."order"'
    assert query.day == date(2026, 1, 6)


def test_query_asks_the_first_rows_where_no_column_is_a_day(tmp_path: Path) -> None:
    """Without days the number of rows is the argument; many columns are named in a comment."""
    columns = ", ".join(f"c{n} integer" for n in range(14))
    with duckdb.connect(str(tmp_path / "own.duckdb")) as connection:
        connection.execute(f"create table wide ({columns})")

    query = make_first_query(settings_of(f"duckdb:///{tmp_path / 'own.duckdb'}", tmp_path))

    assert query.day is None
    assert lines_of(query.text) == [
        f"select {', '.join(f'c{n}' for n in range(12))}",
        "-- and: c12, c13",
        "from wide",
        "order by c0",
        "limit :most_rows",
    ]


@pytest.mark.parametrize("tables", ["", "create table days (day_id integer, day date)"])
def test_query_begins_today_where_no_day_has_rows(tmp_path: Path, tables: str) -> None:
    """An empty database, or an empty table, is no failure."""
    with duckdb.connect(str(tmp_path / "own.duckdb")) as connection:
        connection.execute(tables or "select 1")

    query = make_first_query(settings_of(f"duckdb:///{tmp_path / 'own.duckdb'}", tmp_path))

    assert query.day is not None
    assert query.day >= date(2026, 1, 1)
    assert bool(query.tables) == bool(tables)


def test_database_that_does_not_answer_is_an_error(tmp_path: Path) -> None:
    """Whoever asks decides what to do without it."""
    with pytest.raises(DspipeError, match=r"absent\.duckdb"):
        make_first_query(settings_of(f"duckdb:///{tmp_path / 'absent.duckdb'}", tmp_path))


def test_query_to_fill_in_names_a_table_that_nobody_has() -> None:
    """It shows the form, and does not pretend to know."""
    query = make_query_to_fill_in()

    assert lines_of(query.text) == [
        "select id, happened_at",
        "from your_table",
        "where happened_at >= :day and happened_at < :end",
        "order by id",
    ]
    assert query.tables == ()
