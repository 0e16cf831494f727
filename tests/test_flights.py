"""The flights example on three databases: the same file, the same predictions."""

import importlib.util
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import psycopg
import pytest
from load import load_flights
from train import train_model

from dspipe import PredictionPipeline
from dspipe.sources import close_all

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "flights"
SCHEMA = (EXAMPLE / "schema.sql").read_text(encoding="utf-8")
FIRST, LAST, DAY = date(2013, 10, 1), date(2013, 10, 31), date(2013, 10, 7)
DATABASES = ("duckdb", "sqlite", "postgresql")
WAYS = pytest.mark.parametrize("way", ["arrow", "rows"])
ON_EACH_DATABASE = pytest.mark.parametrize("database", DATABASES)


@dataclass(frozen=True)
class Loaded:
    """A folder with a DuckDB file and a model, and the urls of all databases."""

    folder: Path
    urls: dict[str, str]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, postgresql_url: str) -> Iterator[Loaded]:
    """October in three databases, and a model trained on the first days of the year."""
    folder = tmp_path_factory.mktemp("flights")
    source = folder / "flights.duckdb"
    load_flights(source)
    urls = {
        "duckdb": f"duckdb:///{source}",
        "sqlite": _fill_sqlite(folder / "flights.sqlite", source),
        "postgresql": _fill_postgresql(postgresql_url, source),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSPIPE_SOURCE_DEFAULT", urls["duckdb"])
        learn, unseen = (date(2013, 1, 1), date(2013, 1, 7)), (date(2013, 1, 8), date(2013, 1, 9))
        train_model(folder / "models" / "flight_delay", learn=learn, unseen=unseen)
    yield Loaded(folder, urls)
    close_all()


@pytest.fixture(scope="module")
def expected(loaded: Loaded) -> pd.DataFrame:
    """Predict October, all at once, from DuckDB."""
    pipe = _make_pipeline(loaded, "duckdb", way="arrow", batch_rows=None)
    return pipe.run(day=FIRST, until=LAST).predictions


@ON_EACH_DATABASE
@WAYS
@pytest.mark.parametrize("batch_rows", [1000, None])
def test_flights_predictions_are_identical_for_a_month(
    loaded: Loaded, expected: pd.DataFrame, database: str, way: str, batch_rows: int | None
) -> None:
    """Neither the database, nor its driver, nor the size of a batch changes a prediction."""
    pipe = _make_pipeline(loaded, database, way=way, batch_rows=batch_rows)

    run = pipe.run(day=FIRST, until=LAST)

    assert len(run.predictions) == 28_889
    assert run.n_batches == (29 if batch_rows else 1)
    pd.testing.assert_frame_equal(run.predictions, expected, check_exact=True)


@ON_EACH_DATABASE
@WAYS
def test_flights_predictions_are_identical_one_row_at_a_time(
    loaded: Loaded, expected: pd.DataFrame, database: str, way: str
) -> None:
    """A row that is alone in its batch gets the answer that it gets among a month of others."""
    pipe = _make_pipeline(loaded, database, way=way, batch_rows=1)

    run = pipe.run(day=DAY, carrier="AA")

    assert run.n_batches == len(run.predictions) == 91
    pd.testing.assert_frame_equal(
        run.predictions, expected.loc[run.predictions.index], check_exact=True
    )


@ON_EACH_DATABASE
@WAYS
def test_flights_features_are_identical(loaded: Loaded, database: str, way: str) -> None:
    """Not the predictions alone: every feature has the same dtype and value."""
    pipe = _make_pipeline(loaded, database, way=way, batch_rows=None)
    reference = _make_pipeline(loaded, "duckdb", way="arrow", batch_rows=None)

    preview = pipe.preview(2_000, day=DAY)

    expected = reference.preview(2_000, day=DAY)
    pd.testing.assert_frame_equal(preview.extracted, expected.extracted, check_exact=True)
    pd.testing.assert_frame_equal(preview.features, expected.features, check_exact=True)


def _make_pipeline(
    loaded: Loaded, database: str, *, way: str, batch_rows: int | None
) -> PredictionPipeline:
    """Copy the example's files, unchanged, beside settings that name another database."""
    folder = loaded.folder / f"{database}-{way}"
    if not folder.exists():
        shutil.copytree(loaded.folder / "models", folder / "models")
        for name in ("flight_delay.py", "flights.sql"):
            shutil.copy(EXAMPLE / name, folder / name)
        use_arrow = "true" if way == "arrow" else "false"
        settings = f'default = {{ url = "{loaded.urls[database]}", arrow = {use_arrow} }}'
        (folder / "pyproject.toml").write_text(f"[tool.dspipe.sources]\n{settings}\n")
    spec = importlib.util.spec_from_file_location(folder.name, folder / "flight_delay.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[folder.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: PredictionPipeline = module.FlightDelay(batch_rows=batch_rows)
    return made


def _fill_sqlite(path: Path, source: Path) -> str:
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)

    def insert(table: str, rows: list[tuple[Any, ...]]) -> None:
        marks = ", ".join("?" * len(rows[0]))
        texts = (tuple(map(_to_sqlite, row)) for row in rows)
        connection.executemany(f"insert into {table} values ({marks})", texts)  # noqa: S608 - our own names

    _copy_tables(source, insert)
    connection.commit()
    connection.close()
    return f"sqlite:///{path}"


def _to_sqlite(value: Any) -> Any:
    """Write dates and times as text, as SQLite's own functions write them."""
    return str(value) if isinstance(value, date) else value


def _fill_postgresql(url: str, source: Path) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create database flights")
    own = f"{url.rpartition('/')[0]}/flights"
    with psycopg.connect(own) as connection:
        connection.execute(SCHEMA)

        def insert(table: str, rows: list[tuple[Any, ...]]) -> None:
            command = f"copy {table} from stdin"
            with connection.cursor().copy(command) as copy:
                for row in rows:
                    copy.write_row(row)

        _copy_tables(source, insert)
    return own


def _copy_tables(source: Path, insert: Callable[[str, list[tuple[Any, ...]]], None]) -> None:
    with duckdb.connect(str(source), read_only=True) as connection:
        flights = connection.execute(
            "select * from flights where day between ? and ?", [FIRST, LAST]
        ).fetchall()
        insert("flights", flights)
        for table in ("planes", "weather"):
            insert(table, connection.table(table).fetchall())
