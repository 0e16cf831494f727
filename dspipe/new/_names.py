"""One name, as a folder, a module, a class and a deployment write it."""

import builtins
import keyword
import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions

from dspipe.errors import ConfigurationError

_MOST_LETTERS = 40  # what the name of a deployment may have
_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What stands in every repository, or is imported by its notebook.
_FOLDERS = ("conftest", "data", "golden", "models", "tests")
_IMPORTED = ("MockPredictor", "PredictionPipeline", "Query", "SklearnPredictor")


@dataclass(frozen=True, slots=True)
class Names:
    """The forms of one name.

    Attributes
    ----------
    module : str
        Also that of the notebook: "will_buy".
    class_name : str
        "WillBuy".
    deployment : str
        "will-buy".
    title : str
        "Will buy".
    """

    module: str
    class_name: str
    deployment: str
    title: str


def read_names(text: str) -> Names:
    """Make all forms of a name.

    Raises
    ------
    ConfigurationError
        If one of them cannot be used.

    Examples
    --------
    >>> read_names("will-buy")
    Names(module='will_buy', class_name='WillBuy', deployment='will-buy', title='Will buy')
    >>> read_names("WillBuy").module
    'will_buy'
    """
    if not _PATTERN.fullmatch(text) or len(text) > _MOST_LETTERS:
        raise ConfigurationError(
            f"A repository cannot be named {text!r}. Use at most {_MOST_LETTERS} letters of ASCII "
            "and digits, a letter first, with single '-' or '_' between words, such as will-buy."
        )
    words = re.split("[-_]", _HUMP.sub("_", text))
    names = Names(
        module="_".join(words).lower(),
        class_name="".join(word[0].upper() + word[1:] for word in words),
        deployment="-".join(words).lower(),
        title=" ".join(words).capitalize(),
    )
    reason = _find_reason_against(names)
    if reason:
        raise ConfigurationError(
            f"A repository cannot be named {text!r}: {reason} Choose another name, such as "
            f"{names.deployment}-model."
        )
    return names


def _find_reason_against(names: Names) -> str | None:
    module, class_name = names.module, names.class_name
    if keyword.iskeyword(module) or keyword.iskeyword(class_name):
        return f"'{module}' or '{class_name}' is a word of Python itself."
    if module in _FOLDERS:
        return f"'{module}' is something else in every repository."
    if class_name in _IMPORTED or hasattr(builtins, class_name):
        return f"its class would be called '{class_name}', as another one already is."
    if module in sys.stdlib_module_names:
        return f"its module would hide '{module}' of the standard library."
    if module in _list_installed():
        return f"its module would hide the package '{module}', which is installed here."
    return None


@cache
def _list_installed() -> frozenset[str]:
    return frozenset(packages_distributions())
