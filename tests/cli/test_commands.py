"""The commands, run in this process on tiny pipelines."""

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from dspipe import __version__

if TYPE_CHECKING:
    from conftest import Invoke

DAY = ("--day", "2013-10-01")
CSV = "flight_id,prediction\n000,0.0\n001,0.3333333333333333\n002,0.6666666666666666\n"


def test_run_prints_table_with_stages_when_no_format_is_asked(invoke: "Invoke") -> None:
    """A person sees predictions with their key, and rows and time of each stage."""
    result = invoke("run", "late.py", *DAY)

    lines = [line.split() for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert lines[0] == ["predictions:", "3", "rows"]
    assert ["001", "0.333333"] in lines
    assert [line[:2] for line in lines if line[:1] in (["extract"], ["predict"], ["total"])] == [
        ["extract", "3"],
        ["predict", "3"],
        ["total", "3"],
    ]


def test_run_prints_first_rows_only_when_there_are_many(invoke: "Invoke") -> None:
    """A long table is cut, and says so."""
    result = invoke("run", "late.py", *DAY, "--n-rows", 13)

    assert "predictions: 13 rows" in result.stdout
    assert "and 3 more rows" in result.stdout
    assert "012" not in result.stdout


def test_run_prints_csv_alone_when_asked(invoke: "Invoke") -> None:
    """Standard output holds the data, leading zeros kept; remarks go to standard error."""
    result = invoke("run", "late.py", *DAY, "--format", "csv")

    assert (result.exit_code, result.stdout) == (0, CSV)
    assert result.stderr.startswith("3 predictions in ")
    assert result.stderr.endswith(", 0 rows rejected.\n")


def test_run_prints_json_with_every_argument_when_asked(invoke: "Invoke") -> None:
    """The answer is one JSON object; each kind of argument reaches extract."""
    result = invoke(
        *("run", "late.py:Late", "--day=2013-10-01", "--n_rows", "2", "--weekend"),
        *("--carriers", "UA", "--carriers", "AA", "--season", "WINTER", "--unit", "60"),
        *("--window", '{"start": "2013-01-01"}', "--arg.format", "x", "--format", "json"),
    )

    answer = json.loads(result.stdout)
    arguments = answer["arguments"]
    assert answer["predictions"] == [
        {"flight_id": "000", "prediction": 0.0},
        {"flight_id": "001", "prediction": 1 / 3},
    ]
    del arguments["window"]
    assert arguments == {
        "day": "2013-10-01",
        "n_rows": 2,
        "carriers": ["UA", "AA"],
        "weekend": True,
        "season": "w",
        "unit": 60,
        "format": "x",
    }


def test_run_leaves_argument_to_its_default_when_it_is_not_given(invoke: "Invoke") -> None:
    """Only what was written is given; a flag can be written as no."""
    result = invoke("run", "late.py", *DAY, "--no-weekend", "--format", "json")

    arguments = json.loads(result.stdout)["arguments"]
    assert (arguments["n_rows"], arguments["weekend"], arguments["carriers"]) == (3, False, None)


def test_run_prints_parquet_when_asked(invoke: "Invoke") -> None:
    """Parquet goes to standard output as bytes."""
    result = invoke("run", "late.py", *DAY, "--format", "parquet")

    actual = pd.read_parquet(io.BytesIO(result.stdout_bytes))
    assert list(actual["flight_id"]) == ["000", "001", "002"]


@pytest.mark.parametrize("suffix", ["csv", "json", "parquet", "txt"])
def test_run_writes_file_in_format_of_suffix_when_out_is_given(
    invoke: "Invoke", tmp_path: Path, suffix: str
) -> None:
    """--out chooses the format, makes the folder, and leaves no half file beside it."""
    target = tmp_path / "new" / f"answer.{suffix}"

    result = invoke("run", "late.py", *DAY, "--out", target)

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith(f"Written to {target}.\n")
    assert list(target.parent.iterdir()) == [target]
    data = target.read_bytes()
    readers = {
        "csv": lambda: data.decode() == CSV,
        "json": lambda: len(json.loads(data)["predictions"]) == 3,
        "parquet": lambda: len(pd.read_parquet(target)) == 3,
        "txt": lambda: "predictions: 3 rows" in data.decode(),
    }
    assert readers[suffix]()


def test_run_writes_report_when_html_is_given(invoke: "Invoke", tmp_path: Path) -> None:
    """--html writes one page beside the usual output."""
    target = tmp_path / "report.html"

    result = invoke("run", "late.py", *DAY, "--format", "csv", "--html", target)

    assert result.stdout == CSV
    assert "Late" in target.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [target]


def test_run_lists_rejected_rows_when_told_to_go_on(invoke: "Invoke") -> None:
    """--on-bad-row reject shows what was refused, and why."""
    table = invoke("run", "faulty.py:Refuses", "--on-bad-row", "reject")
    data = invoke("run", "faulty.py:Refuses", "--on-bad-row", "reject", "--format", "csv")

    assert table.exit_code == 0
    assert "rejected: 1 row" in table.stdout
    assert data.stdout == "row,prediction\na,1.0\n"
    assert "1 row rejected.\nRejected because: " in data.stderr


def test_run_fails_when_row_is_bad_and_nothing_was_said(invoke: "Invoke") -> None:
    """Without --on-bad-row the pipeline's own choice counts."""
    assert invoke("run", "faulty.py:Refuses").exit_code == 1


@pytest.mark.parametrize(("given", "n_batches"), [("1", 3), ("2", 2), ("all", 1)])
def test_run_uses_batch_rows_when_given(
    invoke: "Invoke", tmp_path: Path, given: str, n_batches: int
) -> None:
    """--batch-rows takes the place of the class attribute; 'all' means all at once."""
    file = tmp_path / "sizes.py"
    file.write_text(
        "import pandas as pd\n"
        "from dspipe import PredictionPipeline\n"
        "class Sizes(PredictionPipeline):\n"
        "    key = 'row'\n"
        "    def extract(self):\n"
        "        return pd.DataFrame({'row': range(3), 'x': 1.0})\n"
        "    def predict(self, features):\n"
        "        return pd.Series(float(len(features)), index=features.index)\n",
        encoding="utf-8",
    )

    result = invoke("run", file, "--batch-rows", given, "--format", "json")

    sizes = [row["prediction"] for row in json.loads(result.stdout)["predictions"]]
    assert sum(1 / size for size in sizes) == pytest.approx(n_batches)


def test_run_help_shows_arguments_of_pipeline_when_it_is_named(invoke: "Invoke") -> None:
    """The help of one pipeline lists its flags with type, default and description."""
    result = invoke("run", "late.py", "--help")

    text = " ".join(result.stdout.replace("│", " ").split())
    assert result.exit_code == 0
    assert "Arguments of Late" in text
    assert "DATE Day of departure. Required." in text
    assert "--weekend --no-weekend" in text
    assert "--arg.format TEXT Default: none." in text
    assert "[two letters]" in text


def test_run_help_shows_own_options_when_no_pipeline_is_named(invoke: "Invoke") -> None:
    """`dspipe run --help` needs no pipeline."""
    result = invoke("run", "--help")

    assert result.exit_code == 0
    assert "--batch-rows" in result.stdout


def test_preview_shows_every_stage_when_run(invoke: "Invoke") -> None:
    """The first rows after each stage are printed."""
    result = invoke("preview", "two.py:First", "--rows", "1", "--n-rows", "4")

    titles = [line.strip() for line in result.stdout.splitlines() if ": 1 row" in line]
    assert result.exit_code == 0
    assert titles == ["extract: 1 row", "features: 1 row", "predict: 1 row"]


def test_schema_prints_json_schema_when_run(invoke: "Invoke") -> None:
    """The arguments are described as JSON Schema on standard output."""
    result = invoke("schema", "late.py")

    schema = json.loads(result.stdout)
    assert schema["required"] == ["day"]
    assert schema["properties"]["format"]["default"] == "none"


def test_dspipe_prints_version_when_asked(invoke: "Invoke") -> None:
    """`dspipe --version` names the version."""
    result = invoke("--version")

    assert (result.exit_code, result.stdout) == (0, f"dspipe {__version__}\n")


def test_run_refuses_before_it_runs_when_parquet_cannot_be_written(
    invoke: "Invoke", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing extra is told before the query, not after it."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    result = invoke("run", "faulty.py:Raises", "--format", "parquet")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: --format parquet needs the package 'pyarrow'")
    assert "Run: pip install 'pyarrow>=18'" in result.stderr
