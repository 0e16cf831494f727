"""Queues: the one that invokes the function, and those that keep what failed."""

from collections.abc import Iterator

from dspipe.deploy.settings._parts import Queue
from dspipe.deploy.settings._record import DeploySettings
from dspipe.deploy.template._intrinsics import LIVE, Json, arn, get_att, ref, resource, tag_list

FOURTEEN_DAYS_SECONDS = 1_209_600
# AWS's advice: as long as the function may take, and five times more for throttled batches.
_VISIBILITY_TIMEOUTS = 6


def make_queue_resources(settings: DeploySettings, tags: dict[str, str]) -> dict[str, Json]:
    """Write the queues that the settings ask for, with their policies."""
    resources: dict[str, Json] = {}
    if settings.queue is not None:
        resources |= _make_queue(settings, settings.queue, tags)
    if settings.keeps_failed_events:
        resources |= _make_failed_events(settings, tags)
    return resources


def rule_name(settings: DeploySettings, number: int) -> str:
    """Name the rule of EventBridge that waits for objects.

    It is named and not referred to: the rule waits for the alias, and the queue for nothing.
    """
    return f"{settings.function_name}-objects-{number}"


def _make_queue(settings: DeploySettings, queue: Queue, tags: dict[str, str]) -> dict[str, Json]:
    name = queue_name(settings, "queue", is_fifo=queue.fifo)
    redrive = {
        "deadLetterTargetArn": get_att("DeadLetters", "Arn"),
        "maxReceiveCount": queue.max_receives,
    }
    received = {"redrivePermission": "byQueue", "sourceQueueArns": [arn("sqs", name)]}
    return {
        "Queue": _make_one(
            settings,
            name,
            tags,
            why="Messages are the arguments of runs, or rows to score.",
            VisibilityTimeout=settings.timeout_seconds * _VISIBILITY_TIMEOUTS,
            RedrivePolicy=redrive,
        ),
        "DeadLetters": _make_one(
            settings,
            queue_name(settings, "dead", is_fifo=queue.fifo),
            tags,
            why="Messages that failed every time. Look at them, correct, and redrive them.",
            MessageRetentionPeriod=FOURTEEN_DAYS_SECONDS,
            RedriveAllowPolicy=received,
        ),
        "QueuePolicy": _make_policy("Queue"),
        "DeadLettersPolicy": _make_policy("DeadLetters"),
        "QueueInvokes": _make_mapping(queue),
    }


def queue_name(settings: DeploySettings, suffix: str, *, is_fifo: bool = False) -> str:
    """Name a queue after the function; AWS wants an ending for those that keep the order."""
    return f"{settings.function_name}-{suffix}{'.fifo' if is_fifo else ''}"


def _make_one(
    settings: DeploySettings, name: str, tags: dict[str, str], *, why: str, **properties: object
) -> Json:
    is_fifo = True if name.endswith(".fifo") else None  # AWS takes no false here
    encryption: Json = {"SqsManagedSseEnabled": True}
    if settings.kms_key is not None:
        encryption = {"KmsMasterKeyId": settings.kms_key}
    return resource(
        "AWS::SQS::Queue",
        {
            "QueueName": name,
            "FifoQueue": is_fifo,
            # Senders need not invent an id for each message.
            "ContentBasedDeduplication": is_fifo,
            **properties,
            **encryption,
            "Tags": tag_list(tags),
        },
        why=why,
        accepted={"CKV_AWS_27": "SQS encrypts every message; set kms_key for a key of your own."},
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )


def _make_policy(queue: str, *statements: Json) -> Json:
    secure = {
        "Sid": "EncryptedTransportOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": get_att(queue, "Arn"),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return resource(
        "AWS::SQS::QueuePolicy",
        {
            "Queues": [ref(queue)],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [secure, *statements]},
        },
        why="Nobody may use the queue without TLS.",
    )


def _make_mapping(queue: Queue) -> Json:
    scaling = {"MaximumConcurrency": queue.max_concurrency} if queue.max_concurrency else None
    return resource(
        "AWS::Lambda::EventSourceMapping",
        {
            "FunctionName": ref(LIVE),
            "EventSourceArn": get_att("Queue", "Arn"),
            "BatchSize": queue.batch_size,
            "MaximumBatchingWindowInSeconds": queue.window_seconds or None,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": scaling,
        },
        why="Hands messages to the function; only those that it reports as failed come again.",
        is_live=True,
    )


def _make_failed_events(settings: DeploySettings, tags: dict[str, str]) -> dict[str, Json]:
    queue = _make_one(
        settings,
        queue_name(settings, "failed"),
        tags,
        why="Events that nobody waits for and that failed every time, each with its error.",
        MessageRetentionPeriod=FOURTEEN_DAYS_SECONDS,
    )
    senders = _make_policy("FailedEvents", *_iter_senders(settings))
    return {"FailedEvents": queue, "FailedEventsPolicy": senders}


def _iter_senders(settings: DeploySettings) -> Iterator[Json]:
    """Let in what EventBridge and SNS could not deliver; Lambda and Scheduler come by a role."""
    rules = [
        arn("events", f"rule/{rule_name(settings, number)}")
        for number, _ in enumerate(settings.objects, start=1)
    ]
    if rules:
        yield _let_in("UndeliveredObjects", "events.amazonaws.com", rules)
    if settings.topics:
        yield _let_in("UndeliveredMessages", "sns.amazonaws.com", list(settings.topics))


def _let_in(sid: str, service: str, source: object) -> Json:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": get_att("FailedEvents", "Arn"),
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }
