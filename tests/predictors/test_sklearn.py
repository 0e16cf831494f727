"""Scikit-learn models in folders: saved, loaded, asked, and refused when something is wrong."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dspipe._contract import Policy
from dspipe.errors import ConfigurationError, ModelFolderError, PredictorError
from dspipe.predictors import SklearnPredictor, save_sklearn

IRIS = load_iris(as_frame=True)
MANY = 10**6


def change_card(folder: Path, **changes: object) -> None:
    """Rewrite entries of a card."""
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | changes))


def put_model(folder: Path, model: object) -> None:
    """Put another model into a folder, with a card that fits the file."""
    skops.io.dump(model, folder / "model.skops")
    change_card(folder, model_sha256=sha256(folder / "model.skops"))


def sha256(path: Path) -> str:
    """Compute the checksum of a file."""
    from hashlib import sha256 as make

    return make(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["array", "cancer", "diabetes", "iris", "vectors", "wine"])
def test_sklearn_predictor_gives_what_the_model_gives_when_it_was_saved_and_loaded(
    saved: dict[str, Any], name: str
) -> None:
    """Labels and probabilities are those of the model, to the last bit."""
    model, features, _ = saved[name]
    given = features if hasattr(model, "feature_names_in_") else features.to_numpy()

    answer = SklearnPredictor(saved[name].predictor.folder).predict(features)

    assert answer["prediction"].tolist() == model.predict(given).tolist()
    assert answer.index.equals(features.index)
    if hasattr(model, "predict_proba"):
        columns = [f"probability_{label}" for label in model.classes_.tolist()]
        assert list(answer) == ["prediction", *columns]
        assert np.array_equal(answer[columns].to_numpy(), model.predict_proba(given))


def test_sklearn_predictor_keeps_the_type_of_labels(saved: dict[str, Any]) -> None:
    """Labels stay what they were; without probabilities they are categories."""
    dtypes = {
        name: str(case.predictor.predict(case.features.head(2))["prediction"].dtype)
        for name, case in saved.items()
    }

    assert dtypes == {
        "array": "float64",
        "cancer": "int64",
        "diabetes": "float64",
        "iris": str(pd.Series(["setosa"]).dtype),
        "vectors": "category",
        "wine": "bool",
    }


def test_sklearn_predictor_asks_the_model_for_the_label_when_a_threshold_was_moved(
    tmp_path: Path,
) -> None:
    """The most probable class is not always the prediction."""
    model = FixedThresholdClassifier(
        LogisticRegression(max_iter=500), threshold=0.01, response_method="predict_proba"
    ).fit(IRIS.data, IRIS.target == 2)

    answer = save_sklearn(model, tmp_path / "moved", features=IRIS.data).predict(IRIS.data)

    assert answer["prediction"].tolist() == model.predict(IRIS.data).tolist()
    assert (answer["prediction"] != (answer["probability_True"] > 0.5)).any()


def test_sklearn_predictor_puts_columns_in_order_when_features_have_another(
    saved: dict[str, Any],
) -> None:
    """Columns are found by name; more of them do not matter."""
    _, features, predictor = saved["wine"]
    shuffled = features[features.columns[::-1]].assign(more=1)

    pd.testing.assert_frame_equal(predictor.predict(shuffled), predictor.predict(features))


def test_model_folder_holds_model_contract_and_card_when_it_is_saved(tmp_path: Path) -> None:
    """The card says what the model is and what made it."""
    model = LinearRegression().fit(IRIS.data, IRIS.target)
    policy = Policy(out_of_range="error")

    predictor = save_sklearn(
        model,
        tmp_path / "deep" / "flowers",
        features=IRIS.data,
        target="kind",
        metrics={"r2": np.float64(0.93)},
        model_version="7",
        policy=policy,
        created_utc=datetime(2013, 6, 1, 12, tzinfo=UTC),
    )

    folder = tmp_path / "deep" / "flowers"
    card = json.loads((folder / "card.json").read_text())
    assert sorted(file.name for file in folder.iterdir()) == [
        "card.json",
        "contract.json",
        "model.skops",
    ]
    assert [file.name for file in folder.parent.iterdir()] == ["flowers"]
    assert list(card.pop("library_versions")) == [
        "python",
        "scikit-learn",
        "skops",
        "numpy",
        "pandas",
    ]
    checksum = sha256(folder / "model.skops")
    assert card == {
        "format": "dspipe.model_card",
        "format_version": 1,
        "model_id": checksum[:12],
        "task": "regression",
        "estimator": "LinearRegression",
        "target": "kind",
        "classes": [],
        "features": IRIS.feature_names,
        "n_rows": 150,
        "metrics": {"r2": 0.93},
        "model_file": "model.skops",
        "model_sha256": checksum,
        "model_version": "7",
        "created_utc": "2013-06-01T12:00:00+00:00",
    }
    assert predictor.contract.policy == policy
    assert (predictor.model_id, predictor.model_version) == (checksum[:12], "7")
    assert repr(predictor) == (
        f"<SklearnPredictor {folder}, regression, LinearRegression, model {checksum[:12]}>"
    )


def test_model_id_is_the_same_when_the_same_model_is_trained_again(tmp_path: Path) -> None:
    """The file depends on the model alone, not on the memory or the hour that it was saved in."""
    folders = [tmp_path / name for name in ("first", "second")]

    for folder in folders:
        model = make_pipeline(StandardScaler(), HistGradientBoostingClassifier(random_state=0))
        save_sklearn(model.fit(IRIS.data, IRIS.target), folder, features=IRIS.data)

    first, second = ((folder / "model.skops").read_bytes() for folder in folders)
    assert first == second
    other = save_sklearn(
        LogisticRegression(max_iter=500).fit(IRIS.data, IRIS.target),
        tmp_path / "other",
        features=IRIS.data,
    )
    assert other.model_id != SklearnPredictor(folders[0]).model_id


def test_model_folder_is_replaced_when_it_is_saved_again(iris_folder: Path) -> None:
    """The new model takes the place of the old; files of others stay."""
    (iris_folder / "leaderboard.csv").write_text("mine")
    (iris_folder / "graphs").mkdir()
    model = LinearRegression().fit(IRIS.data, IRIS.target)

    save_sklearn(model, iris_folder, features=IRIS.data)

    assert SklearnPredictor(iris_folder).card.task == "regression"
    assert (iris_folder / "leaderboard.csv").read_text() == "mine"
    assert (iris_folder / "graphs").is_dir()
    assert [entry.name for entry in iris_folder.parent.iterdir()] == ["iris"]


def test_model_folder_stays_whole_when_a_new_model_cannot_be_saved(iris_folder: Path) -> None:
    """What fails leaves nothing behind and nothing broken."""
    model = KNeighborsClassifier().fit(IRIS.data, IRIS.target)

    with pytest.raises(ModelFolderError):
        save_sklearn(model, iris_folder, features=IRIS.data)

    assert SklearnPredictor(iris_folder).predict(IRIS.data.head(1)).shape == (1, 4)
    assert [entry.name for entry in iris_folder.parent.iterdir()] == ["iris"]


def test_sklearn_predictor_refuses_types_that_are_not_trusted(tmp_path: Path) -> None:
    """The error lists the types, and how to trust them."""
    model = KNeighborsClassifier().fit(IRIS.data, IRIS.target)
    types = skops.io.get_untrusted_types(data=skops.io.dumps(model))
    save_sklearn(model, tmp_path / "near", features=IRIS.data, trust=types)
    path = tmp_path / "near" / "model.skops"
    names = ", ".join(map(repr, types))

    with pytest.raises(ModelFolderError) as caught:
        SklearnPredictor(tmp_path / "near").load()

    assert str(caught.value) == (
        f"The model file {path} holds 2 types that dspipe does not trust: {names}. Loading a type "
        "runs its code. If you know where the file comes from, trust them by name: "
        f"trust=({names},)."
    )
    SklearnPredictor(tmp_path / "near", trust=types).load()


def test_sklearn_predictor_loads_a_pickle_only_when_the_code_says_so(tmp_path: Path) -> None:
    """A joblib file needs trust="pickle"."""
    model = LinearRegression().fit(IRIS.data, IRIS.target)
    save_sklearn(model, tmp_path / "pickled", features=IRIS.data, trust="pickle")
    path = tmp_path / "pickled" / "model.joblib"

    with pytest.raises(ModelFolderError) as caught:
        SklearnPredictor(tmp_path / "pickled").load()

    assert str(caught.value) == (
        f"The model file {path} is a pickle, and unpickling runs any code that it holds. "
        'Pass trust="pickle" if you made the file yourself, or save the model anew with '
        "save_sklearn, which writes no pickle by itself."
    )
    SklearnPredictor(tmp_path / "pickled", trust="pickle").load()


def test_sklearn_predictor_says_so_when_a_pickle_cannot_be_read(tmp_path: Path) -> None:
    """What unpickling raises is translated."""
    folder = tmp_path / "pickled"
    model = LinearRegression().fit(IRIS.data, IRIS.target)
    save_sklearn(model, folder, features=IRIS.data, trust="pickle")
    joblib.dump(b"", folder / "model.joblib")
    (folder / "model.joblib").write_bytes(b"cno_such_module\nThing\n.")
    change_card(folder, model_sha256=sha256(folder / "model.joblib"))

    with pytest.raises(ModelFolderError) as caught:
        SklearnPredictor(folder, trust="pickle").load()

    assert str(caught.value) == (
        f"The model file {folder}/model.joblib cannot be loaded: ModuleNotFoundError: No module "
        "named 'no_such_module'. Check that the packages of its types are installed, in the "
        "versions that its card names."
    )


def test_sklearn_predictor_is_refused_when_trust_is_a_single_text() -> None:
    """A forgotten comma would trust single letters."""
    with pytest.raises(ConfigurationError) as caught:
        SklearnPredictor("models/x", trust="my.Type")

    assert str(caught.value) == (
        "trust is 'my.Type'. It must be a tuple of type names, as in trust=('my.Type',), "
        'or trust="pickle".'
    )


def cut_short(folder: Path) -> None:
    """Cut the model's file."""
    path = folder / "model.skops"
    path.write_bytes(path.read_bytes()[:1000])


