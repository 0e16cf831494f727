"""The invocation that is going on: what triggers and log lines need to know of it."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of the function.

    Attributes
    ----------
    request_id : str
        As Lambda calls it; empty outside Lambda.
    is_cold : bool
        Whether it is the first that this process answers.
    pipeline : str
        Name of the pipeline's class.
    """

    request_id: str = ""
    is_cold: bool = False
    pipeline: str = ""


_NONE = Invocation()
_current: ContextVar[Invocation] = ContextVar("dspipe_invocation", default=_NONE)


def current_invocation() -> Invocation:
    """Tell which invocation is going on."""
    return _current.get()


def begin_invocation(invocation: Invocation) -> None:
    """Let an invocation be the current one, until the next one begins."""
    _current.set(invocation)
