"""All that is decided about a deployment before AWS is asked to change anything."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dspipe.deploy._plan import Plan, make_plan
from dspipe.deploy.aws._artifacts import name_key
from dspipe.deploy.aws._state import NO_TEXTS, State, Target, find_target
from dspipe.deploy.template._artifact_facts import ArtifactFacts
from dspipe.errors import ConfigurationError, DeployError

if TYPE_CHECKING:
    from dspipe.deploy.settings._parts import Canary
    from dspipe.deploy.settings._record import DeploySettings
    from dspipe.package import Package, Sample


@dataclass(frozen=True, slots=True)
class Artifact:
    """The package, and where it goes.

    Attributes
    ----------
    file : Path or None
        The zip; None for an image, which lies where somebody has pushed it.
    bucket : str
    key : str
    sha256 : str or None
        SHA-256 of the zip that was proven, in base64: AWS refuses any other content.
    """

    file: Path | None
    bucket: str
    key: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What is wanted, and what it takes.

    Attributes
    ----------
    target : Target
    state : State
        What AWS holds.
    plan : Plan
        What it takes.
    template : mapping
    text : str
        The template as it is handed over.
    artifact : Artifact
    sample : Sample or None
        What the new version has to answer.
    goldens : tuple of Path
        Golden runs that the new version has to come to.
    package : Package or None
        What was built.
    canary : Canary or None
    tags : mapping of str to str
        Tags of the stack, which it hands on to what it creates.
    """

    target: Target
    state: State
    plan: Plan
    template: Mapping[str, Any]
    text: str
    artifact: Artifact
    sample: "Sample | None" = None
    goldens: tuple[Path, ...] = ()
    package: "Package | None" = None
    canary: "Canary | None" = None
    tags: Mapping[str, str] = field(default_factory=lambda: NO_TEXTS)


def make_draft(
    settings: "DeploySettings",
    package: "Package",
    state: State,
    bucket: str,
    *,
    image: str | None = None,
) -> Draft:
    """Decide what it takes to deploy a package.

    Parameters
    ----------
    settings : DeploySettings
        What is wanted.
    package : Package
        What was built.
    state : State
        What AWS holds.
    bucket : str
        Where packages go.
    image : str, optional
        Where the image of the package was pushed to, with its digest.

    Raises
    ------
    DeployError
        If the package is an image and none was pushed, or the stack is busy or stuck.
    """
    from dspipe.deploy._golden_smoke import find_recorded
    from dspipe.deploy.template._make import make_template
    from dspipe.deploy.template._render import read_template, write_template

    check_package(settings, package, image)
    target = find_target(settings)
    artifact = Artifact(package.file, bucket, name_key(target, package.digest), package.code_sha256)
    text = write_template(make_template(settings, _describe_artifact(artifact, package, image)))
    # As AWS will give it back, so that the two can be compared: the comments are only in the text.
    template = read_template(text)
    is_image = package.format == "image"
    return Draft(
        target=target,
        state=state,
        plan=make_plan(state, template, target, canary=settings.canary, is_image=is_image),
        template=template,
        text=text,
        artifact=artifact,
        sample=package.sample,
        goldens=find_recorded(settings),
        package=package,
        canary=settings.canary,
        tags={"dspipe:name": settings.name, "dspipe:environment": settings.env},
    )


def check_commit(package: "Package") -> None:
    """Refuse a package of files that no commit holds.

    Raises
    ------
    DeployError
        If it was built from such files.
    """
    if package.is_dirty or package.commit is None:
        raise DeployError(
            f"The package in {package.folder} was built from files that no commit holds, and a "
            f"deployment names its commit. Commit them and build again, or deploy it all the same "
            f"with --allow-dirty."
        )


def check_package(settings: "DeploySettings", package: "Package", image: str | None) -> None:
    """Refuse a package that is not the one that the settings describe.

    Raises
    ------
    DeployError
        If it was built for another Python, architecture or deployment, or is an image that nobody
        has pushed.
    """
    wanted = {
        "name": settings.name,
        "python": settings.python,
        "architecture": settings.architecture,
    }
    for what, value in wanted.items():
        if getattr(package, what) != value:
            raise DeployError(
                f"The package was built for {what} {getattr(package, what)!r}, and "
                f"[tool.dspipe.deploy] says {value!r}. Build it again: dspipe build --env "
                f"{settings.env}"
            )
    if package.format == "image" and image is None:
        raise DeployError(
            f"The package is an image, and dspipe pushes none. Its build context is in "
            f"{package.folder}: build and push it, then run dspipe deploy --env {settings.env} "
            f"--image REPOSITORY@sha256:DIGEST"
        )


def write_files(draft: Draft, folder: Path) -> list[Path]:
    """Write what somebody else needs to deploy: template, parameters and package.

    Returns
    -------
    list of Path
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    template, parameters = folder / "template.yaml", folder / "parameters.json"
    template.write_text(draft.text, encoding="utf-8")
    given = [
        {"ParameterKey": name, "ParameterValue": value}
        for name, value in draft.plan.parameters.items()
    ]
    parameters.write_text(f"{json.dumps(given, indent=2)}\n", encoding="utf-8")
    files = [template, parameters]
    if draft.artifact.file is not None:
        package = folder / Path(draft.artifact.key).name
        shutil.copyfile(draft.artifact.file, package)
        files.append(package)
    return files


def check_bucket(settings: "DeploySettings") -> str:
    """Give the bucket that the settings name, where nobody may be asked for the account.

    Raises
    ------
    ConfigurationError
        If they name none.
    """
    if settings.bucket is None:
        raise ConfigurationError(
            f"--template-only calls no AWS, so it cannot know the account in which dspipe's own "
            f"bucket would be. Set bucket in [tool.dspipe.deploy] to where the package of "
            f"{settings.name} will lie."
        )
    return settings.bucket


def _describe_artifact(artifact: Artifact, package: "Package", image: str | None) -> ArtifactFacts:
    return ArtifactFacts(
        bucket=artifact.bucket,
        key=artifact.key,
        digest=package.digest,
        commit=_name_commit(package),
        format=package.format,
        image_uri=image,
    )


def _name_commit(package: "Package") -> str | None:
    return f"{package.commit}-modified" if package.commit and package.is_dirty else package.commit
