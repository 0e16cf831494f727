"""A model folder: the model's file, its contract and its card.

::

    models/flight_delay/
        model.skops      the model (model.joblib where a pickle was asked for, model.onnx where it
                         was exported)
        contract.json    what its features must look like
        card.json        what it is, how good it is, and what it was made with
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from dspipe.errors import ModelFolderError

CARD_FILE = "card.json"
CONTRACT_FILE = "contract.json"
ONNX_FILE = "model.onnx"
SKOPS_FILE = "model.skops"
PICKLE_FILE = "model.joblib"
FORMAT = "dspipe.model_card"
FORMAT_VERSION = 1
MODEL_ID_DIGITS = 12
_OPTIONAL = ("exported",)  # entries of a card that not every card has
_READERS = {
    ONNX_FILE: "OnnxPredictor",
    PICKLE_FILE: "SklearnPredictor",
    SKOPS_FILE: "SklearnPredictor",
}


@dataclass(frozen=True)
class Card:
    """What is known about a model.

    Attributes
    ----------
    task : str
        regression, binary or multiclass.
    estimator : str
        Name of the estimator's class.
    target : str or None
        What is predicted.
    classes : tuple
        The class labels, in the order of the model; empty for a regression.
    features : tuple of str
        Names of the inputs, in order.
    n_rows : int
        Rows of the frame that the contract was inferred from.
    metrics : mapping of str to float
    model_file, model_sha256 : str
    model_version : str or None
        The version that people gave the model.
    created_utc : str
        ISO 8601.
    library_versions : mapping of str to str
    exported : mapping of str to object, or None
        For a model that was exported: from which model, and how far it is from it.
    """

    task: str
    estimator: str
    target: str | None
    classes: tuple[Any, ...]
    features: tuple[str, ...]
    n_rows: int
    metrics: Mapping[str, float]
    model_file: str
    model_sha256: str
    model_version: str | None
    created_utc: str
    library_versions: Mapping[str, str]
    exported: Mapping[str, Any] | None = None

    @property
    def model_id(self) -> str:
        """A short name of exactly this model file."""
        return self.model_sha256[:MODEL_ID_DIGITS]


def find_calling_folder(depth: int) -> Path | None:
    """Find the folder of the file that called, `depth` frames up; a notebook has none."""
    frame = sys._getframe(depth + 1)  # noqa: SLF001 - cheap, where inspect reads files
    file = frame.f_globals.get("__file__")
    return Path(file).resolve().parent if file else None


def find_folder(given: Path, beside: Path | None) -> Path:
    """Find a model folder from the working directory, else from the folder of the calling file."""
    tried = list(dict.fromkeys([Path.cwd() / given, *([beside / given] if beside else [])]))
    for folder in tried:
        if folder.is_dir():
            return folder
    raise ModelFolderError(
        f"There is no model folder '{given}'. Looked for: {', '.join(map(str, tried))}. "
        "Write it with dspipe.predictors.save_sklearn, or correct the path."
    )


def write_card(folder: Path, card: Card) -> None:
    """Write the card as JSON for people and for git."""
    content = {"format": FORMAT, "format_version": FORMAT_VERSION, "model_id": card.model_id}
    about = {name: value for name, value in asdict(card).items() if name not in _OPTIONAL or value}
    text = json.dumps(content | about, indent=2, ensure_ascii=False)
    (folder / CARD_FILE).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def read_card(folder: Path) -> Card:
    """Read the card, or refuse it with the reason."""
    path = folder / CARD_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelFolderError(
            f"The model folder {folder} has no {CARD_FILE}. A model folder is written whole by "
            "dspipe.predictors.save_sklearn: save the model anew."
        ) from error
    except ValueError as error:
        raise ModelFolderError(
            f"The card {path} is not valid JSON: {error}. Restore the file, or save the model anew."
        ) from error
    _check_format(path, content)
    names = [f.name for f in fields(Card)]
    missing = [name for name in names if name not in content and name not in _OPTIONAL]
    if missing:
        raise ModelFolderError(
            f"The card {path} has no entry '{missing[0]}'. Restore the file, or save the model "
            "anew."
        )
    lists = {name: tuple(content[name]) for name in ("classes", "features")}
    return Card(**{name: content[name] for name in names if name in content} | lists)


def _check_format(path: Path, content: object) -> None:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ModelFolderError(
            f"{path} is not the card of a model: its 'format' is not '{FORMAT}'. "
            "Give the path of a folder that dspipe.predictors.save_sklearn wrote."
        )
    if content.get("format_version") != FORMAT_VERSION:
        raise ModelFolderError(
            f"{path} is a card of format version {content.get('format_version')!r}; this dspipe "
            f"reads version {FORMAT_VERSION}. Update dspipe, or save the model anew with this one."
        )


def check_model_file(folder: Path, card: Card, reader: str = "SklearnPredictor") -> Path:
    """Find the model's file, whole and as it was saved, for a class of predictors."""
    path = folder / card.model_file
    right_reader = _READERS.get(card.model_file, reader)
    if right_reader != reader:
        raise ModelFolderError(
            f"The model folder {folder} holds '{card.model_file}', which {reader} does not read. "
            f"Use {right_reader} for it."
        )
    if card.model_file not in _READERS or not path.is_file():
        raise ModelFolderError(
            f"The model folder {folder} has no file '{card.model_file}', which its card names. "
            "Restore the file, or save the model anew."
        )
    found = sha256_of(path)
    if found != card.model_sha256:
        raise ModelFolderError(
            f"The model file {path} is not the one that was saved: its SHA-256 begins with "
            f"{found[:MODEL_ID_DIGITS]}, its card says {card.model_id}. It was cut short or "
            "changed, for example by an incomplete download or a missing 'git lfs pull'. Restore "
            "the file, or save the model anew."
        )
    return path


def sha256_of(path: Path) -> str:
    """Compute the SHA-256 of a file, as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
