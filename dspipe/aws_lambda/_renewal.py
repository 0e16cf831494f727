"""A password that was changed: what is cached is forgotten once, and the run begun again."""

from collections.abc import Callable
from typing import TypeVar

from dspipe import _secrets, sources
from dspipe.errors import SourceAuthenticationError

T = TypeVar("T")


def renewed_on_refusal(run: Callable[[], T]) -> T:
    """Run; when a database refuses the password, ask for secrets anew and run once more.

    Nothing was answered yet, so beginning again loses and repeats nothing.
    """
    try:
        return run()
    except SourceAuthenticationError:
        _secrets.forget_all()
        sources.close_all()
        return run()
