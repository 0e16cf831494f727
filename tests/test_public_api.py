"""The face that dspipe shows: its names, what importing it costs, and that the wheel is tested."""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import dspipe
import dspipe.aws_lambda
import dspipe.checks
import dspipe.deploy
import dspipe.errors
import dspipe.package
import dspipe.parity
import dspipe.predictors
import dspipe.sources
import dspipe.testing

LISTED = [
    dspipe,
    dspipe.checks,
    dspipe.deploy,
    dspipe.package,
    dspipe.parity,
    dspipe.predictors,
    dspipe.sources,
    dspipe.testing,
]
HEAVY = {"numpy", "pandas", "pydantic", "sqlalchemy", "sklearn", "duckdb", "pyarrow", "typer"}


def modules_after(code: str) -> set[str]:
    """Run code in a fresh interpreter and tell which top-level modules it loaded."""
    script = f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


@pytest.mark.parametrize("module", LISTED, ids=lambda module: module.__name__)
def test_public_names_are_sorted_and_there(module: object) -> None:
    """Every name in __all__ can be had, and the list is in order."""
    names: list[str] = module.__all__  # type: ignore[attr-defined]  # a module

    assert names == sorted(names)
    assert all(getattr(module, name) is not None for name in names)
    assert set(names) <= set(dir(module))


def test_unknown_public_name_is_an_attribute_error() -> None:
    """Loading names late does not swallow misspelt ones."""
    with pytest.raises(AttributeError, match="module 'dspipe' has no attribute 'Pipeline'"):
        dspipe.Pipeline  # type: ignore[attr-defined]  # noqa: B018 - the fault under test


def test_import_of_dspipe_loads_the_standard_library_only() -> None:
    """`import dspipe` is light: no other package is loaded by it."""
    before = modules_after("pass")

    loaded = modules_after("import dspipe") - before

    assert {name for name in loaded if name not in sys.stdlib_module_names} == {"dspipe"}


def test_definition_of_a_pipeline_loads_no_heavy_package() -> None:
    """A class is checked when it is defined, without pandas or pydantic."""
    code = (
        "from dspipe import PredictionPipeline, sql\n"
        "from dspipe.predictors import MockPredictor\n"
        "class P(PredictionPipeline):\n"
        "    key = 'id'\n"
        "    predictor = MockPredictor(0.5)\n"
        "    def extract(self, day: str):\n"
        "        return sql('select 1 as id where :day is null', day=day)\n"
    )

    assert modules_after(code) & HEAVY == set()


def test_run_of_a_frame_loads_no_driver_and_nothing_of_the_workshop() -> None:
    """What ships stays light: a run without a query needs pandas and pydantic only."""
    code = (
        "import pandas as pd\n"
        "from dspipe import PredictionPipeline\n"
        "from dspipe.predictors import MockPredictor\n"
        "class P(PredictionPipeline):\n"
        "    key = 'id'\n"
        "    predictor = MockPredictor(0.5)\n"
        "    def extract(self):\n"
        "        return pd.DataFrame({'id': [1], 'x': [2.0]})\n"
        "P().run()\n"
    )

    assert modules_after(code) & {"sqlalchemy", "sklearn", "duckdb", "typer", "hypothesis"} == set()


def test_errors_have_one_parent_and_are_drawn_in_their_module() -> None:
    """Who catches DspipeError catches all, and the tree in the docstring names each."""
    classes = [
        value
        for value in vars(dspipe.errors).values()
        if isinstance(value, type) and value.__module__ == "dspipe.errors"
    ]

    assert all(issubclass(error, dspipe.errors.DspipeError) for error in classes)
    assert all(error.__name__ in (dspipe.errors.__doc__ or "") for error in classes)


def test_version_is_that_of_the_installed_wheel_and_of_the_changelog() -> None:
    """One version everywhere."""
    changelog = (Path(__file__).parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")
    released = [line for line in changelog.splitlines() if line.startswith("## [")]

    assert version("dspipe") == dspipe.__version__
    assert any(line.startswith(f"## [{dspipe.__version__}]") for line in released)


def test_the_wheel_is_what_is_tested() -> None:
    """Tests import the installed package, not the folder beside them."""
    assert "site-packages" in (dspipe.__file__ or "")


def test_the_package_is_marked_as_typed() -> None:
    """Type checkers of users read the annotations."""
    assert (Path(dspipe.__file__ or "").parent / "py.typed").is_file()
