"""Settings: where they are found, what overrides them, and what is said when they are wrong."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe._config import Config, SourceSettings, hide_password, load_config
from dspipe.errors import ConfigurationError

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the pyproject.toml of a repository and give its folder."""

    def write_settings(text: str) -> Path:
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write_settings


def load_source(folder: Path, name: str = "default", **environ: str) -> SourceSettings:
    """Look up one source of a repository."""
    return load_config(folder, environ=environ).sources[name]


def test_config_reads_url_and_options_when_source_is_table(write: Write) -> None:
    """A source written as a table keeps every option."""
    folder = write("""
        [tool.dspipe.sources]
        default = "duckdb:///data/x.duckdb"
        warehouse = {url = "mysql://db/x", read_only = false, timeout_seconds = 30, arrow = false}
    """)

    sources = load_config(folder, environ={}).sources

    assert dict(sources) == {
        "default": SourceSettings("default", "duckdb:///data/x.duckdb"),
        "warehouse": SourceSettings(
            "warehouse", "mysql://db/x", read_only=False, timeout_seconds=30, arrow=False
        ),
    }


def test_config_uses_nearest_file_with_table_when_started_in_subfolder(write: Write) -> None:
    """A nearer pyproject.toml without [tool.dspipe] is passed over."""
    folder = write('[tool.dspipe.sources]\ndefault = "sqlite:///a.db"\n')
    inner = folder / "notebooks"
    inner.mkdir()
    (inner / "pyproject.toml").write_text('[project]\nname = "x"\n', encoding="utf-8")

    actual = load_config(inner / "late.ipynb", environ={})

    assert actual.root == folder
    assert list(actual.sources) == ["default"]


def test_config_is_empty_with_root_cwd_when_no_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without settings, relative paths start from the working directory."""
    monkeypatch.chdir(tmp_path)

    actual = load_config(environ={})

    assert (actual.root, dict(actual.sources)) == (tmp_path, {})
    assert repr(actual.sources) == "<sources: none>"


def test_config_sees_change_when_file_is_rewritten(write: Write) -> None:
    """Reading once for each state of the file never shows an old state."""
    folder = write('[tool.dspipe.sources]\ndefault = "sqlite:///a.db"\n')
    load_source(folder)

    write('[tool.dspipe.sources]\ndefault = "sqlite:///other.db"\n')

    assert load_source(folder).url == "sqlite:///other.db"


def test_config_reads_process_environment_when_none_is_given(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment of the process counts by default."""
    folder = write("[tool.dspipe]\n")
    monkeypatch.setitem(os.environ, "DSPIPE_SOURCE_DEFAULT", "sqlite:///env.db")

    assert load_config(folder).sources["default"].url == "sqlite:///env.db"


def test_source_takes_url_from_variable_when_set(write: Write) -> None:
    """DSPIPE_SOURCE_<NAME> overrides the url and leaves the options."""
    folder = write(
        '[tool.dspipe.sources]\n"sales-eu.v2" = {url = "sqlite:///a.db", read_only = false}\n'
    )

    actual = load_source(folder, "sales-eu.v2", DSPIPE_SOURCE_SALES_EU_V2="sqlite:///b.db")

    assert actual == SourceSettings("sales-eu.v2", "sqlite:///b.db", read_only=False)


def test_source_exists_when_only_variable_names_it(write: Write) -> None:
    """A variable alone makes a source, in lower case."""
    folder = write("[tool.dspipe]\n")

    config = load_config(folder, environ={"DSPIPE_SOURCE_SHOP": "sqlite:///shop.db"})

    assert dict(config.sources) == {"shop": SourceSettings("shop", "sqlite:///shop.db")}


def test_source_fills_placeholders_when_url_names_variables(write: Write) -> None:
    """A value that is the whole password is quoted for the URL; others stand as they are."""
    folder = write('[tool.dspipe.sources]\ndefault = "postgresql://${U}:${P}@${H}/x"\n')

    actual = load_source(folder, U="ann", P="p@ss/w:rd", H="db:5432")

    assert actual.url == "postgresql://ann:p%40ss%2Fw%3Ard@db:5432/x"


def test_source_takes_whole_url_from_placeholder_when_it_is_all(write: Write) -> None:
    """A variable may hold the whole URL."""
    folder = write('[tool.dspipe.sources]\ndefault = "${DATABASE_URL}"\n')

    assert load_source(folder, DATABASE_URL="sqlite:///x.db").url == "sqlite:///x.db"


