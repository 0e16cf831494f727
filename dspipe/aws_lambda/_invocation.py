"""The invocation that is going on: what triggers and log lines need to know of it."""

from contextvars import ContextVar
from dataclasses import dataclass, field

from dspipe.aws_lambda._base import Failure


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
    late_failures : list of Failure
        What fails after the messages are done, while their answer is made.
    """

    request_id: str = ""
    is_cold: bool = False
    pipeline: str = ""
    late_failures: list[Failure] = field(default_factory=list)


_NONE = Invocation()
_current: ContextVar[Invocation] = ContextVar("dspipe_invocation", default=_NONE)


def current_invocation() -> Invocation:
    """Tell which invocation is going on."""
    return _current.get()


def begin_invocation(invocation: Invocation) -> None:
    """Let an invocation be the current one, until the next one begins."""
    _current.set(invocation)
