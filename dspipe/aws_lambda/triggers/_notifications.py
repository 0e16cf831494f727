"""Messages of SNS, which calls the function itself."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from dspipe.aws_lambda._base import Message, Task
from dspipe.aws_lambda.triggers._kept import BackgroundTrigger
from dspipe.aws_lambda.triggers._shapes import find_source


class TopicTrigger(BackgroundTrigger):
    """Messages of an SNS topic.

    The attribute ``Content-Type`` of a message says what it is; without one it is JSON.
    """

    name: ClassVar[str] = "sns"

    def recognise(self, event: Any) -> bool:
        """Tell by the records."""
        return find_source(event) == "aws:sns"

    def read(self, event: Any) -> Sequence[Message]:
        """Part the event into its records."""
        return [
            Message(
                record["Sns"]["MessageId"],
                partial(self._read, record["Sns"]),
                name=f"sns/{record['Sns']['MessageId']}",
            )
            for record in event["Records"]
        ]

    def _read(self, message: Mapping[str, Any]) -> list[Task]:
        attribute = (message.get("MessageAttributes") or {}).get("Content-Type", {})
        return self.reader.read(message["Message"], attribute.get("Value") or "")