def make_old(folder: Path) -> None:
    """Let the card name an older scikit-learn."""
    change_card(folder, library_versions={"scikit-learn": "0.24.2"})


def drop(name: str) -> Callable[[Path], None]:
    """Remove a file."""
    return lambda folder: (folder / name).unlink()


def write(name: str, text: str) -> Callable[[Path], None]:
    """Put other text into a file."""
    return lambda folder: [(folder / name).write_text(text)].clear()


def use_other_contract(folder: Path) -> None:
    """Rename a column of the contract."""
    path = folder / "contract.json"
    path.write_text(path.read_text().replace("sepal length (cm)", "sepal length"))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            shutil.rmtree,
            "There is no model folder '{folder}'. Looked for: {folder}. Write it with "
            "dspipe.predictors.save_sklearn, or correct the path.",
        ),
        (
            drop("card.json"),
            "The model folder {folder} has no card.json. A model folder is written whole by "
            "dspipe.predictors.save_sklearn: save the model anew.",
        ),
        (
            drop("contract.json"),
            "The contract {folder}/contract.json does not exist. Write it with Contract.save.",
        ),
        (
            drop("model.skops"),
            "The model folder {folder} has no file 'model.skops', which its card names. "
            "Restore the file, or save the model anew.",
        ),
        (
            lambda folder: change_card(folder, model_file="../elsewhere.skops"),
            "The model folder {folder} has no file '../elsewhere.skops', which its card names. "
            "Restore the file, or save the model anew.",
        ),
        (
            write("card.json", "{"),
            "The card {folder}/card.json is not valid JSON: Expecting property name enclosed in "
            "double quotes: line 1 column 2 (char 1). Restore the file, or save the model anew.",
        ),
        (
            write("card.json", "[]"),
            "{folder}/card.json is not the card of a model: its 'format' is not "
            "'dspipe.model_card'. Give the path of a folder that dspipe.predictors.save_sklearn "
            "wrote.",
        ),
        (
            lambda folder: change_card(folder, format_version=2),
            "{folder}/card.json is a card of format version 2; this dspipe reads version 1. "
            "Update dspipe, or save the model anew with this one.",
        ),
        (
            write("card.json", '{"format": "dspipe.model_card", "format_version": 1}'),
            "The card {folder}/card.json has no entry 'task'. Restore the file, or save the model "
            "anew.",
        ),
        (
            make_old,
            "The model in {folder} was saved with scikit-learn 0.24.2, and {sklearn} is "
            "installed. Another version may fail or predict other values. Install the version it "
            "was saved with, or save the model anew; pass allow_other_version=True to take the "
            "risk.",
        ),
        (
            use_other_contract,
            "The contract in {folder} does not fit its model: the model takes 'sepal length (cm)', "
            "'sepal width (cm)', 'petal length (cm)', 'petal width (cm)', the contract has "
            "'sepal length', 'sepal width (cm)', 'petal length (cm)', 'petal width (cm)'. Save the "
            "model anew, with the features that it was trained on.",
        ),
        (
            lambda folder: put_model(folder, StandardScaler().fit(IRIS.data)),
            "The model folder {folder} cannot be used. The model (StandardScaler) is neither a "
            "classifier nor a regressor of scikit-learn. Give a fitted estimator, or a fitted "
            "Pipeline that ends in one.",
        ),
    ],
)
def test_sklearn_predictor_refuses_a_model_folder_when_it_is_broken(
    iris_folder: Path, damage: Callable[[Path], None], message: str
) -> None:
    """Each fault is told with the file, and what to do."""
    from sklearn import __version__

    damage(iris_folder)

    with pytest.raises(ModelFolderError) as caught:
        SklearnPredictor(iris_folder).load()

    assert str(caught.value) == message.format(folder=iris_folder, sklearn=__version__)


