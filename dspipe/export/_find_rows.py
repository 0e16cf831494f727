"""Find real features to compare an export on: a file, or the golden runs of the model."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from dspipe._config import load_config
from dspipe._extras import load_extra
from dspipe.errors import ExportError
from dspipe.parity import load_golden

if TYPE_CHECKING:
    from dspipe.predictors import SklearnPredictor

_GOLDEN_FOLDER = "golden"
_PATTERN = "*/*/golden.json"


def find_rows(
    original: "SklearnPredictor", rows: Path | None = None, *, golden: Path | None = None
) -> pd.DataFrame:
    """Find features that reached the model.

    Parameters
    ----------
    original : SklearnPredictor
    rows : Path, optional
        A Parquet or CSV file of features. Columns of a CSV file take the types of the contract.
    golden : Path, optional
        Where golden runs are; by the settings, if neither is given.

    Raises
    ------
    ExportError
        If there are none.
    """
    if rows is not None:
        return _read(original, rows)
    root = golden or load_config().root / _GOLDEN_FOLDER
    found = [
        run.features
        for file in sorted(root.glob(_PATTERN))
        for run in (load_golden(file.parent),)
        if run.provenance.get("model_id") == original.model_id
    ]
    if not any(len(frame) for frame in found):
        raise ExportError(
            f"There are no real rows to compare the export of {original.folder} on: no golden run "
            f"in {root} was made with its model, {original.model_id}. Record a run of a pipeline "
            "that uses it, or give a file of features with --rows."
        )
    return pd.concat([frame[list(original.contract.names)] for frame in found])


def _read(original: "SklearnPredictor", file: Path) -> pd.DataFrame:
    ending = file.suffix.lower()
    if ending not in (".csv", ".parquet"):
        raise ExportError(
            f"The rows in {file} cannot be read: it is neither a .parquet nor a .csv file. Write "
            "the features with DataFrame.to_parquet."
        )
    if not file.is_file():
        raise ExportError(f"There is no file {file}. Give a Parquet or CSV file of features.")
    try:
        if ending == ".parquet":
            load_extra("pyarrow", extra="parquet", needed_by="Reading Parquet")
            return pd.read_parquet(file)
        texts = {c.name: str for c in original.contract.columns if c.value_kind == "text"}
        return pd.read_csv(file, dtype=texts, keep_default_na=False, na_values=[""])
    except (OSError, ValueError) as error:
        raise ExportError(
            f"The rows in {file} cannot be read: {error}. Give a Parquet or CSV file of features."
        ) from error
