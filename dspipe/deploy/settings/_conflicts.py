"""Settings that are right alone and cannot stand together, or that AWS would refuse later.

Source of the limits: Lambda quotas,
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, and SnapStart,
https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html, read 2026-11-23.
"""

from collections.abc import Iterator

from dspipe._text import quote_some
from dspipe.deploy.settings._record import DeploySettings
from dspipe.errors import PackageError
from dspipe.package.distributions._lock import read_lock

MOST_VARIABLE_BYTES = 4_096
SNAP_START_EPHEMERAL_MB = 512
FIFO_BATCH_SIZE = 10


def find_conflicts(settings: DeploySettings) -> list[str]:
    """Say what cannot stand together, one sentence each."""
    return [
        *_iter_url_conflicts(settings),
        *_iter_snap_start_conflicts(settings),
        *_iter_queue_conflicts(settings),
        *_iter_repeated(settings),
        *_iter_circles(settings),
        *_iter_oversized(settings),
        *_iter_missing_alarms(settings),
        *_iter_missing_zones(settings),
    ]


def _iter_url_conflicts(settings: DeploySettings) -> Iterator[str]:
    if settings.url == "public" and not settings.allow_public_url:
        yield (
            'url = "public" lets everybody on the internet run the pipeline. Use "iam", or say '
            "that "
            "this is meant with allow_public_url = true."
        )


def _iter_snap_start_conflicts(settings: DeploySettings) -> Iterator[str]:
    if not settings.snap_start:
        return
    if settings.ephemeral_mb > SNAP_START_EPHEMERAL_MB:
        yield (
            f"'snap_start' allows {SNAP_START_EPHEMERAL_MB} MB for 'ephemeral_mb', not "
            f"{settings.ephemeral_mb}. Change one of them."
        )
    if settings.format == "image":
        yield "'snap_start' works with zip packages, and 'format' is \"image\". Change one of them."


def _iter_queue_conflicts(settings: DeploySettings) -> Iterator[str]:
    queue = settings.queue
    if queue is None:
        return
    if queue.fifo and queue.batch_size > FIFO_BATCH_SIZE:
        yield (
            f"A queue that keeps the order gives at most {FIFO_BATCH_SIZE} messages at once, and "
            f"'queue.batch_size' is {queue.batch_size}. Lower it."
        )
    if queue.fifo and queue.window_seconds:
        yield "A queue that keeps the order does not wait. Remove 'queue.window_seconds'."
    if queue.batch_size > FIFO_BATCH_SIZE and not queue.window_seconds and not queue.fifo:
        yield (
            f"'queue.batch_size' above {FIFO_BATCH_SIZE} needs a time to wait for so many. Set "
            f"queue.window_seconds = 1 or more."
        )
    most = settings.reserved_concurrency
    if queue.max_concurrency and most is not None and queue.max_concurrency > most:
        yield (
            f"'queue.max_concurrency' is {queue.max_concurrency}, and 'reserved_concurrency' "
            "allows "
            f"{most}. Lower the first, or messages are refused and land among the dead letters."
        )


def _iter_repeated(settings: DeploySettings) -> Iterator[str]:
    repeatable = {
        "streams": [stream.arn for stream in settings.streams],
        "topics": list(settings.topics),
        "objects": [f"s3://{found.bucket}/{found.prefix}" for found in settings.objects],
    }
    for key, values in repeatable.items():
        for value in sorted({value for value in values if values.count(value) > 1}):
            yield f"'{key}' names {value} more than once. Remove the others."


def _iter_circles(settings: DeploySettings) -> Iterator[str]:
    """Find answers that are kept where new objects invoke the function, which answers again."""
    if settings.answers_location is None:
        return
    bucket, prefix = settings.answers_location
    kept = f"{prefix}/" if prefix else ""
    for objects in settings.objects:
        meets = kept.startswith(objects.prefix) or objects.prefix.startswith(kept)
        if objects.bucket == bucket and meets:
            yield (
                f"'answers' keeps objects where 'objects' waits for new ones, "
                f"s3://{bucket}/{objects.prefix}, so that every answer would invoke the function "
                f"again, without end. Use another prefix for one of them."
            )


def _iter_oversized(settings: DeploySettings) -> Iterator[str]:
    variables = settings.variables
    size_bytes = sum(len(f"{name}{value}".encode()) for name, value in variables.items())
    if size_bytes > MOST_VARIABLE_BYTES:
        yield (
            f"The variables take {size_bytes:,} bytes, and Lambda allows {MOST_VARIABLE_BYTES:,} "
            "in "
            f"all. Put what is long into a file of the repository and name it in 'include'."
        )


def _iter_missing_alarms(settings: DeploySettings) -> Iterator[str]:
    if settings.canary is not None and settings.alarms is None:
        yield "'canary' returns when an alarm rings, and 'alarms' is false. Change one of them."


def _iter_missing_zones(settings: DeploySettings) -> Iterator[str]:
    """Find zones that the function cannot read: the runtime promises no data of time zones."""
    zones = sorted({schedule.time_zone for schedule in settings.schedules} - {"UTC"})
    if not zones:
        return
    lock = settings.root / settings.lock
    try:
        versions = read_lock(
            lock, python=settings.python, architecture=settings.architecture
        ).versions
    except PackageError:
        return  # the build says what is wrong with it
    if "tzdata" not in versions:
        yield (
            f"'schedules' uses the time zone {quote_some(zones)}, and {settings.lock} has no "
            "tzdata, without which the function may not know it. Add tzdata to the lock, or use "
            "UTC."
        )
