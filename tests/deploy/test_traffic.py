"""The alias moves at once, by a canary, or back."""

from typing import Any

import pytest
from deploy.functions import LATE, Listener, ignore
from deploy.sessions import ScriptedSession, refusal

from dspipe.deploy._traffic import choose_earlier, list_versions, roll_back, shift_traffic
from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.settings._parts import Canary
from dspipe.errors import DeployError

CANARY = Canary(weight=0.2, minutes=1)
QUIET = {"MetricAlarms": [{"AlarmName": "errors", "StateValue": "OK"}]}
RINGING = {
    "MetricAlarms": [
        {"AlarmName": "errors", "StateValue": "ALARM", "StateReason": "5 errors in one minute."}
    ]
}


def script(*alarms: Any, live: str = "1", more: dict[str, Any] | None = None) -> ScriptedSession:
    """Script a stack with one alarm, and a function with three versions."""
    alarm = {"ResourceType": "AWS::CloudWatch::Alarm", "PhysicalResourceId": "errors"}
    function = {"ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "f"}
    versions = [{"Version": version} for version in ("$LATEST", "10", "9", "2")]
    return ScriptedSession({
        "cloudformation.list_stack_resources": {"StackResourceSummaries": [alarm, function]},
        "cloudwatch.describe_alarms": list(alarms),
        "lambda.update_alias": {},
        "lambda.get_alias": {"FunctionVersion": live},
        "lambda.list_versions_by_function": {"Versions": versions},
        **(more or {}),
    })  # fmt: skip


def read_moves(session: ScriptedSession) -> list[tuple[str, dict[str, float]]]:
    """Read where the alias was moved, with the shares of others."""
    return [
        (given["FunctionVersion"], given["RoutingConfig"]["AdditionalVersionWeights"])
        for name, given in session.calls
        if name == "lambda.update_alias"
    ]


def test_canary_takes_all_calls_when_no_alarm_goes_off() -> None:
    """After the share and the watch the alias points to the new version alone."""
    session, listener = script(QUIET), Listener()

    shift_traffic(
        Aws(session=session), LATE, "1", "2", CANARY, say=listener.said.append, sleep=listener.sleep
    )

    assert read_moves(session) == [("1", {"2": 0.2}), ("2", {})]
    assert sum(listener.waited) == 60
    assert listener.said == ["Version 2 gets 20% of the calls."]


def test_canary_goes_back_when_an_alarm_goes_off() -> None:
    """The old version gets all calls again, and the message names the alarm."""
    session, listener = script(QUIET, QUIET, RINGING), Listener()

    with pytest.raises(DeployError) as caught:
        shift_traffic(
            Aws(session=session),
            LATE,
            "1",
            "2",
            CANARY,
            say=listener.said.append,
            sleep=listener.sleep,
        )

    assert read_moves(session) == [("1", {"2": 0.2}), ("1", {})]
    assert str(caught.value) == (
        "The alarm errors went off while version 2 had 20% of the calls: 5 errors in one minute. "
        "All calls go to version 1 again. The log says more: dspipe logs "
        "--env dev"
    )


@pytest.mark.parametrize("cause", [KeyboardInterrupt(), SystemExit(1)])
def test_canary_goes_back_when_the_watch_is_cut_off(cause: BaseException) -> None:
    """Nobody who presses Ctrl-C leaves half of the calls on an unproven version."""
    session = script(QUIET)

    def sleep(seconds: float) -> None:
        raise cause

    with pytest.raises(type(cause)):
        shift_traffic(Aws(session=session), LATE, "1", "2", CANARY, say=ignore, sleep=sleep)

    assert read_moves(session)[-1] == ("1", {})


def test_canary_goes_back_when_alarms_cannot_be_read() -> None:
    """A watch that sees nothing is no watch."""
    session = script(QUIET, refusal("AccessDenied"))

    with pytest.raises(DeployError, match="AWS refused cloudwatch:"):
        shift_traffic(Aws(session=session), LATE, "1", "2", CANARY, say=ignore, sleep=ignore)

    assert read_moves(session)[-1] == ("1", {})


def test_canary_does_not_watch_an_alarm_that_went_off_before() -> None:
    """What a correction is deployed for must not stop the correction."""
    session, listener = script(RINGING), Listener()

    def answer(AlarmNames: list[str]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        return RINGING if AlarmNames else {"MetricAlarms": []}

    session = script(more={"cloudwatch.describe_alarms": answer})

    shift_traffic(
        Aws(session=session), LATE, "1", "2", CANARY, say=listener.said.append, sleep=listener.sleep
    )

    assert read_moves(session)[-1] == ("2", {})
    assert listener.said[0] == "These alarms went off before and are not watched: 'errors'."


def test_rollback_goes_to_the_version_before() -> None:
    """Versions are counted as numbers: 9 comes before 10."""
    session = script(live="10")

    moved = roll_back(Aws(session=session), LATE)

    assert moved == ("10", "9")
    assert read_moves(session) == [("9", {})]


def test_rollback_goes_to_the_version_that_is_named() -> None:
    """Any version that is kept can serve again."""
    session = script(live="9")

    assert roll_back(Aws(session=session), LATE, "2") == ("9", "2")


def test_rollback_ends_a_canary_at_the_version_with_most_calls() -> None:
    """The version that is on trial is the one to be rid of."""
    routing = {"AdditionalVersionWeights": {"10": 0.1}}
    alias = {"FunctionVersion": "9", "RoutingConfig": routing}
    session = script(more={"lambda.get_alias": alias})

    moved = roll_back(Aws(session=session), LATE)

    assert moved == ("10", "9")
    assert read_moves(session) == [("9", {})]


@pytest.mark.parametrize(
    ("live", "version", "expected"),
    [
        (
            "2",
            None,
            "dspipe-late-dev serves version 2, and there is no earlier one to go back to.",
        ),
        (
            "2",
            "7",
            "dspipe-late-dev has no version 7. It has: 2, 9, 10. Version 2 serves.",
        ),
    ],
)
def test_rollback_says_what_there_is_when_it_cannot(
    live: str, version: str | None, expected: str
) -> None:
    """A version that is not there is refused before the alias is touched."""
    session = script(live=live)

    with pytest.raises(DeployError) as caught:
        roll_back(Aws(session=session), LATE, version)

    assert str(caught.value) == expected
    assert read_moves(session) == []


def test_rollback_is_refused_when_nothing_is_deployed() -> None:
    """Without an alias there is nothing to go back from."""
    session = script(more={"lambda.get_alias": refusal("ResourceNotFoundException")})

    with pytest.raises(DeployError) as caught:
        roll_back(Aws(session=session), LATE)

    assert str(caught.value) == (
        "dspipe-late-dev has no alias 'live', so nothing serves that could be rolled back. Run: "
        "dspipe status --env dev"
    )


def test_earlier_version_is_none_when_the_first_one_serves() -> None:
    """Later versions are no way back."""
    assert choose_earlier("1", ["1", "2"]) is None


def test_versions_have_no_time_when_aws_writes_none_that_can_be_read() -> None:
    """A list is worth more than its dates."""
    versions = [{"Version": "1", "LastModified": "yesterday"}]
    session = script(more={"lambda.list_versions_by_function": {"Versions": versions}})

    assert [one.published_utc for one in list_versions(Aws(session=session), LATE)] == [None]
