"""The url of a user's database in the files of a repository: no secret ever stands there."""

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe._config import load_config
from dspipe.errors import ConfigurationError
from dspipe.new._source import read_source

FOLDER = Path.cwd() / "shop"


@pytest.mark.parametrize(
    ("given_url", "written", "hidden"),
    [
        ("postgresql://ann@db/shop", "postgresql://ann@db/shop", {}),
        (
            "postgresql://ann:tu%2Flip@db:5432/shop?sslmode=require",
            "postgresql://ann:${SHOP_PASSWORD}@db:5432/shop?sslmode=require",
            {"SHOP_PASSWORD": "tu/lip"},
        ),
        (
            "mysql://db/shop?user=ann&password=tulip",
            "mysql://db/shop?user=ann&password=${SHOP_PASSWORD}",
            {"SHOP_PASSWORD": "tulip"},
        ),
        (
            "mssql+pyodbc:///?odbc_connect=SERVER%3Ddb%3BPWD%3Dtulip",
            "mssql+pyodbc:///?odbc_connect=${SHOP_ODBC_CONNECT}",
            {"SHOP_ODBC_CONNECT": "SERVER%3Ddb%3BPWD%3Dtulip"},
        ),
        ("postgresql://ann:${PW}@db/shop", "postgresql://ann:${PW}@db/shop", {}),
        ("secret://shop/reader", "secret://shop/reader", {}),
        ("${WAREHOUSE}", "${WAREHOUSE}", {}),
        ("duckdb:////srv/shop.duckdb", "duckdb:////srv/shop.duckdb", {}),
        ("duckdb:///:memory:", "duckdb:///:memory:", {}),
        ("sqlite:///shop.sqlite", "sqlite:///../shop.sqlite", {}),
    ],
)
def test_url_is_written_without_its_secrets(
    given_url: str, written: str, hidden: dict[str, str]
) -> None:
    """What is secret becomes the name of a variable; a file is named from the repository."""
    source = read_source(given_url, "shop", FOLDER)

    assert (source.url, dict(source.hidden)) == (written, hidden)
    assert "tulip" not in repr(source)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_password_is_the_same_when_settings_put_it_back(
    password: str,
) -> None:
    """Whatever is in a password, the url that is opened is the url that was given."""
    url = f"postgresql://ann:{quote(password, safe='')}@db/shop"

    source = read_source(url, "shop", FOLDER)

    settings = {"DSPIPE_SOURCE_SHOP": url, **source.hidden}
    assert source.hidden["SHOP_PASSWORD"] == password
    assert source.url == "postgresql://ann:${SHOP_PASSWORD}@db/shop"
    assert load_config(Path("/"), environ=settings).sources["shop"].url == url


def test_what_is_no_url_is_refused_and_not_shown() -> None:
    """It may be a password that was pasted by mistake."""
    with pytest.raises(ConfigurationError) as caught:
        read_source("tulip", "shop", FOLDER)

    assert str(caught.value) == (
        "--source is not a URL. Write the dialect first, for example postgresql://user@host/"
        "database or duckdb:////srv/data/shop.duckdb."
    )


def test_password_with_an_at_sign_is_refused() -> None:
    """Half of it would be taken for the host, and written down."""
    with pytest.raises(ConfigurationError) as caught:
        read_source("postgresql://ann:tu@lip@db/shop", "shop", FOLDER)

    assert str(caught.value) == (
        "--source has more than one '@', so it cannot be told where its password ends. Write an "
        "'@' of a password as %40."
    )


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgresql+psycopg://db/shop", "psycopg[binary]"),
        ("mysql://db/shop", "pymysql"),
        ("duckdb:////srv/shop.duckdb", "duckdb"),
        ("sqlite:////srv/shop.sqlite", None),
        ("secret://shop/reader", None),
    ],
)
def test_driver_is_that_of_the_dialect(url: str, driver: str | None) -> None:
    """Requirements name what reads the database, where that is known."""
    assert read_source(url, "shop", FOLDER).driver == driver
