"""Finding the pipeline that a user names."""

import sys
from pathlib import Path

import pytest

from dspipe.cli._locate import PipelineNotFoundError, load_pipeline

SOURCE = """
from dspipe import PredictionPipeline

class Tiny(PredictionPipeline):
    key = "row"
    def extract(self): ...
"""


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("late.py", "Late"),
        ("late.py:Late", "Late"),
        ("./late.py", "Late"),
        ("late", "Late"),
        ("late:Late", "Late"),
        ("two.py:Second", "Second"),
        ("shop/buys.py", "Buys"),
        ("shop.buys", "Buys"),
        ("shop.buys:Buys", "Buys"),
    ],
)
def test_locate_finds_class_when_place_is_written_in_any_form(place: str, expected: str) -> None:
    """Files, classes in files, modules and classes in modules are all found."""
    actual = load_pipeline(place)

    assert actual.__name__ == expected


def test_locate_registers_module_under_own_name_when_it_is_file() -> None:
    """What looks for the class by module and name, such as pickle, finds it."""
    actual = load_pipeline("late.py")

    assert sys.modules[actual.__module__].__dict__["Late"] is actual
    assert actual.__module__ == "late"


def test_locate_leaves_loaded_library_alone_when_file_has_its_name(tmp_path: Path) -> None:
    """A user's file called like a loaded module does not take its place."""
    library = sys.modules["json"]
    (tmp_path / "json.py").write_text(SOURCE, encoding="utf-8")

    actual = load_pipeline(str(tmp_path / "json.py"))

    assert actual.__module__ == "json_pipeline"
    assert sys.modules["json"] is library


def test_locate_reads_file_again_when_it_changed(tmp_path: Path) -> None:
    """Each command sees the file as it is."""
    file = tmp_path / "tiny.py"
    file.write_text(SOURCE, encoding="utf-8")
    load_pipeline(str(file))

    file.write_text(SOURCE.replace('"row"', '"other"'), encoding="utf-8")

    assert load_pipeline(str(file)).key == "other"


def test_locate_leaves_no_half_module_when_file_fails(tmp_path: Path) -> None:
    """A file that raises is not left among the loaded modules."""
    file = tmp_path / "halfway.py"
    file.write_text("raise ValueError('no')", encoding="utf-8")

    with pytest.raises(ValueError, match=r"^no$"):
        load_pipeline(str(file))

    assert "halfway" not in sys.modules


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (
            "two.py",
            "two.py defines 2 pipelines: 'First', 'Second'. Name one, such as two.py:First.",
        ),
        (
            "two.py:Secnd",
            "two.py defines no pipeline 'Secnd'. It defines: 'First', 'Second'. "
            "Did you mean 'Second'?",
        ),
        (
            "nothing.py",
            "nothing.py defines no pipeline. Write a class that subclasses PredictionPipeline.",
        ),
        ("lat.py", "There is no file lat.py. Did you mean 'late.py'?"),
        ("nowhere/lat.py", "There is no file nowhere/lat.py."),
        ("shop/", "There is no file shop."),
        ("./conftest", "There is no file conftest."),
        (
            "shop/late.ipynb:Late",
            "There is no file shop/late.ipynb.",
        ),
        (
            "shop.nothing",
            "There is no module 'shop.nothing' on the path of Python. Name a pipeline as file.py, "
            "file.py:Class or package.module:Class.",
        ),
    ],
)
def test_locate_says_what_is_there_when_name_leads_nowhere(place: str, message: str) -> None:
    """A name that leads to no single pipeline gets a sentence with the names found."""
    with pytest.raises(PipelineNotFoundError) as caught:
        load_pipeline(place)

    assert str(caught.value) == message


def test_locate_refuses_file_when_it_is_no_python(tmp_path: Path) -> None:
    """A file with another suffix is no pipeline."""
    file = tmp_path / "notes.txt"
    file.write_text("Late", encoding="utf-8")

    with pytest.raises(PipelineNotFoundError) as caught:
        load_pipeline(str(file))

    assert str(caught.value) == f"{file} is not a Python file. Name a file that ends in .py."


def test_locate_passes_error_on_when_module_misses_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module that the user's own module misses is not said to be the pipeline."""
    (tmp_path / "lacking.py").write_text("import shap_of_nobody", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ModuleNotFoundError, match="shap_of_nobody"):
        load_pipeline("lacking")
