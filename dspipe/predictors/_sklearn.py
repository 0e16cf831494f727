"""Score with a scikit-learn model from a model folder."""

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from dspipe._text import quote_some
from dspipe.errors import ConfigurationError, ContractError, ModelFolderError, PredictorError
from dspipe.predictors._base import Predictor
from dspipe.predictors._folder import (
    CONTRACT_FILE,
    Card,
    check_model_file,
    find_calling_folder,
    find_folder,
    read_card,
)
from dspipe.predictors._model_file import check_trust, load_model

if TYPE_CHECKING:
    import pandas as pd

    from dspipe._contract import Contract
    from dspipe.predictors._fitted import FittedModel


class SklearnPredictor(Predictor):
    """Scores with the model in a folder that `save_sklearn` wrote.

    The answer is a frame on the index of the features. A regression gives ``prediction`` (float64).
    A classification gives ``prediction``, the label in its own type, and one
    ``probability_<label>`` a class; a classifier without probabilities gives the label as a
    category.

    The model is read on `load` or the first `predict`, once. After that `predict` may be called
    from several threads at once, as far as the scikit-learn model allows it, which all of its own
    do.

    Parameters
    ----------
    folder : str or Path
        The model folder. A relative path is looked for in the working directory, then in the folder
        of the file that makes the predictor.
    trust : tuple of str or "pickle", default=()
        Full names of types to load besides scikit-learn's own, as in
        ``("company.models.Rounder",)``. "pickle" also loads a joblib file, which runs whatever code
        it holds.
    allow_other_version : bool, default=False
        Load a model that was saved with another scikit-learn (another major or minor version),
        which may then fail or predict other values.

    Examples
    --------
    >>> SklearnPredictor("models/flight_delay")
    <SklearnPredictor models/flight_delay, not loaded>
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        trust: Iterable[str] | str = (),
        allow_other_version: bool = False,
    ) -> None:
        self.folder = Path(folder)
        self._trust = check_trust(trust)
        self._allow_other_version = allow_other_version
        self._beside = find_calling_folder(1)
        self._lock = Lock()
        self._card: Card | None = None
        self._contract: Contract | None = None
        self._fitted: FittedModel | None = None

    def predict(self, features: "pd.DataFrame") -> "pd.DataFrame":
        """Predict every row; see `Predictor.predict`.

        Raises
        ------
        ModelFolderError
            If the model was not loaded before, and cannot be.
        PredictorError
            If the model fails, or a column that it takes is absent.
        """
        fitted = self._fitted or self._load()
        try:
            return fitted.predict(features)
        except Exception as error:  # a model can fail in any way
            raise PredictorError(self._explain(error, features, fitted)) from error

    def load(self) -> None:
        """Read the folder and the model; the second call does nothing.

        Raises
        ------
        ModelFolderError
            If the folder or a file is missing or damaged, the model was saved with another
            scikit-learn, holds types that are not trusted, or does not take the columns of its
            contract.
        MissingExtraError
            If scikit-learn or skops is not installed.
        """
        if self._fitted is None:
            self._load()

    @property
    def contract(self) -> "Contract":
        """What the features must look like; read without the model."""
        if self._contract is None:
            from dspipe._contract import Contract

            path = find_folder(self.folder, self._beside) / CONTRACT_FILE
            try:
                self._contract = Contract.load(path)
            except ContractError as error:
                raise ModelFolderError(str(error)) from error
        return self._contract

    @property
    def card(self) -> Card:
        """What is known about the model; read without the model."""
        if self._card is None:
            self._card = read_card(find_folder(self.folder, self._beside))
        return self._card

    @property
    def model_id(self) -> str:
        """The first digits of the SHA-256 of the model's file."""
        return self.card.model_id

    @property
    def model_version(self) -> str | None:
        """The version that was given to `save_sklearn`."""
        return self.card.model_version

    def __repr__(self) -> str:
        """Name the folder, and the model once it is loaded; reads nothing."""
        state = "not loaded"
        if self._fitted is not None:
            state = f"{self.card.task}, {self.card.estimator}, model {self.card.model_id}"
        return f"<SklearnPredictor {self.folder}, {state}>"

    def _load(self) -> "FittedModel":
        with self._lock:
            if self._fitted is None:
                self._fitted = self._read()
            return self._fitted

    def _read(self) -> "FittedModel":
        folder, card, contract = find_folder(self.folder, self._beside), self.card, self.contract
        path = check_model_file(folder, card)
        if not self._allow_other_version:
            _check_version(folder, card)
        model = load_model(path, self._trust)
        from dspipe.predictors._fitted import FittedModel

        try:
            fitted = FittedModel.from_model(model, contract.names)
        except ConfigurationError as error:
            raise ModelFolderError(f"The model folder {folder} cannot be used. {error}") from error
        fault = find_misfit(model, contract.names)
        if fault:
            raise ModelFolderError(
                f"The contract in {folder} does not fit its model: {fault}. Save the model anew, "
                "with the features that it was trained on."
            )
        return fitted

    def _explain(self, error: Exception, features: "pd.DataFrame", fitted: "FittedModel") -> str:
        missing = [name for name in fitted.names if name not in features.columns]
        if missing:
            return (
                f"The model {self.folder} takes columns that the features do not have: "
                f"{quote_some(missing)}. Apply its contract first, or return them from postprocess."
            )
        first_line = str(error).strip().partition("\n")[0]
        return (
            f"The model {self.folder} failed on {len(features):,} rows with "
            f"{type(error).__name__}: {first_line} Make the features as they were when the model "
            "was trained."
        )


def find_misfit(model: object, names: tuple[str, ...]) -> str | None:
    """Say how the inputs of a model differ from the columns of a contract, or None."""
    taken = getattr(model, "feature_names_in_", None)
    n_taken = getattr(model, "n_features_in_", None)
    if taken is not None and tuple(taken) != names:
        return f"the model takes {quote_some(taken.tolist())}, the contract has {quote_some(names)}"
    if n_taken is not None and n_taken != len(names):
        return f"the model takes {n_taken:,} columns, the contract has {len(names):,}"
    return None


def _check_version(folder: Path, card: Card) -> None:
    from dspipe._extras import load_extra

    installed = load_extra("sklearn", extra="sklearn", needed_by="SklearnPredictor").__version__
    saved = card.library_versions.get("scikit-learn", "unknown")
    if saved.split(".")[:2] != installed.split(".")[:2]:
        raise ModelFolderError(
            f"The model in {folder} was saved with scikit-learn {saved}, and {installed} is "
            "installed. Another version may fail or predict other values. Install the version it "
            "was saved with, or save the model anew; pass allow_other_version=True to take the "
            "risk."
        )
