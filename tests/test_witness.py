"""A run keeps a bounded part of its rows; what ships keeps none and needs no workshop."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
from pipelines import GivesFrame

from dspipe import _runtime
from dspipe.package._shipped import iter_shipped


def test_run_keeps_rows_and_their_features() -> None:
    """What a recording needs is there without asking again."""
    kept = GivesFrame().run(n_rows=3).kept

    assert kept is not None
    pd.testing.assert_frame_equal(
        kept.extracted[0], pd.DataFrame({"row_id": [0, 1, 2], "size": [0.0, 1.0, 2.0]})
    )
    assert kept.features[0]["size"].to_dict() == {0: 0.0, 1: 1.0, 2: 2.0}


def test_large_run_keeps_no_more_than_it_may() -> None:
    """Memory does not grow with the run."""
    kept = GivesFrame(batch_rows=700).run(n_rows=5_000).kept

    assert kept is not None
    assert 1_000 <= sum(map(len, kept.extracted)) == sum(map(len, kept.features)) <= 4_000
    assert kept.n_rows == 5_000


def test_scored_rows_and_parts_keep_nothing() -> None:
    """What a function in Lambda does costs nothing for golden runs."""
    rows = pd.DataFrame({"row_id": [1], "size": [2.0]})

    assert GivesFrame().score(rows).kept is None
    assert _runtime.run_part(GivesFrame(), {"n_rows": 2}).run.kept is None
    assert _runtime.score_part(GivesFrame(), rows, {}).run.kept is None


def test_record_says_where_it_belongs_when_there_is_no_workshop(tmp_path: Path) -> None:
    """In a package for Lambda a run can be made, and record says why it cannot be recorded."""
    for name, path in iter_shipped():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).symlink_to(path)
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
        f"sys.path.append({str(Path(__file__).parent)!r})\n"
        "from pipelines import GivesFrame\n"
        "try: GivesFrame().run().record()\n"
        "except ImportError as error: print(error)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == (
        "Run.record belongs to the workshop of dspipe, which is not in a package for Lambda. Call "
        "it where dspipe is installed as a whole."
    )
