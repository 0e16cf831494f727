"""Direct invocations: the event asks for a run as a body would, and the reply is the answer.

A task of Step Functions, a schedule with an input of its own and ``aws lambda invoke`` are of this
form. A failure is raised under the name of its kind, because Step Functions matches on that.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, ClassVar

from dspipe._responses import dumps
from dspipe._text import describe
from dspipe.aws_lambda._base import Failure, Message, Outcome, Result, Task, Trigger
from dspipe.aws_lambda.answers._formats import RECORDS, make_answer
from dspipe.aws_lambda.answers._sizes import MOST_BYTES, is_too_large, link_answer
from dspipe.aws_lambda.requests._bodies import to_task, to_tasks
from dspipe.errors import DspipeError, RequestError

_ITEMS = frozenset({"Items", "BatchInput"})
_ITEMS_ARE = "items_are"
# What AWS puts into events of its own; an event with one of them was meant for another trigger.
_OF_AWS = frozenset(
    {
        "Records",
        "requestContext",
        "awslogs",
        "detail-type",
        "invocationSchemaVersion",
        "DeploymentId",
        "identitySource",
        "triggerSource",
    }
)
_LONGEST_CELL = 600  # characters; what has fewer cells than this allows is not measured


class FunctionError(DspipeError):
    """Is the parent of what a direct invocation raises; its subclasses are called as the kinds."""


class DirectTrigger(Trigger):
    """Anything that AWS did not wrap."""

    name: ClassVar[str] = "direct"

    def recognise(self, event: Any) -> bool:
        """Take objects without names of AWS's own, lists and null."""
        if isinstance(event, dict):
            return _OF_AWS.isdisjoint(event)
        return event is None or isinstance(event, list)

    def read(self, event: Any) -> Sequence[Message]:
        """Read the event as one message."""
        return [Message("", partial(to_tasks, event))]

    def answer(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """Give the answer itself; a list of them for a list of tasks."""
        del event
        (outcome,) = outcomes
        if outcome.failure is not None:
            raise make_error(outcome.failure)
        answer = make_answer(outcome.results)
        return shrink_answer(answer, outcome.results, outcome.message.name)


class ItemsTrigger(Trigger):
    """A batch of a Distributed Map: ``Items``, with what they share as ``BatchInput``.

    Every item is a run of its own, and its failure leaves the others alone; the call fails when all
    of them do. With ``"items_are": "rows"`` in ``BatchInput`` the items are the rows of one run.
    """

    name: ClassVar[str] = "distributed map"

    def recognise(self, event: Any) -> bool:
        """Take objects with ``Items`` and at most ``BatchInput`` beside them."""
        return (
            isinstance(event, dict)
            and isinstance(event.get("Items"), list)
            and event.keys() <= _ITEMS
        )

    def read(self, event: Any) -> Sequence[Message]:
        """Make a message of each item, called by its place."""
        shared, items = event.get("BatchInput") or {}, event["Items"]
        if isinstance(shared, dict) and shared.get(_ITEMS_ARE) == "rows":
            return [Message("0", partial(_read_rows, items, shared))]
        return [
            Message(str(place), partial(_read_item, item, shared))
            for place, item in enumerate(items)
        ]

    def answer(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """Give one answer or one failure an item, in order."""
        del event
        failures = [outcome.failure for outcome in outcomes if outcome.failure is not None]
        if failures and len(failures) == len(outcomes):
            raise make_error(failures[0])
        answers = [
            tell_failure(outcome.failure) if outcome.failure else make_answer(outcome.results)
            for outcome in outcomes
        ]
        results = [result for outcome in outcomes for result in outcome.results]
        return shrink_answer(answers, results, "")


def make_error(failure: Failure) -> FunctionError:
    """Make the exception whose class is called as the kind of a failure.

    Examples
    --------
    >>> failure = Failure(400, "ArgumentError", "No day.", ValueError())
    >>> make_error(failure)
    ArgumentError('No day.')
    """
    return _error_class(failure.kind)(failure.message)


def tell_failure(failure: Failure) -> dict[str, Any]:
    """Tell a failure as a part of an answer."""
    told: dict[str, Any] = {"error": failure.kind, "message": failure.message}
    if failure.errors:
        told["errors"] = list(failure.errors)
    return told


def shrink_answer(answer: Any, results: Sequence[Result], name: str) -> Any:
    """Give the answer, or a link to it where it is more than Lambda carries."""
    runs = [result.run for result in results]
    n_cells = sum(
        frame.size + len(frame) for run in runs for frame in (run.predictions, run.rejected)
    )
    if not is_too_large(lambda: answer, n_cells * _LONGEST_CELL, MOST_BYTES):
        return answer
    return link_answer(
        dumps(answer), name=name, extension=RECORDS.extension, media_type=RECORDS.media_type
    )


@lru_cache(maxsize=64)
def _error_class(kind: str) -> type[FunctionError]:
    return type(kind, (FunctionError,), {"__doc__": "Tells why a run failed."})


def _read_item(item: Any, shared: Any) -> list[Task]:
    if not isinstance(item, dict):
        raise RequestError(
            f"The item is {describe(item)}. Let every item be an object with arguments, as an "
            "ItemSelector makes it."
        )
    task = to_task(item)
    return [Task({**_arguments_of(shared), **task.arguments}, task.rows, task.continuation)]


def _read_rows(items: list[Any], shared: Mapping[str, Any]) -> list[Task]:
    arguments = {name: value for name, value in shared.items() if name != _ITEMS_ARE}
    return [Task(_arguments_of(arguments), items)]


def _arguments_of(shared: Any) -> Mapping[str, object]:
    task = to_task(shared)
    if task.rows is not None or task.continuation is not None:
        raise RequestError(
            "BatchInput holds rows or a continuation. Give it arguments that all items share."
        )
    return task.arguments
