"""Models that were trained in a notebook, with classes of it: converted, and loaded elsewhere."""

import subprocess
import sys
from pathlib import Path

import pytest
from notebooks.books import write_book

from dspipe.errors import NotebookError
from dspipe.notebooks import Conversion, convert

IMPORTS = "import pandas as pd\nfrom dspipe import PredictionPipeline\nimport numpy as np"
PREDICTORS = "from dspipe.predictors import SklearnPredictor, save_sklearn"
ROUNDER = '''from sklearn.base import BaseEstimator, TransformerMixin

class Rounder(TransformerMixin, BaseEstimator):
    """Round numbers."""

    def fit(self, X, y=None):
        self.steps_ = np.array([STEP, None], dtype=object)
        return self

    def transform(self, X):
        return (X / STEP).round()'''
TRAIN = """from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
known = pd.DataFrame({"size": [1.0, 2.2, 3.1]})
fitted = make_pipeline(Rounder(), LinearRegression()).fit(known, [1.0, 2.0, 3.0])
save_sklearn(fitted, "models/late", features=known, trust=TRUST)"""
LATE = """class Late(PredictionPipeline):
    key = "id"
    predictor = SklearnPredictor("models/late", trust=TRUST)

    def extract(self, n: int):
        return pd.DataFrame({"id": range(n), "size": [1.4 * i for i in range(n)]})"""
ASK = '.run(n=4).predictions["prediction"].round(6).tolist())'


def train(folder: Path, trust: str) -> tuple[Path, str]:
    """Run the cells of a notebook in order, as a kernel does, and give what its pipeline says."""
    cells = [IMPORTS, PREDICTORS, "STEP = 1.0", ROUNDER, TRAIN, LATE]
    cells = [cell.replace("TRUST", trust) for cell in cells]
    program = "\n".join([*cells, f"print(Late(){ASK}"])
    return write_book(folder, *cells), run(program, folder)


def run(program: str, folder: Path) -> str:
    """Run a program in a process of its own, where it is __main__."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def ask_module(conversion: Conversion, folder: Path) -> str:
    """Import the written module in another process, and give what its pipeline says."""
    conversion.write()
    return run(f"import late\nprint(late.Late(){ASK}", folder)


@pytest.mark.parametrize("trust", ["('__main__.Rounder',)", "'pickle'"], ids=["skops", "joblib"])
def test_module_holds_the_classes_that_its_model_names(trust: str, tmp_path: Path) -> None:
    """The pipeline mentions no Rounder, and what it was trained with loads and predicts."""
    book, expected = train(tmp_path, trust)

    conversion = convert(book)

    assert "class Rounder" in conversion.text
    assert "STEP = 1.0" in conversion.text
    assert "LinearRegression" not in conversion.text
    assert ask_module(conversion, tmp_path) == expected


def test_trusted_class_is_held_without_the_model(tmp_path: Path) -> None:
    """A clone without models converts to the same bytes."""
    book, _ = train(tmp_path, "('__main__.Rounder',)")
    whole = convert(book).text

    (tmp_path / "models" / "late").rename(tmp_path / "gone")

    assert convert(book).text == whole


def test_model_whose_class_is_gone_is_a_problem(tmp_path: Path) -> None:
    """It would load nowhere but in the kernel that still remembers it."""
    train(tmp_path, "'pickle'")
    late = LATE.replace("TRUST", "'pickle'")
    book = write_book(tmp_path, IMPORTS, PREDICTORS, late)
    trusting = write_book(
        tmp_path,
        IMPORTS,
        PREDICTORS,
        late.replace("models/late", "none").replace("'pickle'", "('__main__.Rounder',)"),
        name="trusting.ipynb",
    )

    with pytest.raises(NotebookError) as by_file:
        convert(book)
    with pytest.raises(NotebookError) as by_trust:
        convert(trusting)

    told = [(p["code"], p["message"], p["fix"], p["cell"]) for p in by_file.value.problems]
    fix = "Define Rounder in a cell above, or train and save the model anew."
    assert told == [
        (
            "E_MODEL",
            "The model 'models/late' needs __main__.Rounder, and 'Rounder' is bound by no cell.",
            fix,
            3,
        )
    ]
    told = [(p["code"], p["message"], p["fix"], p["cell"]) for p in by_trust.value.problems]
    assert told == [
        (
            "E_MODEL",
            "'__main__.Rounder' is trusted, and 'Rounder' is bound by no cell.",
            fix,
            3,
        )
    ]