def test_sklearn_predictor_refuses_a_model_file_when_it_was_cut_short(iris_folder: Path) -> None:
    """A file that is not the saved one is never opened."""
    saved_id = SklearnPredictor(iris_folder).model_id
    cut_short(iris_folder)
    found = sha256(iris_folder / "model.skops")[:12]

    with pytest.raises(ModelFolderError) as caught:
        SklearnPredictor(iris_folder).load()

    assert str(caught.value) == (
        f"The model file {iris_folder}/model.skops is not the one that was saved: its SHA-256 "
        f"begins with {found}, its card says {saved_id}. It was cut short or changed, for example "
        "by an incomplete download or a missing 'git lfs pull'. Restore the file, or save the "
        "model anew."
    )


def test_sklearn_predictor_loads_another_version_when_that_is_allowed(iris_folder: Path) -> None:
    """The risk can be taken in code."""
    make_old(iris_folder)

    SklearnPredictor(iris_folder, allow_other_version=True).load()


def break_forest(model: Any) -> None:
    """Let a node of a forest's tree lead out of it."""
    state = model.estimators_[0].tree_.__getstate__()
    state["nodes"]["left_child"][0] = MANY
    model.estimators_[0].tree_.__setstate__(state)


def break_boosting(model: Any) -> None:
    """Let a node of a boosted tree lead back to itself."""
    model._predictors[0][0].nodes["left"][0] = 0


