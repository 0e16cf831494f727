"""Classes of a notebook in a model's file.

Such a file names them ``__main__``, which is another module in whatever process loads it. Here it
means the module that makes the predictor: the notebook there, the converted module elsewhere.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import RLock

_MAIN = "__main__"
_LOCK = RLock()


def find_calling_module(depth: int) -> str:
    """Find the name of the module that called, `depth` frames up."""
    return str(sys._getframe(depth + 1).f_globals.get("__name__", _MAIN))  # noqa: SLF001 - cheap, where inspect reads files


@contextmanager
def main_means(module: str) -> Iterator[None]:
    """Let names that ``__main__`` lacks be those of a module, while the block lasts."""
    main, owner = sys.modules[_MAIN], sys.modules.get(module)
    if owner is None or owner is main:
        yield
        return

    def find(name: str) -> object:
        if name in vars(owner):
            return vars(owner)[name]
        if name.startswith("__"):
            raise AttributeError(name)
        # pickle would put a message of its own in the place of an AttributeError's.
        raise LookupError(
            f"it names {_MAIN}.{name}, a class of a notebook, and {module} has no {name}"
        )

    with _LOCK:  # one predictor at a time: each may come from another module
        before = vars(main).get("__getattr__")
        vars(main)["__getattr__"] = find
        try:
            yield
        finally:
            del vars(main)["__getattr__"]
            if before is not None:
                vars(main)["__getattr__"] = before


def also_own(names: Iterable[str], module: str) -> tuple[str, ...]:
    """Let ``__main__.X`` stand for X of a module too, for a model that was trained with it.

    >>> also_own(("__main__.Rounder", "other.Thing"), "late")
    ('__main__.Rounder', 'other.Thing', 'late.Rounder')
    """
    given = tuple(names)
    own = (f"{module}{name.removeprefix(_MAIN)}" for name in given if name.startswith(f"{_MAIN}."))
    return (*given, *own)
