"""What is deployed: stack, versions, who serves, alarms, and what happened last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dspipe.deploy._plan import check_status
from dspipe.deploy._traffic import Alarm, Version, list_alarm_names, list_versions, read_alarms
from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._stack_events import StackEvent, iter_events
from dspipe.deploy.aws._state import (
    LIVE_VERSION,
    NO_TEXTS,
    NO_WEIGHTS,
    Target,
    find_stack,
    find_version_id,
    read_state,
)
from dspipe.errors import DeployError

MOST_EVENTS = 5
_BEGIN = "User Initiated"


@dataclass(frozen=True, slots=True)
class Status:
    """What AWS holds of a deployment, for a reader.

    Attributes
    ----------
    stack : str
    stack_status : str or None
        None when nothing is deployed.
    live : str or None
        The version that the alias points to.
    weights : mapping of str to float
        Versions that get a share of the calls beside it.
    versions : tuple of Version
        The oldest first.
    alarms : tuple of Alarm
    events : tuple of StackEvent
        The newest first; with what failed, if the stack was last changed in vain.
    outputs : mapping of str to str
        What the stack tells of itself, such as its URL.
    tags : mapping of str to str
        Tags of the stack.
    notes : tuple of str
        What a reader should know or do.
    """

    stack: str
    stack_status: str | None = None
    live: str | None = None
    weights: Mapping[str, float] = field(default_factory=lambda: NO_WEIGHTS)
    versions: tuple[Version, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    events: tuple[StackEvent, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=lambda: NO_TEXTS)
    tags: Mapping[str, str] = field(default_factory=lambda: NO_TEXTS)
    notes: tuple[str, ...] = ()


def read_status(aws: Aws, target: Target) -> Status:
    """Read what is deployed.

    Raises
    ------
    AwsError
        If AWS refuses.
    """
    stack = find_stack(aws, target.stack)
    if stack is None:
        note = f"Nothing is deployed here. Run: dspipe deploy{target.option}"
        return Status(target.stack, notes=(note,))
    state = read_state(aws, target)
    pinned = state.parameters.get(LIVE_VERSION) or None
    return Status(
        stack=target.stack,
        stack_status=state.status,
        live=state.live,
        weights=state.weights,
        versions=tuple(list_versions(aws, target)),
        alarms=tuple(read_alarms(aws, list_alarm_names(aws, target))),
        events=tuple(choose_events(iter_events(aws, str(stack["StackId"])))),
        outputs=_read_pairs(stack.get("Outputs"), "OutputKey", "OutputValue"),
        tags=_read_pairs(stack.get("Tags"), "Key", "Value"),
        notes=_find_stuck(state.status, target)
        or tuple(
            find_notes(
                target,
                live=state.live,
                published=state.published if find_version_id(state.template) else None,
                pinned=pinned,
                weights=state.weights,
            )
        ),
    )


def choose_events(events: Iterable[StackEvent]) -> list[StackEvent]:
    """Choose the newest events, and those of the same change that say why it failed.

    Parameters
    ----------
    events : iterable of StackEvent
        The newest first.
    """
    chosen: list[StackEvent] = []
    is_same = True
    for place, event in enumerate(events):
        if place < MOST_EVENTS or (is_same and event.is_failure):
            chosen.append(event)
        is_same = is_same and event.reason != _BEGIN
        if place >= MOST_EVENTS and not is_same:
            break
    return chosen


def find_notes(
    target: Target,
    *,
    live: str | None,
    published: str | None,
    pinned: str | None,
    weights: Mapping[str, float],
) -> list[str]:
    """Say where the alias is not where the stack has it.

    Parameters
    ----------
    target : Target
        The deployment.
    live, published, pinned : str or None
        The version of the alias, the one that the template published, and the one that the stack
        was last told.
    weights : mapping of str to float
        Shares of other versions.

    Examples
    --------
    >>> target = Target("flights", "dev", "dspipe-flights-dev")
    >>> find_notes(target, live="1", published="2", pinned="1", weights={})
    ['Version 2 is published and does not serve: its check failed, or it was rolled back.']
    """
    notes = []
    for version, weight in weights.items():
        notes.append(
            f"Version {version} gets {weight:.0%} of the calls. If no deployment is at work, its "
            f"watch was cut off: run dspipe rollback{target.option}, or deploy again."
        )
    if live is None:
        notes.append(
            f"Nothing serves yet: the first version has not passed its check. Run: dspipe "
            f"deploy{target.option}"
        )
    elif published not in (live, None, *weights):
        notes.append(
            f"Version {published} is published and does not serve: its check failed, or it was "
            f"rolled back."
        )
    if live is not None and pinned is None:
        notes.append("The alias is not of this stack: somebody has made it by hand.")
    elif live not in (pinned, published):
        notes.append(
            f"The stack was last told that version {pinned} serves; the alias was moved since. "
            f"The next deployment keeps version {live}."
        )
    return notes


def _find_stuck(status: str | None, target: Target) -> tuple[str, ...]:
    """Say what to run when no deployment can go on from here."""
    try:
        check_status(status, target)
    except DeployError as error:
        return (str(error),)
    return ()


def _read_pairs(found: Any, key: str, value: str) -> dict[str, str]:
    return {str(one[key]): str(one[value]) for one in found or ()}
