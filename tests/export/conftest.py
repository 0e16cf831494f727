"""Models that were saved and exported, once for all tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from export.models import MODELS, make_features, make_targets
from threadpoolctl import threadpool_limits

from dspipe.export import Export, export_onnx
from dspipe.predictors import SklearnPredictor, save_sklearn


class Pair(NamedTuple):
    """A model, its export, and features of it."""

    original: SklearnPredictor
    export: Export
    features: pd.DataFrame


ExportOne = Callable[[str], Pair]


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Train with one thread: for models this small, more of them only wait for each other."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def export_one(tmp_path_factory: pytest.TempPathFactory) -> ExportOne:
    """Give a model by its name, saved and exported when it is first asked for."""
    known: dict[str, Pair] = {}
    features, root = make_features(), tmp_path_factory.mktemp("exports")
    targets = make_targets(features)

    def export(name: str) -> Pair:
        if name not in known:
            make, target = MODELS[name]
            model = make().fit(features, targets[target])
            folder = root / name.replace(" ", "_")
            original = save_sklearn(model, folder, features=features)
            known[name] = Pair(original, export_onnx(folder, rows=features), features)
        return known[name]

    return export


def save(model: object, folder: Path, features: pd.DataFrame) -> Path:
    """Save a model, and give its folder."""
    save_sklearn(model, folder, features=features)
    return folder
