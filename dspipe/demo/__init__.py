"""A sample to try dspipe on: visits to a made-up shop, a model trained on them, a pipeline.

Everything is made in one folder that looks like a small model repository, so that what a user tries
there is what a user does at home.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dspipe.demo._sample import FIRST_DAY, LAST_TRAINING_DAY, write_sample
from dspipe.demo._training import train

__all__ = ["Demo", "make_demo", "write_sample"]

DAY = date(2026, 6, 12)
_SETTINGS = """\
[tool.dspipe.sources]
default = "duckdb:///data/shop.duckdb"
"""


@dataclass(frozen=True, slots=True)
class Demo:
    """Say where the sample is and what to do with it.

    Attributes
    ----------
    folder : Path
        The folder that holds all of it.
    pipeline : Path
        The file with the pipeline.
    day : date
        A day that the model was not trained on.
    auc : float or None
        Area under the ROC curve on the days after training; None when the model was there already.
    """

    folder: Path
    pipeline: Path
    day: date
    auc: float | None


def make_demo(folder: Path) -> Demo:
    """Make the sample in a folder; what is there already is kept.

    Parameters
    ----------
    folder : Path
        Made when absent.

    Raises
    ------
    MissingExtraError
        If DuckDB or scikit-learn is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pipeline = folder / "pipeline.py"
    _write_new(folder / "pyproject.toml", _SETTINGS)
    _write_new(pipeline, Path(__file__).with_name("pipeline.py").read_text(encoding="utf-8"))
    write_sample(folder / "data" / "shop.duckdb")
    model = folder / "models" / "will_buy"
    auc = None if model.exists() else train(folder, model, FIRST_DAY, LAST_TRAINING_DAY)
    return Demo(folder, pipeline, DAY, auc)


def _write_new(file: Path, text: str) -> None:
    if not file.exists():
        file.write_text(text, encoding="utf-8")
