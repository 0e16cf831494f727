"""What a module loads when it runs, and which of that it would not miss."""

from importlib.metadata import version
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from dspipe.errors import NotebookError
from dspipe.notebooks import Requirements, Sample, add_loaded, infer_requirements

SAMPLE = Sample(pd.DataFrame({"id": [1, 2]}), {"n": 2})
LATE = """import importlib
import pandas as pd
from dspipe import PredictionPipeline, sql
from dspipe.predictors import MockPredictor

{above}

class Late(PredictionPipeline):
    key = "id"
    predictor = MockPredictor(lambda features: pd.Series({value}, index=features.index))

    def extract(self, n: int):
        return {extract}
"""
FRAME = 'pd.DataFrame({"id": range(n)})'


def infer(folder: Path, above: str, *, value: str = "0.5", extract: str = FRAME) -> Requirements:
    """Write a module, and infer what it needs from a run of it."""
    module = folder / "late.py"
    text = LATE.format(above=above, value=value, extract=extract)
    module.write_text(text, encoding="utf-8")
    needs = infer_requirements(text, folder, name="late.ipynb")
    return add_loaded(needs, module, "Late", [SAMPLE])


def test_requirements_hold_what_a_run_loads_by_name(tmp_path: Path) -> None:
    """No import statement names it, and the run fails without it."""
    needs = infer(tmp_path, "yaml = importlib.import_module('yaml')")

    assert f"\npyyaml=={version('pyyaml')}  # loaded at run time\n" in needs.draw("late.ipynb")
    assert "pyyaml" not in needs.spare


def test_requirements_leave_out_what_a_run_does_not_miss(tmp_path: Path) -> None:
    """A library that is used where it is found is no need, and is named in a remark."""
    optional = "try:\n    importlib.import_module('yaml')\nexcept ImportError:\n    pass"

    needs = infer(tmp_path, optional)

    assert "pyyaml" in needs.spare
    assert "pyyaml" not in needs.pins
    remark = needs.draw("late.ipynb").splitlines()[-1]
    assert remark == f"# Loaded by the run too, and not missed: {', '.join(needs.spare)}"


def test_requirements_leave_out_what_only_kept_the_recorded_texts(tmp_path: Path) -> None:
    """Pandas keeps texts in pyarrow where it is, and does without it elsewhere."""
    rows = pd.DataFrame({"id": ["a", None], "kind": pd.Series(["x", "y"]).astype("category")})
    module = tmp_path / "late.py"
    module.write_text(LATE.format(above="", value="0.5", extract="[data]"), encoding="utf-8")
    text = module.read_text(encoding="utf-8")

    needs = add_loaded(
        infer_requirements(text, tmp_path, name="n"), module, "Late", [Sample(rows[:1], {"n": 1})]
    )

    assert "pyarrow" not in needs.pins


def test_requirements_hold_what_changes_predictions(tmp_path: Path) -> None:
    """A run that comes to something else without a library needs it, though nothing fails."""
    optional = (
        "try:\n    importlib.import_module('yaml')\n    V = 0.5\nexcept ImportError:\n    V = 0.1"
    )

    needs = infer(tmp_path, optional, value="V")

    assert needs.pins["pyyaml"].remark == "loaded at run time"
    assert needs.spare == ()


def test_requirements_hold_all_that_was_hidden_when_nobody_says_what_is_missed(
    tmp_path: Path,
) -> None:
    """Rather a package too many than a run that fails in production."""
    above = (
        "import importlib.util\nif importlib.util.find_spec('yaml') is None:\n"
        "    raise ValueError('no')\nimportlib.import_module('yaml')"
    )

    needs = infer(tmp_path, above)

    assert needs.pins["pyyaml"].remark == "loaded at run time"
    assert needs.spare == ()


def test_requirements_hold_the_driver_of_the_source(tmp_path: Path) -> None:
    """The url of the source brings it, and no line of the module."""
    duckdb.connect(str(tmp_path / "late.duckdb")).close()
    settings = '[tool.dspipe.sources]\ndefault = "duckdb:///late.duckdb"\n'
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")

    needs = infer(tmp_path, "", extract="sql('select unnest(range(:n)) as id', n=n)")

    assert needs.pins["duckdb"].remark == "loaded at run time"


def test_requirements_are_inferred_where_the_source_does_not_answer(tmp_path: Path) -> None:
    """The recorded rows are scored all the same."""
    needs = infer(tmp_path, "importlib.import_module('yaml')", extract="1 / 0")

    assert "pyyaml" in needs.pins


def test_module_that_does_not_run_is_told(tmp_path: Path) -> None:
    """With the end of its traceback."""
    with pytest.raises(NotebookError) as caught:
        infer(tmp_path, "raise ValueError('no such thing')")

    message = str(caught.value)
    assert message.startswith(
        f"{tmp_path / 'late.py'}: E_RUN: What it loads cannot be seen: it does not run in a clean "
        "process, with another working directory.\n"
    )
    assert message.endswith(
        "  ValueError: no such thing\n Correct that, or add what it loads by hand."
    )


def test_module_that_ends_its_process_is_told(tmp_path: Path) -> None:
    """A library may crash."""
    with pytest.raises(NotebookError) as caught:
        infer(tmp_path, "import os\nos._exit(3)")

    assert "\n  the process ended early: exit code 3\n" in str(caught.value)
