"""Messages that nobody waits for: their answers are kept, and their failures are reported.

A message counts as done when all of its rows were scored and its answer is where it should be. A
run that the deadline cut short is kept as far as it came and counts as failed, because
acknowledging it would lose the rest.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dspipe.aws_lambda._base import Outcome, Result, Trigger
from dspipe.aws_lambda._objects import find_address, find_place, keep_answer
from dspipe.aws_lambda.answers._failures import make_failure
from dspipe.aws_lambda.answers._formats import choose_format, write_answer
from dspipe.aws_lambda.triggers._contents import ContentReader
from dspipe.aws_lambda.triggers._direct import make_error
from dspipe.errors import DeadlineError

_log = logging.getLogger("dspipe")


class BackgroundTrigger(Trigger):
    """Is the parent of triggers that nobody waits at.

    Unless a subclass knows better, its sender learns of failures by an exception alone: all
    messages are worked on, then the first failure is raised, and AWS sends the event again. What is
    returned without one goes to the destination of the function, if it has one.

    Parameters
    ----------
    reader : ContentReader
        Reads what the messages hold.
    """

    # Not a dataclass: ten of those would take as long to import as all else in this room.
    def __init__(self, reader: ContentReader) -> None:
        self.reader = reader

    def settle(self, outcome: Outcome) -> Outcome:
        """Keep the answer where ``DSPIPE_ANSWERS`` says; what is not kept or not whole failed."""
        if outcome.failure is not None or not outcome.results:
            return outcome
        try:
            if find_place() is not None:
                form = choose_format(outcome.message.accept)
                text = write_answer(outcome.results, form)
                keep_answer(text, _name_answer(outcome), form.media_type)
            _check_whole(outcome.results)
        except Exception as error:  # noqa: BLE001 - one message must not fail others
            _log.exception("The answer to message %s is not done.", outcome.message.id)
            return replace(outcome, failure=make_failure(error))
        return outcome

    def answer(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """Say what was done, or raise the first failure."""
        del event
        for outcome in outcomes:
            if outcome.failure is not None:
                raise make_error(outcome.failure)
        return {"messages": [_summarise(outcome) for outcome in outcomes]}


def find_kept(outcome: Outcome) -> str | None:
    """Find where the answer to a message is kept; None where it is not."""
    if outcome.failure is not None or not outcome.results:
        return None
    address = find_address(_name_answer(outcome))
    return address.url if address is not None else None


def _name_answer(outcome: Outcome) -> str:
    return f"{outcome.message.name}.{choose_format(outcome.message.accept).extension}"


def _check_whole(results: Sequence[Result]) -> None:
    if any(result.continuation is not None for result in results):
        raise DeadlineError(
            f"The time of the function was over after {_count_rows(results):,} rows, and more are "
            "left. Give the function more time or memory, or send messages that ask for fewer rows."
        )


def _summarise(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.message.id,
        "runs": len(outcome.results),
        "rows": _count_rows(outcome.results),
        "rejected": sum(len(result.run.rejected) for result in outcome.results),
        "answer": find_kept(outcome),
    }


def _count_rows(results: Sequence[Result]) -> int:
    return sum(len(result.run.predictions) for result in results)
