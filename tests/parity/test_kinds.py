"""Each kind of difference, planted in a real repository, and found by name."""

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
from parity.repository import CARRIERS, change_code, change_data, load_class, train

from dspipe import PredictionPipeline
from dspipe.parity import Difference, GoldenRun, find_place, record, replay, replay_module
from dspipe.predictors import MockPredictor


def facts_of(difference: Difference) -> tuple[str, str, str | None, int]:
    """Give what a reader looks for first."""
    return difference.stage, difference.kind, difference.column, difference.n_rows


def test_unchanged_pipeline_replays_equal_here_and_live(recorded: GoldenRun, file: Path) -> None:
    """The same rows, code and model in another folder come to the same run."""
    came_to = replay(recorded, load_class(file), is_live=True)

    assert came_to.is_equal
    assert str(came_to) == "FlightDelay, golden run 'june', in this process: equal for 4 rows."
    assert repr(came_to) == "<Replay of FlightDelay/june in this process: equal>"


def test_changed_value_of_the_database_is_source_data(recorded: GoldenRun, file: Path) -> None:
    """A value that was corrected in the database is found in extract, with its key."""
    change_data(file.parent, "update flights set distance = 720 where flight_id = 4")

    (found,) = replay(recorded, load_class(file), is_live=True).differences

    assert facts_of(found) == ("extract", "source data", "distance", 1)
    assert found.keys == (4,)
    assert str(found) == (
        "extract: column 'distance' differs (source data): 1 row of 4, first 4: 719 recorded, 720 "
        "now. The source gives other rows now for the same arguments."
    )


def test_deleted_row_of_the_database_is_source_data(recorded: GoldenRun, file: Path) -> None:
    """A row that is gone is named by its key."""
    change_data(file.parent, "delete from flights where flight_id = 4")

    (found,) = replay(recorded, load_class(file), is_live=True).differences

    assert facts_of(found) == ("extract", "source data", None, 1)
    assert found.found == "1 key recorded and not there now: 4."


def test_added_row_of_the_database_is_source_data(recorded: GoldenRun, file: Path) -> None:
    """A row that was loaded late is named by its key."""
    change_data(
        file.parent,
        "insert into flights select 5, day, carrier, departure, distance from flights limit 1",
    )

    (found,) = replay(recorded, load_class(file), is_live=True).differences

    assert found.found == "1 key there now, not recorded: 5."


def test_changed_type_of_the_database_is_a_dtype(recorded: GoldenRun, file: Path) -> None:
    """A column that became a double is a dtype of extract, though its values are equal."""
    change_data(file.parent, "alter table flights alter distance type double")

    (found,) = replay(recorded, load_class(file), is_live=True).differences

    assert facts_of(found) == ("extract", "dtype", "distance", 4)
    assert found.found == "Int64 recorded, float64 now."


def test_time_zone_of_the_database_is_a_time_zone(recorded: GoldenRun, file: Path) -> None:
    """A column that became a moment in UTC is told from one without a zone."""
    change_data(file.parent, "alter table flights alter departure type timestamptz")

    (found,) = replay(recorded, load_class(file), is_live=True).differences

    assert facts_of(found) == ("extract", "time zone", "departure", 4)


def test_categories_in_another_order_in_training_are_found(recorded: GoldenRun, file: Path) -> None:
    """A model that was trained on categories in another order shows in the features."""
    train(file.parent, ["AA", "B6", "UA"])

    (found,) = replay(recorded, load_class(file)).differences

    assert facts_of(found) == ("postprocess", "category order", "carrier", 4)
    assert found.found == "'UA', 'AA', 'B6' recorded, 'AA', 'B6', 'UA' now."
    assert found.cause.startswith("Changed in the model: ")


