"""Modules that are written: always the same, runnable, not overwritten, and traced back."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebooks.books import IMPORTS, convert_cells, make_document, make_pipeline, write_book

from dspipe.errors import NotebookError
from dspipe.notebooks import convert, trace

PAIRS = sorted((Path(__file__).parent / "pairs").glob("*.ipynb"))
SHIPPED = [IMPORTS, "LIMITS = {'a': 1}", "def scale(x):\n    return x * LIMITS['a']",
           make_pipeline("return data.assign(x=scale(2))")]  # fmt: skip
EXPLORATION = ("df = pd.read_csv('x.csv')", "df.head()", "%matplotlib inline", "!ls", "%%bash\nls",
               "for i in range(3):\n    print(i)", "Late().run(n=3)", "x = = 1", "", "   ",
               "import matplotlib.pyplot as plt\nplt.plot([1])", "scale(3)", "LIMITS.items()",
               "# only a remark", "for i in range(9):\n    print(i)", "pipe = Late()")  # fmt: skip


@pytest.mark.parametrize("notebook", PAIRS, ids=lambda path: path.stem)
def test_notebook_becomes_the_expected_module(notebook: Path) -> None:
    """Whole notebooks, byte for byte."""
    expected = notebook.with_suffix(".expected.py").read_text(encoding="utf-8")

    assert convert(notebook).text == expected


@given(st.lists(st.tuples(st.integers(1, len(SHIPPED)), st.sampled_from(EXPLORATION)), max_size=8),
       st.integers(0, 2**32))  # fmt: skip
def test_module_is_the_same_whatever_was_explored(
    tmp_path_factory: pytest.TempPathFactory, added: list[tuple[int, str]], seed: int
) -> None:
    """Cells that do not ship, outputs, counts and ids never change a byte."""
    folder = tmp_path_factory.mktemp("books")
    plain = convert(write_book(folder, *SHIPPED)).text

    cells = list(SHIPPED)
    for place, source in added:
        cells.insert(place, source)
    document = make_document(*cells)
    for at, cell in enumerate(document["cells"]):
        number = (seed * 31 + at * 17) % 9973
        cell |= {"id": f"id{number}", "execution_count": number, "outputs": [{"text": number}]}
    book = folder / "late.ipynb"
    book.write_text(json.dumps(document), encoding="utf-8")

    assert convert(book).text == plain


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_module_is_the_same_on_every_python(version: str, tmp_path: Path) -> None:
    """Newer versions see scopes in another way, and must write the same bytes."""
    python = find_python(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed here")
    book = write_book(
        tmp_path,
        *SHIPPED[:-1],
        "import os, sys, json\nXS = [x for x in range(3) if x]\nclass A:\n    y = [x for x in XS]",
        make_pipeline("return data.assign(x=scale(2), y=str(A.y) + os.sep)"),
    )
    ask = (
        "import sys; from dspipe.notebooks import convert\n"
        "sys.stdout.write(convert(sys.argv[1]).text)"
    )

    done = subprocess.run(
        [python, "-c", ask, book],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == convert(book).text


def find_python(version: str) -> str | None:
    """Find an interpreter of a minor version on the path or in pyenv's folder."""
    from dspipe.package.distributions._interpreter import find_interpreter

    try:
        return str(find_interpreter(version).path)
    except Exception:  # noqa: BLE001 - whatever is the matter, there is none to use
        return None


def test_module_runs_in_a_clean_process(tmp_path: Path) -> None:
    """The file stands alone, and importing it loads no model and no handler."""
    convert(write_book(tmp_path, *SHIPPED)).write()
    code = (
        "import late, sys; assert 'dspipe.aws_lambda' not in sys.modules\n"
        "print(late.Late(predictor=__import__('dspipe').predictors.MockPredictor(0.5))"
        ".run(n=2).predictions['prediction'].tolist())"
    )
    code = "import dspipe.predictors\n" + code

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == ("[0.5, 0.5]\n", "")


