"""Write a fitted scikit-learn model as a model folder that will load."""

import shutil
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dspipe.errors import ConfigurationError
from dspipe.predictors._folder import (
    CONTRACT_FILE,
    PICKLE_FILE,
    SKOPS_FILE,
    Card,
    sha256_of,
    write_card,
)
from dspipe.predictors._folder_writing import beside, check_place, move_folder
from dspipe.predictors._model_file import Trust, check_trust, dump_model
from dspipe.predictors._sklearn import SklearnPredictor, find_misfit

if TYPE_CHECKING:
    import pandas as pd

    from dspipe._contract import Policy
    from dspipe.predictors._fitted import FittedModel

_LIBRARIES = ("scikit-learn", "skops", "numpy", "pandas")
_PROOF_ROWS = 100


def save_sklearn(  # noqa: PLR0913 - the card's facts are all keyword-only and optional
    model: Any,
    folder: str | Path,
    *,
    features: "pd.DataFrame",
    target: str | None = None,
    metrics: Mapping[str, float] | None = None,
    model_version: str | None = None,
    policy: "Policy | None" = None,
    trust: Iterable[str] | str = (),
    created_utc: datetime | None = None,
) -> SklearnPredictor:
    """Write a fitted model as a model folder, and give the predictor that loads it.

    The folder is written aside, loaded, asked for predictions that must equal those of the model,
    and then moved to its place: a folder that was there stays whole until then, and files in it
    that are not dspipe's are kept.

    Parameters
    ----------
    model : scikit-learn classifier or regressor
        Fitted, for one target; for example a Pipeline.
    folder : str or Path
        Where to write; relative to the working directory. Parents are made.
    features : DataFrame of shape (n_rows, n_features)
        The features that the model was trained on, with the key in the index. The contract is
        inferred from them. Not modified.
    target : str, optional
        Name of what is predicted, for the card.
    metrics : mapping of str to float, optional
        How good the model is, for the card.
    model_version : str, optional
        The version that people give the model; stands in the provenance of every prediction.
    policy : Policy, optional
        What happens when features break the contract.
    trust : tuple of str or "pickle", default=()
        As for `SklearnPredictor`: the model's types that are not scikit-learn's own. "pickle"
        writes a joblib file instead of a skops file.
    created_utc : datetime, optional
        When the model was made; now if not given.

    Returns
    -------
    SklearnPredictor
        Loaded.

    Raises
    ------
    ConfigurationError
        If the model is not fitted, of another kind, or cannot be saved; if the features are not
        those of the model; if the folder exists and is no model folder.
    ContractError
        If a contract cannot hold the features.
    ModelFolderError
        If the model holds types that are not trusted, so that it would not load.
    """
    from dspipe._contract import Contract
    from dspipe.predictors._fitted import FittedModel

    place, trusted = Path(folder).absolute(), check_trust(trust)
    check_place(place)
    contract = Contract.infer(features, policy=policy)
    fitted = FittedModel.from_model(model, contract.names)
    _check_features(model, contract.names)
    aside = beside(place, "new")
    aside.mkdir(parents=True)
    try:
        contract.save(aside / CONTRACT_FILE)
        path = aside / (PICKLE_FILE if trusted == "pickle" else SKOPS_FILE)
        dump_model(model, path)
        write_card(
            aside,
            _make_card(fitted, path, len(features), target, metrics, model_version, created_utc),
        )
        _prove(fitted, aside, features, trusted)
        move_folder(aside, place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    predictor = SklearnPredictor(folder, trust=trust)
    predictor.load()
    return predictor


def _check_features(model: Any, names: tuple[str, ...]) -> None:
    fault = find_misfit(model, names)
    if fault:
        fault = fault.replace("the contract has", "the features have")
        raise ConfigurationError(
            f"The features are not those that the model was trained on: {fault}. Give the frame "
            "that fit got."
        )


def _make_card(
    fitted: "FittedModel",
    path: Path,
    n_rows: int,
    target: str | None,
    metrics: Mapping[str, float] | None,
    model_version: str | None,
    created_utc: datetime | None,
) -> Card:
    versions = {"python": ".".join(map(str, sys.version_info[:3]))}
    return Card(
        task=fitted.task,
        estimator=type(fitted.model).__name__,
        target=target,
        classes=tuple(fitted.labels),
        features=fitted.names,
        n_rows=n_rows,
        metrics={name: float(value) for name, value in (metrics or {}).items()},
        model_file=path.name,
        model_sha256=sha256_of(path),
        model_version=model_version,
        created_utc=(created_utc or datetime.now(UTC))
        .astimezone(UTC)
        .isoformat(timespec="seconds"),
        library_versions=versions | {name: version(name) for name in _LIBRARIES},
    )


def _prove(fitted: "FittedModel", aside: Path, features: "pd.DataFrame", trust: Trust) -> None:
    """Refuse a model that does not load, or predicts other values once it was written and read."""
    loaded = SklearnPredictor(aside, trust=trust)
    loaded.load()
    sample = features.head(_PROOF_ROWS)
    if not loaded.predict(sample).equals(fitted.predict(sample)):
        raise ConfigurationError(
            f"The model ({type(fitted.model).__name__}) predicts other values after it was saved "
            'and loaded. Its state does not survive skops: pass trust="pickle" to save a pickle '
            "instead."
        )
