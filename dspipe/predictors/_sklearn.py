"""Score with a scikit-learn model from a model folder."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from dspipe._text import quote_some
from dspipe.errors import ConfigurationError, ModelFolderError
from dspipe.predictors._folder import Card, check_model_file, find_calling_folder
from dspipe.predictors._folder_predictor import FolderPredictor
from dspipe.predictors._model_file import check_trust, load_model
from dspipe.predictors._notebook_classes import also_own, find_calling_module, main_means

if TYPE_CHECKING:
    from dspipe.predictors._fitted import FittedModel


class SklearnPredictor(FolderPredictor["FittedModel"]):
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
        ``("company.models.Rounder",)``. A class of a notebook is ``"__main__.Rounder"``, in the
        module that the notebook converts to as well: there it is that module's. "pickle" also loads
        a joblib file, which runs whatever code it holds.
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
        super().__init__(folder, find_calling_folder(1))
        self._trust = check_trust(trust)
        self._allow_other_version = allow_other_version
        self._module = find_calling_module(1)

    def _read(self) -> "FittedModel":
        folder, card, contract = self._find_folder(), self.card, self.contract
        path = check_model_file(folder, card)
        if not self._allow_other_version:
            _check_version(folder, card)
        trust = self._trust if self._trust == "pickle" else also_own(self._trust, self._module)
        with main_means(self._module):
            model = load_model(path, trust)
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
