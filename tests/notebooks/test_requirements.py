"""What a module needs: pinned as it is installed here, and nothing that only explored."""

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from dspipe.errors import NotebookError
from dspipe.notebooks import write_requirements

CORE = ("pandas", "pydantic", "sqlalchemy")


def write(text: str, folder: Path) -> list[str]:
    """Write the requirements of a module, without those that are always there."""
    lines = write_requirements(text, folder, name="late.ipynb").splitlines()
    return [line for line in lines if not line.startswith(tuple(f"{core}==" for core in CORE))]


def make_distribution(folder: Path, name: str, files: list[str], *, url: str = "") -> None:
    """Install a distribution of these files into a folder."""
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    info = folder / f"{name.replace('-', '_')}-1.0+local.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0+local\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files), encoding="utf-8")
    if url:
        (info / "direct_url.json").write_text(url, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder of installed distributions."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


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
            "Uninstall all but one.",
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
