"""Distributions made by hand, in a folder on the path."""

from pathlib import Path

import pytest


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder of installed distributions."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


def make_distribution(
    folder: Path, name: str, files: list[str], *, url: str = "", requires: tuple[str, ...] = ()
) -> None:
    """Install a distribution of these files into a folder."""
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    info = folder / f"{name.replace('-', '_')}-1.0+local.dist-info"
    info.mkdir()
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0+local\n{needs}"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files), encoding="utf-8")
    if url:
        (info / "direct_url.json").write_text(url, encoding="utf-8")
