"""Recording: which rows are kept, what is written, and what is refused."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parity.repository import load_class
from pipelines import AddsFeature, GivesFrame, GivesIterator

from dspipe import PredictionPipeline, _runtime
from dspipe._witness import Witness
from dspipe.errors import ParityError
from dspipe.parity import (
    GoldenRun,
    find_golden,
    find_goldens,
    load_golden,
    record,
    record_run,
    replay,
)
from dspipe.predictors import MockPredictor


class Repeats(PredictionPipeline):
    """Gives every key twice: the second row of each is rejected."""

    key = "n"
    predictor = MockPredictor(1.0)
    on_bad_row = "reject"

    def extract(self, n_keys: int) -> pd.DataFrame:
        """Make rows."""
        return pd.DataFrame({"n": [*range(n_keys), *range(n_keys)]})


def test_golden_run_is_read_as_it_was_recorded(recorded: GoldenRun) -> None:
    """Arguments, statement, frames with their types, code and model are all there."""
    assert recorded.folder is not None
    assert recorded.folder.parts[-3:] == ("golden", "FlightDelay", "june")
    assert repr(recorded) == "<GoldenRun FlightDelay/june: 4 of 4>"
    assert recorded.arguments["day"].isoformat() == "2013-06-01"  # type: ignore[attr-defined]
    assert recorded.query is not None
    assert recorded.query["binds"] == recorded.arguments
    assert recorded.features["carrier"].cat.categories.tolist() == ["UA", "AA", "B6"]
    assert set(recorded.facts.code) >= {"FlightDelay.extract", "FlightDelay.postprocess", "NIGHT"}
    assert sorted(file.name for file in recorded.folder.iterdir()) == [
        "extracted.parquet", "features.parquet", "golden.json", "predictions.parquet",
        "rejected.parquet",
    ]  # fmt: skip


def test_recording_asks_nothing_of_the_database(file: Path) -> None:
    """What the run saw is recorded, though the data has changed since."""
    run = load_class(file)().run(day="2013-06-01")
    (file.parent / "flights.duckdb").unlink()

    golden = load_golden(run.record("june"))

    assert golden.extracted["distance"].tolist() == [1400, 1089, 1576, 719]


@given(st.integers(0, 60), st.integers(1, 60), st.integers(1, 60))
@settings(max_examples=30)
def test_sample_does_not_depend_on_batches(n_rows: int, one: int, other: int) -> None:
    """A law: the keys that are kept are the same in every batch size, and few enough."""
    from dspipe import _runtime
    from dspipe._witness import Witness
    from dspipe.parity._perform import collect

    kept = []
    for batch_rows in (one, other):
        pipeline = GivesFrame(batch_rows=batch_rows)
        run = _runtime.run(pipeline, {"n_rows": n_rows}, witness=Witness(pipeline, most_rows=10))
        kept.append(collect(run)["extracted"]["row_id"].tolist())

    assert kept[0] == kept[1] == sorted(kept[0])
    assert len(kept[0]) == min(n_rows, 10)


@given(
    st.sampled_from([GivesFrame, GivesIterator, AddsFeature]),
    st.integers(0, 40),
    st.sampled_from([1, 7, 1000]),
)
@settings(max_examples=25)
def test_replay_of_an_unchanged_pipeline_is_equal(
    tmp_path_factory: pytest.TempPathFactory,
    pipeline_class: type[PredictionPipeline],
    n_rows: int,
    most_rows: int,
) -> None:
    """A law: whatever was recorded, the same pipeline comes to it again, live too."""
    folder = tmp_path_factory.mktemp("golden")

    golden = record(pipeline_class(), "any", most_rows=most_rows, folder=folder, n_rows=n_rows)

    assert replay(golden, pipeline_class, is_live=True).differences == ()


def test_sample_keeps_all_rows_of_a_key(tmp_path: Path) -> None:
    """A key that comes twice is kept twice, with the answer of one row and the other's reason."""
    golden = record(Repeats(), "twice", most_rows=6, folder=tmp_path, n_keys=50)

    counts = golden.extracted["n"].value_counts()

    assert set(counts) == {2}
    assert len(golden.predictions) == len(golden.rejected) == len(counts)
    assert (golden.n_rows, golden.threshold is None) == (100, False)
    assert replay(golden, Repeats, is_live=True).is_equal


def test_run_of_more_rows_than_are_kept_is_recorded_in_part(tmp_path: Path) -> None:
    """Of a large run 1,000 rows are kept without being asked, and no more."""
    run = GivesFrame().run(n_rows=2_500)

    golden = load_golden(run.record("large", folder=tmp_path))

    assert repr(golden) == "<GoldenRun GivesFrame/large: 1,000 of 2,500>"


def test_recorded_rows_are_those_before_postprocess_changed_them(tmp_path: Path) -> None:
    """A stage that writes into its frame does not write into the recording."""
    golden = record(AddsFeature(), "rows", folder=tmp_path, n_rows=3)

    assert list(golden.extracted.columns) == ["row_id", "size"]
    assert list(golden.features.columns) == ["size", "area"]


def test_recording_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    """One folder a name: git shows what changed."""
    record(GivesFrame(), "rows", folder=tmp_path, n_rows=3)

    record(GivesFrame(), "rows", folder=tmp_path, n_rows=4)

    (place,) = find_goldens(tmp_path, "GivesFrame")
    assert len(load_golden(place).extracted) == 4


def test_scored_rows_cannot_be_recorded() -> None:
    """Rows that were given have no extract to come to again."""
    run = GivesFrame().score(pd.DataFrame({"row_id": [1], "size": [2.0]}))

    with pytest.raises(ParityError) as caught:
        run.record("rows")

    assert str(caught.value) == (
        "This run of GivesFrame kept no rows, so it cannot be recorded. Only run() keeps them; "
        "score() and a part of a run do not. Call run() and record that."
    )


