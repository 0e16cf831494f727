"""Public names that load when they are first asked for, so that importing a package stays light."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(
    package: dict[str, Any], homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the ``__getattr__`` and ``__dir__`` of a package.

    Parameters
    ----------
    package : dict
        The ``globals()`` of the package.
    homes : mapping of str to str
        Full name of the module that holds each public name.

    Returns
    -------
    tuple of two functions
        For ``__getattr__`` and ``__dir__``.

    Examples
    --------
    >>> load, names = lazy_names({"__name__": "example"}, {"sqrt": "math"})
    >>> load("sqrt")(9.0), names()
    (3.0, ['__name__', 'sqrt'])
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package['__name__']!r} has no attribute {name!r}")
        package[name] = getattr(import_module(homes[name]), name)
        return package[name]

    return load, lambda: sorted({*package, *homes})