@pytest.mark.parametrize(
    ("model", "damage"),
    [
        (RandomForestClassifier(2, random_state=0), break_forest),
        (HistGradientBoostingClassifier(max_iter=2), break_boosting),
    ],
)
def test_sklearn_predictor_refuses_a_tree_when_its_nodes_lead_out_of_it(
    iris_folder: Path, model: Any, damage: Callable[[Any], None]
) -> None:
    """Compiled code follows node numbers unchecked, so they are checked before."""
    model.fit(IRIS.data, IRIS.target)
    damage(model)
    put_model(iris_folder, model)

    with pytest.raises(ModelFolderError) as caught:
        SklearnPredictor(iris_folder).load()

    assert str(caught.value) == (
        f"The model file {iris_folder}/model.skops holds a decision tree whose nodes point outside "
        "of it, which scikit-learn never writes. The file was damaged, or made to do harm: do not "
        "use it. Save the model anew."
    )


def test_sklearn_predictor_finds_its_folder_beside_the_calling_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, iris_folder: Path
) -> None:
    """The working directory comes first, then the folder of the file that makes the predictor."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    code = "from dspipe.predictors import SklearnPredictor\nmade = SklearnPredictor('iris')\n"
    module: dict[str, Any] = {"__file__": str(tmp_path / "pipeline.py")}
    exec(code, module)  # noqa: S102 - a module of its own folder, without leaving one behind

    assert module["made"].predict(IRIS.data.head(1)).shape == (1, 4)
    assert repr(SklearnPredictor("iris")) == "<SklearnPredictor iris, not loaded>"
    with pytest.raises(ModelFolderError) as caught:
        SklearnPredictor("iris").load()
    assert str(caught.value) == (
        f"There is no model folder 'iris'. Looked for: {tmp_path}/elsewhere/iris, "
        f"{Path(__file__).parent}/iris. Write it with dspipe.predictors.save_sklearn, or correct "
        "the path."
    )


def test_sklearn_predictor_translates_the_error_when_the_model_fails(
    saved: dict[str, Any],
) -> None:
    """What scikit-learn raises is kept as the cause."""
    _, features, predictor = saved["array"]

    with pytest.raises(PredictorError) as caught:
        predictor.predict(features.head(2) * np.nan)

    assert str(caught.value) == (
        f"The model {predictor.folder} failed on 2 rows with ValueError: Input X contains NaN. "
        "Make the features as they were when the model was trained."
    )
    assert isinstance(caught.value.__cause__, ValueError)


def test_sklearn_predictor_names_columns_when_features_lack_them(saved: dict[str, Any]) -> None:
    """A missing input is told by its name."""
    _, features, predictor = saved["wine"]

    with pytest.raises(PredictorError) as caught:
        predictor.predict(features[["ash"]])

    assert str(caught.value) == (
        f"The model {predictor.folder} takes columns that the features do not have: "
        "'alcohol', 'shade'. Apply its contract first, or return them from postprocess."
    )


@pytest.mark.parametrize(
    ("model", "features", "message"),
    [
        (
            KMeans(2, n_init=1, random_state=0).fit(IRIS.data),
            IRIS.data,
            "The model (KMeans) is neither a classifier nor a regressor of scikit-learn. "
            "Give a fitted estimator, or a fitted Pipeline that ends in one.",
        ),
        (
            make_pipeline(StandardScaler(), LogisticRegression()),
            IRIS.data,
            "The model (Pipeline) is not fitted. Call its fit before you save it.",
        ),
        (
            RandomForestClassifier(2).fit(IRIS.data, np.c_[IRIS.target, IRIS.target > 0]),
            IRIS.data,
            "The model (RandomForestClassifier) predicts 2 targets at once: its classes are "
            "[0, 1, 2], [0, 1]. Train one model a target.",
        ),
        (
            LinearRegression().fit(IRIS.data[["petal width (cm)"]], IRIS.target),
            IRIS.data,
            "The features are not those that the model was trained on: the model takes "
            "'petal width (cm)', the features have 'sepal length (cm)', 'sepal width (cm)', "
            "'petal length (cm)', 'petal width (cm)'. Give the frame that fit got.",
        ),
        (
            LinearRegression().fit(IRIS.data.to_numpy()[:, :2], IRIS.target),
            IRIS.data,
            "The features are not those that the model was trained on: the model takes 2 columns, "
            "the features have 4. Give the frame that fit got.",
        ),
    ],
)
def test_save_sklearn_refuses_early_when_the_model_could_not_be_used(
    tmp_path: Path, model: object, features: pd.DataFrame, message: str
) -> None:
    """What would fail later is refused, and nothing is written."""
    with pytest.raises(ConfigurationError) as caught:
        save_sklearn(model, tmp_path / "model", features=features)

    assert str(caught.value) == message
    assert list(tmp_path.iterdir()) == []


def test_save_sklearn_refuses_a_model_when_skops_cannot_write_it(tmp_path: Path) -> None:
    """What skops says is translated, with the way out."""
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(IRIS.data, IRIS.target)
    model.progress = (number for number in ())

    with pytest.raises(ConfigurationError) as caught:
        save_sklearn(model, tmp_path / "model", features=IRIS.data)

    message = str(caught.value)
    assert message.startswith("The model (Pipeline) cannot be saved with skops: ")
    assert message.endswith(
        'Leave that part out of the model, or pass trust="pickle" to save a pickle instead.'
    )
    assert list(tmp_path.iterdir()) == []


class Forgetful(LinearRegression):
    """A regression that loses its slope when it is saved."""

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"coef_": self.coef_ * 0}


def test_save_sklearn_refuses_a_model_when_it_predicts_other_values_once_loaded(
    tmp_path: Path,
) -> None:
    """The folder is proven before it takes its place."""
    model = Forgetful().fit(IRIS.data, IRIS.target)
    own = f"{Forgetful.__module__}.Forgetful"

    with pytest.raises(ConfigurationError) as caught:
        save_sklearn(model, tmp_path / "model", features=IRIS.data, trust=(own,))

    assert str(caught.value) == (
        "The model (Forgetful) predicts other values after it was saved and loaded. "
        'Its state does not survive skops: pass trust="pickle" to save a pickle instead.'
    )


def test_sklearn_predictor_says_so_when_a_trusted_type_cannot_be_built(iris_folder: Path) -> None:
    """What skops raises while it loads is translated."""
    put_model(iris_folder, Forgetful().fit(IRIS.data, IRIS.target))
    own = f"{Forgetful.__module__}.Forgetful"
    path = iris_folder / "model.skops"
    with ZipFile(path) as zipped:
        schema = zipped.read("schema.json").replace(b"Forgetful", b"Forgotten")
        rest = {name: zipped.read(name) for name in zipped.namelist() if name != "schema.json"}
    with ZipFile(path, "w") as zipped:
        for name, content in {**rest, "schema.json": schema}.items():
            zipped.writestr(name, content)
    change_card(iris_folder, model_sha256=sha256(path))

    with pytest.raises(ModelFolderError) as caught:
        SklearnPredictor(iris_folder, trust=(own.replace("Forgetful", "Forgotten"),)).load()

    message = str(caught.value)
    assert message.startswith(f"The model file {path} cannot be loaded: AttributeError: ")
    assert message.endswith("in the versions that its card names.")


def test_save_sklearn_refuses_a_place_when_it_is_no_model_folder(tmp_path: Path) -> None:
    """Files that dspipe did not write are never replaced."""
    model = LinearRegression().fit(IRIS.data, IRIS.target)
    (tmp_path / "notes.txt").write_text("mine")
    messages = []
    for place in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(ConfigurationError) as caught:
            save_sklearn(model, place, features=IRIS.data)
        messages.append(str(caught.value))

    assert messages == [
        f"The folder {tmp_path} is not empty and is no model folder (it has no card.json). Give a "
        "folder of its own to the model, such as models/NAME.",
        f"{tmp_path}/notes.txt is a file, so no model folder can be written there. "
        "Give another path.",
    ]
