"""What is deployed, told so that a reader knows what to do."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from aws.fixtures import StandIn
from deploy.functions import LATE, Listener, deploy, make_package, make_settings

from dspipe.deploy._status import Status, choose_events, find_notes, read_status
from dspipe.deploy._traffic import move_alias, roll_back
from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._stack_events import StackEvent
from dspipe.deploy.aws._state import find_version_id
from dspipe.errors import DeployError


def test_status_of_nothing_says_how_to_deploy(aws: StandIn) -> None:
    """An empty account is no error."""
    assert read_status(Aws(), LATE) == Status(
        "dspipe-late-dev", notes=("Nothing is deployed here. Run: dspipe deploy --env dev",)
    )


def test_status_shows_what_serves(aws: StandIn, lambda_runtime: Path, tmp_path: Path) -> None:
    """Stack, alias, versions with their commit, alarms, outputs and the last events."""
    settings, package = make_settings(tmp_path, alarms={}, url="iam"), make_package(tmp_path)
    deploy(Aws(), settings, package, Listener())

    status = read_status(Aws(), LATE)

    assert (status.stack_status, status.live, dict(status.weights)) == ("UPDATE_COMPLETE", "1", {})
    assert [(one.number, one.description) for one in status.versions] == [
        ("1", f"commit c0ffee, package {package.digest[:12]}, pipeline late.py:Late")
    ]
    assert "dspipe-late-dev-errors" in [alarm.name for alarm in status.alarms]
    assert {"Url", "Alias"} <= set(status.outputs)
    assert status.tags["dspipe:name"] == "late"
    assert len(status.events) == 5
    assert status.notes == ()


def test_status_tells_of_a_rollback(aws: StandIn, lambda_runtime: Path, tmp_path: Path) -> None:
    """The alias was moved without the stack, and the status says so."""
    settings = make_settings(tmp_path)
    for model in ("m1", "m2"):
        deploy(Aws(), settings, make_package(tmp_path, model), Listener())
    roll_back(Aws(), LATE)

    status = read_status(Aws(), LATE)

    assert status.live == "1"
    assert status.notes == (
        "Version 2 is published and does not serve: its check failed, or it was rolled back.",
    )


def test_status_tells_of_an_alias_that_was_moved_by_hand(
    aws: StandIn, lambda_runtime: Path, tmp_path: Path
) -> None:
    """A version that neither the stack nor its template knows of."""
    settings = make_settings(tmp_path)
    for model in ("m1", "m2", "m3"):
        deploy(Aws(), settings, make_package(tmp_path, model), Listener())
    move_alias(Aws(), LATE, "1")

    assert read_status(Aws(), LATE).notes == (
        "Version 3 is published and does not serve: its check failed, or it was rolled back.",
        "The stack was last told that version 2 serves; the alias was moved since. The next "
        "deployment keeps version 1.",
    )


@pytest.mark.parametrize(
    ("live", "pinned", "weights", "expected"),
    [
        ("2", "1", {}, []),
        (
            "1",
            "1",
            {"2": 0.1},
            [
                "Version 2 gets 10% of the calls. If no deployment is at work, its watch was cut "
                "off: run dspipe rollback --env dev, or deploy again."
            ],
        ),
        (
            None,
            None,
            {},
            [
                "Nothing serves yet: the first version has not passed its check. Run: dspipe "
                "deploy --env dev"
            ],
        ),
        ("2", None, {}, ["The alias is not of this stack: somebody has made it by hand."]),
    ],
)
def test_notes_say_where_the_alias_is_not_where_it_should_be(
    live: str | None, pinned: str | None, weights: dict[str, float], expected: list[str]
) -> None:
    """Each way to be out of step has its sentence."""
    notes = find_notes(LATE, live=live, published="2", pinned=pinned, weights=weights)

    assert notes == expected


def test_version_id_is_none_without_a_version() -> None:
    """A stack of somebody else may have none."""
    assert find_version_id({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}) is None
    assert find_version_id(None) is None


def test_last_events_hold_what_failed_in_the_last_change() -> None:
    """After a failure the newest events are those of the way back, which explain nothing."""

    def event(number: int, status: str, reason: str = "") -> StackEvent:
        return StackEvent(
            str(number), datetime(2026, 1, 1, tzinfo=UTC), "Function", "type", status, reason
        )

    way_back = [event(number, "DELETE_COMPLETE") for number in range(6)]
    failed, begun = event(7, "CREATE_FAILED", "denied"), event(8, "IN_PROGRESS", "User Initiated")
    older = event(9, "CREATE_FAILED", "another")

    chosen = choose_events([*way_back, failed, begun, older])

    assert chosen == [*way_back[:5], failed]


def test_status_of_a_stack_that_was_never_whole_says_what_to_run(
    aws: StandIn, lambda_runtime: Path, tmp_path: Path
) -> None:
    """Deploying again would be refused."""
    aws.send_faults(
        {
            "service": "lambda",
            "call": ".*",
            "code": "AccessDeniedException",
            "message": "denied",
            "caller": "cloudformation",
        }
    )
    with pytest.raises(DeployError):
        deploy(Aws(), make_settings(tmp_path), make_package(tmp_path), Listener())

    status = read_status(Aws(), LATE)

    assert "CREATE_FAILED" in [event.status for event in status.events]
    assert status.notes == (
        "The stack dspipe-late-dev is ROLLBACK_COMPLETE: it was never created whole, or could not "
        "be deleted, and can only be removed. Run: dspipe destroy --env dev. Then deploy again.",
    )
