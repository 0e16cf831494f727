"""What is refused: each trap of slicing whose module would not do what the notebook did."""

import json
from pathlib import Path

import pytest
from notebooks.books import IMPORTS, list_problems, make_pipeline, write_book

from dspipe.errors import NotebookError
from dspipe.notebooks import convert

REFUSED = json.loads(Path(__file__).with_name("refused.json").read_text(encoding="utf-8"))
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "convert-problems.md"


@pytest.mark.parametrize("trap", REFUSED, ids=lambda trap: trap["trap"])
def test_conversion_refuses_what_depends_on_the_kernel(trap: dict, tmp_path: Path) -> None:
    """Every problem is named, with its code and what is the matter."""
    actual = list_problems(tmp_path, *trap["cells"], body=f"return {trap['expression']}")

    assert [list(problem) for problem in actual] == trap["problems"]


def test_problem_is_drawn_with_place_source_chain_and_fix(tmp_path: Path) -> None:
    """A person sees where it is, how it is reached and what to do, without looking it up."""
    cells = [
        "housing = load()",
        "rooms_ix = housing.columns.get_loc('rooms')",
        "def add_rooms(x):\n    return x[:, rooms_ix]",
        make_pipeline("return add_rooms(data)"),
    ]
    book = write_book(tmp_path, IMPORTS, *cells)

    with pytest.raises(NotebookError) as caught:
        convert(book)

    assert str(caught.value) == (
        f"{book} cannot be converted: it has 1 problem. Nothing was written.\n\n"
        f"{book}: cell 3, line 1: E_STATE: 'rooms_ix' is computed from 'housing' by "
        "`housing.columns.get_loc('rooms')`, which may give something else in another process.\n"
        "    | rooms_ix = housing.columns.get_loc('rooms')\n"
        "    needed by Late.postprocess (cell 5, line 8) > add_rooms (cell 4, line 2)\n"
        "    fix: Write its value as a literal, or compute it in a method; if it gives the same in "
        "every process, mark it with '# dspipe: keep'."
    )


@pytest.mark.parametrize(
    ("cells", "class_name", "message", "fix"),
    [
        (
            [IMPORTS],
            None,
            "The notebook defines no pipeline in a cell that Python can read.",
            "Write a class that subclasses dspipe.PredictionPipeline.",
        ),
        (
            [IMPORTS, make_pipeline(), make_pipeline(name="Early")],
            None,
            "The notebook defines 2 pipelines: 'Late', 'Early'.",
            "Name one with --class, such as --class Late.",
        ),
        (
            [IMPORTS, make_pipeline()],
            "Lat",
            "The notebook defines no class 'Lat'. Did you mean 'Late'?",
            "Name one of its pipelines: 'Late'.",
        ),
    ],
)
def test_conversion_says_which_pipelines_there_are(
    cells: list[str], class_name: str | None, message: str, fix: str, tmp_path: Path
) -> None:
    """Without a single pipeline nothing is guessed."""
    with pytest.raises(NotebookError) as caught:
        convert(write_book(tmp_path, *cells), class_name=class_name)

    problem = caught.value.problems[0]
    assert (problem["code"], problem["message"], problem["fix"]) == ("E_TARGET", message, fix)


def test_every_code_is_explained() -> None:
    """The reference has a section for each code that the sources can give."""
    sources = Path(convert.__code__.co_filename).parent.glob("*.py")
    import re

    text = "".join(file.read_text(encoding="utf-8") for file in sources)
    codes = set(re.findall(r"\b[EW]_[A-Z]+\b", text))

    page = PAGE.read_text(encoding="utf-8")

    assert {code for code in codes if f"## {code}\n" not in page} == set()