def test_other_model_is_a_model_file(recorded: GoldenRun, file: Path) -> None:
    """A model that was trained anew, with equal features, is found in predict."""
    train(file.parent, CARRIERS, slope=0.02)

    (found,) = replay(recorded, load_class(file)).differences

    assert facts_of(found) == ("predict", "model file", "prediction", 4)
    assert found.cause.startswith("Changed in the model: id ")


def test_changed_constant_of_the_module_is_code(recorded: GoldenRun, file: Path) -> None:
    """One constant outside the class is named, in this process and in a clean one."""
    change_code(file, "NIGHT = 18", "NIGHT = 19")

    here = replay(recorded, load_class(file)).differences
    there = replay_module(recorded, find_place(file, "FlightDelay")).differences

    assert here == there
    assert [str(each) for each in here] == [
        "postprocess: column 'is_night' differs (code): 1 row of 4, first 2: True recorded, False "
        "now. Changed in the code: 'NIGHT'."
    ]


def test_failing_stage_is_an_error(recorded: GoldenRun, file: Path) -> None:
    """A pipeline that fails on the recorded rows is a finding, not a crash."""
    change_code(file, 'data["departure"]', 'data["departed"]')

    (found,) = replay(recorded, load_class(file)).differences

    assert str(found) == (
        "postprocess: the frame differs (error): It fails: KeyError: 'departed'. Changed in the "
        "code: 'FlightDelay.postprocess'."
    )


def test_other_version_of_a_library_is_named_where_nothing_else_changed(
    recorded: GoldenRun, file: Path
) -> None:
    """A golden run of another numpy, with other last digits, is a library version."""
    facts = dataclasses.replace(
        recorded.facts, versions={**recorded.facts.versions, "numpy": "1.0.0"}
    )
    older = dataclasses.replace(
        recorded, facts=facts, predictions=recorded.predictions * (1 + 1e-12)
    )

    (found,) = replay(older, load_class(file)).differences

    assert found.kind == "library version"
    assert found.cause.startswith("Other versions: numpy 1.0.0 recorded, ")


def test_declared_tolerance_lets_last_digits_pass(recorded: GoldenRun, file: Path) -> None:
    """A column with a tolerance may differ by that much, and not by more."""
    near = recorded.predictions * (1 + 1e-12)
    allowed = dataclasses.replace(recorded, predictions=near, tolerance={"prediction": 1e-9})
    narrow = dataclasses.replace(recorded, predictions=near, tolerance={"prediction": 1e-14})

    assert replay(allowed, load_class(file)).is_equal
    assert not replay(narrow, load_class(file)).is_equal


class Rows(PredictionPipeline):
    """Gives four rows, and lets a test say what the features are."""

    key = "n"
    predictor = MockPredictor(1.0)

    def extract(self, n_rows: int = 4) -> pd.DataFrame:
        """Make rows."""
        return pd.DataFrame({"n": range(n_rows), "x": [float(n) for n in range(n_rows)]})


def test_reversed_columns_are_a_column_order(tmp_path: Path) -> None:
    """A model that reads columns by place would take one for another."""

    class Ordered(Rows):
        is_reversed = False

        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            wide = data.assign(y=1.0)
            return wide[["n", "y", "x"] if self.is_reversed else ["n", "x", "y"]]

    golden = record(Ordered(), "rows", folder=tmp_path)
    Ordered.is_reversed = True

    (found,) = replay(golden, Ordered).differences

    assert facts_of(found) == ("postprocess", "column order", None, 4)
    assert found.found == "'x', 'y' recorded, 'y', 'x' now."
    assert found.cause == "Changed in the code: 'Ordered.is_reversed'."


def test_other_null_is_a_null_form(tmp_path: Path) -> None:
    """None and NaN are both null, and not the same for everybody."""

    class Nulls(Rows):
        gap: float | None = None

        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            return data.assign(x=pd.Series([self.gap, "a", "b", "c"], dtype=object))

    golden = record(Nulls(), "rows", folder=tmp_path)
    Nulls.gap = float("nan")

    (found,) = replay(golden, Nulls).differences

    assert facts_of(found) == ("postprocess", "null form", "x", 1)
    assert found.found == "1 row of 4, first 0: None recorded, nan now."


