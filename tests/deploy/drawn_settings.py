"""Settings of deployments, drawn at random and always right."""

from typing import Any

from hypothesis import strategies as st

from dspipe.deploy import ArtifactFacts

ACCOUNT = "123456789012"
REGION = "eu-west-1"
FACTS = ArtifactFacts(
    digest="0a" * 32, bucket="artifacts", key="late/0a0a.zip", commit="6fb6a43c1e2d"
)
IMAGE = ArtifactFacts(
    digest="0b" * 32,
    commit="6fb6a43c1e2d",
    format="image",
    image_uri=f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/late@sha256:{'0b' * 32}",
)

words = st.from_regex(r"[a-z][a-z0-9]{0,10}", fullmatch=True)
names = st.from_regex(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True)
environment_names = st.from_regex(r"[a-z]([a-z0-9-]{0,14}[a-z0-9])?", fullmatch=True)
variable_names = st.from_regex(r"[A-Z][A-Z0-9]{2,8}_[A-Z0-9]{1,8}X", fullmatch=True)
references = st.one_of(
    words.map("secret://{}".format),
    words.map("secret://flights/{}#password".format),
    words.map("ssm://{}".format),
    words.map("ssm:///flights/{}".format),
    words.map(f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{{}}-AbCd12".format),
)
topics = words.map(f"arn:aws:sns:{REGION}:{ACCOUNT}:{{}}".format)
stream_arns = st.one_of(
    words.map(f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{{}}".format),
    words.map(
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{}}/stream/2026-01-01T00:00:00.000".format
    ),
)
hexes = st.text("0123456789abcdef", min_size=17, max_size=17)
expressions = st.one_of(
    st.integers(0, 23).map("cron(0 {} * * ? *)".format),
    st.sampled_from(["cron(*/5 8-17 ? * MON-FRI *)", "cron(0 0 L * ? 2026-2030)"]),
    st.integers(2, 90).map("rate({} minutes)".format),
    st.just("rate(1 day)"),
    st.just("at(2026-12-31T05:00:00)"),
)
placeholders = st.one_of(
    st.sampled_from(["{date}", "{time}", "{date - 1 day}", "{time + 1 minute}"]),
    st.integers(-9_999, 9_999).map("{:+}".format).map(lambda n: f"{{date {n[0]} {n[1:]} days}}"),
    st.integers(-9_999, 9_999).map("{:+}".format).map(lambda n: f"{{time {n[0]} {n[1:]} hours}}"),
)
schedules = st.fixed_dictionaries(
    {"expression": expressions},
    optional={
        "time_zone": st.sampled_from(["UTC", "Europe/Zurich", "America/New_York"]),
        "arguments": st.dictionaries(
            words, st.integers() | st.dates() | st.text(max_size=9) | placeholders
        ),
        "enabled": st.booleans(),
    },
)
standard_queues = st.fixed_dictionaries(
    {"batch_size": st.integers(11, 10_000), "window_seconds": st.integers(1, 300)},
    optional={"max_concurrency": st.integers(2, 1_000), "max_receives": st.integers(1, 1_000)},
)
fifo_queues = st.fixed_dictionaries(
    {"fifo": st.just(value=True), "batch_size": st.integers(1, 10)},
    optional={"max_concurrency": st.integers(2, 1_000)},
)
objects = st.fixed_dictionaries(
    {"bucket": words.map("in-{}".format)}, optional={"prefix": words.map("{}/".format)}
)
networks = st.fixed_dictionaries(
    {
        "subnets": st.lists(hexes.map("subnet-{}".format), min_size=1, max_size=3, unique=True),
        "security_groups": st.lists(hexes.map("sg-{}".format), min_size=1, max_size=2, unique=True),
    }
)
alarms = st.fixed_dictionaries(
    {},
    optional={
        "errors": st.integers(1, 100),
        "duration_share": st.floats(0.01, 1),
        "topic": topics,
    },
)


def _several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, max_size=2, unique_by=str)


tables = st.fixed_dictionaries(
    {"name": names, "pipeline": st.just("flight_delay.py:FlightDelay")},
    optional={
        "python": st.sampled_from(["3.12", "3.13", "3.14"]),
        "architecture": st.sampled_from(["x86_64", "arm64"]),
        "memory_mb": st.integers(128, 10_240),
        "timeout_seconds": st.integers(1, 900),
        "ephemeral_mb": st.integers(512, 10_240),
        "environment": st.dictionaries(variable_names, st.text("ab cé$", max_size=9), max_size=3),
        "secrets": st.dictionaries(variable_names.map("S{}".format), references, max_size=4),
        "reserved_concurrency": st.integers(1_000, 2_000),
        "snap_start": st.booleans(),
        "vpc": networks,
        "url": st.sampled_from(["off", "iam", "public"]),
        "allow_public_url": st.just(value=True),
        "api": st.booleans(),
        "schedules": _several(schedules),
        "queue": st.booleans() | standard_queues | fifo_queues,
        "streams": _several(st.fixed_dictionaries({"arn": stream_arns})),
        "topics": _several(topics),
        "objects": _several(objects),
        "answers": words.map("s3://answers-{}/late".format),
        "log_retention_days": st.sampled_from([1, 30, 365]),
        "alarms": st.booleans() | alarms,
        "permissions_boundary": words.map(f"arn:aws:iam::{ACCOUNT}:policy/{{}}".format),
        "kms_key": hexes.map(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{}}".format),
        "tags": st.dictionaries(words, words, max_size=3),
    },
)
"""Tables of settings in the form of TOML, for all keys that a template depends on."""
