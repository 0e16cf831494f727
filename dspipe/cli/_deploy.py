"""The commands of a deployment: each reads its options, calls `dspipe.deploy`, shows the answer."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dspipe.cli._failures import RUN_FAILED, reported

if TYPE_CHECKING:
    from dspipe.deploy import DeploySettings
    from dspipe.deploy.aws._calls import Aws
    from dspipe.deploy.aws._state import Target

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of the model repository.")]
FolderOption = Annotated[Path, typer.Option("--folder", help="Folder of the model repository.")]
Env = Annotated[
    str | None, typer.Option("--env", help="Which environment of the settings. Default: dev.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")]

HERE = Path()


def add_commands(app: typer.Typer) -> None:
    """Add the commands to those of `dspipe`."""
    app.command("deploy")(deploy)
    app.command("status")(status)
    app.command("invoke", context_settings=PASS_ON)(invoke)
    app.command("logs")(logs)
    app.command("rollback")(rollback)
    app.command("destroy")(destroy)


def deploy(
    folder: Folder = HERE,
    *,
    env: Env = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Show what would change, and change nothing.")
    ] = False,
    template_only: Annotated[
        Path | None,
        typer.Option(
            "--template-only",
            metavar="DIR",
            help="Write template, parameters and package here for others to apply; calls no AWS.",
        ),
    ] = None,
    package: Annotated[
        Path | None,
        typer.Option("--package", metavar="FOLDER", help="Deploy this build, and build nothing."),
    ] = None,
    image: Annotated[
        str | None, typer.Option("--image", metavar="URI", help="The pushed image of the package.")
    ] = None,
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", help="Deploy files that no commit holds.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Build a pipeline, try it in AWS as a new version, and let that version serve.

    Until it has answered as it should, what served before serves on. The settings are those of
    tool.dspipe.deploy in pyproject.toml.
    """
    with reported(debug=debug):
        from dspipe.cli._deployment import Wish, carry_out

        wish = Wish(_load(folder, env), package, image, allow_dirty=allow_dirty)
        carry_out(wish, only_plan=plan, template_folder=template_only)


def status(folder: Folder = HERE, *, env: Env = None, debug: Debug = False) -> None:
    """Show what is deployed, which version serves, its alarms and what happened last."""
    with reported(debug=debug):
        from dspipe.cli._deploy_tables import show_status
        from dspipe.deploy._status import read_status

        settings = _load(folder, env)
        show_status(read_status(_connect(settings), _target(settings)))


def invoke(
    context: typer.Context,
    *,
    folder: FolderOption = HERE,
    env: Env = None,
    event: Annotated[
        Path | None,
        typer.Option("--event", metavar="FILE", help="Send this JSON; - reads standard input."),
    ] = None,
    rows: Annotated[
        Path | None,
        typer.Option("--rows", metavar="FILE", help="Score the rows of this CSV or JSON file."),
    ] = None,
    version: Annotated[
        str | None,
        typer.Option("--version", help="Ask this version. Default: the one that serves."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Invoke the deployed function and print its answer.

    Every other option is an argument of the pipeline, such as --day 2013-10-01. Exit code 1 when
    the function fails.
    """
    with reported(debug=debug):
        from dspipe.cli._events import make_event
        from dspipe.deploy._smoke import invoke as invoke_function
        from dspipe.deploy.aws._state import ALIAS

        settings = _load(folder, env)
        sent = make_event(context.args, event=event, rows=rows)
        reply = invoke_function(_connect(settings), settings.function_name, sent, version or ALIAS)
        _print_reply(reply.payload, reply.whole_failure)


def logs(
    folder: Folder = HERE,
    *,
    env: Env = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more lines.")] = False,
    since: Annotated[
        str, typer.Option("--since", help="An age, such as 10m, 2h or 3d, or a date and time.")
    ] = "10m",
    raw: Annotated[bool, typer.Option("--raw", help="Print each line as it was written.")] = False,
    debug: Debug = False,
) -> None:
    """Print the log of the function."""
    with reported(debug=debug):
        from dspipe.deploy.aws._logs import iter_log, parse_since

        settings = _load(folder, env)
        lines = iter_log(
            _connect(settings),
            _target(settings),
            parse_since(since),
            follow=follow,
            sleep=time.sleep,
        )
        with suppress(KeyboardInterrupt):
            for line in lines:
                typer.echo(line.text if raw else line.describe())


def rollback(
    version: Annotated[
        str | None,
        typer.Argument(metavar="VERSION", help="Default: the one before the present one."),
    ] = None,
    *,
    folder: FolderOption = HERE,
    env: Env = None,
    debug: Debug = False,
) -> None:
    """Let an earlier version serve."""
    with reported(debug=debug):
        from dspipe.deploy._traffic import roll_back

        settings = _load(folder, env)
        before, now = roll_back(_connect(settings), _target(settings), version)
        typer.echo(f"{settings.function_name}: version {now} serves; before it was {before}.")


def destroy(
    folder: Folder = HERE,
    *,
    env: Env = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    debug: Debug = False,
) -> None:
    """Remove a deployment, its versions, log and packages, and prove that nothing is left."""
    with reported(debug=debug):
        from dspipe.cli._deploy_tables import say, tell_event
        from dspipe.deploy._destroy import destroy as remove

        settings = _load(folder, env)
        aws, target = _connect(settings), _target(settings)
        if not yes:
            typer.confirm(
                f"Remove {target.stack} in account {aws.account}, {aws.region}, with all versions, "
                f"the log and the packages?",
                abort=True,
            )
        removal = remove(aws, target, notify=tell_event, say=say, sleep=time.sleep)
        _print_left(removal.left, target)


def _load(folder: Path, env: str | None) -> "DeploySettings":
    from dspipe.deploy import load_settings

    return load_settings(folder, env)


def _connect(settings: "DeploySettings") -> "Aws":
    from dspipe.deploy.aws._calls import Aws

    return Aws(settings.region)


def _target(settings: "DeploySettings") -> "Target":
    from dspipe.deploy.aws._state import find_target

    return find_target(settings)


def _print_reply(payload: object, failure: str | None) -> None:
    if failure is not None:
        typer.echo(f"The function failed: {failure}", err=True)
        raise typer.Exit(RUN_FAILED)
    typer.echo(json.dumps(payload, indent=2, ensure_ascii=False))


def _print_left(left: tuple[str, ...], target: "Target") -> None:
    if not left:
        typer.echo(f"Nothing of {target.stack} is left.")
        return
    typer.echo(f"Of {target.stack} is left:")
    for one in left:
        typer.echo(f"  {one}")
    typer.echo("Tags are forgotten a few minutes late. Run the command again to look again.")
    raise typer.Exit(RUN_FAILED)
