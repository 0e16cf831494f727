"""One name, in the forms of a folder, a module, a class and a deployment; bad ones are refused."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe.errors import ConfigurationError
from dspipe.new._names import read_names

FORM = (
    "Use at most 40 letters of ASCII and digits, a letter first, with single '-' or '_' between "
    "words, such as will-buy."
)


@pytest.mark.parametrize("text", ["will-buy", "will_buy", "WillBuy", "willBuy"])
def test_every_way_to_write_a_name_gives_the_same_forms(text: str) -> None:
    """Whoever writes a class, a folder or a variable means the same."""
    names = read_names(text)

    assert (names.module, names.class_name) == ("will_buy", "WillBuy")
    assert (names.deployment, names.title) == ("will-buy", "Will buy")


@pytest.mark.parametrize(
    "text", ["", "2shops", "-shop", "shop-", "my--shop", "my shop", "café", "..", "s" * 41]
)
def test_name_of_another_form_is_refused(text: str) -> None:
    """A module, a class and a deployment must all be able to carry it."""
    with pytest.raises(ConfigurationError) as caught:
        read_names(text)

    assert str(caught.value) == f"A repository cannot be named {text!r}. {FORM}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import", "'import' or 'Import' is a word of Python itself."),
        ("true", "'true' or 'True' is a word of Python itself."),
        ("tests", "'tests' is something else in every repository."),
        ("query", "its class would be called 'Query', as another one already is."),
        ("warning", "its class would be called 'Warning', as another one already is."),
        ("json", "its module would hide 'json' of the standard library."),
        ("Pandas", "its module would hide the package 'pandas', which is installed here."),
    ],
)
def test_name_that_would_hide_another_is_refused(text: str, reason: str) -> None:
    """A module beside the notebook comes first on the path of Python."""
    with pytest.raises(ConfigurationError) as caught:
        read_names(text)

    assert str(caught.value) == (
        f"A repository cannot be named {text!r}: {reason} Choose another name, such as "
        f"{text.lower()}-model."
    )


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*", fullmatch=True))
def test_accepted_names_can_be_used_by_python(text: str) -> None:
    """Whatever is accepted makes a module and a class."""
    try:
        names = read_names(text)
    except ConfigurationError:
        return

    for name in (names.module, names.class_name):
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
