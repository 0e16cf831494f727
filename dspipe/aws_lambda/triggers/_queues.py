"""Messages of SQS: each fails alone, but in a FIFO queue nothing overtakes a failure."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from dspipe.aws_lambda._base import Message, Outcome, Task
from dspipe.aws_lambda.triggers._kept import BackgroundTrigger
from dspipe.aws_lambda.triggers._shapes import find_source


class QueueTrigger(BackgroundTrigger):
    """Messages of an SQS queue.

    The attribute ``Content-Type`` of a message says what its body is; without one it is JSON. The
    answer lists the messages to be sent again, which the event source mapping heeds when it has
    ``ReportBatchItemFailures``.
    """

    name: ClassVar[str] = "sqs"

    def recognise(self, event: Any) -> bool:
        """Tell by the records."""
        return find_source(event) == "aws:sqs"

    def read(self, event: Any) -> Sequence[Message]:
        """Part the event into its records."""
        return [
            Message(
                record["messageId"],
                partial(self._read, record),
                name=f"sqs/{record['messageId']}",
            )
            for record in event["Records"]
        ]

    def is_ordered(self, event: Any) -> bool:
        """Say whether the queue is FIFO."""
        return str(event["Records"][0].get("eventSourceARN", "")).endswith(".fifo")

    def answer(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """List the messages that failed, and those that were not reached."""
        failed = [at for at, outcome in enumerate(outcomes) if outcome.failure is not None]
        if failed and self.is_ordered(event):
            again: Sequence[int] = range(failed[0], len(event["Records"]))
        else:
            again = [*failed, *range(len(outcomes), len(event["Records"]))]
        return {
            "batchItemFailures": [
                {"itemIdentifier": event["Records"][at]["messageId"]} for at in again
            ]
        }

    def _read(self, record: Mapping[str, Any]) -> list[Task]:
        attribute = record.get("messageAttributes", {}).get("Content-Type", {})
        return self.reader.read(record["body"], attribute.get("stringValue") or "")
