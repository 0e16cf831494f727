"""Decide what a deployment takes: pure facts in, steps out; nothing here calls AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dspipe._text import count
from dspipe.deploy.aws._state import LIVE_VERSION, State, Target, find_version_id
from dspipe.deploy.settings._parts import Canary
from dspipe.errors import DeployError

StepKind = Literal["upload", "apply", "check", "route", "move"]

_GONE_WRONG = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan.

    Attributes
    ----------
    kind : {"upload", "apply", "check", "route", "move"}
        Upload the package; apply the template, which publishes a version; invoke that version;
        create the alias and all that leads to it; move the alias.
    text : str
        What it does, for a reader.
    """

    kind: StepKind
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a deployment takes.

    Attributes
    ----------
    steps : tuple of Step
        In order; empty when AWS already holds all of it.
    is_first : bool
        Whether the stack has to be created.
    parameters : mapping of str to str
        Parameters of the template while it is applied.
    """

    steps: tuple[Step, ...]
    is_first: bool
    parameters: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.steps)


def make_plan(
    state: State,
    template: Mapping[str, Any],
    target: Target,
    *,
    canary: Canary | None = None,
    is_image: bool = False,
) -> Plan:
    """Decide what it takes to come from a state to a template that serves.

    Parameters
    ----------
    state : State
        What AWS holds.
    template : mapping
        The template to be.
    target : Target
        The deployment.
    canary : Canary, optional
        How the alias moves; at once when not given.
    is_image : bool, default=False
        Whether the code is an image, which somebody else has pushed.

    Raises
    ------
    DeployError
        If the stack is in a state that no change set can leave.

    Examples
    --------
    >>> target = Target(name="flights", environment="dev", stack="dspipe-flights-dev")
    >>> plan = make_plan(State(), {"Resources": {}}, target)
    >>> [step.kind for step in plan.steps]
    ['upload', 'apply', 'check', 'route']
    """
    check_status(state.status, target)
    # After a rolled back update nobody can be sure whose template the stack shows.
    is_known = state.exists and state.status != "UPDATE_ROLLBACK_COMPLETE"
    is_same = is_known and state.template == template
    is_published = is_known and find_version_id(state.template) == find_version_id(template)
    steps: list[Step] = []
    if not is_same:
        if not (is_image or is_published):
            steps.append(Step("upload", "Upload the package"))
        steps.append(_apply(state, target, is_published=is_published))
    if not (is_published and _is_served(state)):
        steps += [Step("check", "Invoke the new version before it serves"), _serve(state, canary)]
    parameters = {LIVE_VERSION: state.live or ""}
    return Plan(tuple(steps), is_first=not state.exists, parameters=parameters)


def check_status(status: str | None, target: Target) -> None:
    """Refuse a stack that no change set can change, and say what to run.

    Raises
    ------
    DeployError
        If it is busy, or stuck after a failure.
    """
    if status is None or status == "REVIEW_IN_PROGRESS":
        return
    name = target.stack
    if status in _GONE_WRONG:
        raise DeployError(
            f"The stack {name} is {status}: it was never created whole, or could not be deleted, "
            f"and can only be removed. Run: dspipe destroy{target.option}. Then deploy again."
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        raise DeployError(
            f"The stack {name} is {status}: an update failed, and so did the way back. The old "
            f"version still serves. Correct what the last events name (dspipe "
            f"status{target.option}), then run: aws cloudformation continue-update-rollback "
            f"--stack-name {name}"
        )
    if status.endswith("_IN_PROGRESS") and not status.endswith("_CLEANUP_IN_PROGRESS"):
        raise DeployError(
            f"The stack {name} is {status}: another deployment is at work. Wait until dspipe "
            f"status{target.option} shows that it is done, then run the command again."
        )


def _is_served(state: State) -> bool:
    return state.live is not None and state.live == state.published and not state.weights


def _apply(state: State, target: Target, *, is_published: bool) -> Step:
    verb = "Update" if state.exists else "Create"
    what = "" if is_published else ", which publishes a new version"
    return Step("apply", f"{verb} the stack {target.stack}{what}")


def _serve(state: State, canary: Canary | None) -> Step:
    if state.live is None:
        return Step("route", "Create the alias and all that leads to it")
    if canary is None:
        return Step("move", f"Move the alias from version {state.live} to the new one")
    return Step(
        "move",
        f"Give the new version {canary.weight:.0%} of the calls for "
        f"{count(canary.minutes, 'minute')}, then all, unless an alarm goes off",
    )