def test_module_has_a_handler_when_lambda_asks(tmp_path: Path) -> None:
    """`late.handler` is the handler of the pipeline, made once."""
    mocked = SHIPPED[-1].replace("key = 'id'", "key = 'id'\n    predictor = MockPredictor(0.5)")
    book = write_book(
        tmp_path, *SHIPPED[:-1], "from dspipe.predictors import MockPredictor", mocked
    )
    convert(book).write()
    code = (
        "import late; first = late.handler\n"
        "print(first is late.handler, type(first).__name__, hasattr(late, 'other'))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.stdout.splitlines()[-1:] == ["True Handler False"], done.stderr


def test_module_is_written_once(tmp_path: Path) -> None:
    """A second conversion of the same notebook changes nothing."""
    book = write_book(tmp_path, *SHIPPED)

    assert convert(book).write()
    assert convert(book).is_current()
    assert not convert(book).write()


def test_module_is_current_after_hooks_changed_blanks_and_line_ends(tmp_path: Path) -> None:
    """What git and its hooks do to a file is no edit."""
    conversion = convert_cells(tmp_path, 'T = """a  \nb"""', body="return T")
    conversion.write()
    text = conversion.module.read_text(encoding="utf-8").replace("a  \n", "a\n")

    conversion.module.write_bytes(text.replace("\n", "\r\n").encode())

    assert conversion.is_current()


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda text: text.replace("'a': 1", "'a': 2"), "was edited by hand"),
        (lambda text: "x = 1\n", "was not written by dspipe"),
    ],
)
def test_module_that_somebody_wrote_is_not_overwritten(
    spoil: object, what: str, tmp_path: Path
) -> None:
    """Work by hand is lost only when that is asked for."""
    book = write_book(tmp_path, *SHIPPED)
    conversion = convert(book)
    conversion.write()
    mine = spoil(conversion.text)  # type: ignore[operator] # a function of the table
    conversion.module.write_text(mine, encoding="utf-8")
    more = convert(write_book(tmp_path, *SHIPPED[:-1], "Z = 1  # dspipe: keep", SHIPPED[-1]))

    with pytest.raises(NotebookError) as caught:
        more.write()

    assert str(caught.value) == (
        f"E_EDITED: {conversion.module} {what}, and would be overwritten. Move the change into the "
        "notebook, then convert with --force; or choose another file with --out."
    )
    assert conversion.module.read_text(encoding="utf-8") == mine
    assert more.write(force=True)


def test_module_that_was_not_edited_follows_its_notebook(tmp_path: Path) -> None:
    """The digest in the head tells that it may be written anew."""
    convert(write_book(tmp_path, *SHIPPED)).write()

    changed = convert(write_book(tmp_path, *SHIPPED[:-1], "Z = 1  # dspipe: keep", SHIPPED[-1]))

    assert changed.write()


def test_every_line_of_a_module_is_traced_to_its_cell(tmp_path: Path) -> None:
    """Each line of a statement is found in the notebook with the same text."""
    cells = [*SHIPPED[:2], "!ls\n\n\n# scales\n" + SHIPPED[2], SHIPPED[3]]
    conversion = convert(write_book(tmp_path, *cells))
    conversion.write()
    lines = conversion.text.split("\n")
    body = [at for at, line in enumerate(lines, 1) if line.strip() and at > 3]
    body = [at for at in body if at < lines.index("def __getattr__(name: str) -> object:")]

    places = [trace(conversion.module, at) for at in body]

    sources = [cells[place.cell - 1].split("\n")[place.line - 1] for place in places]
    assert sources == [lines[at - 1] for at in body]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (1, "E_TRACE: Line 1 is of no cell. Name the line of a statement."),
        (
            6,
            "E_TRACE: Line 6 is not in {book} any more, or was added by dspipe. If the notebook "
            "was changed, run: dspipe convert {book}",
        ),
    ],
)
def test_line_of_no_cell_is_not_traced(line: int, message: str, tmp_path: Path) -> None:
    """The head, and what the notebook does not hold any more, have no place."""
    conversion = convert(write_book(tmp_path, "import os", *SHIPPED[:1], SHIPPED[1], *SHIPPED[2:]))
    conversion.write()
    book = write_book(tmp_path, SHIPPED[0], "LIMITS = {}", *SHIPPED[2:])
    lines = conversion.text.split("\n")
    line = line if line == 1 else lines.index(SHIPPED[1]) + 1

    with pytest.raises(NotebookError) as caught:
        trace(conversion.module, line)

    expected = message.format(book=book).replace("Line 6", f"Line {line}")
    assert str(caught.value) == f"{conversion.module}: {expected}"


def test_file_that_was_not_converted_is_not_traced(tmp_path: Path) -> None:
    """Only a module knows its notebook."""
    file = tmp_path / "a.py"
    file.write_text("x = 1\n", encoding="utf-8")

    with pytest.raises(NotebookError) as caught:
        trace(file, 1)

    assert str(caught.value) == (
        f"{file}: E_TRACE: It was not converted from a notebook. Name a module that was."
    )


def test_narrowed_import_is_traced_to_its_cell(tmp_path: Path) -> None:
    """It has another text in the notebook, and binds the same."""
    book = write_book(tmp_path, "import numpy as np, matplotlib.pyplot as plt", *SHIPPED[:-1],
                      make_pipeline("return data.assign(x=scale(np.pi))"))  # fmt: skip
    conversion = convert(book)
    conversion.write()

    place = trace(conversion.module, conversion.text.split("\n").index("import numpy as np") + 1)

    assert str(place) == f"{book}: cell 1, line 1"
