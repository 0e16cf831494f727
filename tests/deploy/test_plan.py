"""What a deployment takes is decided from facts alone."""

from dataclasses import replace
from typing import Any

import pytest
from deploy.functions import LATE
from hypothesis import given
from hypothesis import strategies as st

from dspipe.deploy._plan import make_plan
from dspipe.deploy.aws._state import State
from dspipe.deploy.settings._parts import Canary
from dspipe.errors import DeployError


def make_template(version: str, **more: Any) -> dict[str, Any]:
    """Make a template that publishes one version."""
    return {"Resources": {f"Version{version}": {"Type": "AWS::Lambda::Version"}}, **more}


SERVED = State(status="UPDATE_COMPLETE", template=make_template("a"), live="7", published="7")
templates = st.builds(make_template, st.sampled_from("ab"), Description=st.sampled_from("xy"))
versions = st.none() | st.integers(1, 3).map(str)
states = st.builds(
    State,
    status=st.sampled_from([None, "REVIEW_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_COMPLETE"]),
    template=templates,
    live=versions,
    weights=st.sampled_from([{}, {"9": 0.1}]),
    published=versions,
)


@given(state=states, template=templates)
def test_plan_is_empty_exactly_when_the_template_is_there_and_serves(
    state: State, template: dict[str, Any]
) -> None:
    """A plan for the present state has no steps; any other has at least one."""
    plan = make_plan(state, template, LATE)

    is_there = state.exists and state.template == template
    is_served = state.live is not None and state.live == state.published and not state.weights
    assert bool(plan) is not (is_there and is_served)


@given(state=states, template=templates)
def test_plan_checks_every_version_before_it_serves(state: State, template: dict[str, Any]) -> None:
    """No plan moves or creates the alias without the check right before it."""
    kinds = [step.kind for step in make_plan(state, template, LATE).steps]

    for number, kind in enumerate(kinds):
        if kind in ("move", "route"):
            assert kinds[number - 1] == "check"


@given(state=states, template=templates)
def test_plan_leaves_the_alias_where_it_is_while_the_template_is_applied(
    state: State, template: dict[str, Any]
) -> None:
    """The stack is told the version that serves, never the new one."""
    plan = make_plan(state, template, LATE)

    assert plan.parameters == {"LiveVersion": state.live or ""}


def test_plan_creates_the_stack_and_then_the_alias_when_there_is_none() -> None:
    """The first version is checked before anything leads to it."""
    plan = make_plan(State(), make_template("a"), LATE)

    assert plan.is_first
    assert [step.text for step in plan.steps] == [
        "Upload the package",
        "Create the stack dspipe-late-dev, which publishes a new version",
        "Invoke the new version before it serves",
        "Create the alias and all that leads to it",
    ]


def test_plan_publishes_nothing_when_only_what_stands_around_changes() -> None:
    """Another alarm is no reason to move the alias."""
    plan = make_plan(SERVED, make_template("a", Description="new"), LATE)

    assert [step.text for step in plan.steps] == ["Update the stack dspipe-late-dev"]


def test_plan_moves_the_alias_by_a_canary_when_one_is_set() -> None:
    """The step says which share of the calls goes where, and for how long."""
    canary = Canary(weight=0.05, minutes=10)

    plan = make_plan(SERVED, make_template("b"), LATE, canary=canary)

    assert plan.steps[-1].text == (
        "Give the new version 5% of the calls for 10 minutes, then all, unless an alarm goes off"
    )


def test_plan_uploads_nothing_when_the_package_is_an_image() -> None:
    """An image lies where somebody has pushed it."""
    kinds = [
        step.kind for step in make_plan(State(), make_template("a"), LATE, is_image=True).steps
    ]

    assert kinds == ["apply", "check", "route"]


def test_plan_tries_again_when_the_version_that_was_published_does_not_serve() -> None:
    """After a failed check or a rollback, deploying the same again checks and moves."""
    plan = make_plan(replace(SERVED, published="8"), make_template("a"), LATE)

    assert [step.kind for step in plan.steps] == ["check", "move"]


def test_plan_trusts_no_template_after_a_rolled_back_update() -> None:
    """Whose template the stack shows then is not said."""
    state = replace(SERVED, status="UPDATE_ROLLBACK_COMPLETE")

    kinds = [step.kind for step in make_plan(state, make_template("a"), LATE).steps]

    assert kinds == ["upload", "apply", "check", "move"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (
            "ROLLBACK_COMPLETE",
            "The stack dspipe-late-dev is ROLLBACK_COMPLETE: it was never created whole, or could "
            "not be deleted, and can only be removed. Run: dspipe destroy --env dev. Then deploy "
            "again.",
        ),
        (
            "UPDATE_ROLLBACK_FAILED",
            "The stack dspipe-late-dev is UPDATE_ROLLBACK_FAILED: an update failed, and so did the "
            "way back. The old version still serves. Correct what the last events name (dspipe "
            "status --env dev), then run: aws cloudformation continue-update-rollback --stack-name "
            "dspipe-late-dev",
        ),
        (
            "UPDATE_IN_PROGRESS",
            "The stack dspipe-late-dev is UPDATE_IN_PROGRESS: another deployment is at work. Wait "
            "until dspipe status --env dev shows that it is done, then run the command again.",
        ),
    ],
)
def test_plan_is_refused_with_what_to_run_when_the_stack_is_stuck(
    status: str, expected: str
) -> None:
    """A stack that takes no change set is found before anything is built."""
    with pytest.raises(DeployError) as caught:
        make_plan(State(status=status), make_template("a"), LATE)

    assert str(caught.value) == expected
