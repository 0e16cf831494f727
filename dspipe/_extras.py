"""Import an optional package, or say how to install it."""

import importlib
import importlib.util
from types import ModuleType

from dspipe.errors import MissingExtraError


def load_extra(module: str, *, extra: str, needed_by: str) -> ModuleType:
    """Import an optional module on first use.

    Parameters
    ----------
    module : str
        Full name of the module, such as "skops.io".
    extra : str
        The extra of dspipe that brings it.
    needed_by : str
        Who asks, as the user knows it; opens the sentence of the error.

    Raises
    ------
    MissingExtraError
        If the package is not installed.

    Examples
    --------
    >>> load_extra("json", extra="none", needed_by="This example").dumps([1])
    '[1]'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingExtraError(
            f"{needed_by} needs the package '{package}', which cannot be imported ({error}). "
            f"Run: pip install 'dspipe[{extra}]'"
        ) from error


def is_installed(module: str) -> bool:
    """Say whether a module could be imported, without importing it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the parent package of a dotted name is absent
        return False
