"""What a run looks like when it is written, and what is refused before it."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
import typer
from rich.console import Console

from dspipe import Provenance, Run
from dspipe.cli import _tables
from dspipe.cli._command import find_place
from dspipe.cli._output import check_target, summarise, to_csv, to_json
from dspipe.cli._tables import draw_run


def make_run(predictions: pd.DataFrame, **more: Any) -> Run:
    """Make the record of a run with these predictions."""
    rejected = pd.DataFrame({"stage": [], "reason": []}, index=predictions.index[:0])
    stages = ("extract", "postprocess", "predict")
    facts: dict[str, Any] = {"rejected": rejected, **more}
    return Run(
        predictions=predictions,
        arguments={},
        provenance=Provenance("Late", None, None, None, "0", datetime(2026, 1, 1, tzinfo=UTC)),
        rows={**dict.fromkeys(stages, len(predictions)), "rejected": 0},
        seconds=dict.fromkeys(stages, 0.5),
        total_seconds=1.5,
        n_batches=1,
        **facts,
    )


def test_csv_keeps_every_value_when_types_are_mixed() -> None:
    """Leading zeros, large integers, dates, times, nulls, lists and quotes survive CSV."""
    frame = pd.DataFrame(
        {
            "prediction": [0.1, float("nan")],
            "n": pd.array([2**62 + 1, None], dtype="Int64"),
            "day": pd.to_datetime(pd.Series(["2013-10-01", None])).astype("datetime64[s]"),
            "moment": pd.to_datetime(pd.Series(["2013-10-01T06:30:00Z", None])).dt.as_unit("us"),
            "list": [[1, "ä"], None],
            "text": ['a,"b"\nc', ""],
        },
    )
    frame.index = pd.MultiIndex.from_tuples([("007", 1), ("008", 2)], names=["id", "part"])

    actual = to_csv(make_run(frame))

    assert actual == (
        "id,part,prediction,n,day,moment,list,text\n"
        "007,1,0.1,4611686018427387905,2013-10-01,2013-10-01T06:30:00+00:00,"
        '"[1, ""ä""]","a,""b""\nc"\n'
        "008,2,,,,,,\n"
    )


def test_json_holds_null_when_prediction_is_nan() -> None:
    """NaN is no JSON."""
    frame = pd.DataFrame({"prediction": [float("nan")]}, index=pd.Index(["a"], name="id"))

    actual = json.loads(to_json(make_run(frame)))

    assert actual["predictions"] == [{"id": "a", "prediction": None}]


def test_csv_holds_header_alone_when_run_is_empty() -> None:
    """A run without rows is no error, and its columns are known."""
    frame = pd.DataFrame({"prediction": pd.Series(dtype=float)}, index=pd.Index([], name="id"))

    assert to_csv(make_run(frame)) == "id,prediction\n"


def test_summary_tells_times_rejections_and_warnings_when_there_are_any() -> None:
    """The remarks of a run fit into a few lines."""
    key = pd.Index(["a"], name="id")
    rejected = pd.DataFrame({"stage": ["predict"], "reason": ["It is NaN."]}, index=key)
    run = make_run(
        pd.DataFrame({"prediction": [1.0]}, index=key), rejected=rejected, warnings=("Odd.",)
    )

    assert summarise(run) == (
        "1 prediction in 1.50 s (extract 500 ms, postprocess 500 ms, predict 500 ms), "
        "1 row rejected.\n"
        "Rejected because: 'It is NaN.'.\n"
        "Warning: Odd."
    )


def test_table_shows_warning_and_column_called_index_when_run_has_them() -> None:
    """A user's own column keeps its place, whatever its name; warnings stand below."""
    frame = pd.DataFrame({"prediction": ["[late]"], "index": [7]}, index=pd.Index([3], name="id"))

    actual = draw_run(make_run(frame, warnings=("Odd.",)), for_terminal=False)

    words = [line.split() for line in actual.splitlines()]
    assert ["id", "prediction", "index"] in words
    assert ["3", "[late]", "7"] in words
    assert ["Warning:", "Odd."] in words


def test_table_has_colours_when_it_is_for_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets its width and colours; a file never does."""

    def make_terminal(**options: Any) -> Console:
        return Console(**{"force_terminal": True, "color_system": "standard", **options})

    monkeypatch.setattr(_tables, "Console", make_terminal)
    run = make_run(pd.DataFrame({"prediction": [1.0]}, index=pd.Index([3], name="id")))

    assert "\x1b[" in draw_run(run, for_terminal=True)
    assert "\x1b[" not in draw_run(run, for_terminal=False)


def test_parquet_is_refused_when_it_would_go_to_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are not printed on a screen."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)

    with pytest.raises(typer.BadParameter) as caught:
        check_target("parquet", None)

    assert str(caught.value) == "Parquet is binary. Give --out FILE, or send it to a program."


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (["late.py", "--day", "1"], "late.py"),
        (["--format", "json", "late.py"], "late.py"),
        (["--format=json", "late.py"], "late.py"),
        (["--debug", "late.py"], "late.py"),
        (["--help"], None),
        (["--format"], None),
        ([], None),
    ],
)
def test_find_place_skips_own_options_when_they_come_first(
    tokens: list[str], expected: str | None
) -> None:
    """Options of the command may stand before the pipeline, with or without their value."""
    assert find_place(tokens, {"--format": True, "--debug": False}) == expected
