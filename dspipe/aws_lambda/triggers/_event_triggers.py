"""All triggers that nobody waits at, in the order in which they are asked."""

from collections.abc import Iterable

from dspipe.aws_lambda._base import Trigger
from dspipe.aws_lambda.triggers._contents import ContentReader
from dspipe.aws_lambda.triggers._destinations import DestinationTrigger
from dspipe.aws_lambda.triggers._notifications import TopicTrigger
from dspipe.aws_lambda.triggers._object_triggers import (
    BusObjectTrigger,
    ObjectBatchTrigger,
    ObjectTrigger,
)
from dspipe.aws_lambda.triggers._queues import QueueTrigger
from dspipe.aws_lambda.triggers._schedules import BusTrigger, ScheduleTrigger
from dspipe.aws_lambda.triggers._streams import KinesisTrigger, TableTrigger

# Whatever is an event of EventBridge is left to the last but those that know more of it.
_TRIGGERS = (
    QueueTrigger,
    TopicTrigger,
    ObjectTrigger,
    KinesisTrigger,
    TableTrigger,
    ObjectBatchTrigger,
    DestinationTrigger,
    BusObjectTrigger,
    ScheduleTrigger,
    BusTrigger,
)


def make_event_triggers(
    arguments: Iterable[str] = (), *, accept_rows: bool = True
) -> tuple[Trigger, ...]:
    """Make the triggers of queues, topics, buckets, streams, schedules and buses.

    Parameters
    ----------
    arguments : iterable of str, default=()
        Names of the arguments of `extract`.
    accept_rows : bool, default=True
        Whether the pipeline takes rows.

    Examples
    --------
    >>> [trigger.name for trigger in make_event_triggers()][:3]
    ['sqs', 'sns', 's3']
    """
    reader = ContentReader(frozenset(arguments), accept_rows)
    return tuple(kind(reader) for kind in _TRIGGERS)
