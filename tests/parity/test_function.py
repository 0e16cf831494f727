"""A function is a station: it is sent the recorded rows as JSON, and answers predictions."""

import dataclasses
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe import PredictionPipeline
from dspipe._responses import dumps, to_answer
from dspipe.aws_lambda.requests._rows import RowReader
from dspipe.parity import GoldenRun, Replay, record, replay
from dspipe.parity._answers import find_in_answer
from dspipe.parity._emulator import find_emulator, read_answer
from dspipe.parity._function import Answer, Ask, find_obstacle, replay_function
from dspipe.predictors import MockPredictor

STATION = "late:live"


class Late(PredictionPipeline):
    """Tell how late a flight is."""

    key = "flight"
    predictor = MockPredictor(lambda features: features["distance"] / 3)
    delay = 0.0

    def extract(self, n_rows: int = 3) -> pd.DataFrame:
        """Make flights."""
        names = [f"f{n}" for n in range(n_rows)]
        return pd.DataFrame({"flight": names, "distance": [float(n) for n in range(n_rows)]})

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        """Add what a test says."""
        return data.assign(distance=data["distance"] + self.delay)


class Delayed(Late):
    """Adds an hour."""

    delay = 1.0


def serve(pipeline_class: type[Late]) -> Ask:
    """Answer as the function of a class does, through JSON both ways."""

    def ask(event: Mapping[str, Any]) -> Answer:
        rows = RowReader().read(json.loads(json.dumps(event))["columns"])
        return Answer(json.loads(dumps(to_answer(pipeline_class().score(rows)))))

    return ask


def answering(*payloads: object) -> Ask:
    """Answer these in turn, the last one for ever."""
    left = list(payloads)
    return lambda event: Answer(left.pop(0) if len(left) > 1 else left[0])


@pytest.fixture
def golden(tmp_path: Path) -> GoldenRun:
    """Record three flights."""
    return record(Late(), "three", folder=tmp_path)


def test_function_that_answers_the_recorded_predictions_is_equal(golden: GoldenRun) -> None:
    """Thirds have no end, and come through JSON to the last bit."""
    came_to = replay_function(golden, serve(Late), STATION)

    assert str(came_to) == "Late, golden run 'three', in late:live: equal for 3 rows."


def test_function_that_differs_is_told_by_column_and_rows(golden: GoldenRun) -> None:
    """It tells predictions alone, so the stage is predict and the cause is open."""
    (found,) = replay_function(golden, serve(Delayed), STATION).differences

    assert (found.stage, found.kind, found.column, found.n_rows) == (
        "predict",
        "values",
        "prediction",
        3,
    )
    assert found.keys == ("f0", "f1", "f2")


def test_package_that_differs_too_tells_stage_and_kind(golden: GoldenRun) -> None:
    """A clean process with the same package knows the features as well."""

    def replay_here() -> Replay:
        return replay(golden, Changed)

    class Changed(Late):
        delay = 1.0

    (found,) = replay_function(golden, serve(Delayed), STATION, replay_here=replay_here).differences

    assert (found.stage, found.kind, found.column) == ("postprocess", "code", "distance")


def test_package_that_is_equal_leaves_what_is_around_the_function(golden: GoldenRun) -> None:
    """Then it is a variable, a secret or the network."""
    (found,) = replay_function(
        golden, serve(Delayed), STATION, replay_here=lambda: Replay(golden, "the package", ())
    ).differences

    assert (found.kind, found.column) == ("environment", "prediction")
    assert found.cause == (
        "The same package comes to the golden run in a clean process here: look at what is around "
        "the function, such as its variables, its secrets and its network."
    )


def test_function_with_chance_in_it_is_nondeterminism(golden: GoldenRun) -> None:
    """Two answers to the same rows that differ are no error of the code."""
    payloads = [
        {"predictions": [{"flight": f"f{n}", "prediction": float(n + turn)} for n in range(3)]}
        for turn in (1, 2)
    ]

    (found,) = replay_function(golden, answering(*payloads), STATION).differences

    assert found.kind == "nondeterminism"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (None, "It is no answer of a pipeline: None."),
        ({"location": "s3://x"}, "It is no answer of a pipeline: {'location': 's3://x'}."),
        ({"predictions": [{"prediction": 1}]}, "Its rows have no key ['flight'], but "),
        ({"predictions": [], "continuation": "x"}, "Its time was over after 0 of 3 rows."),
    ],
)
def test_other_answers_are_errors(golden: GoldenRun, payload: object, expected: str) -> None:
    """Whatever comes back is told, and nothing crashes."""
    (found,) = find_in_answer(golden, payload)

    assert (found.stage, found.kind) == ("predict", "error")
    assert found.found.startswith(expected)


