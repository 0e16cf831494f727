"""Draw plans and states of deployments as tables of text."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from dspipe.deploy import PolicyChange
    from dspipe.deploy._plan import Plan
    from dspipe.deploy._status import Status
    from dspipe.deploy.aws._change_sets import Change
    from dspipe.deploy.aws._stack_events import StackEvent

PLAIN_WIDTH = 160
_COLOURS = {"Add": "green", "Remove": "red", "Modify": "yellow", "ALARM": "red"}


def say(text: str) -> None:
    """Tell a step on standard error."""
    typer.echo(text, err=True)


def tell_event(event: "StackEvent") -> None:
    """Tell on standard error what CloudFormation does."""
    reason = f": {event.reason}" if event.reason else ""
    typer.echo(f"  {event.status:<20} {event.resource} ({event.type}){reason}", err=True)


def show_plan(
    plan: "Plan", changes: "Sequence[Change]", policies: "Sequence[PolicyChange]"
) -> None:
    """Print the steps, the resources that change, and what the function may do from then on."""
    console = _make_console()
    if not plan:
        console.print("Nothing would change: this is deployed and serves.")
        return
    rows = [(str(number), step.text) for number, step in enumerate(plan.steps, start=1)]
    _print_table(console, "Steps", ("", "step"), rows)
    _print_table(
        console,
        "Resources",
        ("change", "resource", "type", "replaced", "properties"),
        [_write_change(change) for change in changes],
    )
    _print_table(
        console,
        "Permissions",
        ("change", "action", "resource"),
        [(one.change, one.action, one.resource) for one in policies],
    )


def show_status(status: "Status") -> None:
    """Print what is deployed."""
    console = _make_console()
    title = status.stack_status or "not deployed"
    console.print(Text(f"{status.stack}: {title}", style="bold"))
    _print_table(
        console,
        "Versions",
        ("version", "published (UTC)", "serves", "description"),
        list(_write_versions(status)),
    )
    _print_table(
        console,
        "Alarms",
        ("alarm", "state"),
        [(alarm.name, alarm.state) for alarm in status.alarms],
    )
    _print_table(console, "Outputs", ("name", "value"), list(status.outputs.items()))
    _print_table(
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
    replaced = {"True": "yes", "False": "no", "Conditional": "perhaps"}.get(change.replacement, "")
    details = ", ".join(change.details)
    return (change.action, change.resource, change.type, replaced, details)


def _write_versions(status: "Status") -> Iterable[tuple[str, ...]]:
    shares = dict(status.weights)
    if status.live is not None:
        shares[status.live] = 1 - sum(status.weights.values())
    for version in reversed(status.versions):
        share = shares.get(version.number)
        served = "" if share is None else f"{share:.0%}"
        published = _write_time(version.published_utc) if version.published_utc else ""
        yield (version.number, published, served, version.description)


def _write_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _print_table(
    console: Console, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    if not rows:
        return
    console.print(Text(title, style="bold"))
    table = Table(box=box.SIMPLE)
    for head in heads:
        table.add_column(head)
    for row in rows:
        table.add_row(*(Text(cell, style=_COLOURS.get(cell, "")) for cell in row))
    console.print(table)


def _make_console() -> Console:
    """Make a console as wide as the terminal, or wide enough for a file that is read later."""
    console = Console()
    if console.is_terminal:
        return console
    return Console(width=PLAIN_WIDTH, color_system=None, force_terminal=False)
