"""Sources without pyarrow and ADBC: the same frames, from a process that cannot import them."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from sources.answers import fetch

from dspipe.sources import sql

CHILD = """
import importlib.abc, json, sys

BLOCKED = {blocked!r}

class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)
        return None

sys.meta_path.insert(0, Blocker())
from pathlib import Path
from dspipe._config import Config, SourceSettings
from dspipe.sources import sql

config = Config(Path("/"), {{"default": SourceSettings("default", sys.argv[1])}})
try:
    frame = next(sql(sys.argv[2], x=1).iter_frames(batch_rows=None, config=config))
except Exception as error:
    print(json.dumps([type(error).__name__, str(error)]))
else:
    print(json.dumps([[str(dtype) for dtype in frame.dtypes],
    frame.astype(object).map(repr).values.tolist()]))
assert not BLOCKED & set(sys.modules)
"""
ARROW = {"pyarrow", "adbc_driver_manager", "adbc_driver_postgresql", "adbc_driver_sqlite"}


def run_child(url: str, text: str, blocked: set[str]) -> list[object]:
    """Run a query in a process that lacks some packages."""
    result = subprocess.run(
        [sys.executable, "-c", CHILD.format(blocked=blocked), url, text],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    answer: list[object] = json.loads(result.stdout)
    return answer


def describe(frame: pd.DataFrame) -> list[object]:
    """Say dtypes and values as the child does."""
    values = frame.astype(object).map(repr)
    return [[str(dtype) for dtype in frame.dtypes], values.to_numpy().tolist()]


MOMENTS = "date '2013-06-01' as d, timestamptz '2013-06-01 10:00:00Z' as tz"
COMMON = "cast(1 as integer) as i, cast(null as integer) as n, 'é' as t, cast(1.5 as real) as r"


@pytest.mark.parametrize("server", ["duckdb", "postgresql", "sqlite"])
def test_frames_are_equal_when_arrow_is_not_installed(
    server: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """What ships to Lambda has no pyarrow, and must compute the same features."""
    if server == "postgresql":
        url = str(request.getfixturevalue("postgresql_url"))
        text = f"select {COMMON}, {MOMENTS}, 1.10 as a where :x = 1"
    elif server == "duckdb":
        url = "duckdb:///:memory:"
        text = f"select {COMMON}, {MOMENTS}, 1.10 as a where :x = 1"
    else:
        (tmp_path / "x.db").touch()  # an empty file is an empty database
        url, text = (
            f"sqlite:///{tmp_path / 'x.db'}",
            "select 1 as i, 'é' as t, 1.5 as r, null as n where :x = 1",
        )

    answer = run_child(url, text, ARROW)

    assert answer == describe(fetch(sql(text, x=1), url))


@pytest.mark.parametrize(
    ("package", "url", "needed"),
    [
        ("duckdb", "duckdb:///:memory:", "duckdb>=1.4"),
        ("psycopg", "postgresql://ann@127.0.0.1/x", "psycopg[binary]>=3.2"),
        ("pymysql", "mysql://ann@127.0.0.1/x", "pymysql>=1.1.1"),
    ],
)
def test_missing_driver_is_named_with_its_version(package: str, url: str, needed: str) -> None:
    """The message is the command to run."""
    kind, message = run_child(url, "select :x", {package})

    assert kind == "MissingExtraError"
    assert str(message).startswith(
        f"The source 'default' needs the package '{package}', which cannot be imported"
    )
    assert str(message).endswith(f"Run: pip install '{needed}'")
