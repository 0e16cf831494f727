"""Which trigger an event comes from: the user's are asked first, then dspipe's in a fixed order."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dspipe._text import describe, quote_some
from dspipe.aws_lambda._base import Trigger
from dspipe.aws_lambda.triggers._direct import DirectTrigger, ItemsTrigger
from dspipe.aws_lambda.triggers._event_triggers import make_event_triggers
from dspipe.aws_lambda.triggers._http import HttpApiTrigger, LoadBalancerTrigger, RestApiTrigger
from dspipe.errors import TriggerError

_MARKS = ("source", "detail-type", "eventSource", "EventSource", "invocationSchemaVersion")


def default_triggers(
    arguments: Iterable[str] = (), *, accept_rows: bool = True
) -> tuple[Trigger, ...]:
    """Make the triggers that every handler knows, in the order in which they are asked.

    No two of them take the same event, but for direct invocations, which take what AWS did not wrap
    and therefore come last.

    Parameters
    ----------
    arguments : iterable of str, default=()
        Names of the arguments of `extract`.
    accept_rows : bool, default=True
        Whether the pipeline takes rows.
    """
    return (
        HttpApiTrigger(),
        RestApiTrigger(),
        LoadBalancerTrigger(),
        *make_event_triggers(arguments, accept_rows=accept_rows),
        ItemsTrigger(),
        DirectTrigger(),
    )


def find_trigger(triggers: Sequence[Trigger], event: Any) -> Trigger:
    """Find the first trigger that takes an event.

    Raises
    ------
    TriggerError
        If none does; says what was recognised in the event, without its values.
    """
    for trigger in triggers:
        if trigger.recognise(event):
            return trigger
    known = ", ".join(trigger.name for trigger in triggers)
    raise TriggerError(
        f"The event is of no known form: it is {_describe_event(event)}. Known forms: {known}. "
        "Teach the handler another one with a subclass of dspipe.aws_lambda.Trigger, and "
        "make_handler(..., triggers=[...])."
    )


def _describe_event(event: Any) -> str:
    """Say what an event is by its names, and by the values that AWS marks its own events with."""
    if not isinstance(event, Mapping):
        return describe(event)
    told = f"an object with {quote_some(event)}" if event else "an empty object"
    records = event.get("Records")
    first = records[0] if isinstance(records, list) and records else event
    if not isinstance(first, Mapping):
        return told
    marks = [f"{mark} '{first[mark]}'" for mark in _MARKS if isinstance(first.get(mark), str)]
    return f"{told}, with {' and '.join(marks)}" if marks else told
