"""A function that is restored from a snapshot has fresh connections and fresh randomness."""

import random
import sqlite3
from pathlib import Path

from aws.runtime_api import SnapStartRuntime

# Registered first, so it runs last before the snapshot: hooks run in the reverse order there.
PROBE = """
import random

from snapshot_restore_py import register_before_snapshot

seen = []
register_before_snapshot(lambda: seen.append(list(opened)))

from dspipe.aws_lambda import handler as answer
from dspipe.sources import open_source
from dspipe.sources._open import _opened as opened

open_source()
assert opened
random.seed(7)


def handler(event, context):
    return {"seen": seen, "drawn": random.random(), "answer": answer(event, context)}
"""


def test_restored_function_has_fresh_connections_and_fresh_randomness(
    package_folder: Path, lambda_runtime: Path, tmp_path: Path
) -> None:
    """What was open is closed before the snapshot, and copies do not draw the same numbers."""
    (tmp_path / "probe.py").write_text(PROBE, encoding="utf-8")
    sqlite3.connect(tmp_path / "shop.db").close()
    variables = {
        "PYTHONPATH": f"{tmp_path}:{package_folder}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LAMBDA_TASK_ROOT": str(package_folder),
        "DSPIPE_SOURCE_DEFAULT": f"sqlite:///{tmp_path}/shop.db",
    }

    with SnapStartRuntime(lambda_runtime, "probe.handler", variables) as runtime:
        kind, reply = runtime.invoke({"day": "2013-06-01"})

    assert kind == "response"
    assert reply["seen"] == [[]]
    assert reply["drawn"] != random.Random(7).random()  # noqa: S311 - no secret, a known sequence
    assert len(reply["answer"]["predictions"]) == 2
