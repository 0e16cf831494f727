"""A small model repository: flights in a real DuckDB, a real model, and a pipeline in a file."""

import json
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import duckdb
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from dspipe.package._shipped import iter_shipped
from dspipe.predictors import save_sklearn

SETTINGS = '[tool.dspipe.sources]\ndefault = "duckdb:///flights.duckdb"\n'
CARRIERS = ["UA", "AA", "B6"]
FLIGHTS = """
create table flights as select * from (values
    (1, date '2013-06-01', 'UA', timestamp '2013-06-01 06:30', 1400),
    (2, date '2013-06-01', 'AA', timestamp '2013-06-01 18:05', 1089),
    (3, date '2013-06-01', 'B6', timestamp '2013-06-01 20:15', 1576),
    (4, date '2013-06-01', 'UA', timestamp '2013-06-01 07:00', 719)
) as rows(flight_id, day, carrier, departure, distance)
"""
PIPELINE = '''"""How late will a flight be?"""

from datetime import date

import pandas as pd

from dspipe import PredictionPipeline, sql
from dspipe.predictors import SklearnPredictor

NIGHT = 18


class FlightDelay(PredictionPipeline):
    """How late will a flight be?"""

    key = "flight_id"
    predictor = SklearnPredictor("models/delay")

    def extract(self, day: date):
        return sql(
            "select flight_id, carrier, departure, distance from flights where day = :day",
            day=day,
        )

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        data["is_night"] = data["departure"].dt.hour >= NIGHT
        return data.drop(columns="departure")
'''


def make_repository(folder: Path) -> Path:
    """Write the repository, and give the file of its pipeline."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    change_data(folder, FLIGHTS)
    train(folder, CARRIERS)
    file = folder / "delay_pipeline.py"
    file.write_text(PIPELINE, encoding="utf-8")
    return file


def change_data(folder: Path, statement: str) -> None:
    """Run a statement in the repository's database."""
    with duckdb.connect(str(folder / "flights.duckdb")) as connection:
        connection.execute(statement)


def change_code(file: Path, old: str, new: str) -> None:
    """Edit the pipeline as a person would."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def train(folder: Path, carriers: list[str], slope: float = 0.01) -> None:
    """Train a model on carriers in the given order of their categories."""
    features = pd.DataFrame(
        {
            "carrier": pd.Categorical(CARRIERS, categories=carriers),
            "distance": pd.array([1400, 1089, 1576], dtype="Int32"),
            "is_night": [False, True, True],
        }
    )
    encoder = make_column_transformer(
        (OrdinalEncoder(), ["carrier"]), remainder="passthrough", verbose_feature_names_out=False
    )
    target = features["distance"].astype("float64") * slope
    model = make_pipeline(encoder, LinearRegression()).fit(features, target)
    save_sklearn(model, folder / "models" / "delay", features=features, target="delay")


def load_class(file: Path) -> type:
    """Import the pipeline as it is in the file now: bytecode is told from it by whole seconds."""
    module = ModuleType(file.stem)
    module.__file__ = str(file)
    sys.modules[file.stem] = module
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), module.__dict__)  # noqa: S102 - our own file
    found: type = module.FlightDelay
    return found


def forget() -> None:
    """Take the module away again: the next test has one of the same name."""
    sys.modules.pop("delay_pipeline", None)


def make_package(folder: Path, file: Path, *, code: Path | None = None) -> Path:
    """Lay out what a package holds: dspipe without its workshop, the code, the model, libraries."""
    for name, path in iter_shipped():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(path)
    for each in Path(sysconfig.get_path("purelib")).iterdir():
        if not each.name.startswith(("dspipe", "_", ".")) and each.suffix != ".pth":
            (folder / each.name).symlink_to(each)
    (folder / file.name).symlink_to(code or file)
    (folder / "models").symlink_to(file.parent / "models")
    about = {"pipeline": f"{file.stem}:FlightDelay"}
    (folder / "dspipe.json").write_text(json.dumps(about), encoding="utf-8")
    return folder
