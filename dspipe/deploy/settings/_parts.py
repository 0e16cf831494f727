"""The tables inside of ``[tool.dspipe.deploy]``: what invokes the function, what watches it.

Values are of TOML's own types and are never converted: "512" is no number.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from dspipe.deploy.settings._aws_names import (
    BucketName,
    KeyPrefix,
    SecurityGroupId,
    StreamArn,
    SubnetId,
    TopicArn,
)
from dspipe.deploy.settings._schedule_arguments import check_argument
from dspipe.deploy.settings._schedule_expressions import check_expression, check_time_zone


class Table(BaseModel):
    """A table of settings: no other keys, never changed, values of TOML's own types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Schedule(Table):
    """A time at which the function runs.

    Attributes
    ----------
    expression : str
        ``cron(0 5 * * ? *)``, ``rate(1 day)`` or ``at(2026-12-31T05:00:00)``.
    time_zone : str
        The zone of `expression`, so that summer time is followed.
    arguments : dict
        Arguments of the run; a value such as "{date - 1 day}" stands for the day before the one at
        which the schedule is due.
    enabled : bool
        Whether it fires.

    Examples
    --------
    >>> Schedule(expression="rate(1 day)").time_zone
    'UTC'
    """

    expression: Annotated[str, AfterValidator(check_expression)]
    time_zone: Annotated[str, AfterValidator(check_time_zone)] = "UTC"
    arguments: dict[str, Annotated[Any, AfterValidator(check_argument)]] = Field(
        default_factory=dict
    )
    enabled: bool = True


class Queue(Table):
    """An SQS queue of its own, whose messages are arguments.

    Attributes
    ----------
    batch_size : int
        Most messages in one invocation.
    window_seconds : int
        How long to wait for a full batch.
    max_concurrency : int, optional
        Most invocations at a time, to spare the database; no limit when not given.
    max_receives : int
        How often a message is tried before it goes to the dead letters.
    fifo : bool
        Whether the messages of a group are kept in order.
    """

    batch_size: int = Field(default=10, ge=1, le=10_000)
    window_seconds: int = Field(default=0, ge=0, le=300)
    max_concurrency: int | None = Field(default=None, ge=2, le=1_000)
    max_receives: int = Field(default=5, ge=1, le=1_000)
    fifo: bool = False


class Stream(Table):
    """A Kinesis stream or the stream of a DynamoDB table, which exists already.

    Attributes
    ----------
    arn : str
        The stream.
    batch_size : int
        Most records in one invocation.
    start : {"LATEST", "TRIM_HORIZON"}
        Whether to begin with new records or with the oldest that are kept.
    max_retries : int
        How often a record is tried before it is given up and noted among the failed events.
    """

    arn: StreamArn
    batch_size: int = Field(default=100, ge=1, le=10_000)
    start: Literal["LATEST", "TRIM_HORIZON"] = "LATEST"
    max_retries: int = Field(default=5, ge=0, le=10_000)


class Objects(Table):
    """New objects of a bucket, which exists already and sends its events to EventBridge.

    Attributes
    ----------
    bucket : str
        Name of the bucket.
    prefix : str
        How the keys begin; all objects when empty.
    """

    bucket: BucketName
    prefix: KeyPrefix = ""


class Vpc(Table):
    """The private network that the function joins.

    Attributes
    ----------
    subnets : tuple of str
        Ids of subnets.
    security_groups : tuple of str
        Ids of security groups.
    """

    subnets: tuple[SubnetId, ...] = Field(strict=False, min_length=1, max_length=16)
    security_groups: tuple[SecurityGroupId, ...] = Field(strict=False, min_length=1, max_length=5)


class Alarms(Table):
    """When to call for help.

    Attributes
    ----------
    errors : int
        Failed invocations in one minute that are too many.
    duration_share : float
        Share of the timeout that the slowest hundredth of the invocations may take.
    topic : str, optional
        The SNS topic that is told; without one the alarms are only seen.
    """

    errors: int = Field(default=1, ge=1)
    duration_share: float = Field(default=0.8, gt=0, le=1)
    topic: TopicArn | None = None


class Canary(Table):
    """How a new version takes over.

    Attributes
    ----------
    weight : float
        Share of the invocations that try the new version first.
    minutes : int
        For how long; the alarms decide what happens then.
    """

    weight: float = Field(default=0.1, gt=0, lt=1)
    minutes: int = Field(default=5, ge=1, le=60)
