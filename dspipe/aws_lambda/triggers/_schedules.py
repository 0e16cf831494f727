"""Events of EventBridge: what a schedule or a rule sends, and what others put on the bus."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from dspipe.aws_lambda._base import Message, Task
from dspipe.aws_lambda.requests._bodies import to_task
from dspipe.aws_lambda.triggers._kept import BackgroundTrigger
from dspipe.aws_lambda.triggers._placeholders import fill_placeholders, find_due_time
from dspipe.aws_lambda.triggers._shapes import is_bus_event, is_scheduled

_DUE_NAMES = frozenset({"schedule", "arguments"})
_SCHEDULE_NAMES = frozenset({"name", "time", "time_zone"})


class BusTrigger(BackgroundTrigger):
    """Events of any source on EventBridge: their detail holds the arguments."""

    name: ClassVar[str] = "eventbridge"

    def recognise(self, event: Any) -> bool:
        """Tell by the envelope of EventBridge."""
        return is_bus_event(event)

    def read(self, event: Any) -> Sequence[Message]:
        """Take the detail."""
        id_ = str(event.get("id", ""))
        # Scheduler writes its empty detail as text.
        return [Message(id_, partial(self.reader.read, event["detail"]), name=f"{self.name}/{id_}")]


class ScheduleTrigger(BusTrigger):
    """Schedules: of ``dspipe deploy``, with arguments, and others, without an input of their own.

    The first send when they were due, in which time zone, and arguments that may hold placeholders
    for it. A schedule with any other input sends that and nothing else, which is a direct
    invocation.
    """

    name: ClassVar[str] = "schedule"

    def recognise(self, event: Any) -> bool:
        """Tell by the names of what dspipe writes, or by the source of the event."""
        return _is_due(event) or is_scheduled(event)

    def read(self, event: Any) -> Sequence[Message]:
        """Take the arguments; a run of a schedule without an input has none."""
        if is_scheduled(event):
            return super().read(event)
        schedule = event["schedule"]
        # The same when the event comes again; a colon in a key of S3 has to be quoted.
        id_ = f"{schedule.get('name', 'schedule')}/{schedule['time']}".replace(":", "")
        return [Message(id_, partial(_read_due, event), name=f"{self.name}/{id_}")]


def _is_due(event: Any) -> bool:
    """Tell what ``dspipe deploy`` makes schedules send."""
    if not isinstance(event, dict) or event.keys() != _DUE_NAMES:
        return False
    schedule = event["schedule"]
    return isinstance(schedule, dict) and "time" in schedule and schedule.keys() <= _SCHEDULE_NAMES


def _read_due(event: Mapping[str, Any]) -> list[Task]:
    schedule = event["schedule"]
    due = find_due_time(schedule["time"], schedule.get("time_zone", "UTC"))
    task = to_task({"arguments": event["arguments"]})
    return [Task(arguments=fill_placeholders(task.arguments, due))]
