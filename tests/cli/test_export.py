"""Exporting models from the command line."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.conftest import Invoke
from sklearn.linear_model import LogisticRegression

from dspipe import PredictionPipeline
from dspipe.predictors import SklearnPredictor, save_sklearn

FEATURES = pd.DataFrame(
    {"x": np.linspace(-1, 1, 30), "code": pd.Series([f"{n:03}" for n in range(30)], dtype="str")}
)
MODEL = LogisticRegression().fit(FEATURES[["x"]], FEATURES["x"] > 0)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a model."""
    monkeypatch.chdir(tmp_path)
    save_sklearn(MODEL, "models/late", features=FEATURES[["x"]])
    return Path("models/late")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_export_writes_a_folder_beside_the_model(model: Path, invoke: Invoke, ending: str) -> None:
    """Rows come from a file; the last line is the one to change in the pipeline."""
    rows = Path(f"rows.{ending}")
    FEATURES.to_csv(rows, index=False) if ending == "csv" else FEATURES.to_parquet(rows)

    done = invoke("export", "onnx", model, "--rows", rows)

    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "models/late_onnx: LogisticRegression of models/late, as ONNX."
    assert lines[1].startswith("Compared on 2,030 rows (30 real ones): the largest difference is ")
    assert lines[2] == "Both refuse 8 made-up rows, with nulls or new categories."
    assert lines[3] == ('Use it in the pipeline: predictor = OnnxPredictor("models/late_onnx")')
    assert Path("models/late_onnx/model.onnx").is_file()


def test_export_compares_on_the_golden_runs_of_the_model(model: Path, invoke: Invoke) -> None:
    """Without a file, the rows are those that reached the model when a run was recorded."""

    class Late(PredictionPipeline):
        key = "code"
        predictor = SklearnPredictor(model)

        def extract(self) -> pd.DataFrame:
            return FEATURES

    Late().run().record(folder=Path("golden"))

    done = invoke("export", "onnx", model, "--out", "made", "--golden", "golden", "--json")

    answer = json.loads(done.stdout)
    assert answer["folder"] == "made"
    assert answer["n_real_rows"] == 30
    assert answer["from_model_id"] == SklearnPredictor(model).model_id


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            (),
            "There are no real rows to compare the export of models/late on: no golden run in "
            "{here}/golden was made with its model, {model_id}. Record a run of a pipeline that "
            "uses it, or give a file of features with --rows.",
        ),
        (
            ("--rows", "none.csv"),
            "There is no file none.csv. Give a Parquet or CSV file of features.",
        ),
        (
            ("--rows", "rows.json"),
            "The rows in rows.json cannot be read: it is neither a .parquet nor a .csv file. Write "
            "the features with DataFrame.to_parquet.",
        ),
        (
            ("--rows", "empty.csv"),
            "The rows in empty.csv cannot be read: No columns to parse from file. Give a Parquet "
            "or CSV file of features.",
        ),
    ],
)
def test_export_says_which_rows_it_needs(
    model: Path, invoke: Invoke, options: tuple[str, ...], message: str
) -> None:
    """No export without rows to compare on."""
    Path("empty.csv").touch()

    done = invoke("export", "onnx", model, *options)

    expected = message.format(here=Path.cwd(), model_id=SklearnPredictor(model).model_id)
    assert done.exit_code == 1
    assert " ".join(done.stderr.split()) == f"Error: {expected}"
