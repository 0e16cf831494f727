"""What predictors with a model folder have in common: its card and its contract, read once."""

from abc import abstractmethod
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from dspipe._text import quote_some
from dspipe.errors import ContractError, ModelFolderError, PredictorError
from dspipe.predictors._base import Predictor
from dspipe.predictors._folder import CONTRACT_FILE, Card, find_folder, read_card

if TYPE_CHECKING:
    import pandas as pd

    from dspipe._contract import Contract


class Model(Protocol):
    """A model that was loaded: the names of its inputs, and its answer for features."""

    @property
    def names(self) -> tuple[str, ...]:
        """The inputs, in order."""

    def predict(self, features: "pd.DataFrame") -> "pd.DataFrame":
        """Answer every row on the index of the features."""


Loaded = TypeVar("Loaded", bound=Model)


class FolderPredictor(Predictor, Generic[Loaded]):
    """Scores with a model that lies in a folder; it is read when it is first needed, once.

    Parameters
    ----------
    folder : str or Path
    beside : Path or None
        Where a relative path is looked for as well.
    """

    def __init__(self, folder: str | Path, beside: Path | None) -> None:
        self.folder = Path(folder)
        self._beside = beside
        self._lock = Lock()
        self._card: Card | None = None
        self._contract: Contract | None = None
        self._loaded: Loaded | None = None

    def predict(self, features: "pd.DataFrame") -> "pd.DataFrame":
        """Predict every row; see `Predictor.predict`.

        Raises
        ------
        ModelFolderError
            If the model was not loaded before, and cannot be.
        PredictorError
            If the model fails, or a column that it takes is absent.
        """
        model = self._loaded or self._load()
        try:
            return model.predict(features)
        except Exception as error:  # a model can fail in any way
            raise PredictorError(self._explain(error, features, model)) from error

    def load(self) -> None:
        """Read the folder and the model; the second call does nothing.

        Raises
        ------
        ModelFolderError
            If the folder or a file is missing or damaged, does not suit the installed packages,
            holds types that are not trusted, or does not take the columns of its contract.
        MissingExtraError
            If a package that the model needs is not installed.
        """
        if self._loaded is None:
            self._load()

    @property
    def contract(self) -> "Contract":
        """What the features must look like; read without the model."""
        if self._contract is None:
            from dspipe._contract import Contract

            try:
                self._contract = Contract.load(self._find_folder() / CONTRACT_FILE)
            except ContractError as error:
                raise ModelFolderError(str(error)) from error
        return self._contract

    @property
    def card(self) -> Card:
        """What is known about the model; read without the model."""
        if self._card is None:
            self._card = read_card(self._find_folder())
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
        if self._loaded is not None:
            state = f"{self.card.task}, {self.card.estimator}, model {self.card.model_id}"
        return f"<{type(self).__name__} {self.folder}, {state}>"

    def _find_folder(self) -> Path:
        return find_folder(self.folder, self._beside)

    def _load(self) -> Loaded:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._read()
            return self._loaded

    def _explain(self, error: Exception, features: "pd.DataFrame", model: Loaded) -> str:
        missing = [name for name in model.names if name not in features.columns]
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

    @abstractmethod
    def _read(self) -> Loaded:
        """Read the model from its folder."""
