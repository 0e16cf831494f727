"""Forms of events that also travel inside others: a queue may carry any of them in its messages.

Each is told by what it holds, never by where it comes from, and none of the tests can raise.
"""

from collections.abc import Mapping
from typing import Any, TypeGuard
from urllib.parse import unquote_plus

from dspipe.aws_lambda._objects import ObjectAddress

_BUS_NAMES = frozenset({"detail-type", "source", "detail"})


def find_source(event: object) -> str:
    """Find who sent the records of an event, such as "aws:sqs"; empty when it holds none.

    >>> find_source({"Records": [{"EventSource": "aws:sns"}]}), find_source([1])
    ('aws:sns', '')
    """
    records = event.get("Records") if isinstance(event, Mapping) else None
    first = records[0] if isinstance(records, list) and records else None
    if not isinstance(first, Mapping):
        return ""
    # SNS alone begins the name with a capital.
    return str(first.get("eventSource") or first.get("EventSource") or "")


def is_test_event(event: object) -> bool:
    """Tell what S3 sends once, when a bucket begins to notify."""
    return isinstance(event, Mapping) and bool(event.get("Event") == "s3:TestEvent")


def is_bus_event(event: object) -> TypeGuard[Mapping[str, Any]]:
    """Tell an event of EventBridge."""
    return isinstance(event, Mapping) and _BUS_NAMES.issubset(event)


def is_bus_object(event: object) -> bool:
    """Tell what S3 says through EventBridge."""
    return is_bus_event(event) and bool(event["source"] == "aws.s3")


def is_scheduled(event: object) -> bool:
    """Tell what a scheduled rule sends, or EventBridge Scheduler when it has no input."""
    if not is_bus_event(event):
        return False
    is_rule = event["source"] == "aws.events" and event["detail-type"] == "Scheduled Event"
    return is_rule or bool(event["source"] == "aws.scheduler")


def is_topic_message(value: object) -> bool:
    """Tell what SNS puts around a message that it hands to a queue."""
    return (
        isinstance(value, Mapping)
        and value.get("Type") == "Notification"
        and {"TopicArn", "Message"} <= value.keys()
    )


def is_destination_record(event: object) -> bool:
    """Tell what Lambda sends to a destination when an asynchronous invocation is over."""
    if not isinstance(event, Mapping) or "requestPayload" not in event:
        return False
    context = event.get("requestContext")
    return isinstance(context, Mapping) and "condition" in context


def find_objects(event: Any) -> list[ObjectAddress | None] | None:
    """Find the objects that an event of S3 is about, None for what there is nothing to do for.

    Returns
    -------
    list of ObjectAddress or None, or None
        None for an event that is not of S3.
    """
    if is_test_event(event):
        return []
    if find_source(event) == "aws:s3":
        return [_find_created(record) for record in event["Records"]]
    if is_bus_object(event):
        return [_find_created_on_bus(event)]
    return None


def _find_created(record: Mapping[str, Any]) -> ObjectAddress | None:
    if not str(record.get("eventName", "")).startswith("ObjectCreated"):
        return None
    # A key is quoted here as in a form: a space is a plus.
    created = record["s3"]["object"]
    key = unquote_plus(created["key"])
    return _unless_folder(record["s3"]["bucket"]["name"], key, created.get("versionId"))


def _find_created_on_bus(event: Mapping[str, Any]) -> ObjectAddress | None:
    """Find the object of an event of EventBridge, where keys are not quoted."""
    if event["detail-type"] != "Object Created":
        return None
    created = event["detail"]["object"]
    bucket = event["detail"]["bucket"]["name"]
    return _unless_folder(bucket, created["key"], created.get("version-id"))


def _unless_folder(bucket: str, key: str, version: str | None) -> ObjectAddress | None:
    """Leave out what the console of AWS makes to show an empty folder."""
    return None if key.endswith("/") else ObjectAddress(bucket, key, version or None)
