"""AWS Lambda: one handler for every trigger.

`make_handler` makes the handler of a pipeline; ``handler`` is that of the package it lies in, and
is made when it is first asked for, which is the init phase of Lambda. Whoever teaches the handler
another event subclasses `Trigger`. Importing this package loads the standard library only.
"""

import gc
from typing import TYPE_CHECKING, Any

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe.aws_lambda._base import Failure, Message, Outcome, Result, Task, Trigger
    from dspipe.aws_lambda._handler import Handler, make_handler
    from dspipe.aws_lambda.requests._bodies import read_tasks

    handler: Handler

__all__ = [
    "Failure",
    "Handler",
    "Message",
    "Outcome",
    "Result",
    "Task",
    "Trigger",
    "handler",
    "make_handler",
    "read_tasks",
]

_load, __dir__ = lazy_names(
    globals(),
    {
        "Failure": "dspipe.aws_lambda._base",
        "Handler": "dspipe.aws_lambda._handler",
        "Message": "dspipe.aws_lambda._base",
        "Outcome": "dspipe.aws_lambda._base",
        "Result": "dspipe.aws_lambda._base",
        "Task": "dspipe.aws_lambda._base",
        "Trigger": "dspipe.aws_lambda._base",
        "handler": "dspipe.aws_lambda._settings",
        "make_handler": "dspipe.aws_lambda._handler",
        "read_tasks": "dspipe.aws_lambda.requests._bodies",
    },
)


def _load_own_handler() -> "Handler":
    # Imports leave no garbage: to look for some takes a seventh of an init with scikit-learn.
    was_on = gc.isenabled()
    gc.disable()
    try:
        from dspipe.aws_lambda._settings import load_handler

        return load_handler()
    finally:
        if was_on:
            gc.enable()


def __getattr__(name: str) -> Any:
    if name == "handler" and name not in globals():
        globals()[name] = _load_own_handler()
        return globals()[name]
    return _load(name)
