"""The magic `%dspipe` in a real IPython: which notebook, which cells, what is said."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from notebooks.books import IMPORTS, make_pipeline, write_book
from traitlets.config import Config

import dspipe
from dspipe.cells._answers import Answer
from dspipe.cells._place import find_saved
from dspipe.notebooks import CellReport, Conversion, convert

Ask = Callable[[str], Answer]


def make_shell() -> Any:
    """Make an IPython that keeps no history on the disk; few of its methods have types."""
    settings = Config({"HistoryManager": {"enabled": False}})
    return InteractiveShell(config=settings)  # type: ignore[no-untyped-call]  # as said


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give an IPython with the extension, in a folder of its own, that leaves no files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    shell = make_shell()
    shell.run_line_magic("load_ext", "dspipe")
    yield shell
    shell.run_line_magic("unload_ext", "dspipe")


@pytest.fixture
def ask(shell: Any) -> Ask:
    """Give a function that asks as a cell does, without what IPython prints."""

    def ask(line: str) -> Answer:
        answer: Answer = shell.run_line_magic("dspipe", line)
        return answer

    return ask


def verdicts_of(answer: Answer) -> list[tuple[int, str]]:
    """Give number and verdict of every cell."""
    assert isinstance(answer.result, CellReport)
    return [(cell.number, cell.verdict) for cell in answer.result.cells]


def test_extension_is_found_by_the_name_of_the_package() -> None:
    """`%load_ext dspipe` asks the package itself, which loads no IPython before."""
    assert callable(dspipe.load_ipython_extension)
    assert callable(dspipe.unload_ipython_extension)
    assert "load_ipython_extension" not in dspipe.__all__


def test_cells_are_judged_by_what_the_pipeline_needs(ask: Ask, tmp_path: Path) -> None:
    """What ships, what ships in part, what stays and why: one line a cell."""
    write_book(
        tmp_path,
        f"{IMPORTS}\nimport json, math",
        "NIGHT = 18\nprint(NIGHT)",
        "%%bash\nls",
        make_pipeline("return data.assign(night=NIGHT, pi=math.pi)"),
        "frame = Late().run(n=3).predictions\nframe",
        "frame.describe()",
        "",
        "# nothing",
        "# dspipe: skip\n\nx = 1",
        "limit = 3",
    )

    answer = ask("cells late.ipynb")

    assert answer.text == (
        "Late of late.ipynb\n"
        "  cell   1  ships in part  import pandas as pd\n"
        "                          Lines 1 to 3 ship, of the import only what Late reads.\n"
        "  cell   2  ships in part  NIGHT = 18\n"
        "                          Line 1 ships; Late does not need the rest.\n"
        "  cell   3  stays          %%bash\n"
        "                          Exploration: it is a cell of %%bash.\n"
        "  cell   4  ships          class Late(PredictionPipeline):\n"
        "  cell   5  stays          frame = Late().run(n=3).predictions\n"
        "                          Late does not need 'frame'.\n"
        "  cell   6  stays          frame.describe()\n"
        "                          Exploration: it defines nothing.\n"
        "  cell   7  stays          \n"
        "                          It is empty.\n"
        "  cell   8  stays          # nothing\n"
        "                          It holds comments only.\n"
        "  cell   9  stays          x = 1\n"
        "                          It is marked with 'dspipe: skip'.\n"
        "  cell  10  stays          limit = 3\n"
        "                          Late does not need 'limit'."
    )
    assert repr(answer.result) == "<CellReport of late.ipynb: 3 of 10 cells ship>"
    assert answer.html is not None
    assert '<span class="badge part">2 ships in part</span>' in answer.html


def test_cell_that_keeps_the_notebook_from_being_converted_is_refused_with_a_fix(
    ask: Ask, tmp_path: Path
) -> None:
    """The same problem, code and fix that `dspipe convert` names, at its cell."""
    body = "return data.assign(top=TOP)"
    write_book(
        tmp_path, IMPORTS, "TOP = pd.read_csv('a.csv')['x'].max()", make_pipeline(body)
    )  # fmt: skip

    answer = ask("cells late.ipynb")

    assert verdicts_of(answer) == [(1, "ships"), (2, "refused"), (3, "ships")]
    assert isinstance(answer.result, CellReport)
    assert not answer.result.is_convertible
    (reason,) = answer.result.cells[1].reasons
    assert reason.startswith("E_STATE, line 1: 'TOP' is computed ")
    assert "Needed by Late.postprocess (cell 3, line 8). Fix: " in reason


def test_lines_that_ship_are_named_by_spans(ask: Ask, tmp_path: Path) -> None:
    """Several pieces of one cell are told apart."""
    pieces = "A = 1\nB = 2\nprint(A)\nC = 3\nprint(B)\n# why\nD = 4"
    body = "return data.assign(x=A + B + C + D)"
    write_book(tmp_path, IMPORTS, pieces, make_pipeline(body))

    answer = ask("cells late.ipynb")

    assert "Lines 1 to 2, 4 and 6 to 7 ship; Late does not need the rest." in answer.text


def test_notebook_of_vscode_is_known(ask: Ask, shell: Any, tmp_path: Path) -> None:
    """VS Code puts the path among the names of the session."""
    file = write_book(tmp_path, IMPORTS, make_pipeline(), "%dspipe cells")
    shell.user_ns["__vsc_ipynb_file__"] = str(file)

    assert verdicts_of(ask("")) == [(1, "ships"), (2, "ships"), (3, "stays")]


def test_notebook_of_jupyterlab_is_known(shell: Any, tmp_path: Path) -> None:
    """JupyterLab puts the path into the environment of the kernel."""
    file = write_book(tmp_path, IMPORTS, make_pipeline())

    saved = find_saved(shell, None, {"JPY_SESSION_NAME": str(file)})

    assert saved.file == file
    assert saved.notebook.name == "late.ipynb"


def test_notebook_that_was_renamed_is_not_taken_for_another(shell: Any, tmp_path: Path) -> None:
    """What the kernel was told when it began may be gone; then the cells that ran are taken."""
    saved = find_saved(shell, None, {"JPY_SESSION_NAME": str(tmp_path / "old.ipynb")})

    assert saved.file is None


def test_cells_that_were_run_are_taken_where_no_file_is_known(ask: Ask, shell: Any) -> None:
    """A cell that was run twice counts once, and it is said what this is about."""
    for source in (IMPORTS, make_pipeline(), IMPORTS):
        shell.run_cell(source, store_history=True)

    answer = ask("cells")

    assert verdicts_of(answer) == [(2, "refused"), (3, "ships")]
    assert answer.text.endswith(
        "It is not known which file this notebook is, so this is about the cells that were run, in "
        "the order in which they were run. Name the file: %dspipe cells NAME.ipynb"
    )


def test_notebook_that_was_not_saved_is_told(shell: Any, tmp_path: Path) -> None:
    """The cell that asks is not in the file, so the file is older than the screen."""
    file = write_book(tmp_path, IMPORTS, make_pipeline(), "x = 1")
    shell.user_ns["__vsc_ipynb_file__"] = str(file)

    shell.run_cell("x = 1", store_history=True)
    is_saved = find_saved(shell, None, {}).remarks
    shell.run_cell("x = 2", store_history=True)
    is_older = find_saved(shell, None, {}).remarks

    assert is_saved == ()
    assert is_older == (
        "late.ipynb was changed since it was saved; this is about the saved state. Save it and ask "
        "again.",
    )


def test_pipeline_of_this_session_is_checked(ask: Ask, shell: Any) -> None:
    """The report that `dspipe check` prints, drawn."""
    shell.run_cell(f"{IMPORTS}\n{make_pipeline()}")

    answer, named = ask("check"), ask("check --class Late")

    assert answer.text == named.text
    assert "G001 warning: Late has no golden run in " in answer.text
    assert answer.html is not None
    assert "Checks of Late" in answer.html


def test_notebook_is_converted(ask: Ask, tmp_path: Path) -> None:
    """The module is written beside the notebook; the second time nothing is to be done."""
    write_book(tmp_path, IMPORTS, make_pipeline())

    first, second = ask("convert late.ipynb"), ask("convert late.ipynb --class Late")

    assert isinstance(first.result, Conversion)
    assert first.html is None
    assert first.text == "late.py is written: Late from late.ipynb."
    assert second.text == "late.py is what the notebook gives already: Late from late.ipynb."


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "cells none.ipynb",
            "There is no notebook none.ipynb in {here}. Save it, or correct the path.",
        ),
        (
            "convert",
            "It is not known which file this notebook is, so there is nothing to convert. Name it: "
            "%dspipe convert NAME.ipynb",
        ),
        ("check", "This session has no pipeline. Run the cell that defines one first."),
        (
            "check --class Lat",
            "This session has no pipeline 'Lat'. Run the cell that defines it first.",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_a_sentence(
    ask: Ask, tmp_path: Path, line: str, message: str
) -> None:
    """IPython shows a UsageError without a traceback."""
    with pytest.raises(UsageError) as caught:
        ask(line)

    assert str(caught.value) == message.format(here=tmp_path)


def test_pipeline_must_be_named_where_there_are_several(ask: Ask, shell: Any) -> None:
    """The names are offered."""
    shell.run_cell(f"{IMPORTS}\n{make_pipeline()}\n{make_pipeline(name='Cancelled')}")

    with pytest.raises(UsageError) as caught:
        ask("check")

    assert str(caught.value) == (
        "This session has 2 pipelines: 'Late', 'Cancelled'. Name one: %dspipe check --class Late"
    )


def test_notebook_without_a_pipeline_is_a_sentence(ask: Ask, tmp_path: Path) -> None:
    """The words are those of `dspipe convert`."""
    write_book(tmp_path, "x = 1")

    with pytest.raises(UsageError, match="E_TARGET: The notebook defines no pipeline"):
        ask("cells late.ipynb")


def test_unknown_command_is_a_sentence(ask: Ask) -> None:
    """The commands that there are are named."""
    with pytest.raises(UsageError, match="invalid choice: 'cell'"):
        ask("cell")


def test_answer_is_text_in_a_terminal_and_html_in_a_notebook(
    ask: Ask, shell: Any, tmp_path: Path
) -> None:
    """IPython asks for all forms, and whoever shows it takes the best it can."""
    write_book(tmp_path, IMPORTS, make_pipeline())
    assert shell.display_formatter is not None

    forms, _ = shell.display_formatter.format(
        ask("cells late.ipynb"), include=["text/plain", "text/html"]
    )

    assert forms["text/plain"].startswith("Late of late.ipynb\n  cell   1  ships ")
    assert forms["text/html"].startswith("<style>")


def test_traceback_names_the_cell_of_a_converted_module(
    shell: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A function that is called outside of a run leads back to its cell too."""
    helper = "def halve(data):\n    return data / 0"
    file = write_book(tmp_path, IMPORTS, helper, make_pipeline("return halve(1)"))
    convert(file).write()

    shell.run_cell("import sys; sys.path.insert(0, '.')\nimport late\nlate.halve(1)")

    assert f"That is {tmp_path / 'late.ipynb'}: cell 2, line 2." in capsys.readouterr().out


def test_run_of_a_converted_module_names_the_cell_everywhere(tmp_path: Path) -> None:
    """Plain Python needs no extension: the note is on the error, once."""
    file = write_book(tmp_path, IMPORTS, make_pipeline("return data['none']"))
    conversion = convert(file)
    conversion.write()
    names: dict[str, object] = {"__name__": "late"}
    exec(compile(conversion.text, str(conversion.module), "exec"), names)  # noqa: S102 - our own file
    pipeline = names["Late"]
    assert isinstance(pipeline, type)

    with pytest.raises(KeyError) as caught:
        pipeline().preview(n=1)

    notes = [note for note in caught.value.__notes__ if note.startswith("That is ")]
    assert notes == [f"That is {tmp_path / 'late.ipynb'}: cell 2, line 8."]


def test_handler_of_somebody_else_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes on tracebacks are a help, and take nothing away."""
    monkeypatch.chdir(tmp_path)
    shell = make_shell()
    shell.set_custom_exc((OSError,), lambda *_: None)

    dspipe.load_ipython_extension(shell)
    while_loaded = shell.custom_exceptions
    dspipe.unload_ipython_extension(shell)

    assert while_loaded == shell.custom_exceptions == (OSError,)
    assert shell.find_line_magic("dspipe") is None
