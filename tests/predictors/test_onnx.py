"""The predictor of ONNX models: what it loads, what it takes, and what it refuses."""

import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from predictors.test_sklearn import change_card
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from dspipe.errors import ConfigurationError, MissingExtraError, ModelFolderError, PredictorError
from dspipe.export import export_onnx
from dspipe.predictors import OnnxPredictor, SklearnPredictor, save_sklearn
from dspipe.predictors._folder import sha256_of

FEATURES = pd.DataFrame(
    {
        "carrier": pd.Series(["AA", "BB", "CC", None] * 10, dtype="str"),
        "shade": pd.Categorical(["dark", "light"] * 20),
        "seats": pd.array(range(40), dtype="Int64"),
        "is_night": [True, False, False, True] * 10,
        "narrow": np.linspace(0, 1, 40, dtype="float32"),
    },
    index=pd.Index([f"{n:03}" for n in range(40)], name="id"),
)
LABELS = (np.arange(40) % 3).astype("int8")


def make_model(encoder: OneHotEncoder) -> Any:
    """Make a classification on text, a category and numbers."""
    columns = make_column_transformer((encoder, ["carrier", "shade"]), remainder="passthrough")
    return make_pipeline(columns, LogisticRegression(max_iter=2_000))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save and export a model that takes new categories, and one that refuses them."""
    root = tmp_path_factory.mktemp("onnx")
    for name, unknown in (("open", "ignore"), ("strict", "error")):
        model = make_model(OneHotEncoder(handle_unknown=unknown)).fit(FEATURES, LABELS)
        save_sklearn(model, root / name, features=FEATURES)
        export_onnx(root / name, rows=FEATURES)
    return root


@pytest.fixture
def folder(folders: Path, tmp_path: Path) -> Path:
    """Give a folder that the test may break."""
    return Path(shutil.copytree(folders / "open_onnx", tmp_path / "model"))


@pytest.mark.parametrize("n_rows", [0, 1, 4, 5, 40])
def test_onnx_predictor_answers_as_the_sklearn_predictor_does(folders: Path, n_rows: int) -> None:
    """Few rows are read cell by cell, many column by column: labels and types are the same."""
    features = FEATURES.tail(n_rows)

    answer = OnnxPredictor(folders / "open_onnx").predict(features)

    expected = SklearnPredictor(folders / "open").predict(features)
    assert_frame_equal(answer, expected, rtol=0, atol=1e-12)
    assert answer["prediction"].dtype == np.dtype("int8")


def test_onnx_predictor_takes_columns_by_name(folders: Path) -> None:
    """Another order, more columns, text as objects or as a category: the answer is the same."""
    predictor = OnnxPredictor(folders / "open_onnx")
    shuffled = FEATURES[FEATURES.columns[::-1]].assign(more=1)
    objects = shuffled.astype({"carrier": object, "shade": object, "seats": object})
    categories = shuffled.astype({"carrier": "category", "seats": "category"})
    expected = predictor.predict(FEATURES)

    for given in (shuffled, objects, categories):
        assert_frame_equal(predictor.predict(given), expected)
        assert_frame_equal(predictor.predict(given.head(2)), expected.head(2))


def test_onnx_predictor_answers_several_threads_at_once(folders: Path) -> None:
    """One session serves them all."""
    predictor = OnnxPredictor(folders / "open_onnx", threads=2)
    expected = predictor.predict(FEATURES)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: predictor.predict(FEATURES), range(20)))

    for answer in answers:
        assert_frame_equal(answer, expected)


def test_onnx_predictor_loads_without_scikit_learn(folders: Path) -> None:
    """What ships to Lambda has neither scikit-learn nor onnx."""
    import subprocess

    code = (
        "import sys\nfrom dspipe.predictors import OnnxPredictor\n"
        f"OnnxPredictor({str(folders / 'open_onnx')!r}).load()\n"
        "print({'sklearn', 'skops', 'onnx', 'sympy'} & {*sys.modules})"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


def test_onnx_predictor_refuses_a_category_as_the_encoder_does(folders: Path) -> None:
    """An encoder that was told to refuse new categories refuses them as ONNX as well."""
    given = FEATURES.head(2).assign(carrier="ZZ")
    predictor = OnnxPredictor(folders / "strict_onnx")

    with pytest.raises(PredictorError) as caught:
        predictor.predict(given)

    assert str(caught.value) == (
        f"The model {predictor.folder} failed on 2 rows with ValueError: a column holds a "
        "category, or a null, that the encoder of the model does not know and was told to refuse. "
        "Make the features as they were when the model was trained."
    )


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("carrier", [7, 8], "TypeError: the value 7 stands where the model takes text."),
        ("seats", ["7", "8"], "TypeError: the text '7' stands where the model takes a number."),
        (
            "narrow",
            [None, 1.0],
            "ValueError: its answer is not a number in some rows: a column holds a null that no "
            "step of it takes.",
        ),
    ],
)
def test_onnx_predictor_refuses_values_that_the_model_does_not_take(
    folders: Path, column: str, values: list[Any], reason: str
) -> None:
    """Nothing is guessed: text is no number, a number no text, and a null no 0."""
    predictor = OnnxPredictor(folders / "open_onnx")
    given = FEATURES.head(2).assign(**{column: pd.Series(values, dtype=object).to_numpy()})

    with pytest.raises(PredictorError) as caught:
        predictor.predict(given)

    assert str(caught.value) == (
        f"The model {predictor.folder} failed on 2 rows with {reason} Make the features as they "
        "were when the model was trained."
    )


def test_onnx_predictor_names_columns_when_features_lack_them(folders: Path) -> None:
    """A missing input is told by its name, for few rows and for many."""
    predictor = OnnxPredictor(folders / "open_onnx")

    for n_rows in (1, 40):
        with pytest.raises(PredictorError) as caught:
            predictor.predict(FEATURES.head(n_rows).drop(columns="seats"))

        assert str(caught.value) == (
            f"The model {predictor.folder} takes columns that the features do not have: 'seats'. "
            "Apply its contract first, or return them from postprocess."
        )


def set_opset(folder: Path) -> None:
    """Ask for nodes that no runtime has yet."""
    model = onnx.load(folder / "model.onnx")
    model.ir_version = 999
    replace_model(folder, model.SerializeToString())


def replace_model(folder: Path, content: bytes) -> None:
    """Put another model in the folder, as if it was meant."""
    (folder / "model.onnx").write_bytes(content)
    change_card(folder, model_sha256=sha256_of(folder / "model.onnx"))


def rename_column(folder: Path) -> None:
    """Rename a column of the contract."""
    path = folder / "contract.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"seats"', '"chairs"'))


@pytest.mark.parametrize(
    ("damage", "beginning", "end"),
    [
        (
            lambda folder: (folder / "model.onnx").write_bytes(b"short"),
            "The model file {folder}/model.onnx is not the one that was saved: its SHA-256 begins",
            "Restore the file, or save the model anew.",
        ),
        (
            lambda folder: (folder / "model.onnx").unlink(),
            "The model folder {folder} has no file 'model.onnx', which its card names.",
            "Restore the file, or save the model anew.",
        ),
        (
            lambda folder: replace_model(folder, b"no model"),
            "ONNX Runtime {version} cannot load {folder}/model.onnx: ",
            "It was verified with ONNX Runtime {version}. Install that version or a newer one, or "
            "export the model anew.",
        ),
        (
            set_opset,
            "ONNX Runtime {version} cannot load {folder}/model.onnx: ",
            "It was verified with ONNX Runtime {version}. Install that version or a newer one, or "
            "export the model anew.",
        ),
        (
            rename_column,
            "The contract in {folder} does not fit its model: the model takes 'carrier', 'shade', "
            "'seats', 'is_night', 'narrow', the contract has 'carrier', 'shade', 'chairs', ",
            "Export the model anew.",
        ),
    ],
)
def test_onnx_predictor_refuses_a_model_folder_when_it_is_broken(
    folder: Path, damage: Callable[[Path], object], beginning: str, end: str
) -> None:
    """Each fault is told with the file, and what to do."""
    damage(folder)
    facts = {"folder": folder, "version": onnxruntime.__version__}

    with pytest.raises(ModelFolderError) as caught:
        OnnxPredictor(folder).load()

    assert str(caught.value).startswith(beginning.format(**facts))
    assert str(caught.value).endswith(end.format(**facts))


def test_predictors_name_each_other_when_the_folder_is_for_the_other(folders: Path) -> None:
    """Whoever mixes them up learns which one it is."""
    with pytest.raises(ModelFolderError) as by_sklearn:
        SklearnPredictor(folders / "open_onnx").load()
    with pytest.raises(ModelFolderError) as by_onnx:
        OnnxPredictor(folders / "open").load()

    assert str(by_sklearn.value) == (
        f"The model folder {folders}/open_onnx holds 'model.onnx', which SklearnPredictor does not "
        "read. Use OnnxPredictor for it."
    )
    assert str(by_onnx.value) == (
        f"The model folder {folders}/open holds 'model.skops', which OnnxPredictor does not read. "
        "Use SklearnPredictor for it."
    )


def test_onnx_predictor_says_how_to_install_onnx_runtime(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing package is named with the command that brings it."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(MissingExtraError, match=r"OnnxPredictor needs the package 'onnxruntime'"):
        OnnxPredictor(folders / "open_onnx").load()


def test_onnx_predictor_refuses_a_number_of_threads_below_one() -> None:
    """There is always the thread that calls."""
    with pytest.raises(ConfigurationError) as caught:
        OnnxPredictor("model", threads=0)

    assert str(caught.value) == "threads is 0. An OnnxPredictor needs at least 1 thread."


def test_onnx_predictor_shows_its_model_once_it_is_loaded(folders: Path) -> None:
    """The short form reads nothing; the model is read once."""
    predictor = OnnxPredictor(folders / "open_onnx")
    before = repr(predictor)
    predictor.load()
    predictor.load()

    assert before == f"<OnnxPredictor {folders}/open_onnx, not loaded>"
    assert repr(predictor) == (
        f"<OnnxPredictor {folders}/open_onnx, multiclass, Pipeline, model {predictor.model_id}>"
    )
    assert predictor.model_version is None


def test_onnx_predictor_takes_a_regression_on_numbers_without_names(tmp_path: Path) -> None:
    """A model that was trained on an array takes the columns of its contract."""
    features = pd.DataFrame({"x": [1.0, 2.0, 4.0], "y": [1, 5, 2]})
    model = LinearRegression().fit(features.to_numpy(), [1.0, 2.0, 3.0])
    save_sklearn(model, tmp_path / "line", features=features)

    export = export_onnx(tmp_path / "line", rows=features)

    answer = export.predictor.predict(features)["prediction"]
    assert answer.tolist() == pytest.approx([1.0, 2.0, 3.0])
    assert answer.dtype == np.dtype("float64")
