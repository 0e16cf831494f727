"""What the flights example promises."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest
from flight_delay import FlightDelay
from load import load_flights, read_data_version
from sklearn.metrics import roc_auc_score
from train import get_training_data, train_model

from dspipe.notebooks import convert
from dspipe.parity import find_place, load_golden, replay_module
from dspipe.predictors import SklearnPredictor

EXAMPLE = Path(__file__).resolve().parent
LEARN = (date(2013, 1, 1), date(2013, 1, 7))
UNSEEN = (date(2013, 1, 8), date(2013, 1, 10))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Load the database that the pipeline reads while these tests run."""
    path = tmp_path_factory.mktemp("flights") / "flights.duckdb"
    load_flights(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSPIPE_SOURCE_DEFAULT", f"duckdb:///{path}")
        yield path


@pytest.fixture(scope="module")
def model(database: Path) -> SklearnPredictor:
    """Train on a few days, in a folder beside the database."""
    return train_model(database.parent / "model", learn=LEARN, unseen=UNSEEN)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the example, without what was made in it."""
    target = tmp_path_factory.mktemp("example") / "flights"
    made = shutil.ignore_patterns("data", "golden", "models", "reports", "__pycache__")
    return Path(shutil.copytree(EXAMPLE, target, ignore=made))


@pytest.fixture(scope="module")
def demo_output(example: Path) -> str:
    """Run the demo for the first time, and give what it prints."""
    return _run_demo(example)


def test_module_is_what_the_notebook_gives() -> None:
    """Nobody edits the module: it is the notebook's, byte for byte."""
    conversion = convert(EXAMPLE / "flight_delay.ipynb")

    assert conversion.text == (EXAMPLE / "flight_delay.py").read_text(encoding="utf-8")
    assert conversion.warnings == ()


def test_notebook_is_kept_without_what_a_run_left() -> None:
    """No outputs, no counts, and ids that stay: a change in git is a change that somebody made."""
    book = json.loads((EXAMPLE / "flight_delay.ipynb").read_text(encoding="utf-8"))

    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert [cell["id"] for cell in code] == [
        "imports", "categories", "pipeline", "load", "preview", "convert", "train", "run",
        "record", "check",
    ]  # fmt: skip
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_notebook_runs_from_top_to_bottom(example: Path) -> None:
    """In a kernel of its own, on all flights; the module comes to the run that it recorded."""
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.read(example / "flight_delay.ipynb", as_version=4)  # type: ignore[no-untyped-call] # it has no types

    NotebookClient(book, timeout=600, resources={"metadata": {"path": example}}).execute()

    golden = load_golden(example / "golden" / "FlightDelay" / "thunderstorms")
    place = find_place(example / "flight_delay.py", "FlightDelay")
    assert str(replay_module(golden, place, is_live=True)) == (
        "FlightDelay, golden run 'thunderstorms', in the module: equal for 91 rows."
    )


def test_load_gives_every_row_of_the_data_set(database: Path) -> None:
    """No flight and no hour of weather is lost on the way into the database."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = ("flights", "weather", "planes", "airports", "airlines")
        n_rows = {name: len(connection.table(name)) for name in tables}

    assert n_rows == {
        "flights": 336_776, "weather": 26_115, "planes": 3_322, "airports": 1_458, "airlines": 16
    }  # fmt: skip


def test_load_does_nothing_when_the_database_is_there(database: Path) -> None:
    """A database that was made by the same code from the same data is used again."""
    before = database.stat()

    is_new = load_flights(database)

    assert not is_new
    assert database.stat().st_mtime_ns == before.st_mtime_ns


def test_load_makes_the_database_anew_when_it_was_made_otherwise(tmp_path: Path) -> None:
    """A file that is not what this code would make, such as half a copy, is replaced."""
    path = tmp_path / "flights.duckdb"
    path.write_bytes(b"half a copy")

    is_new = load_flights(path)

    assert is_new
    assert read_data_version(path) is not None


def test_load_leaves_nothing_half_made_when_interrupted(tmp_path: Path) -> None:
    """After an interrupt there is no database, rather than one without some of its tables."""

    def interrupt(name: str, n_rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_flights(tmp_path / "flights.duckdb", on_table=interrupt)

    assert list(tmp_path.iterdir()) == []


def test_load_removes_what_a_killed_load_left(tmp_path: Path) -> None:
    """A process that is killed cannot clean up; the next load does it."""
    (tmp_path / ".flights.duckdb.4711.part").write_bytes(b"half a copy")

    load_flights(tmp_path / "flights.duckdb")

    assert [path.name for path in tmp_path.iterdir()] == ["flights.duckdb"]


def test_features_hold_nothing_that_is_known_only_after_departure(database: Path) -> None:
    """The model is given the plan, the plane, the queue and the weather, and no delay."""
    features, _ = get_training_data(*UNSEEN)

    assert list(features.columns) == [
        "carrier", "origin", "destination", "distance_miles", "departures_in_hour", "seats",
        "temperature_fahrenheit", "humidity_percent", "wind_direction_degrees", "wind_speed_mph",
        "wind_gust_mph", "precipitation_inches", "pressure_millibar", "visibility_miles",
        "departure_minute", "arrival_minute", "weekday", "clock_minutes", "plane_age",
        "air_dryness",
    ]  # fmt: skip


def test_features_are_the_same_when_actual_times_are_unknown(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before departure, when the database knows no delay yet, the rows are what they will be."""
    known = FlightDelay().preview(2_000, day=LEARN[0]).extracted
    blank = tmp_path / "blank.duckdb"
    shutil.copy(database, blank)
    with duckdb.connect(str(blank)) as connection:
        connection.execute(
            "update flights set departure_delay_minutes = null, arrival_delay_minutes = null"
        )
    monkeypatch.setenv("DSPIPE_SOURCE_DEFAULT", f"duckdb:///{blank}")

    unknown = FlightDelay().preview(2_000, day=LEARN[0]).extracted

    assert len(known) == 842
    assert unknown.equals(known)


def test_run_predicts_every_flight_of_the_day_in_order(model: SklearnPredictor) -> None:
    """Each flight of the day gets one answer, whose probabilities sum to 1."""
    run = FlightDelay(predictor=model).run(day="2013-10-07")

    answers = run.predictions
    assert list(answers.columns) == ["prediction", "probability_in_time", "probability_late"]
    assert len(answers) == 994
    assert answers.index.is_monotonic_increasing
    assert len(run.rejected) == 0
    np.testing.assert_allclose(answers.filter(like="probability_").sum(axis=1), 1, rtol=1e-12)


def test_run_gives_a_carrier_the_answers_it_has_among_all(model: SklearnPredictor) -> None:
    """A flight's answer does not depend on which other airlines were asked for."""
    pipe = FlightDelay(predictor=model)
    all_flights = pipe.run(day="2013-10-07").predictions

    some = pipe.run(day="2013-10-07", carrier="UA").predictions

    assert 0 < len(some) < len(all_flights)
    assert some.equals(all_flights.loc[some.index])


def test_run_of_several_days_is_the_runs_of_each(model: SklearnPredictor) -> None:
    """Training reads a period and service a day; a flight's answer is the same in both."""
    pipe = FlightDelay(predictor=model)
    both = pipe.run(day="2013-10-07", until="2013-10-08").predictions

    first = pipe.run(day="2013-10-07").predictions

    assert len(both) > len(first)
    assert both.head(len(first)).equals(first)


def test_run_measures_the_auc_that_the_card_says(model: SklearnPredictor) -> None:
    """The model is as good through the whole pipeline as it was when it was measured."""
    _, status = get_training_data(*UNSEEN)

    run = FlightDelay(predictor=model).run(day=UNSEEN[0], until=UNSEEN[1])

    chance = run.predictions.loc[status.index, "probability_late"]
    assert roc_auc_score(status == "late", chance) == model.card.metrics["auc"]


def test_train_uses_the_model_again_when_nothing_changed(
    model: SklearnPredictor, database: Path
) -> None:
    """A model that was made of the same data, code and libraries is not trained again."""
    again = train_model(database.parent / "model", learn=LEARN, unseen=UNSEEN)

    assert again.card == model.card


def test_train_makes_another_model_when_the_recipe_changed(
    model: SklearnPredictor, database: Path, tmp_path: Path
) -> None:
    """What the model was made of decides, not that there is one."""
    shutil.copytree(database.parent / "model", tmp_path / "model")

    other = train_model(tmp_path / "model", learn=LEARN, unseen=(UNSEEN[0], UNSEEN[0]))

    assert other.model_version != model.model_version
    assert other.card.metrics != model.card.metrics


def test_demo_makes_data_model_and_report(example: Path, demo_output: str) -> None:
    """The first run makes all of it, and ends with the place of the report."""
    report = example / "reports" / "flight_delay-2013-10-07.html"
    assert demo_output.endswith(f"Report of this run: {report}\n")
    assert "994 predictions, 0 rows rejected" in demo_output
    assert "<h3>FlightDelay" in report.read_text(encoding="utf-8")


def test_demo_reuses_what_is_there(example: Path, demo_output: str) -> None:
    """The second run finds data and model, says so, and predicts the same."""
    second = _run_demo(example)

    first_lines, second_lines = demo_output.splitlines(), second.splitlines()
    assert [line.endswith("from before") for line in first_lines[3:5]] == [False, False]
    assert [line.endswith("from before") for line in second_lines[3:5]] == [True, True]
    assert list(map(_settle, second_lines[6:])) == list(map(_settle, first_lines[6:]))


def test_readme_shows_what_the_demo_prints(demo_output: str) -> None:
    """The lines of the README are those of the demo, but for the times."""
    readme = (EXAMPLE.parent.parent / "README.md").read_text(encoding="utf-8")
    demo = readme.partition("`make demo` ends like this")[2]
    block = demo.partition("```text\n")[2].partition("```")[0]
    shown = [_settle(line) for line in block.splitlines() if line.strip() not in {"", "..."}]

    printed = {_settle(line) for line in demo_output.splitlines()}

    assert [line for line in shown if line not in printed] == []
    assert len(shown) > 10


def _settle(line: str) -> str:
    """Take out what differs from run to run: times, and the room they take."""
    line = re.sub(r"\s+[\d.,]+ m?s\b", " TIME", line.rstrip())
    return re.sub(r" +time$", " time", re.sub(r"─{3,}", "───", line))


def _run_demo(example: Path) -> str:
    environment = {
        name: value for name, value in os.environ.items() if name != "DSPIPE_SOURCE_DEFAULT"
    }
    finished = subprocess.run(
        [sys.executable, str(example / "demo.py")],
        env=environment | {"COLUMNS": "100", "PYTHONIOENCODING": "utf-8"},
        cwd=example.parent,
        capture_output=True,
        check=True,
        text=True,
    )
    return finished.stdout
