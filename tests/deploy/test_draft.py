"""What is decided before AWS is asked for anything, and what is written for others to apply."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from deploy.functions import make_package, make_settings

from dspipe.deploy import read_template
from dspipe.deploy._draft import check_bucket, make_draft, write_files
from dspipe.deploy.aws._state import State
from dspipe.errors import ConfigurationError, DeployError


def test_draft_of_the_deployed_template_has_an_empty_plan(tmp_path: Path) -> None:
    """What AWS gives back is compared as it was handed over, without the comments."""
    settings, package = make_settings(tmp_path, queue={}), make_package(tmp_path)
    text = make_draft(settings, package, State(), "artifacts").text
    template = read_template(text)
    state = State("CREATE_COMPLETE", template, live="1", published="1")

    draft = make_draft(settings, package, state, "artifacts")

    assert draft.plan.steps == ()


def test_draft_names_the_artifact_by_stack_and_digest(tmp_path: Path) -> None:
    """The same contents are the same object."""
    package = make_package(tmp_path)

    draft = make_draft(make_settings(tmp_path), package, State(), "artifacts")

    assert draft.artifact.key == f"dspipe-late-dev/{package.digest}.zip"
    assert draft.tags == {"dspipe:name": "late", "dspipe:environment": "dev"}


@pytest.mark.parametrize(
    ("what", "value", "wanted"),
    [("name", "early", "late"), ("python", "3.12", "3.13"), ("architecture", "arm64", "x86_64")],
)
def test_draft_is_refused_when_the_package_is_another(
    tmp_path: Path, what: str, value: str, wanted: str
) -> None:
    """A build that was made for other settings would only fail after the upload."""
    other: Any = {what: value}
    package = replace(make_package(tmp_path), **other)

    with pytest.raises(DeployError) as caught:
        make_draft(make_settings(tmp_path), package, State(), "artifacts")

    assert str(caught.value) == (
        f"The package was built for {what} {value!r}, and [tool.dspipe.deploy] says {wanted!r}. "
        f"Build it again: dspipe build --env dev"
    )


def test_draft_is_refused_when_an_image_was_not_pushed(tmp_path: Path) -> None:
    """Dspipe has no container engine; the message says what to do with the context."""
    package = replace(make_package(tmp_path), format="image", file=None)

    with pytest.raises(DeployError) as caught:
        make_draft(make_settings(tmp_path), package, State(), "artifacts")

    assert str(caught.value) == (
        f"The package is an image, and dspipe pushes none. Its build context is in {tmp_path}: "
        f"build and push it, then run dspipe deploy --env dev --image REPOSITORY@sha256:DIGEST"
    )


def test_draft_of_an_image_takes_it_from_where_it_was_pushed(tmp_path: Path) -> None:
    """Nothing is uploaded then."""
    package = replace(make_package(tmp_path), format="image", file=None)
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/late@sha256:0a"

    draft = make_draft(make_settings(tmp_path), package, State(), "artifacts", image=image)

    assert [step.kind for step in draft.plan.steps] == ["apply", "check", "route"]
    assert draft.template["Resources"]["Function"]["Properties"]["Code"] == {"ImageUri": image}


def test_files_hold_template_parameters_and_package(tmp_path: Path) -> None:
    """Who applies them by hand needs nothing else."""
    package = make_package(tmp_path)
    draft = make_draft(make_settings(tmp_path), package, State(), "artifacts")
    out = tmp_path / "out" / "late"

    files = write_files(draft, out)

    assert [file.name for file in files] == [
        "template.yaml",
        "parameters.json",
        f"{package.digest}.zip",
    ]
    assert read_template(files[0].read_text(encoding="utf-8")) == draft.template
    assert json.loads(files[1].read_text(encoding="utf-8")) == [
        {"ParameterKey": "LiveVersion", "ParameterValue": ""}
    ]
    assert files[2].read_bytes() == (package.file or out).read_bytes()


def test_bucket_must_be_set_when_no_account_may_be_asked_for(tmp_path: Path) -> None:
    """Only AWS knows the account, and the name of dspipe's own bucket holds it."""
    assert check_bucket(make_settings(tmp_path, bucket="artifacts")) == "artifacts"

    with pytest.raises(ConfigurationError) as caught:
        check_bucket(make_settings(tmp_path))

    assert str(caught.value) == (
        "--template-only calls no AWS, so it cannot know the account in which dspipe's own bucket "
        "would be. Set bucket in [tool.dspipe.deploy] to where the package of late will lie."
    )
