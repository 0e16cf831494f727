"""Export a model folder to ONNX: convert, compare with the original, and only then keep it."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dspipe._version import __version__
from dspipe.errors import ConfigurationError, ExportError
from dspipe.export._cause import find_cause
from dspipe.export._convert import convert_model
from dspipe.export._graph import ML_OPSET, OPSET
from dspipe.export._rows import iter_rows
from dspipe.export._verify import Comparison, compare
from dspipe.predictors import OnnxPredictor, SklearnPredictor
from dspipe.predictors._folder import CONTRACT_FILE, ONNX_FILE, sha256_of, write_card
from dspipe.predictors._folder_writing import beside, check_place, move_folder

if TYPE_CHECKING:
    import pandas as pd

    from dspipe.predictors._folder import Card

DEFAULT_TOLERANCE = 1e-5
_LIBRARIES = ("onnx", "onnxruntime")


@dataclass(frozen=True)
class Export:
    """What came of an export.

    Attributes
    ----------
    predictor : OnnxPredictor
        Loaded.
    comparison : Comparison
    n_real_rows : int
    """

    predictor: OnnxPredictor
    comparison: Comparison
    n_real_rows: int


def export_onnx(
    folder: str | Path,
    out: str | Path | None = None,
    *,
    rows: "pd.DataFrame",
    tolerance: float = DEFAULT_TOLERANCE,
    trust: Iterable[str] | str = (),
) -> Export:
    """Write a model folder's model as ONNX, in a folder of its own, if it answers the same.

    Parameters
    ----------
    folder : str or Path
        A folder that `save_sklearn` wrote.
    out : str or Path, optional
        Where to write; beside the folder, with ``_onnx`` after its name, if not given.
    rows : DataFrame of shape (at least 1, n_features)
        Real features, as they reach `predict`. Compared are these, and rows made of them: with
        values at the splits of trees, with nulls, with unseen categories.
    tolerance : float, default=1e-5
        Largest difference that is accepted.
    trust : tuple of str or "pickle", default=()
        As for `SklearnPredictor`.

    Raises
    ------
    ExportError
        If a step cannot be converted, there are no rows, or the answers differ. Nothing is written
        then.
    ModelFolderError
        If the folder cannot be loaded.
    MissingExtraError
        If onnx or onnxruntime is not installed.
    """
    source = Path(folder)
    place = Path(out) if out is not None else source.with_name(f"{source.name}_onnx")
    _check_places(source, place, tolerance)
    original = SklearnPredictor(source, trust=trust)
    original.load()
    real = _conform(original, rows)
    aside = beside(place.absolute(), "new")
    aside.mkdir(parents=True)
    try:
        card = _write(original, aside, tolerance)
        exported = OnnxPredictor(aside)
        exported.load()
        model = original._load().model  # noqa: SLF001 - a room above may look into one below
        parts = iter_rows(model, original.contract, real)
        blame = partial(find_cause, model, original.contract, tolerance=tolerance)
        comparison = compare(original, exported, parts, tolerance=tolerance, find_cause=blame)
        write_card(aside, _complete(card, comparison, len(real)))
        move_folder(aside, place.absolute())
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    predictor = OnnxPredictor(place)
    predictor.load()
    return Export(predictor, comparison, len(real))


def _check_places(source: Path, place: Path, tolerance: float) -> None:
    if not tolerance >= 0:
        raise ConfigurationError(f"The tolerance is {tolerance}. It must be 0 or larger.")
    if source.absolute() == place.absolute():
        raise ConfigurationError(
            f"The export would take the place of its original, {source}. Give another folder."
        )
    check_place(place.absolute())


def _conform(original: SklearnPredictor, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Bring the real rows into the form in which a run hands them to the model."""
    conformed = original.contract.apply(rows)
    bad = set(conformed.bad_rows)
    good = [place for place in range(len(rows)) if place not in bad]
    if not good:
        raise ExportError(
            f"There is no row to compare the export of {original.folder} on: of {len(rows):,} "
            "given, none keeps the contract of the model. Give features as they reach predict, "
            "such as those of a golden run."
        )
    return conformed.features.iloc[good]


def _write(original: SklearnPredictor, aside: Path, tolerance: float) -> "Card":
    fitted = original._load()  # noqa: SLF001 - as above
    model = convert_model(fitted, original.contract)
    (aside / ONNX_FILE).write_bytes(model.SerializeToString())
    original.contract.save(aside / CONTRACT_FILE)
    exported: dict[str, Any] = {
        "from_model_id": original.model_id,
        "from_model_file": original.card.model_file,
        "tolerance": tolerance,
        "opset": OPSET,
        "ml_opset": ML_OPSET,
    }
    versions = {"dspipe": __version__, **{name: version(name) for name in _LIBRARIES}}
    card = replace(
        original.card,
        model_file=ONNX_FILE,
        model_sha256=sha256_of(aside / ONNX_FILE),
        created_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        library_versions={**original.card.library_versions, **versions},
        exported=exported,
    )
    write_card(aside, card)
    return card


def _complete(card: "Card", comparison: Comparison, n_real_rows: int) -> "Card":
    measured = {
        "largest_difference": comparison.largest_difference,
        "n_rows": comparison.n_rows,
        "n_real_rows": n_real_rows,
        "n_rows_refused_by_both": comparison.n_refused,
    }
    return replace(card, exported={**(card.exported or {}), **measured})
