"""Which files of a repository ship, and under which names."""

from dataclasses import replace
from pathlib import Path

import pytest

from dspipe.errors import PackageError
from dspipe.package import BuildSettings
from dspipe.package.repository._code import collect_code
from dspipe.package.repository._imports import find_imports
from dspipe.package.repository._place import find_place
from dspipe.package.repository._sample_run import SampleRun

NOTHING = SampleRun((), (), None, (), {}, None, None, {}, {})


def fill(root: Path, files: dict[str, str]) -> None:
    """Write the files of a repository."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def collect(root: Path, run: SampleRun, **options: object) -> list[str]:
    """Name the files that ship."""
    settings = BuildSettings(root=root, name="x", pipeline="src/late.py:Late", **options)  # type: ignore[arg-type]
    return sorted(collect_code(settings, find_place(settings), run))


def test_code_lies_where_imports_start(tmp_path: Path) -> None:
    """Modules of src/ lie at the top of the package; other files keep their place."""
    fill(tmp_path, {"src/late.py": "", "models/late/card.json": "", "src/late.sql": ""})
    run = replace(
        NOTHING, modules=(tmp_path / "src/late.py",), model_folder=tmp_path / "models/late"
    )

    assert collect(tmp_path, run) == ["late.py", "late.sql", "models/late/card.json"]


def test_hidden_files_databases_and_notebooks_stay(tmp_path: Path) -> None:
    """What may hold secrets or belongs elsewhere does not ship, though it was opened."""
    opened = [".env", ".git/config", "x.duckdb", "late.ipynb", "build/x.txt", "pyproject.toml",
              "requirements.lock", "gone.txt"]  # fmt: skip
    fill(tmp_path, {"src/late.py": "", **dict.fromkeys(opened[:-1], "")})
    run = replace(NOTHING, opened=tuple(tmp_path / name for name in opened))

    assert collect(tmp_path, run) == []


def test_code_has_what_is_included(tmp_path: Path) -> None:
    """A pattern names more files, hidden ones too where the user says so."""
    fill(tmp_path, {"src/late.py": "", "rules/a.csv": "", "rules/deep/b.csv": "", "rules/c.md": ""})

    assert collect(tmp_path, NOTHING, include=("rules/**/*.csv",)) == [
        "rules/a.csv",
        "rules/deep/b.csv",
    ]


def test_code_refuses_patterns_without_files(tmp_path: Path) -> None:
    """A pattern that matches nothing is a mistake."""
    fill(tmp_path, {"src/late.py": ""})

    with pytest.raises(PackageError) as caught:
        collect(tmp_path, NOTHING, include=("rules/*.csv", "src/*.py", "x/*"))

    assert str(caught.value) == (
        f"The setting 'include' matches no file in {tmp_path} with 'rules/*.csv', 'x/*'. Correct "
        "the pattern, or remove it."
    )


def test_code_refuses_two_files_of_one_name(tmp_path: Path) -> None:
    """Neither takes the other's place in silence."""
    fill(tmp_path, {"src/late.py": "", "late.py": ""})
    run = replace(NOTHING, modules=(tmp_path / "src/late.py", tmp_path / "late.py"))

    with pytest.raises(PackageError) as caught:
        collect(tmp_path, run)

    assert str(caught.value) == (
        f"{tmp_path / 'late.py'} and {tmp_path / 'src/late.py'} would both be 'late.py' in the "
        "package. Rename one of them."
    )


def test_place_of_a_module_in_a_package(tmp_path: Path) -> None:
    """Imports start above the outermost package, and never above the repository."""
    fill(tmp_path, {"src/shop/__init__.py": "", "src/shop/late.py": ""})
    settings = BuildSettings(root=tmp_path, name="x", pipeline="src/shop/late.py:Late")

    place = find_place(settings)

    assert (place.import_root, place.pipeline) == (tmp_path / "src", "shop.late:Late")
    assert find_place(replace(settings, pipeline="shop.late:Late")).import_root == tmp_path


def test_imports_are_followed_inside_functions_and_relative(tmp_path: Path) -> None:
    """A module that is imported on a rare path ships too; what nobody imports does not."""
    fill(
        tmp_path,
        {
            "late.py": "import pandas\ndef f():\n    from shop import prices\n",
            "shop/__init__.py": "",
            "shop/prices.py": "from . import rates\nfrom .deep.more import x\nfrom .. import y\n",
            "shop/rates.py": "import late, shop.rates\n",
            "shop/deep/__init__.py": "",
            "shop/deep/more.py": "",
            "shop/unused.py": "",
        },
    )

    found = find_imports({tmp_path / "late.py"}, tmp_path)

    assert {path.relative_to(tmp_path).as_posix() for path in found} == {
        "late.py",
        "shop/__init__.py",
        "shop/prices.py",
        "shop/rates.py",
        "shop/deep/__init__.py",
        "shop/deep/more.py",
    }