def test_chance_is_nondeterminism(tmp_path: Path) -> None:
    """Two replays that differ from each other tell chance from every other cause."""
    counter = iter(range(100))

    class Chance(Rows):
        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            return data.assign(x=float(next(counter)))

    golden = record(Chance(), "rows", folder=tmp_path)

    (found,) = replay(golden, Chance).differences

    assert facts_of(found) == ("postprocess", "nondeterminism", "x", 4)
    assert found.cause == (
        "Two replays of the same rows differ from each other: remove chance and the clock."
    )


def test_answer_that_depends_on_other_rows_is_found_in_a_sample(tmp_path: Path) -> None:
    """A mean over the batch cannot be replayed with some of its rows."""

    class Mean(Rows):
        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            return data.assign(x=data["x"].mean())

    golden = record(Mean(), "rows", folder=tmp_path, most_rows=10, n_rows=50)
    whole = record(Mean(), "whole", folder=tmp_path, most_rows=None, n_rows=50)

    (found,) = replay(golden, Mean).differences

    assert facts_of(found) == ("postprocess", "other rows", "x", 10)
    assert replay(whole, Mean, is_live=True).is_equal


def test_missing_column_is_a_column(recorded: GoldenRun, file: Path) -> None:
    """A column that extract no longer gives is named."""
    change_code(file, "carrier, departure, distance", "carrier, departure")

    found = replay(recorded, load_class(file), is_live=True).differences

    assert facts_of(found[0]) == ("extract", "columns", "distance", 4)


def test_replay_that_differs_raises_when_asked(recorded: GoldenRun, file: Path) -> None:
    """For scripts: one error with every difference."""
    from dspipe.errors import ParityError

    change_code(file, "NIGHT = 18", "NIGHT = 19")

    with pytest.raises(ParityError) as caught:
        replay(recorded, load_class(file)).check()

    assert str(caught.value) == (
        "FlightDelay, golden run 'june', in this process: not the recorded run.\n"
        "  postprocess: column 'is_night' differs (code): 1 row of 4, first 2: True recorded, "
        "False "
        "now. Changed in the code: 'NIGHT'."
    )


def test_replay_draws_what_differs_and_escapes_it(tmp_path: Path) -> None:
    """In a notebook a replay shows itself; what comes from data is text, not markup."""

    class Marked(Rows):
        mark = "<b>"

        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            return data.assign(x=self.mark)

    golden = record(Marked(), "rows", folder=tmp_path)
    is_equal = replay(golden, Marked)._repr_html_()
    Marked.mark = "<i>"

    drawn = replay(golden, Marked)._repr_html_()

    assert '<span class="badge good">equal</span>' in is_equal
    assert "in this process: 4 rows" in is_equal
    assert '<th scope="row" class="text">postprocess</th><td class="text">x</td>' in drawn
    assert '<span class="badge bad">code</span>' in drawn
    assert "&#x27;&lt;b&gt;&#x27; recorded, &#x27;&lt;i&gt;&#x27; now" in drawn
    assert "<i>" not in drawn


def test_feature_that_no_file_can_hold_is_an_error_of_postprocess(tmp_path: Path) -> None:
    """What was a number is now an object of a class: it is told, and nothing crashes."""

    class Objects(Rows):
        is_odd = False

        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            return data.assign(x=[object()] * len(data)) if self.is_odd else data

    golden = record(Objects(), "rows", folder=tmp_path)
    Objects.is_odd = True

    (found,) = replay(golden, Objects).differences

    assert str(found) == (
        "postprocess: the frame differs (error): It fails: the column 'x' holds values of the type "
        "object. Changed in the code: 'Objects.is_odd'."
    )
