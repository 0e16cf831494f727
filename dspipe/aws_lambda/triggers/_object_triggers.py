"""Objects in S3, as a bucket tells of them: itself, through EventBridge, or in a batch."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar
from urllib.parse import unquote_plus

from dspipe.aws_lambda._base import Message, Outcome
from dspipe.aws_lambda._objects import ObjectAddress
from dspipe.aws_lambda.triggers._contents import ContentReader
from dspipe.aws_lambda.triggers._kept import BackgroundTrigger, find_kept
from dspipe.aws_lambda.triggers._shapes import (
    find_objects,
    find_source,
    is_bus_object,
    is_test_event,
)

_LONGEST_RESULT = 1_024
_TOO_MANY_REQUESTS = 429


class ObjectTrigger(BackgroundTrigger):
    """Objects that a bucket notifies of; its test event is acknowledged."""

    name: ClassVar[str] = "s3"

    def recognise(self, event: Any) -> bool:
        """Tell by the records, or the name of the test."""
        return find_source(event) == "aws:s3" or is_test_event(event)

    def read(self, event: Any) -> Sequence[Message]:
        """Make a message of each object."""
        return [make_message(self.reader, address) for address in find_objects(event) or ()]


class BusObjectTrigger(ObjectTrigger):
    """Objects that a bucket notifies of through EventBridge."""

    name: ClassVar[str] = "s3 eventbridge"

    def recognise(self, event: Any) -> bool:
        """Tell by the source of the event."""
        return is_bus_object(event)


class ObjectBatchTrigger(BackgroundTrigger):
    """Objects of an S3 Batch Operations job."""

    name: ClassVar[str] = "s3 batch"

    def recognise(self, event: Any) -> bool:
        """Tell by the schema and the tasks."""
        return isinstance(event, Mapping) and {"invocationSchemaVersion", "tasks"} <= event.keys()

    def read(self, event: Any) -> Sequence[Message]:
        """Part the event into its tasks."""
        return [
            make_message(self.reader, _find_object(task), task["taskId"]) for task in event["tasks"]
        ]

    def answer(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """Give each task its result; what may pass is to be tried again."""
        return {
            "invocationSchemaVersion": event["invocationSchemaVersion"],
            "treatMissingKeysAs": "TemporaryFailure",
            "invocationId": event["invocationId"],
            "results": [_make_result(outcome) for outcome in outcomes],
        }


def make_message(
    reader: ContentReader, address: ObjectAddress | None, id_: str | None = None
) -> Message:
    """Make the message of an object; None is one that there is nothing to do for."""
    read = partial(reader.read_object, address)
    if address is None:
        return Message(id_ or "", read)
    return Message(id_ or address.url, read, name=f"{address.bucket}/{address.key}")


def _find_object(task: Mapping[str, Any]) -> ObjectAddress:
    """Find the object of a task; the second schema names the bucket, the first gives its ARN."""
    bucket = task.get("s3Bucket") or task["s3BucketArn"].rpartition(":")[2]
    return ObjectAddress(bucket, unquote_plus(task["s3Key"]), task.get("s3VersionId") or None)


def _make_result(outcome: Outcome) -> dict[str, str]:
    failure = outcome.failure
    if failure is None:
        code, text = "Succeeded", find_kept(outcome) or ""
    else:
        is_passing = failure.status >= _TOO_MANY_REQUESTS
        code = "TemporaryFailure" if is_passing else "PermanentFailure"
        text = failure.message
    return {
        "taskId": outcome.message.id,
        "resultCode": code,
        "resultString": text[:_LONGEST_RESULT],
    }
