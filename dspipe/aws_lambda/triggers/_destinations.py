"""Records that Lambda sends to a destination, when another function has done its work or failed."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from dspipe.aws_lambda._base import Message
from dspipe.aws_lambda.triggers._contents import choose_payload
from dspipe.aws_lambda.triggers._kept import BackgroundTrigger
from dspipe.aws_lambda.triggers._shapes import is_destination_record


class DestinationTrigger(BackgroundTrigger):
    """Records of an asynchronous invocation that is over.

    After a success the arguments are what the other function answered; after a failure they are
    what it was asked for.
    """

    name: ClassVar[str] = "destination"

    def recognise(self, event: Any) -> bool:
        """Tell by the payload and the condition."""
        return is_destination_record(event)

    def read(self, event: Any) -> Sequence[Message]:
        """Take the payload."""
        id_ = str(event["requestContext"].get("requestId", ""))
        read = partial(self.reader.read, choose_payload(event))
        return [Message(id_, read, name=f"destination/{id_}")]
