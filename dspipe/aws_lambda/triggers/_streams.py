"""Records of Kinesis and of DynamoDB streams, in their order.

A stream goes on from the first record that failed, so nothing after it is worked on.
"""

import base64
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from dspipe.aws_lambda._base import Message, Outcome, Task
from dspipe.aws_lambda.triggers._attribute_values import read_item
from dspipe.aws_lambda.triggers._kept import BackgroundTrigger
from dspipe.aws_lambda.triggers._shapes import find_source
from dspipe.errors import RequestError

# What the Kinesis Producer Library puts in front of several records that it packed into one.
_PACKED = b"\xf3\x89\x9a\xc2"


class StreamTrigger(BackgroundTrigger):
    """Is the parent of what comes in order and goes on from its first failure."""

    def read(self, event: Any) -> Sequence[Message]:
        """Part the event into its records."""
        return [
            Message(
                self.find_id(record),
                partial(self.read_record, record),
                name=f"{self.name}/{record['eventID'].replace(':', '/')}",
            )
            for record in event["Records"]
        ]

    def is_ordered(self, event: Any) -> bool:
        """Say that the records are in order."""
        del event
        return True

    def answer(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """Name the first record that failed or was not reached; the stream goes on from there."""
        done = [outcome.failure is None for outcome in outcomes]
        n_done = done.index(False) if False in done else len(done)
        return {
            "batchItemFailures": [
                {"itemIdentifier": self.find_id(record)}
                for record in event["Records"][n_done : n_done + 1]
            ]
        }

    @abstractmethod
    def find_id(self, record: Mapping[str, Any]) -> str:
        """Find what the stream calls a record."""

    @abstractmethod
    def read_record(self, record: Mapping[str, Any]) -> list[Task]:
        """Read one record."""


class KinesisTrigger(StreamTrigger):
    """Records of a Kinesis stream: JSON."""

    name: ClassVar[str] = "kinesis"

    def recognise(self, event: Any) -> bool:
        """Tell by the records."""
        return find_source(event) == "aws:kinesis"

    def find_id(self, record: Mapping[str, Any]) -> str:
        """Find the sequence number."""
        return str(record["kinesis"]["sequenceNumber"])

    def read_record(self, record: Mapping[str, Any]) -> list[Task]:
        """Read the data of a record."""
        try:
            data = base64.b64decode(record["kinesis"]["data"], validate=True)
        except ValueError as error:
            raise RequestError(
                "The data of the record is not base64. Send the event as Kinesis does."
            ) from error
        if data.startswith(_PACKED):
            raise RequestError(
                "The record holds several that the Kinesis Producer Library packed into one. "
                "Switch its aggregation off."
            )
        return self.reader.read(data)


class TableTrigger(StreamTrigger):
    """Items of a DynamoDB table that were put or changed; removed ones are passed over.

    The item as it is now is one line: arguments, when all of its attributes are called as arguments
    of `extract` are, else a row.
    """

    name: ClassVar[str] = "dynamodb"

    def recognise(self, event: Any) -> bool:
        """Tell by the records."""
        return find_source(event) == "aws:dynamodb"

    def find_id(self, record: Mapping[str, Any]) -> str:
        """Find the sequence number."""
        return str(record["dynamodb"]["SequenceNumber"])

    def read_record(self, record: Mapping[str, Any]) -> list[Task]:
        """Read the new image of an item."""
        if record["eventName"] == "REMOVE":
            return []
        change = record["dynamodb"]
        view = change.get("StreamViewType")
        item = change["Keys"] if view == "KEYS_ONLY" else change.get("NewImage")
        if item is None:
            raise RequestError(
                f"The stream shows items by {view}, which leaves out what they are now. Set the "
                "view type of the stream to NEW_IMAGE, NEW_AND_OLD_IMAGES or KEYS_ONLY."
            )
        return self.reader.read_record(read_item(item))
