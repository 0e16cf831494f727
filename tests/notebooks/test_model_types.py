"""The types in a model's file, listed without running any of its code."""

import pickle
import sys
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from dspipe.notebooks._model_types import list_types

COMPRESSED = [0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)]


class Marked:
    """Holds arrays before and after the types that are to be found."""

    def __init__(self, function: object) -> None:
        self.before = np.arange(3.0)
        self.parts = make_pipeline(FunctionTransformer(function), LinearRegression())
        self.after = np.array(["a", None], dtype=object)
        self.last = {LinearRegression}


@pytest.fixture
def clip(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make a function of a module that nobody can import later."""
    module = ModuleType("gone_tomorrow")
    exec("def clip(X):\n    return X", module.__dict__)  # noqa: S102 - a module without a file
    monkeypatch.setitem(sys.modules, "gone_tomorrow", module)
    return module.clip


@pytest.mark.parametrize("compress", COMPRESSED, ids=str)
def test_types_of_a_joblib_file_are_listed(
    compress: Any, clip: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compressed or not, behind arrays too, and though their modules are not there."""
    joblib.dump(Marked(clip), tmp_path / "model.joblib", compress=compress)
    monkeypatch.delitem(sys.modules, "gone_tomorrow")

    found = list_types(tmp_path / "model.joblib")

    assert {("gone_tomorrow", "clip"), (__name__, "Marked")} <= found
    assert ("sklearn.linear_model._base", "LinearRegression") in found


def test_types_of_a_pickle_and_of_skops_are_listed(clip: Any, tmp_path: Path) -> None:
    """By their own writers."""
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(Marked(clip)))
    skops.io.dump(make_pipeline(FunctionTransformer(clip)), tmp_path / "a.skops")

    pickled, written = list_types(tmp_path / "a.pkl"), list_types(tmp_path / "a.skops")

    assert ("gone_tomorrow", "clip") in pickled & written
    assert ("sklearn.pipeline", "Pipeline") in pickled & written


def test_types_are_listed_without_running_the_file(tmp_path: Path) -> None:
    """What a file asks to be called is not called."""
    attack = b"cos\nsystem\n(S'touch " + str(tmp_path / "harm").encode() + b"'\ntR."
    (tmp_path / "a.pkl").write_bytes(attack)

    assert list_types(tmp_path / "a.pkl") == {("os", "system")}
    assert not (tmp_path / "harm").exists()


class Attack:
    """Asks for a harmful call when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return (harm, (self.file,))


def harm(file: Path) -> None:
    """Leave a trace."""
    file.touch()


def test_types_in_an_array_of_objects_are_listed_without_running_them(tmp_path: Path) -> None:
    """Joblib reads such arrays with a pickle of their own."""
    joblib.dump([np.array([Attack(tmp_path / "harm"), None]), Marked(None)], tmp_path / "a.joblib")

    found = list_types(tmp_path / "a.joblib")

    assert {(__name__, "harm"), (__name__, "Marked")} <= found
    assert not (tmp_path / "harm").exists()
    joblib.load(tmp_path / "a.joblib")
    assert (tmp_path / "harm").exists()


@pytest.mark.parametrize("content", [b"", b"no pickle", zlib.compress(b"cut")[:6]])
def test_file_that_is_no_model_names_nothing(content: bytes, tmp_path: Path) -> None:
    """It is for the loader to say what is wrong with it."""
    (tmp_path / "a.pkl").write_bytes(content)

    assert list_types(tmp_path / "a.pkl") == frozenset()
