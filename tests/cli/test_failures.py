"""What is said, and the exit code, when a command fails."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dspipe.cli._failures import explain
from dspipe.errors import SourceError

if TYPE_CHECKING:
    from conftest import Invoke

PIPELINES = Path(__file__).parent / "pipelines"


def test_run_exits_2_with_all_faults_when_arguments_are_wrong(invoke: "Invoke") -> None:
    """Wrong arguments are told together, in the words of the pipeline."""
    result = invoke("run", "late.py", "--day", "20131001", "--n-rows", "-1")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == (
        "Error: Late cannot take '20131001' as 'day': it must be a date such as 2013-10-01.\n"
        "  Late cannot take '-1' as 'n_rows': it must be greater than or equal to 0.\n"
    )


def test_run_exits_2_when_argument_is_missing(invoke: "Invoke") -> None:
    """A missing argument is named with those there are."""
    result = invoke("run", "late.py")

    assert result.exit_code == 2
    assert result.stderr == (
        "Error: Late needs the argument 'day'. It takes: day, n_rows, carriers, weekend, season, "
        "unit, window, format.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run",), "Missing argument 'PIPELINE'"),
        (("run", "late.py", "--dya", "1"), "--day"),
        (("run", "late.py", "--format", "xml"), "'xml'"),
        (("run", "late.py", "--day", "2013-10-01", "--out", "x.xlsx"), "does not say the format"),
        (("run", "late.py", "--format", "csv", "--out", "shop"), "is a folder"),
        (("run", "late.py", "--day", "2013-10-01", "--batch-rows", "many"), "--batch-rows"),
        (("preview", "late.py", "--rows", "0"), "--rows"),
        (("run", "--day", "2013-10-01", "late.py"), "Name the pipeline before '--day'"),
        (("run", "two.py"), "two.py:First"),
        (("schema", "gone.py"), "There is no file gone.py."),
    ],
)
def test_command_exits_2_when_it_is_used_wrongly(
    invoke: "Invoke", arguments: tuple[str, ...], said: str
) -> None:
    """Every mistake on the command line exits with 2 and says what it is."""
    result = invoke(*arguments)

    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.stderr


def test_run_exits_1_with_place_in_user_code_when_stage_raises(invoke: "Invoke") -> None:
    """The user's own exception shows type, message, stage, batch, rows and the line."""
    result = invoke("run", "faulty.py:Raises")

    file = PIPELINES / "faulty.py"
    source = file.read_text(encoding="utf-8").splitlines()
    number = 1 + next(i for i, line in enumerate(source) if "raise ValueError" in line)
    lines = result.stderr.splitlines()
    assert result.exit_code == 1
    assert lines[0] == "Error: ValueError: x is above 2"
    assert "Raises.postprocess on batch 2" in lines[1]
    assert lines[2:] == [
        f'  At {file}:{number} in postprocess: raise ValueError("x is above 2")',
        "  Add --debug for the whole traceback.",
    ]


def test_run_shows_traceback_when_debug_is_on(invoke: "Invoke") -> None:
    """--debug adds the traceback and keeps the exit code."""
    result = invoke("run", "faulty.py:Raises", "--debug")

    assert result.exit_code == 1
    assert result.stderr.startswith("Traceback (most recent call last):")
    assert "Add --debug" not in result.stderr


def test_run_exits_1_with_file_and_line_when_file_fails_to_load(invoke: "Invoke") -> None:
    """An error in the user's file names the line of that file."""
    result = invoke("run", "broken.py")

    assert result.exit_code == 1
    assert result.stderr == (
        "Error: KeyError: 'dta'\n"
        f'  At {PIPELINES / "broken.py"}:4 in <module>: DATA = PATHS["dta"]\n'
        "  Add --debug for the whole traceback.\n"
    )


def test_run_names_line_when_file_is_no_python(invoke: "Invoke", tmp_path: Path) -> None:
    """A syntax error names the line it stands on."""
    file = tmp_path / "unfinished.py"
    file.write_text("x = 1\nclass Late(:\n", encoding="utf-8")

    result = invoke("run", file)

    assert result.exit_code == 1
    assert f"At {file}:2: class Late(:" in result.stderr


def test_run_exits_1_with_definition_faults_when_class_is_wrong(
    invoke: "Invoke", tmp_path: Path
) -> None:
    """A faulty class is told with the line where it is defined."""
    file = tmp_path / "lacking.py"
    file.write_text(
        "from dspipe import PredictionPipeline\n\nclass Lacking(PredictionPipeline):\n"
        "    key = 'row'\n    def extract(self, day): ...\n",
        encoding="utf-8",
    )

    result = invoke("run", file)

    assert result.exit_code == 1
    assert result.stderr == (
        "Error: Lacking cannot be used: extract has a parameter 'day' without a type. "
        "Write one, such as day: date.\n"
        f"  At {file}:3 in <module>: class Lacking(PredictionPipeline):\n"
    )


def test_explain_gives_message_alone_when_error_is_ours() -> None:
    """An error of dspipe is a finished sentence; its type would add nothing."""
    error = SourceError("The source 'default' is away.")
    error.add_note("While running Late.extract.")

    assert explain(error) == "The source 'default' is away.\n  While running Late.extract."


def test_explain_gives_type_when_error_has_no_message() -> None:
    """An exception without text is named by its type."""
    assert explain(KeyboardInterrupt(), debug=True) == "KeyboardInterrupt"
