"""Settings of a deployment, as a record: one environment of one model repository."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from dspipe.deploy.settings._aws_names import (
    BucketName,
    KmsArn,
    PolicyArn,
    TagKey,
    TagValue,
    TextLike,
    TopicArn,
)
from dspipe.deploy.settings._parts import (
    Alarms,
    Canary,
    Objects,
    Queue,
    Schedule,
    Stream,
    Table,
    Vpc,
)
from dspipe.deploy.settings._references import Reference, find_reference
from dspipe.package import BuildSettings

# Not keys of the table: they come from where it stands and what stands beside it.
INTERNAL = ("root", "env", "source_references")

_NAME = TextLike(
    r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?",
    expected='at most 40 lower-case letters, digits and hyphens, such as "flight-delay"',
)
_ENVIRONMENT_NAME = TextLike(
    r"[a-z]([a-z0-9-]{0,14}[a-z0-9])?",
    expected='at most 16 lower-case letters, digits and hyphens, such as "prod"',
)
_PIPELINE = TextLike(
    r"[\w./-]+:\w+",
    expected='the file or module and the class, such as "flight_delay.py:FlightDelay"',
)
_REGION = TextLike(r"[a-z]{2}(-[a-z]+)+-\d", expected='a region of AWS, such as "eu-west-1"')
_ANSWERS = TextLike(
    r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^*?${}\s]*)?",
    expected='a bucket and a prefix, such as "s3://flights-answers/late"',
)


def _read_switch(value: object) -> object:
    """Take true for a table of defaults, and false for none."""
    if isinstance(value, bool):
        return {} if value else None
    return value


class DeploySettings(Table):
    """What is deployed, and what stands around it.

    Attributes
    ----------
    root : Path
        Folder of the model repository.
    env : str
        Name of the environment, such as "dev" or "prod".
    name : str
        Name of the deployment, such as "flights".
    pipeline : str
        ``file.py:Class``, or ``package.module:Class``.

    Notes
    -----
    Every other attribute is the key of the same name; see the reference page of the settings.

    Examples
    --------
    >>> settings = DeploySettings(root=Path(), env="prod", name="late", pipeline="late.py:Late")
    >>> settings.function_name, settings.bucket_for("123456789012", "eu-west-1")
    ('dspipe-late-prod', 'dspipe-artifacts-123456789012-eu-west-1')
    """

    root: Path = Field(exclude=True)
    env: Annotated[str, AfterValidator(_ENVIRONMENT_NAME)]
    source_references: tuple[str, ...] = ()

    name: Annotated[str, AfterValidator(_NAME)]
    pipeline: Annotated[str, AfterValidator(_PIPELINE)]
    region: Annotated[str, AfterValidator(_REGION)] | None = None
    bucket: BucketName | None = None

    python: Literal["3.12", "3.13", "3.14"] = "3.13"
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    lock: Annotated[Path, Field(strict=False)] = Path("requirements.lock")
    include: Annotated[tuple[str, ...], Field(strict=False)] = ()
    sample: dict[str, Any] | None = None
    accept_rows: bool = False
    format: Literal["auto", "zip", "image"] = "auto"
    strip: bool = True

    memory_mb: int = Field(default=1769, ge=128, le=10_240)
    timeout_seconds: int = Field(default=60, ge=1, le=900)
    ephemeral_mb: int = Field(default=512, ge=512, le=10_240)
    reserved_concurrency: int | None = Field(default=None, ge=0)
    snap_start: bool = False
    environment: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)
    vpc: Vpc | None = None

    url: Literal["off", "iam", "public"] = "off"
    allow_public_url: bool = False
    api: bool = False
    schedules: Annotated[tuple[Schedule, ...], Field(strict=False, max_length=20)] = ()
    queue: Annotated[Queue | None, BeforeValidator(_read_switch)] = None
    streams: Annotated[tuple[Stream, ...], Field(strict=False, max_length=20)] = ()
    topics: Annotated[tuple[TopicArn, ...], Field(strict=False, max_length=20)] = ()
    objects: Annotated[tuple[Objects, ...], Field(strict=False, max_length=20)] = ()
    answers: Annotated[str, AfterValidator(_ANSWERS)] | None = None

    log_retention_days: Literal[
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
        2922, 3288, 3653,
    ] = 30  # fmt: skip
    alarms: Annotated[Alarms | None, BeforeValidator(_read_switch)] = Alarms()
    canary: Annotated[Canary | None, BeforeValidator(_read_switch)] = None
    permissions_boundary: PolicyArn | None = None
    kms_key: KmsArn | None = None
    tags: dict[TagKey, TagValue] = Field(default_factory=dict, max_length=40)

    @property
    def function_name(self) -> str:
        """Name of the function, which the stack, the log group and the queues share."""
        return f"dspipe-{self.name}-{self.env}"

    @property
    def stack_name(self) -> str:
        """Name of the CloudFormation stack."""
        return self.function_name

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of the function, in order; secrets only by their names."""
        answers = {} if self.answers is None else {"DSPIPE_ANSWERS": self.answers}
        return dict(sorted({**self.environment, **self.secrets, **answers}.items()))

    @property
    def is_asynchronous(self) -> bool:
        """Whether something invokes the function and does not wait for its answer."""
        return bool(self.schedules or self.topics or self.objects)

    @property
    def keeps_failed_events(self) -> bool:
        """Whether there are events that would be lost if nothing kept them."""
        return self.is_asynchronous or bool(self.streams)

    @property
    def references(self) -> tuple[Reference, ...]:
        """The secrets that the function must be allowed to read, each once, in order."""
        named = (*self.secrets.values(), *self.source_references)
        found = (find_reference(text) for text in named)
        return tuple(dict.fromkeys(reference for reference in found if reference is not None))

    @property
    def answers_location(self) -> tuple[str, str] | None:
        """The bucket and the prefix where answers are kept; None when they are not."""
        if self.answers is None:
            return None
        bucket, _, prefix = self.answers.removeprefix("s3://").partition("/")
        return bucket, prefix.strip("/")

    def bucket_for(self, account: str, region: str) -> str:
        """Name the bucket that packages are uploaded to."""
        return self.bucket or f"dspipe-artifacts-{account}-{region}"

    def to_build(self) -> BuildSettings:
        """Say what the package is built from."""
        return BuildSettings(
            root=self.root,
            name=self.name,
            pipeline=self.pipeline,
            python=self.python,
            architecture=self.architecture,
            lock=self.lock,
            include=self.include,
            sample=self.sample,
            accept_rows=self.accept_rows,
            format=self.format,
            strip=self.strip,
            variables=tuple(self.variables),
        )
