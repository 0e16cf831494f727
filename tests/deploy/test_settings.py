"""Settings of a deployment: where they come from, what they mean, what is refused and how."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deploy.drawn_settings import tables
from hypothesis import given
from hypothesis import strategies as st

from dspipe.deploy import DeploySettings, load_settings
from dspipe.deploy.settings._file import _lay_over
from dspipe.errors import ConfigurationError
from dspipe.package import BuildSettings

Write = Callable[[str], Path]

HEAD = '[tool.dspipe.deploy]\nname = "late"\npipeline = "late.py:Late"\n'


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the pyproject.toml of a repository and give its folder."""

    def write_settings(text: str) -> Path:
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write_settings


def find_faults(folder: Path, env: str | None = None) -> list[str]:
    """Load settings that cannot be used, and give the sentences between head and end."""
    with pytest.raises(ConfigurationError) as raised:
        load_settings(folder, env)
    head, *faults, end = str(raised.value).splitlines()
    assert head == (
        f"The settings for '{env or 'dev'}' in [tool.dspipe.deploy] of "
        f"{folder / 'pyproject.toml'} cannot be used:"
    )
    assert end == "Correct them, and run the command again."
    return [fault.strip() for fault in faults]


def test_settings_need_only_the_pipeline(write: Write) -> None:
    """One line is enough to deploy; everything else has a value that is right for most."""
    folder = write('[project]\nname = "Flight_Delay"\n[tool.dspipe.deploy]\npipeline = "a.py:Late"')

    settings = load_settings(folder)

    assert (settings.name, settings.env, settings.root) == ("flight-delay", "dev", folder)
    assert settings.stack_name == settings.function_name == "dspipe-flight-delay-dev"
    assert (settings.python, settings.architecture) == ("3.13", "x86_64")
    assert (settings.url, settings.api, settings.queue) == ("off", False, None)
    assert not settings.accept_rows


def test_settings_are_named_after_the_folder_when_no_project_is(tmp_path: Path) -> None:
    """Without a [project], the folder of the repository gives the name."""
    folder = tmp_path / "My Flights"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        '[tool.dspipe.deploy]\npipeline = "a.py:Late"', encoding="utf-8"
    )

    assert load_settings(folder).name == "my-flights"


def test_settings_are_found_upward_when_started_in_a_subfolder(write: Write) -> None:
    """The repository is found from any of its folders."""
    folder = write(HEAD)
    (folder / "sql").mkdir()

    assert load_settings(folder / "sql").root == folder


def test_environment_lies_over_the_settings_of_all(write: Write) -> None:
    """A table of an environment is merged key by key; lists and values are replaced."""
    folder = write(f"""{HEAD}
        topics = ["arn:aws:sns:eu-west-1:123456789012:a"]
        environment = {{LEVEL = "low", PLACE = "here"}}
        [tool.dspipe.deploy.environments.prod]
        memory_mb = 4096
        topics = []
        environment = {{LEVEL = "high"}}
    """)

    dev, prod = load_settings(folder), load_settings(folder, "prod")

    assert (dev.memory_mb, dev.environment) == (1769, {"LEVEL": "low", "PLACE": "here"})
    assert (prod.memory_mb, prod.environment) == (4096, {"LEVEL": "high", "PLACE": "here"})
    assert (len(dev.topics), len(prod.topics)) == (1, 0)
    assert prod.function_name == "dspipe-late-prod"


@given(
    base=st.recursive(
        st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner)
    ).filter(lambda value: isinstance(value, dict)),
    over=st.recursive(
        st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner)
    ).filter(lambda value: isinstance(value, dict)),
)
def test_laying_over_twice_is_laying_over_once(base: dict[str, Any], over: dict[str, Any]) -> None:
    """What an environment says holds, however often it is said; the rest stays."""
    once = _lay_over(base, over)

    assert _lay_over(once, over) == once
    assert once.keys() == base.keys() | over.keys()
    assert _lay_over(base, {}) == base