def test_name_that_is_a_path_is_refused() -> None:
    """A golden run stays in its folder."""
    with pytest.raises(ParityError) as caught:
        record_run(GivesFrame().run(), "../june")

    assert str(caught.value) == (
        "A golden run cannot be named '../june'. Use letters, digits, '-' and '_'."
    )


def test_tolerance_of_an_unknown_column_is_refused(tmp_path: Path) -> None:
    """A misspelt tolerance would tolerate nothing."""
    with pytest.raises(ParityError) as caught:
        GivesFrame().run().record("rows", tolerance={"predicton": 0.1}, folder=tmp_path)

    assert str(caught.value) == (
        "A tolerance is given for 'predicton', which is no column of the features or the "
        "predictions: 'size', 'prediction'."
    )


def test_column_that_no_file_can_hold_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    """Half a golden run would be worse than none."""

    class Holds(GivesFrame):
        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            return data.assign(shape=[object() for _ in range(len(data))])

    with pytest.raises(ParityError) as caught:
        Holds().run().record("rows", folder=tmp_path)

    assert str(caught.value) == (
        "The run of Holds cannot be recorded: in 'features' the column 'shape' holds values of the "
        "type object, which a file cannot give back. Return numbers, text or times in its place."
    )
    assert list(tmp_path.iterdir()) == []


def test_unknown_golden_run_names_those_there_are(tmp_path: Path) -> None:
    """A misspelt name gets a close match."""
    record(GivesFrame(), "monday", folder=tmp_path)

    with pytest.raises(ParityError) as caught:
        find_golden(tmp_path, "GivesFrame", "munday")

    assert str(caught.value) == (
        f"GivesFrame has no golden run 'munday' in {tmp_path}. There are: 'monday'. Did you mean "
        "'monday'? Record one with run.record()."
    )


def test_file_of_another_format_is_refused(tmp_path: Path) -> None:
    """A golden run of a later dspipe is not guessed at."""
    place = tmp_path / "GivesFrame" / "rows"
    record(GivesFrame(), "rows", folder=tmp_path)
    about = json.loads((place / "golden.json").read_text(encoding="utf-8"))
    (place / "golden.json").write_text(json.dumps(about | {"version": 2}), encoding="utf-8")

    with pytest.raises(ParityError) as caught:
        load_golden(place)

    assert str(caught.value) == (
        f"{place / 'golden.json'} is of the format 'dspipe.golden_run', version 2; this version of "
        "dspipe reads 'dspipe.golden_run', version 1. Record the run anew."
    )


def test_missing_frame_is_refused(tmp_path: Path) -> None:
    """A file that git does not have is named."""
    record(GivesFrame(), "rows", folder=tmp_path)
    place = tmp_path / "GivesFrame" / "rows"
    (place / "features.parquet").unlink()

    with pytest.raises(ParityError) as caught:
        load_golden(place)

    assert str(caught.value) == (
        f"The golden run in {place} has no features.parquet. Take it from git again, or record the "
        "run anew."
    )


def test_golden_run_is_json_where_pyarrow_is_not_installed(tmp_path: Path) -> None:
    """Without pyarrow frames are texts, and are read the same."""
    script = (
        "import sys; sys.modules['pyarrow'] = None; "
        f"sys.path.append({str(Path(__file__).parents[1])!r})\n"
        "from pipelines import AddsFeature\n"
        "from dspipe.parity import record, replay\n"
        f"golden = record(AddsFeature(), 'rows', folder={str(tmp_path)!r}, n_rows=3)\n"
        "print(replay(golden, AddsFeature, is_live=True))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    place = tmp_path / "AddsFeature" / "rows"
    assert done.stdout.strip() == (
        "AddsFeature, golden run 'rows', in this process: equal for 3 rows."
    )
    assert sorted(file.name for file in place.iterdir()) == [
        "extracted.json", "features.json", "golden.json", "predictions.json", "rejected.json",
    ]  # fmt: skip
    assert (place / "extracted.json").read_text(encoding="utf-8") == (
        '{\n"row_id": [0, 1, 2],\n"size": [0.0, 1.0, 2.0]\n}\n'
    )
    assert replay(load_golden(place), AddsFeature).is_equal


def test_recorded_folder_says_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook shows where the rows went, how many of them, and what git has to hold."""
    monkeypatch.chdir(tmp_path)
    run = GivesFrame().run(n_rows=5)

    whole = run.record("whole", folder=tmp_path / "golden")
    sampled = Witness(GivesFrame(), most_rows=3)
    part = _runtime.run(GivesFrame(), {"n_rows": 5}, witness=sampled).record("part")

    assert re.fullmatch(r"Recorded in golden/GivesFrame/whole: 5 rows, \d+ kB\.", repr(whole))
    assert isinstance(whole, Path)
    assert re.fullmatch(
        r"Recorded in golden/GivesFrame/part: 3 of 5 rows, whole keys chosen by their hash, \d+ "
        r"kB\.",
        repr(part),
    )


@pytest.mark.slow
def test_run_of_a_million_rows_is_recorded_in_a_small_folder(tmp_path: Path) -> None:
    """Git holds the thousand rows that everybody would choose, and the frames are no larger."""
    folder = GivesFrame().run(n_rows=1_000_000).record("large", folder=tmp_path)

    golden = load_golden(folder)

    assert (golden.n_rows, len(golden.extracted), len(golden.predictions)) == (
        1_000_000,
        1000,
        1000,
    )
    assert sum(file.stat().st_size for file in folder.iterdir()) < 100_000
