"""What `dspipe deploy` does: check, build, plan, show, and carry out."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from dspipe.cli._deploy_tables import say, show_plan, tell_event
from dspipe.cli._progress import showing
from dspipe.displays import format_seconds

if TYPE_CHECKING:
    from dspipe.deploy import DeploySettings, PolicyChange
    from dspipe.deploy._draft import Draft
    from dspipe.deploy._executor import Deployment
    from dspipe.deploy.aws._calls import Aws
    from dspipe.deploy.aws._state import State
    from dspipe.package import Package

_PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be deployed.

    Attributes
    ----------
    settings : DeploySettings
    package : Path or None
        A build to deploy; None to build one.
    image : str or None
        Where the image of the package was pushed to.
    allow_dirty : bool
        Whether files may differ from the last commit.
    """

    settings: "DeploySettings"
    package: Path | None = None
    image: str | None = None
    allow_dirty: bool = False


def carry_out(wish: Wish, *, only_plan: bool, template_folder: Path | None) -> None:
    """Deploy, or show what that would change, or write what others need for it.

    Raises
    ------
    DeployError
        If it cannot be done; the message says what serves now.
    """
    _check_kernel()
    _check_tree(wish)
    if template_folder is not None:
        _write_files(wish, template_folder)
        return
    from dspipe.deploy._executor import Executor
    from dspipe.deploy.aws._calls import Aws

    aws = Aws(wish.settings.region)
    draft = _make_draft(aws, wish)
    executor = Executor(aws, draft, notify=tell_event, say=say)
    changes = executor.preview() if only_plan else ()
    show_plan(draft.plan, changes, _diff_policies(draft), _name_place(aws))
    if not only_plan:
        _tell_deployment(executor.run(), draft)


def _check_kernel() -> None:
    """Refuse to deploy from a cell of a notebook that is only being checked."""
    from dspipe.errors import DeployError
    from dspipe.parity._notebook import CHECKING_VARIABLE

    if os.environ.get(CHECKING_VARIABLE):
        raise DeployError(
            "Nothing was deployed: dspipe check is running this notebook to compare its "
            "predictions. Tag the cell that deploys with 'skip-execution'."
        )


def _check_tree(wish: Wish) -> None:
    if wish.allow_dirty or wish.package is not None:
        return
    from dspipe.deploy._tree import check_tree

    check_tree(wish.settings.root, built=wish.settings.to_build().folder)


def _make_draft(aws: "Aws", wish: Wish) -> "Draft":
    """Ask AWS what there is while the package is built; a refusal ends the build."""
    from dspipe.deploy._draft import make_draft

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(_ask, aws, wish)

        def tell(text: str) -> None:
            if asked.done():
                asked.result()
            say(text)

        package = _get_package(wish, tell)
        state, bucket = asked.result()
    return make_draft(wish.settings, package, state, bucket, image=wish.image)


def _ask(aws: "Aws", wish: Wish) -> tuple["State", str]:
    from dspipe.deploy._plan import check_status
    from dspipe.deploy.aws._artifacts import name_bucket
    from dspipe.deploy.aws._state import find_target, read_state

    target = find_target(wish.settings)
    state = read_state(aws, target)
    check_status(state.status, target)
    return state, name_bucket(aws, target)


def _get_package(wish: Wish, tell: Callable[[str], object] = say) -> "Package":
    from dspipe.deploy._draft import check_commit
    from dspipe.package import build, load_package, write_report

    if wish.package is not None:
        package = load_package(wish.package)
        if not wish.allow_dirty:
            check_commit(package)
        return package
    with showing("Building the package"):
        package = build(wish.settings.to_build(), on_step=tell)
    say(f"{write_report(package)}\nBuilt in {format_seconds(package.n_seconds)}.")
    return package


def _write_files(wish: Wish, folder: Path) -> None:
    from dspipe.deploy._draft import check_bucket, make_draft, write_files
    from dspipe.deploy.aws._state import State

    bucket = check_bucket(wish.settings)
    draft = make_draft(wish.settings, _get_package(wish), State(), bucket, image=wish.image)
    for file in write_files(draft, folder):
        typer.echo(str(file))
    if draft.artifact.file is not None:
        say(f"Upload the package to s3://{bucket}/{draft.artifact.key} before the template.")
    say(
        "Apply the template with an empty LiveVersion to publish the first version. Invoke that "
        "version, then apply the template again with its number. In an update LiveVersion keeps "
        "the number that serves; the alias moves after the new version was invoked."
    )


def _diff_policies(draft: "Draft") -> "list[PolicyChange]":
    from dspipe.deploy import diff_policies

    old = draft.state.template
    return diff_policies(dict(old) if old else None, dict(draft.template))


def _name_place(aws: "Aws") -> dict[str, str]:
    """Say what the pseudo parameters of a template stand for here."""
    partition = _PARTITIONS.get(aws.region.rsplit("-", 2)[0], "aws")
    return {
        "AWS::Partition": partition,
        "AWS::Region": aws.region,
        "AWS::AccountId": aws.account,
    }


def _tell_deployment(deployment: "Deployment", draft: "Draft") -> None:
    stack = draft.target.stack
    if not draft.plan:
        typer.echo(f"{stack}: version {deployment.version} serves already. Nothing was changed.")
        return
    before = f"; before it was {deployment.previous}" if deployment.previous else ""
    typer.echo(f"{stack}: version {deployment.version} serves{before}.")
    for name, value in deployment.outputs.items():
        typer.echo(f"  {name}: {value}")
    say(f"Deployed in {format_seconds(deployment.n_seconds)}.")