def test_function_that_fails_is_an_error(golden: GoldenRun) -> None:
    """What it says itself is told on one line."""

    def fail(event: Mapping[str, Any]) -> Answer:
        return Answer(None, "ImportError: no x\nin line 3")

    (found,) = replay_function(golden, fail, STATION).differences

    assert str(found) == (
        "predict: the frame differs (error): It fails: ImportError: no x in line 3."
    )


def test_rejected_rows_are_not_sent(tmp_path: Path) -> None:
    """A function raises for a bad row, so one is proven by the rows that have an answer."""

    class Strict(Late):
        def extract(self, n_rows: int = 3) -> pd.DataFrame:
            made = super().extract(n_rows)
            return made.assign(flight=made["flight"].where(made.index > 0))

    golden = record(Strict(on_bad_row="reject"), "rows", folder=tmp_path)

    came_to = replay_function(golden, serve(Late), STATION)

    assert len(golden.rejected) == 1
    assert came_to.is_equal


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20),
    st.data(),
)
def test_every_double_survives_and_every_neighbour_is_found(
    values: list[float], data: st.DataObject
) -> None:
    """Answers are compared to the last bit: the next double is another one."""
    golden = make_golden(values)
    rows = [{"flight": n, "prediction": value} for n, value in enumerate(values)]
    place = data.draw(st.integers(0, len(values) - 1))
    changed = [dict(row) for row in rows]
    changed[place]["prediction"] = math.nextafter(values[place], math.inf)

    assert find_in_answer(golden, json.loads(json.dumps({"predictions": rows}))) == []
    (found,) = find_in_answer(golden, json.loads(dumps({"predictions": changed})))
    assert found.keys == (place,)


def make_golden(values: list[float]) -> GoldenRun:
    """Make a golden run that predicted these values."""
    index = pd.RangeIndex(len(values), name="flight")
    frame = pd.DataFrame({"prediction": values}, index=index)
    return GoldenRun(
        name="made",
        pipeline="Late",
        key=("flight",),
        arguments={},
        query=None,
        extracted=index.to_frame(index=False),
        features=frame,
        predictions=frame,
        rejected=pd.DataFrame(),
        n_rows=len(values),
        threshold=None,
        tolerance={},
        facts=None,  # type: ignore[arg-type] # nothing asks for them
        provenance={},
    )


def make_settings(folder: Path, *, accept_rows: bool = True) -> Path:
    """Write what a package says of itself."""
    about = {"format": 1, "name": "late", "pipeline": "late:Late", "accept_rows": accept_rows}
    (folder / "dspipe.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def test_function_is_asked_where_it_takes_rows_and_json_carries_them(
    golden: GoldenRun, tmp_path: Path
) -> None:
    """Nothing stands in the way of plain numbers and text."""
    assert find_obstacle(golden, make_settings(tmp_path)) is None


def test_obstacles_are_told(golden: GoldenRun, tmp_path: Path) -> None:
    """A golden run that cannot be sent is not silently passed over."""
    none = dataclasses.replace(golden, predictions=golden.predictions.head(0))
    large = dataclasses.replace(golden, extracted=golden.extracted.assign(note="x" * 2_100_000))
    times = dataclasses.replace(
        golden, extracted=golden.extracted.assign(day=pd.Timestamp("2013-06-01"))
    )
    closed = tmp_path / "closed"
    closed.mkdir()

    assert find_obstacle(none) == "it recorded no prediction"
    assert find_obstacle(large) == (
        "its rows are 6.3 MB as JSON, and Lambda takes 6 MB in one call"
    )
    assert find_obstacle(golden, make_settings(closed, accept_rows=False)) == (
        "the function takes no rows; accept_rows = true lets it"
    )
    assert find_obstacle(times, make_settings(tmp_path)) == (
        "JSON does not carry its column 'day' as it was"
    )


def test_emulator_that_is_not_there_is_told_with_what_to_install(tmp_path: Path) -> None:
    """Both programs are AWS's, and neither comes with dspipe."""
    program = tmp_path / "aws-lambda-rie"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)

    without = find_emulator("3.13", None, environ={"PATH": str(tmp_path / "nothing")})
    alone = find_emulator(
        "3.13", str(program), environ={"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    )

    assert without == (
        "AWS's emulator of Lambda, aws-lambda-rie, is not there. Take the program from "
        "github.com/aws/aws-lambda-runtime-interface-emulator, and put it on the PATH or name it "
        "in DSPIPE_LAMBDA_EMULATOR"
    )
    assert alone == (
        f"no Python 3.13 with AWS's runtime client is there. Run: {program} -m pip install "
        "awslambdaric; or name one that has it in DSPIPE_LAMBDA_PYTHON"
    )


def test_text_of_the_emulator_that_is_no_json_is_a_failure() -> None:
    """A function that took too long is told in words."""
    assert read_answer("Task timed out after 3.00 seconds").failure == (
        "Task timed out after 3.00 seconds"
    )
