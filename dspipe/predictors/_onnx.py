"""Score with an ONNX model from a model folder, without scikit-learn."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dspipe._extras import load_extra
from dspipe._text import quote_some
from dspipe.errors import ConfigurationError, ModelFolderError
from dspipe.predictors._folder import check_model_file, find_calling_folder
from dspipe.predictors._folder_predictor import FolderPredictor

if TYPE_CHECKING:
    from dspipe.predictors._onnx_model import OnnxModel

_FATAL = 4  # of ONNX Runtime's levels of logging: what it logs below that, it raises as well


class OnnxPredictor(FolderPredictor["OnnxModel"]):
    """Scores with the model in a folder that ``dspipe export onnx`` wrote.

    It answers as the `SklearnPredictor` of the original does, one row many times faster, and loads
    without scikit-learn. The card says how far the two were from each other at most, on how many
    rows.

    The model is read on `load` or the first `predict`, once. After that `predict` may be called
    from several threads at once.

    Parameters
    ----------
    folder : str or Path
        The model folder. A relative path is looked for in the working directory, then in the folder
        of the file that makes the predictor.
    threads : int, default=1
        Threads that one call of `predict` may use. One is best for single rows, and where batches
        are predicted side by side.

    Examples
    --------
    >>> OnnxPredictor("models/flight_delay_onnx")
    <OnnxPredictor models/flight_delay_onnx, not loaded>
    """

    def __init__(self, folder: str | Path, *, threads: int = 1) -> None:
        if threads < 1:
            raise ConfigurationError(
                f"threads is {threads}. An OnnxPredictor needs at least 1 thread."
            )
        super().__init__(folder, find_calling_folder(1))
        self._threads = threads

    def _read(self) -> "OnnxModel":
        folder, card, contract = self._find_folder(), self.card, self.contract
        session = self._start(check_model_file(folder, card, "OnnxPredictor"))
        from dspipe.predictors._onnx_model import OnnxModel

        taken = tuple(given.name for given in session.get_inputs())
        if taken != contract.names:
            raise ModelFolderError(
                f"The contract in {folder} does not fit its model: the model takes "
                f"{quote_some(taken)}, the contract has {quote_some(contract.names)}. Export the "
                "model anew."
            )
        return OnnxModel.from_session(session, contract.columns, card.classes)

    def _start(self, path: Path) -> Any:
        onnxruntime = load_extra("onnxruntime", extra="onnx", needed_by="OnnxPredictor")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _FATAL
        try:
            return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime has a class of error for each code, all public
            made_with = self.card.library_versions.get("onnxruntime", "unknown")
            raise ModelFolderError(
                f"ONNX Runtime {onnxruntime.__version__} cannot load {path}: {error}. It was "
                f"verified with ONNX Runtime {made_with}. Install that version or a newer one, or "
                "export the model anew."
            ) from error
