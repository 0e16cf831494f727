"""Draw plans and states of deployments as tables of text."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from dspipe.cli._fitted_table import make_console, print_table
from dspipe.cli._rights import write_rights

if TYPE_CHECKING:
    from dspipe.deploy import PolicyChange
    from dspipe.deploy._plan import Plan
    from dspipe.deploy._status import Status
    from dspipe.deploy.aws._change_sets import Change
    from dspipe.deploy.aws._stack_events import StackEvent

# As the template writes it: commit COMMIT, package DIGEST.
_DESCRIPTION = re.compile(r"commit ([0-9a-f]{12})[0-9a-f]{28}(-modified)?, package (\w+)(?:, .*)?")
_REPLACEMENTS = {"True": "Replace", "Conditional": "Replace?"}


def say(text: str) -> None:
    """Tell a step on standard error."""
    typer.echo(text, err=True)


def tell_event(event: "StackEvent") -> None:
    """Tell on standard error what CloudFormation does."""
    reason = f": {event.reason}" if event.reason else ""
    typer.echo(f"  {event.status:<20} {event.resource} ({event.type}){reason}", err=True)


def show_plan(
    plan: "Plan",
    changes: "Sequence[Change]",
    policies: "Sequence[PolicyChange]",
    names: Mapping[str, str],
) -> None:
    """Print the steps, the resources that change, and the rights that come and go.

    Names are what the pseudo parameters of the template stand for, such as ``AWS::Region``.
    """
    console = make_console()
    if not plan:
        console.print("Nothing would change: this is deployed and serves.")
        return
    rows = [(str(number), step.text) for number, step in enumerate(plan.steps, start=1)]
    print_table(console, "Steps", ("step", "does"), rows)
    print_table(
        console,
        "Resources",
        ("change", "resource", "type", "properties"),
        [_write_change(change) for change in changes],
    )
    print_table(
        console,
        "Permissions",
        ("change", "who may do what"),
        write_rights(policies, names),
    )


def show_status(status: "Status") -> None:
    """Print what is deployed."""
    console = make_console()
    title = status.stack_status or "not deployed"
    console.print(Text(f"{status.stack}: {title}", style="bold"))
    print_table(
        console,
        "Versions",
        ("version", "published (UTC)", "serves", "commit", "package"),
        list(_write_versions(status)),
    )
    print_table(
        console,
        "Alarms",
        ("alarm", "state"),
        [(alarm.name, alarm.state) for alarm in status.alarms],
    )
    print_table(console, "Outputs", ("name", "value"), list(status.outputs.items()))
    print_table(
        console,
        "Last events",
        ("time (UTC)", "status", "resource", "reason"),
        [
            (_write_time(event.time_utc), event.status, event.resource, event.reason)
            for event in status.events
        ],
    )
    for note in status.notes:
        console.print(Text(note, style="yellow"))


def _write_change(change: "Change") -> tuple[str, ...]:
    action = _REPLACEMENTS.get(change.replacement, change.action)
    return (action, change.resource, change.type, ", ".join(change.details))


def _write_versions(status: "Status") -> Iterable[tuple[str, ...]]:
    shares = dict(status.weights)
    if status.live is not None:
        shares[status.live] = 1 - sum(status.weights.values())
    for version in reversed(status.versions):
        share = shares.get(version.number)
        served = "" if share is None else f"{share:.0%}"
        published = _write_time(version.published_utc) if version.published_utc else ""
        yield (version.number, published, served, *_read_description(version.description))


def _read_description(text: str) -> tuple[str, str]:
    """Read commit and package; what somebody else has written stays in one piece."""
    found = _DESCRIPTION.fullmatch(text)
    return (text, "") if found is None else (f"{found[1]}{found[2] or ''}", found[3])


def _write_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
