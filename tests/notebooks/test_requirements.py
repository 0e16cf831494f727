"""What a module needs: pinned as it is installed here, and nothing that only explored."""

import json
import pickle
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from notebooks.conftest import make_distribution
from sklearn.linear_model import LinearRegression

from dspipe.errors import NotebookError
from dspipe.notebooks import write_requirements

CORE = ("pandas", "pydantic", "sqlalchemy")


def write(text: str, folder: Path) -> list[str]:
    """Write the requirements of a module, without those that are always there."""
    lines = write_requirements(text, folder, name="late.ipynb").splitlines()
    return [line for line in lines if not line.startswith(tuple(f"{core}==" for core in CORE))]


def test_requirements_are_what_is_imported_at_any_depth(tmp_path: Path) -> None:
    """Imports in functions count; the standard library, dspipe and type checkers' do not."""
    text = (
        "import os, numpy as np\nfrom dspipe import sql\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import hypothesis\n"
        "def f():\n    from sklearn.tree import DecisionTreeClassifier\n"
    )

    lines = write(text, tmp_path)

    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert lines == [
        f"# Written by dspipe from late.ipynb, for Python {minor}.",
        f"numpy=={version('numpy')}",
        f"scikit-learn=={version('scikit-learn')}",
    ]


def test_requirements_have_what_dspipe_needs(tmp_path: Path) -> None:
    """A module that imports nothing else still runs."""
    lines = write_requirements("", tmp_path, name="late.ipynb").splitlines()

    assert lines[1:] == [f"{core}=={version(core)}" for core in CORE]


def test_requirements_go_through_modules_beside_the_module(tmp_path: Path) -> None:
    """They ship with it, so what they import is needed too."""
    (tmp_path / "mine.py").write_text("import numpy\nimport mine\n", encoding="utf-8")

    assert write("import mine", tmp_path)[1:] == [f"numpy=={version('numpy')}"]


def test_requirements_leave_out_what_is_optional_and_absent(tmp_path: Path) -> None:
    """An import that is tried may fail in production as it does here."""
    text = "try:\n    import nobody_has_this\nexcept ImportError:\n    nobody_has_this = None"

    assert write(text, tmp_path)[1:] == ["# nobody_has_this: optional, and not installed here"]


def test_requirements_find_the_owner_in_a_shared_namespace(tmp_path: Path, site: Path) -> None:
    """The longest path that a distribution has decides; local versions keep their public part."""
    make_distribution(site, "shared-a", ["shared/a/__init__.py"])
    make_distribution(site, "shared-b", ["shared/b.py"])

    assert write("from shared.b import f", tmp_path)[1:] == [
        "shared-b==1.0  # 1.0+local here: name the index that has it"
    ]


def test_requirements_name_the_commit_of_a_repository(tmp_path: Path, site: Path) -> None:
    """What came from git is asked for at the same commit."""
    url = '{"url": "https://example.com/x.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}'
    make_distribution(site, "fromgit", ["fromgit.py"], url=url)

    assert write("import fromgit", tmp_path)[1:] == ["fromgit @ git+https://example.com/x.git@abc"]


def test_requirements_refuse_what_another_machine_cannot_get(tmp_path: Path, site: Path) -> None:
    """All that is wrong is said at once, each with its fix."""
    make_distribution(site, "two-a", ["two/__init__.py"])
    make_distribution(site, "two-b", ["two/__init__.py"])
    make_distribution(site, "mine", ["mine.py"], url='{"url": "file:///x", "dir_info": {}}')

    with pytest.raises(NotebookError) as caught:
        write("import two, mine, nobody_has_this", tmp_path)

    assert [(p["code"], p["message"], p["fix"]) for p in caught.value.problems] == [
        (
            "E_OWNERS",
            "'two' belongs to 2 distributions that are installed: 'two-a', 'two-b'.",
            "Say which one ships with --owner two=two-a, or uninstall the others.",
        ),
        (
            "E_FOLDER",
            "'mine' is of mine, which is installed from a folder of this machine.",
            "Install a released version, or one from its repository: pip install 'mine @ "
            "git+https://...'",
        ),
        (
            "E_MISSING",
            "'nobody_has_this' belongs to no distribution that is installed here, and lies not "
            "beside the module.",
            "Install it, or put nobody_has_this.py beside the notebook: it ships with it.",
        ),
    ]


def test_requirements_take_the_owner_that_was_chosen(tmp_path: Path, site: Path) -> None:
    """Where two have the same module, the user says which one ships."""
    make_distribution(site, "two-a", ["two/__init__.py"])
    make_distribution(site, "two-b", ["two/__init__.py"])

    written = write_requirements("import two", tmp_path, name="n", owners={"two": "two-b"})

    assert "two-b==1.0  #" in written
    assert "two-a" not in written


def test_requirements_know_whose_an_editable_module_is(tmp_path: Path, site: Path) -> None:
    """Its files are not in its record, and it lies in a folder of this machine all the same."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "mine_editable.py").touch()
    url = json.dumps({"url": source.as_uri(), "dir_info": {"editable": True}})
    make_distribution(site, "mine-editable", [], url=url)
    sys.path.append(str(source))

    try:
        with pytest.raises(NotebookError) as caught:
            write("import mine_editable", tmp_path)
    finally:
        sys.path.remove(str(source))

    assert [problem["code"] for problem in caught.value.problems] == ["E_FOLDER"]


def test_requirements_say_what_came_from_a_file(tmp_path: Path, site: Path) -> None:
    """A wheel of this machine is pinned by its version, and the reader is told."""
    make_distribution(
        site, "afile", ["afile.py"], url='{"url": "file:///x.whl", "archive_info": {}}'
    )
    make_distribution(
        site, "aurl", ["aurl.py"], url='{"url": "https://x/y.whl", "archive_info": {}}'
    )

    assert write("import afile, aurl", tmp_path)[1:] == [
        "afile==1.0  # from a file here: an index must have it; 1.0+local here: name the index "
        "that has it",
        "aurl @ https://x/y.whl",
    ]


def test_requirements_hold_the_libraries_of_a_model(tmp_path: Path) -> None:
    """A model that is named in the module brings the packages of its types."""
    (tmp_path / "late.pkl").write_bytes(pickle.dumps(LinearRegression()))

    lines = write('MODEL = "late.pkl"', tmp_path)

    assert lines[1:] == [f"scikit-learn=={version('scikit-learn')}  # named in late.pkl"]
