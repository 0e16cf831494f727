"""A repository of `dspipe new` whose notebook was run: made once, copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from new.walk import IDENTITY, call


@pytest.fixture(scope="session")
def git_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write settings of git that know who commits."""
    file = tmp_path_factory.mktemp("git") / "config"
    file.write_text(IDENTITY, encoding="utf-8")
    return file


@pytest.fixture
def _identity(git_settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git know who commits, in this process."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(git_settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory, git_settings: Path) -> Path:
    """Make a repository, run its notebook from top to bottom in a kernel, and convert it."""
    place = tmp_path_factory.mktemp("walked")
    for words in (
        ("dspipe", "new", "shop"),
        ("jupyter-execute", "--inplace", "shop/shop.ipynb"),
        ("dspipe", "convert", "shop/shop.ipynb"),
    ):
        done = call(place, *words, GIT_CONFIG_GLOBAL=str(git_settings))
        assert done.returncode == 0, f"{words}:\n{done.stdout}\n{done.stderr}"
    return place / "shop"


@pytest.fixture
def shop(walked: Path, tmp_path: Path) -> Iterator[Path]:
    """Give a copy that a test may change."""
    yield shutil.copytree(walked, tmp_path / "shop")
    shutil.rmtree(tmp_path / "shop")
