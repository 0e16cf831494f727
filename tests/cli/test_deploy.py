"""The commands of a deployment, run in this process against the stand-in."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from aws.fixtures import StandIn
from deploy.functions import LATE, make_package

from dspipe.cli._deploy import _print_left
from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._state import read_alias
from dspipe.package._saved import save_package

if TYPE_CHECKING:
    from conftest import Invoke

SETTINGS = """
[tool.dspipe.deploy]
name = "late"
pipeline = "late.py:Late"
bucket = "artifacts"
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Write a model repository whose package is built already."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    build(tmp_path, "m1")
    return tmp_path


@pytest.fixture
def cloud(aws: StandIn, lambda_runtime: Path) -> Aws:
    """Give an account with the bucket of the settings, in which functions run."""
    del aws, lambda_runtime
    cloud = Aws()
    place = {"LocationConstraint": "eu-west-1"}
    cloud.call("s3", "create_bucket", Bucket="artifacts", CreateBucketConfiguration=place)
    return cloud


def build(folder: Path, model: str, *, is_dirty: bool = False) -> None:
    """Put a package where the last build lies."""
    package = make_package(folder, model)
    save_package(replace(package, is_dirty=is_dirty), folder)


def test_deploy_tells_steps_and_what_serves(invoke: "Invoke", repository: Path, cloud: Aws) -> None:
    """Data goes to standard output, progress to standard error."""
    result = invoke("deploy", repository, "--package", repository)

    assert result.exit_code == 0, result.stderr
    assert "dspipe-late-dev: version 1 serves." in result.stdout
    assert "Alias: arn:aws:lambda:eu-west-1:123456789012:function:dspipe-late-dev:live" in (
        result.stdout
    )
    assert "Version 1 answers as it should.\n" in result.stderr
    assert "CREATE_COMPLETE      Function (AWS::Lambda::Function)" in result.stderr


def test_deploy_says_that_nothing_changed_when_it_is_run_again(
    invoke: "Invoke", repository: Path, cloud: Aws
) -> None:
    """The same package and settings need no step."""
    invoke("deploy", repository, "--package", repository)

    result = invoke("deploy", repository, "--package", repository)

    assert result.stdout.splitlines() == [
        "Nothing would change: this is deployed and serves.",
        "dspipe-late-dev: version 1 serves already. Nothing was changed.",
    ]


def test_plan_shows_steps_resources_and_permissions_and_changes_nothing(
    invoke: "Invoke", repository: Path, cloud: Aws
) -> None:
    """A reader sees what would be there, and what it might do."""
    result = invoke("deploy", repository, "--package", repository, "--plan")

    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert result.exit_code == 0, result.stderr
    assert "2 Create the stack dspipe-late-dev, which publishes a new version" in lines
    assert "Add Function AWS::Lambda::Function" in lines
    assert any("logs:PutLogEvents" in line for line in lines)
    assert cloud.find("lambda", "get_function", FunctionName=LATE.stack) is None


def test_template_only_writes_files_and_calls_nobody(
    invoke: "Invoke", repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else applies them; no credentials are needed for it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    out = tmp_path / "out"

    result = invoke("deploy", repository, "--package", repository, "--template-only", out)

    assert result.exit_code == 0, result.stderr
    names = [Path(line).name for line in result.stdout.splitlines()]
    assert names[:2] == ["template.yaml", "parameters.json"]
    assert result.stderr.startswith("Upload the package to s3://artifacts/dspipe-late-dev/")


def test_deploy_refuses_files_that_no_commit_holds(invoke: "Invoke", repository: Path) -> None:
    """Nothing is built and nobody called before that."""
    subprocess.run(["git", "-C", str(repository), "init", "-q"], check=True)  # noqa: S607 - any git

    result = invoke("deploy", repository)

    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {repository} is not in a git repository with a commit, so nobody could tell which "
        f"code serves. Commit it, or deploy it all the same with --allow-dirty.\n"
    )


def test_deploy_refuses_a_package_of_such_files(
    invoke: "Invoke", repository: Path, cloud: Aws
) -> None:
    """A build remembers that it was made from changed files."""
    build(repository, "m1", is_dirty=True)

    result = invoke("deploy", repository, "--package", repository)

    assert result.exit_code == 1
    assert "was built from files that no commit holds" in result.stderr


def test_rollback_status_invoke_logs_and_destroy_work_on_what_is_deployed(
    invoke: "Invoke", repository: Path, cloud: Aws
) -> None:
    """A day in the life of a deployment."""
    invoke("deploy", repository, "--package", repository)
    build(repository, "m2")
    invoke("deploy", repository, "--package", repository)

    back = invoke("rollback", "--folder", repository)
    status = invoke("status", repository)
    asked = invoke("invoke", "--folder", repository, "--day", "2013-10-01")
    log = invoke("logs", repository, "--since", "1h")
    gone = invoke("destroy", repository, "--yes")

    assert back.stdout == "dspipe-late-dev: version 1 serves; before it was 2.\n"
    assert status.stdout.splitlines()[0] == "dspipe-late-dev: UPDATE_COMPLETE"
    assert "Version 2 is published and does not serve" in status.stdout
    assert json.loads(asked.stdout)["arguments"] == {"day": "2013-10-01"}
    assert log.exit_code == 0, log.stderr
    assert gone.stdout == "Nothing of dspipe-late-dev is left.\n"
    assert read_alias(cloud, LATE.stack) == (None, {})


def test_invoke_fails_with_what_the_function_says(
    invoke: "Invoke", repository: Path, cloud: Aws, tmp_path: Path
) -> None:
    """The kind of the failure and its message, and an exit code for a script."""
    invoke("deploy", repository, "--package", repository)
    event = tmp_path / "event.json"
    event.write_text('{"fail": true}', encoding="utf-8")

    result = invoke("invoke", "--folder", repository, "--event", event)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "The function failed: ValueError: no such thing\n"


def test_destroy_asks_and_removes_nothing_when_the_answer_is_no(
    invoke: "Invoke", repository: Path, cloud: Aws
) -> None:
    """Without --yes a person has to say so."""
    invoke("deploy", repository, "--package", repository)

    result = invoke("destroy", repository)

    assert result.exit_code == 1
    assert "Remove dspipe-late-dev in account 123456789012, eu-west-1" in result.stdout
    assert read_alias(cloud, LATE.stack) == ("1", {})


def test_command_says_where_settings_belong_when_there_are_none(
    invoke: "Invoke", tmp_path: Path
) -> None:
    """Every command reads the same table."""
    (tmp_path / "pyproject.toml").write_text("[tool.dspipe]\n", encoding="utf-8")

    result = invoke("status", tmp_path)

    assert result.exit_code == 1
    assert "has no table [tool.dspipe.deploy], so nothing says what to deploy" in result.stderr


def test_destroy_names_what_is_left_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """A script that destroys must not take a rest for nothing."""
    with pytest.raises(typer.Exit) as caught:
        _print_left(("arn:aws:sqs:eu-west-1:1:jobs",), LATE)

    assert caught.value.exit_code == 1
    assert capsys.readouterr().out.splitlines() == [
        "Of dspipe-late-dev is left:",
        "  arn:aws:sqs:eu-west-1:1:jobs",
        "Tags are forgotten a few minutes late. Run the command again to look again.",
    ]
