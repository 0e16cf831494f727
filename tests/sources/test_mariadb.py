"""A real MariaDB or MySQL, where one is installed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pymysql
import pytest
from postgres import find_free_port
from sources.answers import fetch, make_config

from dspipe._deadline import time_limit
from dspipe.errors import SourceAuthenticationError, SourceError, SourceTimeoutError
from dspipe.sources import sql

SERVER = shutil.which("mariadbd") or shutil.which("mysqld")
pytestmark = pytest.mark.skipif(SERVER is None, reason="neither mariadbd nor mysqld is on the PATH")


@pytest.fixture(scope="module")
def mysql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server of our own on a free port, without a password."""
    folder = tmp_path_factory.mktemp("mysql")
    port, user = find_free_port(), ["--user=root"] if os.getuid() == 0 else []
    install = shutil.which("mariadb-install-db")
    prepare = [install, f"--datadir={folder / 'data'}", "--auth-root-authentication-method=normal"]
    if install is None:
        prepare = [SERVER, "--initialize-insecure", f"--datadir={folder / 'data'}"]
    subprocess.run([str(part) for part in [*prepare, *user]], check=True, capture_output=True)
    options = [f"--datadir={folder / 'data'}", f"--port={port}", f"--socket={folder / 's'}"]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [str(SERVER), "--no-defaults", *options, "--bind-address=127.0.0.1", *user],
        stderr=log,
        stdout=log,
    )
    try:
        wait_until_ready(folder / "log", process)
        yield f"mysql://root@127.0.0.1:{port}/mysql"
    finally:
        process.terminate()
        process.wait(timeout=60)
        log.close()


def wait_until_ready(log: Path, process: "subprocess.Popen[bytes]") -> None:
    """Read the log until the server says that it takes connections."""
    while b"ready for connections" not in log.read_bytes():
        assert process.poll() is None, log.read_text()


def test_mariadb_gives_declared_types_when_values_are_null(mysql_url: str) -> None:
    """Types come from the protocol, so NULL changes nothing."""
    port = int(mysql_url.rpartition(":")[2].partition("/")[0])
    connection = pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute("create database if not exists dspipe")
        cursor.execute(
            "create or replace table dspipe.t (i bigint, d decimal(10, 2), f double, x varchar(5), "
            "b blob, "
            "day date, at datetime(6), took time, j json)"
        )
        cursor.execute(
            "insert into dspipe.t values (9007199254740993, 1.25, 1.5, 'é', x'00ff', '2013-06-01', "
            "'2013-06-01 10:00:00.5', '10:00:00', '{}')"
        )
        cursor.execute("insert into dspipe.t (i) values (null)")

    frame = fetch(sql("select * from dspipe.t where :x = 1", x=1), mysql_url)

    text = str(pd.Series(["a"]).dtype)
    assert [str(dtype) for dtype in frame.dtypes[:8]] == [
        "Int64", "float64", "float64", text, "object",
        "datetime64[s]", "datetime64[us]", "timedelta64[us]",
    ]  # fmt: skip
    assert frame["i"].iloc[0] == 9_007_199_254_740_993


def test_mariadb_stops_and_stays_read_only(mysql_url: str) -> None:
    """Timeout, read-only session, wrong SQL, abandoned stream."""
    slow = sql("select count(*) from seq_1_to_100000 a, seq_1_to_100000 b where a.seq + b.seq = 1")
    with pytest.raises(SourceTimeoutError):
        fetch(slow.timeout(0.2), mysql_url)
    with pytest.raises(SourceError):
        fetch(sql("create table dspipe_new (a int)"), mysql_url)
    with pytest.raises(SourceError) as caught:
        fetch(sql("select 1,\n wrong from t"), mysql_url)
    frames = sql("select seq from seq_1_to_1000000").iter_frames(
        batch_rows=10, config=make_config(mysql_url)
    )
    next(frames)
    frames.close()

    assert "refused the query" in str(caught.value)


def test_mariadb_says_when_the_user_is_refused(mysql_url: str) -> None:
    """A wrong password is told by its cause, without the password."""
    with pytest.raises(SourceAuthenticationError) as caught:
        fetch(sql("select 1"), mysql_url.replace("root@", "ann:tulip@"))

    assert "refuses the user at 127.0.0.1:" in str(caught.value)
    assert "tulip" not in f"{caught.value}{caught.value.__cause__}"


def test_mariadb_stops_when_the_time_of_the_run_is_over(mysql_url: str) -> None:
    """Fractions of a second count, and a source without a timeout stops as well."""
    slow = sql("select count(*) from seq_1_to_100000 a, seq_1_to_100000 b where a.seq + b.seq = 1")
    fetch(sql("select 1 as one"), mysql_url)

    with pytest.raises(SourceTimeoutError) as caught, time_limit(0.35):
        fetch(slow, mysql_url)

    assert "when the time of this run was over." in str(caught.value)
