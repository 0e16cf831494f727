"""Each kind of difference, planted where it happens in practice, is found at the stations there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from parity.repository import (
    CARRIERS,
    change_code,
    change_data,
    load_class,
    make_package,
    train,
)

from dspipe import PredictionPipeline
from dspipe.parity import (
    Difference,
    GoldenRun,
    find_place,
    record,
    replay,
    replay_module,
    replay_package,
)
from dspipe.predictors import MockPredictor

NIGHT = 'data["is_night"] = data["departure"].dt.hour >= NIGHT'
Plant = Callable[[Path], None]


def facts_of(difference: Difference) -> tuple[str, str, str | None]:
    """Give what a reader looks for first."""
    return difference.stage, difference.kind, difference.column


def order_categories(file: Path) -> None:
    """Train on the categories in another order."""
    train(file.parent, ["B6", "AA", "UA"])


def add_category(file: Path) -> None:
    """Train on a carrier more."""
    train(file.parent, [*CARRIERS, "DL"])


def train_otherwise(file: Path) -> None:
    """Train another model on equal features."""
    train(file.parent, CARRIERS, slope=0.02)


def drop_column(file: Path) -> None:
    """Let postprocess forget a feature, which the contract of the model then misses."""
    change_code(file, NIGHT, "data = data.drop(columns='distance')")


FROZEN = [
    (order_categories, ("postprocess", "category order", "carrier")),
    (add_category, ("postprocess", "categories", "carrier")),
    (train_otherwise, ("predict", "model file", "prediction")),
    (drop_column, ("postprocess", "error", None)),
]


@pytest.mark.parametrize(("plant", "expected"), FROZEN)
def test_kind_is_found_in_this_process_and_in_the_module(
    recorded: GoldenRun, file: Path, plant: Plant, expected: tuple[str, str, str | None]
) -> None:
    """Both stations tell stage, kind and column alike."""
    plant(file)

    here = replay(recorded, load_class(file)).differences
    there = replay_module(recorded, find_place(file, "FlightDelay")).differences

    assert facts_of(here[0]) == expected
    assert [str(each) for each in there] == [str(each) for each in here]


@pytest.mark.parametrize(("plant", "expected"), [FROZEN[0], FROZEN[2]])
def test_kind_is_found_in_the_package(
    recorded: GoldenRun, file: Path, tmp_path: Path, plant: Plant, expected: tuple[str, str, str]
) -> None:
    """A model that was packed after another training is the package's own error."""
    plant(file)

    (found,) = replay_package(recorded, make_package(tmp_path / "package", file)).differences

    assert facts_of(found) == expected


LIVE = [
    ("update flights set distance = 720 where flight_id = 4", "source data", "distance"),
    ("alter table flights alter distance type double", "dtype", "distance"),
    ("alter table flights alter departure type timestamptz", "time zone", "departure"),
]


@pytest.mark.parametrize(("statement", "kind", "column"), LIVE)
def test_change_of_the_database_is_found_in_extract_of_the_module(
    recorded: GoldenRun, file: Path, statement: str, kind: str, column: str
) -> None:
    """A clean process asks the same database."""
    change_data(file.parent, statement)

    found = replay_module(recorded, find_place(file, "FlightDelay"), is_live=True).differences

    assert facts_of(found[0]) == ("extract", kind, column)


def test_columns_of_a_statement_in_another_order_are_found_in_extract(
    recorded: GoldenRun, file: Path
) -> None:
    """The live rows tell it; the frozen ones cannot."""
    change_code(file, "carrier, departure, distance", "distance, departure, carrier")

    found = replay(recorded, load_class(file), is_live=True).differences

    assert facts_of(found[0]) == ("extract", "column order", None)


class Rows(PredictionPipeline):
    """Gives four rows, and lets a test say what its stages do."""

    key = "n"
    predictor = MockPredictor(1.0)

    def extract(self) -> pd.DataFrame:
        """Make rows."""
        times = pd.to_datetime(["2013-06-01 06:30"] * 4).tz_localize("UTC")
        return pd.DataFrame({"n": range(4), "x": [1, 2, 3, 4], "time": times})


def test_dtype_of_a_feature_is_found_in_postprocess(tmp_path: Path) -> None:
    """Equal numbers of another width are no longer equal in a tree or a service."""

    class Typed(Rows):
        dtype: Any = "int64"

        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            return data.assign(x=data["x"].astype(self.dtype)).drop(columns="time")

    golden = record(Typed(), "rows", folder=tmp_path)
    Typed.dtype = "float32"

    (found,) = replay(golden, Typed).differences

    assert facts_of(found) == ("postprocess", "dtype", "x")
    assert found.found == "int64 recorded, float32 now."


def test_time_zone_of_a_feature_is_found_in_postprocess(tmp_path: Path) -> None:
    """The same moments under another name of the hour."""

    class Zoned(Rows):
        zone = "Europe/Zurich"

        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            return data.assign(time=data["time"].dt.tz_convert(self.zone))

    golden = record(Zoned(), "rows", folder=tmp_path)
    Zoned.zone = "America/New_York"

    (found,) = replay(golden, Zoned).differences

    assert facts_of(found) == ("postprocess", "time zone", "time")


def test_chance_in_predict_is_nondeterminism(tmp_path: Path) -> None:
    """A service that rounds by chance, or a dropout that was left on."""
    turns = iter(range(100))

    class Chance(Rows):
        def predict(self, features: pd.DataFrame) -> pd.Series:
            return features["x"] * float(next(turns))

    golden = record(Chance(), "rows", folder=tmp_path)

    (found,) = replay(golden, Chance).differences

    assert facts_of(found) == ("predict", "nondeterminism", "prediction")


def test_function_that_a_predictor_holds_is_code(tmp_path: Path) -> None:
    """A rule in the place of a model counts as much as a method."""

    class Ruled(Rows):
        predictor = MockPredictor(half)

    golden = record(Ruled(), "rows", folder=tmp_path)
    Ruled.predictor = MockPredictor(third)

    (found,) = replay(golden, Ruled).differences

    assert facts_of(found) == ("predict", "code", "prediction")
    assert found.cause == "Changed in the code: 'half', 'third'."


def half(features: "pd.DataFrame") -> "pd.Series":
    """Predict a half."""
    return features["x"] / 2


def third(features: "pd.DataFrame") -> "pd.Series":
    """Predict a third."""
    return features["x"] / 3