def test_source_names_unset_variables_when_it_is_looked_up(write: Write) -> None:
    """Unset variables stop only who asks for that source, and are named together."""
    folder = write("""
        [tool.dspipe.sources]
        default = "sqlite:///a.db"
        warehouse = "postgresql://${WH_USER}:${WH_PASSWORD}@db/x"
    """)
    config = load_config(folder, environ={})

    with pytest.raises(ConfigurationError) as caught:
        config.sources["warehouse"]

    assert str(caught.value) == (
        "The url of source 'warehouse' needs environment variables that are not set: "
        "WH_PASSWORD, WH_USER. Set them, or give the whole url in DSPIPE_SOURCE_WAREHOUSE."
    )
    assert "warehouse" in config.sources
    assert config.sources["default"].url == "sqlite:///a.db"


@pytest.mark.parametrize(
    ("environ", "origin"),
    [
        ({}, "The url of source 'default'"),
        (
            {"DSPIPE_SOURCE_DEFAULT": "password=tulip"},
            "The environment variable DSPIPE_SOURCE_DEFAULT",
        ),
    ],
)
def test_source_is_refused_without_its_text_when_it_is_no_url(
    write: Write, environ: dict[str, str], origin: str
) -> None:
    """What is no URL may hold a password, so it is not shown."""
    folder = write('[tool.dspipe.sources]\ndefault = "data/x.duckdb"\n')

    with pytest.raises(ConfigurationError) as caught:
        load_source(folder, **environ)

    assert str(caught.value) == (
        f"{origin} is not a URL. Write the dialect first, for example "
        "duckdb:///data/shop.duckdb or postgresql://user@host/database."
    )


def test_config_lists_all_faults_when_settings_are_wrong(write: Write) -> None:
    """Every wrong key and value is in one message."""
    folder = write("""
        [tool.dspipe]
        source = 1
        deploy = 2
        [tool.dspipe.sources]
        a = 3
        b = {url = "sqlite:///b.db", readonly = true, arrow = "yes", timeout_seconds = 0}
        c = {}
        d-e = "sqlite:///d.db"
        d_e = "sqlite:///d.db"
    """)

    with pytest.raises(ConfigurationError) as caught:
        load_config(folder, environ={})

    assert str(caught.value) == (
        f"The settings in {folder / 'pyproject.toml'} cannot be used. "
        "[tool.dspipe] has an unknown key 'source'. Did you mean 'sources'? "
        "It takes: backfill, catalog, check, convert, deploy, sources, train. "
        "'deploy' must be a table. "
        "Source 'a' must be a url, or a table with a 'url'. "
        "Source 'b' has an unknown key 'readonly'. Did you mean 'read_only'? "
        "It takes: arrow, read_only, timeout_seconds, url. "
        "Source 'b' needs true or false for 'arrow', not 'yes'. "
        "Source 'b' needs a number above 0 for 'timeout_seconds', not 0. "
        "Source 'c' needs a 'url' that is a text. "
        "Sources 'd-e' and 'd_e' would both be overridden by DSPIPE_SOURCE_D_E. Rename one."
    )


def test_config_names_file_and_place_when_toml_is_broken(write: Write) -> None:
    """A file that is not TOML is named, with the line."""
    folder = write("[tool.dspipe\n")

    with pytest.raises(ConfigurationError) as caught:
        load_config(folder, environ={})

    assert str(caught.value).startswith(f"{folder / 'pyproject.toml'} is not valid TOML: ")
    assert "line 1" in str(caught.value)


def test_config_is_refused_when_dspipe_is_no_table(write: Write) -> None:
    """[tool.dspipe] must be a table."""
    folder = write("[tool]\ndspipe = 3\n")

    with pytest.raises(ConfigurationError) as caught:
        load_config(folder, environ={})

    assert str(caught.value) == (
        f"[tool.dspipe] in {folder / 'pyproject.toml'} is not a table. Make it one."
    )


@given(st.text(min_size=1).map(lambda text: f"-{text}-"))
def test_source_never_shows_password_when_it_is_printed(password: str) -> None:
    """No password, whatever its characters, reaches a repr."""
    url = f"postgresql://ann:{password}@localhost/shop"
    settings = SourceSettings("default", url)

    shown = repr(Config(Path("/x"), {"default": settings}))

    assert settings.shown_url == "postgresql://ann:***@localhost/shop"
    assert "url='postgresql://ann:***@localhost/shop'" in shown


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("duckdb:///data/a:b@c.duckdb", "duckdb:///data/a:b@c.duckdb"),
        ("duckdb:///md:x?motherduck_token=t", "duckdb:///md:x?motherduck_token=***"),
        ("x://h/d?sslpassword=s&a=1", "x://h/d?sslpassword=***&a=1"),
        ("postgresql://:tulip@h/d", "postgresql://:***@h/d"),
    ],
)
def test_hide_password_keeps_all_but_secrets_when_url_has_options(url: str, expected: str) -> None:
    """Secrets are hidden wherever they stand; paths are left alone."""
    assert hide_password(url) == expected
