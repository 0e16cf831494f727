"""The record of a run: what it says of itself, and the files it writes."""

import os
import subprocess
from datetime import UTC
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from pipelines import GivesFrame

from dspipe import Run
from dspipe._provenance import find_commit
from dspipe.predictors import MockPredictor


@pytest.fixture
def run() -> Run:
    """Score ten rows, one of which is rejected."""
    rows = pd.DataFrame({"row_id": [f"{n:03}" for n in range(10)], "size": np.arange(10.0)})
    rows.loc[4, "size"] = np.nan
    return GivesFrame(on_bad_row="reject").score(rows)


def test_run_tells_its_vital_numbers_in_one_line(run: Run) -> None:
    """The repr names pipeline, predictions, rejected rows and time."""
    assert repr(run).startswith("<Run of GivesFrame: 9 predictions, 1 rejected, ")
    assert repr(run).endswith(" s>")


def test_run_keeps_the_key_in_parquet(run: Run, tmp_path: Path) -> None:
    """Leading zeros and predictions are read back as they were, with the provenance."""
    path = run.to_parquet(tmp_path / "new" / "run.parquet")

    back = pd.read_parquet(path).set_index("row_id")
    facts = pq.read_schema(path).metadata
    pd.testing.assert_frame_equal(back, run.predictions)
    assert facts[b"dspipe.pipeline"] == b"GivesFrame"


def test_run_writes_a_page_that_stands_alone(run: Run, tmp_path: Path) -> None:
    """The report names stages, rejected rows and reasons, and asks for no other file."""
    path = run.to_html(tmp_path / "new" / "run.html")

    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "1 row rejected" in page
    assert "the prediction is null or not finite" in page
    assert "src=" not in page
    assert "href=" not in page


def test_display_of_a_run_escapes_what_users_wrote() -> None:
    """A key is text, never markup."""
    rows = pd.DataFrame({"row_id": ["<script>alert(1)</script>"], "size": [1.0]})

    shown = GivesFrame().score(rows)._repr_html_()

    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_preview_shows_the_stages_side_by_side() -> None:
    """A preview is drawn with a part for every stage."""
    shown = GivesFrame().preview(2)._repr_html_()

    assert [shown.count(f"<h4>{stage}</h4>") for stage in ("extract", "features", "predict")] == [
        1,
        1,
        1,
    ]


def test_provenance_names_the_model_and_the_time_in_utc(run: Run) -> None:
    """Who made a prediction, and as of when."""
    assert run.provenance.pipeline == "GivesFrame"
    assert run.provenance.as_of.tzinfo is UTC
    assert run.provenance.model_id == GivesFrame().predictor.model_id  # type: ignore[union-attr]  # it has one


def git(folder: Path, *words: str) -> str:
    """Run git in a folder with a name of its own."""
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    command = ["git", *identity, *words]
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


PIPELINE = """
import pandas as pd
from dspipe import PredictionPipeline
class Committed(PredictionPipeline):
    key = "id"
    def extract(self) -> pd.DataFrame:
        return pd.DataFrame({"id": [1]})
    def predict(self, features: pd.DataFrame) -> object:
        return features.assign(prediction=1.0)
"""


def load_pipeline(path: Path) -> type:
    """Import a pipeline from a file."""
    import importlib.util

    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    import sys

    sys.modules[path.stem] = module
    pipeline: type = module.Committed
    return pipeline


def test_commit_follows_the_repository_of_the_pipeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit counts, with "-modified" behind it while the file differs from it."""
    monkeypatch.delenv("DSPIPE_COMMIT", raising=False)
    file = tmp_path / "committed_pipeline.py"
    file.write_text(PIPELINE, encoding="utf-8")
    pipeline = load_pipeline(file)

    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    committed = find_commit(pipeline)
    file.write_text(PIPELINE + "\n# changed\n", encoding="utf-8")
    os.utime(file, (1, 1))
    modified = find_commit(pipeline)
    git(tmp_path, "commit", "--quiet", "-am", "second")
    again = find_commit(pipeline)

    head = git(tmp_path, "rev-parse", "HEAD")
    first = git(tmp_path, "rev-parse", "HEAD~1")
    assert [committed, modified, again] == [first, f"{first}-modified", head]


def test_commit_comes_from_the_environment_of_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package carries no repository; it was told its commit when it was built."""
    monkeypatch.setenv("DSPIPE_COMMIT", "abc123")

    run = GivesFrame(predictor=MockPredictor(1.0)).run(n_rows=1)

    assert run.provenance.commit == "abc123"
