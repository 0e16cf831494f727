"""What messages came to, for the tests of answers."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd
from pipelines import GivesFrame

from dspipe.aws_lambda import Failure, Message, Outcome, Result, Trigger
from dspipe.aws_lambda.answers._failures import make_failure
from dspipe.errors import ArgumentError


@cache
def run_once() -> Any:
    """Run a pipeline of two rows."""
    return GivesFrame().run(n_rows=2)


def finish(message: Message, *, continuation: str | None = None) -> Outcome:
    """Let a message succeed, or be cut short."""
    return Outcome(message, (Result(run_once(), continuation),))


def fail(message: Message, error: Exception | None = None) -> Outcome:
    """Let a message fail, by default with a wrong argument."""
    failure: Failure = make_failure(error or ArgumentError("There is no day 31 June."))
    return Outcome(message, failure=failure)


def answer(trigger: Trigger, event: Any, is_done: Sequence[bool]) -> Any:
    """Answer an event whose messages succeed or fail as told; those beyond are not reached."""
    messages = trigger.read(event)
    outcomes = [
        finish(message) if done else fail(message)
        for message, done in zip(messages, is_done, strict=False)
    ]
    return settle_and_answer(trigger, event, outcomes)


def settle_and_answer(trigger: Trigger, event: Any, outcomes: Sequence[Outcome]) -> Any:
    """Answer an event as the handler does."""
    return trigger.answer(event, [trigger.settle(outcome) for outcome in outcomes])


def list_arguments(trigger: Trigger, event: Any) -> list[list[Any]]:
    """Read all messages of an event and list the arguments of their tasks, or their rows."""
    return [
        [as_plain(task.rows) if task.rows is not None else dict(task.arguments) for task in read]
        for read in (message.read() for message in trigger.read(event))
    ]


def as_plain(rows: Any) -> Any:
    """Show a frame as a dict of lists."""
    return rows.to_dict("list") if isinstance(rows, pd.DataFrame) else rows
