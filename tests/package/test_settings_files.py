"""What is written into a package: where sources are, and never a secret."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe._config import source_variable
from dspipe.errors import PackageError
from dspipe.package.repository._settings_files import (
    find_local_sources,
    read_sources,
    write_sources,
)

SAFE_URLS = [
    "duckdb:///data/x.duckdb",
    "postgresql://${USER}:${PASSWORD}@${HOST}/shop",
    "postgresql://ann@db/shop",
    "secret://prod/warehouse",
    "${DATABASE_URL}",
]


@pytest.mark.parametrize("url", SAFE_URLS)
def test_sources_are_written_as_they_stand(url: str) -> None:
    """Placeholders and references are resolved where the function runs."""
    sources = {"default": url, "sales-eu.v2": {"url": url, "timeout_seconds": 30, "arrow": False}}

    written = tomllib.loads(write_sources(sources))

    assert written == {"tool": {"dspipe": {"sources": sources}}}


@given(st.dictionaries(st.text(min_size=1), st.text("abc\"'\\\n\té€{}$"), max_size=3))
def test_written_sources_read_back(sources: dict[str, Any]) -> None:
    """Whatever the names and texts, the file is TOML that says the same."""
    assert tomllib.loads(write_sources(sources))["tool"]["dspipe"]["sources"] == sources


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ann:tulip@db/shop", "postgresql://ann:***@db/shop"),
        ("postgresql://${USER}:tulip${X}@db/shop", "postgresql://${USER}:***@db/shop"),
        ("mysql://db/shop?password=tulip", "mysql://db/shop?password=***"),
    ],
)
def test_sources_with_a_password_are_refused(url: str, shown: str) -> None:
    """A package holds no secret, and the message shows none."""
    with pytest.raises(PackageError) as caught:
        write_sources({"default": {"url": url}})

    assert str(caught.value) == (
        f"The source 'default' has a password in its url, {shown}, and a package holds no "
        "secrets. Write ${VARIABLE} in its place and set the variable under "
        "[tool.dspipe.deploy.secrets]."
    )


def test_only_sources_of_a_repository_are_read(tmp_path: Path) -> None:
    """Nothing else of a pyproject.toml ships."""
    text = '[project]\nname = "x"\n[tool.dspipe.sources]\na = "sqlite:///a.db"\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")

    assert read_sources(tmp_path) == {"a": "sqlite:///a.db"}
    assert read_sources(tmp_path / "elsewhere") == {}


def test_files_of_this_machine_are_pointed_out() -> None:
    """A source that no function can reach is named, with the variable that takes its place."""
    sources = {"a": "sqlite:///a.db", "b": {"url": "duckdb:///:memory:"}, "c": "mysql://db/c"}

    assert list(find_local_sources(sources, ())) == [
        "The source 'a' is the file sqlite:///a.db, which is not in the package. Set "
        "DSPIPE_SOURCE_A in [tool.dspipe.deploy.environment] or [tool.dspipe.deploy.secrets]."
    ]


def test_source_is_not_named_when_its_variable_is_set_already() -> None:
    """Who has said where the data lies is not told to say it."""
    sources = {"default": "duckdb:///x.duckdb", "sales-eu": {"url": "sqlite:///a.db"}}

    assert not list(
        find_local_sources(sources, {"DSPIPE_SOURCE_DEFAULT", source_variable("sales-eu")})
    )
