"""Files that no commit holds are not deployed by accident."""

import subprocess
from pathlib import Path

import pytest

from dspipe.deploy._tree import check_tree
from dspipe.errors import DeployError


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make a repository with one commit."""
    (tmp_path / "late.py").write_text("x = 1\n", encoding="utf-8")
    for words in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"),
    ):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)  # noqa: S607 - any git
    return tmp_path


def test_tree_passes_when_everything_is_committed(repository: Path) -> None:
    """What git holds has a name."""
    check_tree(repository)


def test_tree_passes_when_only_the_build_is_new(repository: Path) -> None:
    """Builds and bytecode lie in the repository, and git need not know how to ignore them."""
    (repository / "build" / "dspipe").mkdir(parents=True)
    (repository / "build" / "dspipe" / "late.zip").write_text("", encoding="utf-8")
    (repository / "__pycache__").mkdir()
    (repository / "__pycache__" / "late.cpython-313.pyc").write_text("", encoding="utf-8")

    check_tree(repository, built=repository / "build" / "dspipe")


def test_tree_is_refused_with_names_when_files_differ(repository: Path) -> None:
    """Changed and new files count alike."""
    (repository / "late.py").write_text("x = 2\n", encoding="utf-8")
    (repository / "new.py").write_text("", encoding="utf-8")

    with pytest.raises(DeployError) as caught:
        check_tree(repository)

    assert str(caught.value) == (
        "These files differ from the last commit: 'late.py', 'new.py'. A deployment names its "
        "commit, so commit them, or deploy them all the same with --allow-dirty."
    )


def test_tree_passes_when_files_of_another_folder_differ(repository: Path) -> None:
    """A model repository may be one folder of a larger one."""
    folder = repository / "flights"
    folder.mkdir()
    (repository / "late.py").write_text("x = 2\n", encoding="utf-8")

    check_tree(folder)


def test_tree_is_refused_when_there_is_no_commit(tmp_path: Path) -> None:
    """Without history nobody could tell which code serves."""
    with pytest.raises(DeployError) as caught:
        check_tree(tmp_path)

    assert str(caught.value) == (
        f"{tmp_path} is not in a git repository with a commit, so nobody could tell which code "
        f"serves. Commit it, or deploy it all the same with --allow-dirty."
    )