def test_unknown_environment_is_refused_with_a_close_match(write: Write) -> None:
    """A misspelt environment must not become a new stack."""
    folder = write(f"{HEAD}[tool.dspipe.deploy.environments.prod]\nmemory_mb = 512\n")

    with pytest.raises(ConfigurationError) as raised:
        load_settings(folder, "prd")

    assert str(raised.value) == (
        f"{folder / 'pyproject.toml'} describes no environment 'prd'. Did you mean 'prod'? It "
        f"describes: dev, prod. Add [tool.dspipe.deploy.environments.prd]."
    )


def test_environments_that_are_no_tables_are_refused(write: Write) -> None:
    """A list of names is not a description."""
    folder = write(f'{HEAD}environments = ["dev", "prod"]\n')

    with pytest.raises(ConfigurationError) as raised:
        load_settings(folder)

    assert str(raised.value) == (
        f"'environments' of [tool.dspipe.deploy] in {folder / 'pyproject.toml'} must hold one "
        f"table for each environment, such as [tool.dspipe.deploy.environments.prod]."
    )


@pytest.mark.parametrize("text", ["[tool.dspipe]\n", '[project]\nname = "x"\n'])
def test_missing_table_is_refused_with_what_to_add(
    write: Write, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the table nothing says what to deploy."""
    folder = write(text)
    monkeypatch.chdir(folder)

    with pytest.raises(ConfigurationError) as raised:
        load_settings()

    assert str(raised.value) == (
        f"{folder / 'pyproject.toml'} has no table [tool.dspipe.deploy], so nothing says what to "
        f'deploy. Add one:\n[tool.dspipe.deploy]\npipeline = "flight_delay.py:FlightDelay"'
    )


def test_faults_are_told_together_when_there_are_several(write: Write) -> None:
    """One run tells all that is wrong: types, limits, names, unknown keys, secrets."""
    folder = write("""
        [tool.dspipe.sources]
        shop = "mysql://ann:tulip@db/shop"
        [tool.dspipe.deploy]
        memory = 512
        memory_mb = "512"
        timeout_seconds = 901
        snap_start = 1
        vpc = {subnets = ["subnet-1"]}
        schedules = [{expression = "rate(1 days)", time_zone = "Europe/Zurch", when = 1}]
        queue = "jobs"
        topics = "jobs"
        environment = {DB_PASSWORD = "tulip"}
    """)

    faults = find_faults(folder)

    assert faults[0].startswith("There is no key 'memory'. Did you mean 'memory_mb'? There are: ")
    assert faults[1:] == [
        "'pipeline' must be given, such as pipeline = \"flight_delay.py:FlightDelay\".",
        "'memory_mb' cannot be '512': it must be a whole number.",
        "'timeout_seconds' cannot be 901: it must be less than or equal to 900.",
        "'snap_start' cannot be 1: it must be true or false.",
        "'vpc.subnets[0]' cannot be 'subnet-1': write the id of a subnet, subnet-<id>.",
        "'vpc.security_groups' must be given, such as security_groups = "
        '["sg-0123456789abcdef0"].',
        "'schedules[0].expression' cannot be 'rate(1 days)': write \"rate(1 day)\".",
        "'schedules[0].time_zone' cannot be 'Europe/Zurch': write a time zone, such as \"UTC\" or "
        "\"Europe/Zurich\". Did you mean 'Europe/Zurich'?",
        "There is no key 'schedules[0].when'. Remove it, or correct its name.",
        "'queue' cannot be 'jobs': it must be a table.",
        "'topics' cannot be 'jobs': it must be a list.",
        "environment.DB_PASSWORD looks like a secret, and everybody who sees the template would "
        "see it. Put the value into AWS Secrets Manager or SSM and name it: "
        'secrets.DB_PASSWORD = "secret://<name>".',
        "The url of source 'shop' holds a password, which would travel in the package. Keep the "
        'url in AWS Secrets Manager and name it: shop = "secret://<name>", or write ${PASSWORD} '
        "in its place and set secrets.PASSWORD.",
    ]
    assert "tulip" not in "".join(faults)


@pytest.mark.parametrize("key", ["root", "env", "source_references"])
def test_what_is_known_from_elsewhere_is_no_key(write: Write, key: str) -> None:
    """Where the file stands and which environment is meant cannot be set in it."""
    (fault,) = find_faults(write(f'{HEAD}{key} = "x"\n'))

    assert fault.startswith(f"There is no key '{key}'.")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            'url = "public"',
            'url = "public" lets everybody on the internet run the pipeline. Use "iam", or say '
            "that this is meant with allow_public_url = true.",
        ),
        (
            "snap_start = true\nephemeral_mb = 1024",
            "'snap_start' allows 512 MB for 'ephemeral_mb', not 1024. Change one of them.",
        ),
        (
            'snap_start = true\nformat = "image"',
            "'snap_start' works with zip packages, and 'format' is \"image\". Change one of them.",
        ),
        (
            "queue = {fifo = true, batch_size = 11}",
            "A queue that keeps the order gives at most 10 messages at once, and "
            "'queue.batch_size' is 11. Lower it.",
        ),
        (
            "queue = {fifo = true, window_seconds = 5}",
            "A queue that keeps the order does not wait. Remove 'queue.window_seconds'.",
        ),
        (
            "queue = {batch_size = 11}",
            "'queue.batch_size' above 10 needs a time to wait for so many. Set "
            "queue.window_seconds = 1 or more.",
        ),
        (
            "queue = {max_concurrency = 5}\nreserved_concurrency = 4",
            "'queue.max_concurrency' is 5, and 'reserved_concurrency' allows 4. Lower the first, "
            "or messages are refused and land among the dead letters.",
        ),
        (
            'objects = [{bucket = "data"}, {bucket = "data"}]',
            "'objects' names s3://data/ more than once. Remove the others.",
        ),
        (
            'objects = [{bucket = "data", prefix = "in/"}]\nanswers = "s3://data/in/answers"',
            "'answers' keeps objects where 'objects' waits for new ones, s3://data/in/, so that "
            "every answer would invoke the function again, without end. Use another prefix for "
            "one of them.",
        ),
        (
            f'environment = {{LONG = "{"x" * 4093}"}}',
            "The variables take 4,097 bytes, and Lambda allows 4,096 in all. Put what is long "
            "into a file of the repository and name it in 'include'.",
        ),
        (
            "canary = true\nalarms = false",
            "'canary' returns when an alarm rings, and 'alarms' is false. Change one of them.",
        ),
    ],
)
def test_settings_that_exclude_each_other_are_refused(write: Write, text: str, fault: str) -> None:
    """What AWS would refuse in the middle of a deployment is refused before it."""
    assert find_faults(write(f"{HEAD}{text}\n")) == [fault]


@pytest.mark.parametrize(
    "text",
    [
        'url = "public"\nallow_public_url = true',
        "queue = {fifo = true, max_concurrency = 4}\nreserved_concurrency = 4",
        'objects = [{bucket = "data", prefix = "in/"}]\nanswers = "s3://data/out"',
        'objects = [{bucket = "data"}]\nanswers = "s3://other"',
        f'environment = {{LONG = "{"x" * 4092}"}}',
        "snap_start = true",
    ],
)
def test_settings_at_the_edge_are_taken(write: Write, text: str) -> None:
    """The refusals go no further than they must."""
    assert load_settings(write(f"{HEAD}{text}\n")).name == "late"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            'name = "Late"',
            "'name' cannot be 'Late': write at most 40 lower-case letters, digits and hyphens, "
            'such as "flight-delay".',
        ),
        (
            'pipeline = "late.py"',
            "'pipeline' cannot be 'late.py': write the file or module and the class, such as "
            '"flight_delay.py:FlightDelay".',
        ),
        (
            "vpc = {subnets = [], security_groups = ['sg-0123456789']}",
            "'vpc.subnets' cannot be []: it must hold at least 1.",
        ),
        (
            "tags = {" + ", ".join(f"a{number} = 'x'" for number in range(41)) + "}",
            "'tags' cannot be {'a0': 'x', 'a1': 'x', 'a2': 'x', 'a3': 'x', 'a4': 'x', 'a5…: it "
            "must hold at most 40.",
        ),
        (
            'schedules = [{expression = "rate(1 day)", arguments = {day = "{date-1 day}"}}]',
            "'schedules[0].arguments.day' cannot be '{date-1 day}': it is no placeholder. Did you "
            'mean "{date - 1 day}"?',
        ),
        (
            'schedules = [{expression = "rate(1 day)", '
            'arguments = {day = "<aws.scheduler.scheduled-time>"}}]',
            "'schedules[0].arguments.day' cannot be '<aws.scheduler.scheduled-time>': AWS writes "
            'the time in UTC there, which is no day. Write "{date}" for the day in the time zone '
            'of the schedule, or "{time}" for the time.',
        ),
        (
            'region = "Ireland"',
            "'region' cannot be 'Ireland': write a region of AWS, such as \"eu-west-1\".",
        ),
        (
            'answers = "s3://data/*"',
            "'answers' cannot be 's3://data/*': write a bucket and a prefix, such as "
            '"s3://flights-answers/late".',
        ),
        (
            'objects = [{bucket = "data", prefix = "in/*"}]',
            "'objects[0].prefix' cannot be 'in/*': write how the keys begin, without spaces and "
            "* ? $ { }.",
        ),
        (
            'kms_key = "alias/aws/s3"',
            "'kms_key' cannot be 'alias/aws/s3': write the ARN of a key, "
            "arn:aws:kms:<region>:<account>:key/<id>.",
        ),
        (
            'tags = {"dspipe:name" = "x"}',
            "'tags.dspipe:name' cannot be 'dspipe:name': write letters, digits, spaces and "
            ". : / = + - @, and not aws: or dspipe: first.",
        ),
        (
            "secrets = {DB = 1}",
            "'secrets.DB' cannot be used: it must be a text.",
        ),
    ],
)
def test_name_that_aws_would_refuse_is_refused_in_words(
    write: Write, text: str, fault: str
) -> None:
    """A pattern that is not met is explained by what to write."""
    head = "" if "pipeline" in text else 'pipeline = "late.py:Late"\n'
    name = "" if "name =" in text else 'name = "late"\n'

    assert find_faults(write(f"[tool.dspipe.deploy]\n{name}{head}{text}\n")) == [fault]


def test_environment_name_that_aws_would_refuse_is_refused(write: Write) -> None:
    """The name of the environment becomes part of the name of the function."""
    folder = write(f"{HEAD}[tool.dspipe.deploy.environments.Production]\nmemory_mb = 512\n")

    assert find_faults(folder, "Production") == [
        "'env' cannot be 'Production': write at most 16 lower-case letters, digits and hyphens, "
        'such as "prod".'
    ]


@pytest.mark.parametrize(("value", "expected"), [("true", 5), ("false", None), ("{}", 5)])
def test_switch_is_a_table_of_defaults_when_true(
    write: Write, value: str, expected: int | None
) -> None:
    """true, false and a table all say whether there is a queue."""
    queue = load_settings(write(f"{HEAD}queue = {value}\n")).queue

    assert (None if queue is None else queue.max_receives) == expected


def test_secrets_of_variables_and_sources_may_be_read(write: Write) -> None:
    """Each secret that the function will ask for is named once, wherever it stands."""
    folder = write(f"""
        [tool.dspipe.sources]
        default = "secret://flights/reader"
        demo = {{url = "duckdb:///demo.duckdb"}}
        {HEAD}
        secrets = {{PASSWORD = "ssm://flights/password", AGAIN = "secret://flights/reader#host"}}
    """)

    found = load_settings(folder).references

    assert [reference.arn.rpartition("AccountId}:")[2] for reference in found] == [
        "parameter/flights/password",
        "secret:flights/reader-??????",
    ]


def test_variables_hold_names_of_secrets_and_where_answers_are_kept(write: Write) -> None:
    """The environment of the function is plain text: secrets are in it by name."""
    folder = write(
        f'{HEAD}environment = {{LEVEL = "low"}}\nsecrets = {{DB = "secret://db"}}\n'
        f'answers = "s3://answers/late/"\n'
    )

    settings = load_settings(folder)

    assert settings.variables == {
        "DB": "secret://db",
        "DSPIPE_ANSWERS": "s3://answers/late/",
        "LEVEL": "low",
    }
    assert settings.answers_location == ("answers", "late")


def test_bucket_of_packages_is_one_of_the_account_when_none_is_set(write: Write) -> None:
    """Two accounts never share a bucket, because its name holds the account's number."""
    settings = load_settings(write(HEAD))
    named = load_settings(write(f'{HEAD}bucket = "our-artifacts"\n'))

    assert settings.bucket_for("123456789012", "eu-west-1") == (
        "dspipe-artifacts-123456789012-eu-west-1"
    )
    assert named.bucket_for("123456789012", "eu-west-1") == "our-artifacts"


def test_package_is_built_from_the_same_settings(write: Write) -> None:
    """What concerns the package is handed on unchanged."""
    folder = write(
        f'{HEAD}python = "3.12"\narchitecture = "arm64"\nlock = "locks/run.txt"\n'
        f'include = ["rules/*.csv"]\naccept_rows = true\nformat = "zip"\nstrip = false\n'
        f"sample = {{day = 2013-06-01}}\n"
    )

    settings = load_settings(folder)

    assert settings.to_build() == BuildSettings(
        root=folder,
        name="late",
        pipeline="late.py:Late",
        python="3.12",
        architecture="arm64",
        lock=Path("locks/run.txt"),
        include=("rules/*.csv",),
        sample=settings.sample,
        accept_rows=True,
        format="zip",
        strip=False,
    )


@given(tables)
def test_drawn_settings_can_be_used(table: dict[str, Any]) -> None:
    """The settings that templates are tested with are such as a user may write."""
    settings = DeploySettings(root=Path(), env="dev", **table)

    assert settings.function_name == f"dspipe-{table['name']}-dev"
    assert len(settings.function_name) <= 64


@pytest.mark.parametrize(
    ("locked", "zone", "faults"),
    [
        ("tzdata==2026.6 --hash=sha256:d", "Europe/Zurich", []),
        ("", "UTC", []),
        (
            "tzdata==2026.6 ; sys_platform == 'win32' --hash=sha256:d",
            "Europe/Zurich",
            [
                "'schedules' uses the time zone 'Europe/Zurich', and requirements.lock has no "
                "tzdata, without which the function may not know it. Add tzdata to the lock, or "
                "use UTC."
            ],
        ),
    ],
)
def test_time_zone_needs_its_data_in_the_lock(
    write: Write, locked: str, zone: str, faults: list[str]
) -> None:
    """The runtime promises none, and a schedule that is due is too late to learn of it."""
    folder = write(f'{HEAD}schedules = [{{expression = "rate(1 day)", time_zone = "{zone}"}}]\n')
    names = ("pandas==3.1.1", "pydantic==2.14.3", "sqlalchemy==2.1.9")
    lines = [*(f"{name} --hash=sha256:a" for name in names), locked]
    (folder / "requirements.lock").write_text("\n".join(lines), encoding="utf-8")

    if faults:
        assert find_faults(folder) == faults
    else:
        assert load_settings(folder).schedules[0].time_zone == zone


def test_time_zone_is_left_to_the_build_when_there_is_no_lock(write: Write) -> None:
    """What is wrong with a lock is said once, where it is needed."""
    folder = write(
        f'{HEAD}schedules = [{{expression = "rate(1 day)", time_zone = "Europe/Zurich"}}]\n'
    )

    assert load_settings(folder).schedules[0].time_zone == "Europe/Zurich"
