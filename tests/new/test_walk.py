"""From `dspipe new` to a passing repository, offline; and the three changes that must not pass."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from new.walk import call, read_code

TRAINING = ("imports", "class", "show_stages", "features", "fit", "save_model")


def test_notebook_leaves_a_model_a_golden_run_and_a_passed_check(walked: Path) -> None:
    """Every cell runs; what belongs into git is small."""
    notebook = json.loads((walked / "shop.ipynb").read_text(encoding="utf-8"))

    outputs = {cell["id"]: cell["outputs"] for cell in notebook["cells"] if "outputs" in cell}
    committed = [*(walked / "models").rglob("*"), *(walked / "golden").rglob("*")]
    assert (walked / "models" / "shop" / "card.json").is_file()
    assert (walked / "golden" / "Shop" / "usual_day" / "golden.json").is_file()
    assert sum(path.stat().st_size for path in committed if path.is_file()) < 500_000
    assert "AUC on days that the model has not seen: 0.7" in outputs["fit"][0]["text"][0]
    assert "passed" in outputs["check_promises"][0]["data"]["text/plain"][0]
    assert "text/html" in outputs["run_once"][0]["data"]


def test_module_is_checked_and_runs(walked: Path) -> None:
    """The module is what the notebook gives, comes to the golden run, and answers a day."""
    convert = call(walked, "dspipe", "convert", "--check", "shop.ipynb")
    check = call(walked, "dspipe", "check", "shop.py")
    run = call(walked, "dspipe", "run", "shop.py", "--day", "2026-06-13", "--format", "csv")

    assert convert.stdout == "shop.py is what shop.ipynb gives.\n"
    assert (check.returncode, check.stdout.splitlines()[-1]) == (0, "Shop passed.")
    assert "error" not in check.stdout
    assert "warning" not in check.stdout
    assert (run.returncode, len(run.stdout.splitlines())) == (0, 110)


def test_own_tests_of_the_repository_pass(walked: Path) -> None:
    """What a user meets first when she runs pytest is green."""
    done = call(walked, "pytest", "-q", "-p", "no:cacheprovider")

    assert (done.returncode, done.stdout.splitlines()[-1].split(" in ")[0]) == (0, "12 passed")


def test_own_tests_say_what_is_still_to_be_done(shop: Path) -> None:
    """Before the notebook was run there is nothing to test, and that is a sentence."""
    (shop / "shop.py").unlink()
    without_module = call(shop, "pytest", "-q")
    (shop / "golden").rename(shop / "silver")
    without_golden = call(shop, "pytest", "-q")

    assert (without_module.returncode, without_golden.returncode) == (1, 1)
    assert "There is no shop.py yet. Run: dspipe convert shop.ipynb" in without_module.stderr
    assert "There is no golden run yet. Run all cells of shop.ipynb." in without_golden.stderr


def test_git_holds_the_notebook_without_outputs(shop: Path) -> None:
    """The file on the screen keeps its outputs, and git sees no change in it."""
    content = (shop / "shop.ipynb").read_text(encoding="utf-8")

    shown = call(shop, "git", "diff", "--", "shop.ipynb")
    staged = call(shop, "git", "add", "--all")
    names = call(shop, "git", "diff", "--cached", "--name-only", "HEAD").stdout.split()
    held = call(shop, "git", "show", ":shop.ipynb").stdout
    assert '"output_type"' in content
    assert (shown.stdout, staged.returncode) == ("", 0)
    assert {name.split("/")[0] for name in names} == {"golden", "models", "shop.py"}
    assert '"output_type"' not in held


def test_generated_code_passes_a_linter(walked: Path) -> None:
    """Nobody begins with a repository that a hook would change."""
    files = ("shop.ipynb", "tests")
    check = call(walked, "ruff", "check", "--isolated", "--line-length=100", *files)
    style = call(walked, "ruff", "format", "--isolated", "--line-length=100", "--check", *files)

    assert (check.returncode, check.stdout) == (0, "All checks passed!\n")
    assert style.returncode == 0, style.stdout


def change_constant(folder: Path) -> None:
    """Edit the converted module by hand."""
    file = folder / "shop.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("EVENING = 18", "EVENING = 17"), encoding="utf-8")


def change_categories(folder: Path) -> None:
    """Train the model anew, on categories in another order."""
    cells = read_code(folder / "shop.ipynb")
    script = "\n\n".join(cells[name] for name in TRAINING)
    changed = script.replace('["search", "mail", "social"', '["mail", "search", "social"')
    assert changed != script
    (folder / "retrain.py").write_text(changed, encoding="utf-8")
    done = call(folder, "python", "retrain.py")
    assert done.returncode == 0, done.stderr


def change_dtype(folder: Path) -> None:
    """Let the database give doubles where it gave whole numbers."""
    with duckdb.connect(str(folder / "data" / "sample.duckdb")) as connection:
        connection.execute("alter table visits alter pages type double")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            change_constant,
            ("G101", "this process", "postprocess", "is_evening", "code"),
            marks=pytest.mark.slow,
        ),
        pytest.param(
            change_categories,
            ("G101", "this process", "postprocess", "channel", "category order"),
            marks=pytest.mark.slow,
        ),
        (change_dtype, ("G104", "this process", "extract", "pages", "dtype")),
    ],
)
def test_check_names_stage_column_and_kind_of_a_change(
    shop: Path, change: Callable[[Path], None], expected: tuple[str, ...]
) -> None:
    """What made two copies of a pipeline differ is found, and nothing of it passes."""
    change(shop)

    done = call(shop, "dspipe", "check", "--json", "shop.py")

    report: dict[str, Any] = json.loads(done.stdout)
    names = ("code", "station", "stage", "column", "kind")
    first = tuple(report["findings"][0].get(name) for name in names)
    assert (done.returncode, report["passed"]) == (1, False)
    assert first == expected
