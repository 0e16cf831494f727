"""Move the alias: at once, by a canary that alarms can stop, or back to an earlier version."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dspipe._text import quote_some
from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._change_sets import Say, Sleep
from dspipe.deploy.aws._state import ALIAS, Target, read_alias
from dspipe.deploy.settings._parts import Canary
from dspipe.errors import DeployError

WATCH_SECONDS = 15.0
_MOST_NAMES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Version:
    """One published version of the function.

    Attributes
    ----------
    number : str
    published_utc : datetime or None
    description : str
    code_sha256 : str
    """

    number: str
    published_utc: datetime | None
    description: str
    code_sha256: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm, and whether it goes off: "OK", "ALARM" or "INSUFFICIENT_DATA"."""

    name: str
    state: str
    reason: str = ""


def move_alias(aws: Aws, target: Target, version: str) -> None:
    """Let the alias point to one version alone."""
    _set_alias(aws, target, version, {})


def shift_traffic(
    aws: Aws, target: Target, old: str, new: str, canary: Canary, *, say: Say, sleep: Sleep
) -> None:
    """Give a new version a share of the calls; all of them when no alarm went off.

    Whatever ends the watch, an alarm, an error or Ctrl-C, the alias is put back first.

    Raises
    ------
    DeployError
        If an alarm went off.
    """
    names = list_alarm_names(aws, target)
    before = _find_ringing(aws, names)
    if before:
        say(f"These alarms went off before and are not watched: {quote_some(before)}.")
    watched = [name for name in names if name not in before]
    try:
        _set_alias(aws, target, old, {new: canary.weight})
        say(f"Version {new} gets {canary.weight:.0%} of the calls.")
        alarm = _watch_alarms(aws, watched, canary, sleep)
    except BaseException:
        move_alias(aws, target, old)
        say(f"The alias is back at version {old} alone.")
        raise
    move_alias(aws, target, new if alarm is None else old)
    if alarm is not None:
        raise DeployError(
            f"The alarm {alarm.name} went off while version {new} had {canary.weight:.0%} of the "
            f"calls: {alarm.reason.rstrip('.')}. All calls go to version {old} again. The log says "
            f"more: dspipe logs{target.option}"
        )


def roll_back(aws: Aws, target: Target, version: str | None = None) -> tuple[str, str]:
    """Let the alias point to an earlier version.

    Parameters
    ----------
    aws : Aws
        Calls AWS.
    target : Target
        The deployment.
    version : str, optional
        Which one; the one before the present one when not given.

    Returns
    -------
    tuple of (str, str)
        The version that served, and the one that serves now.

    Raises
    ------
    DeployError
        If there is no such version, or nothing is deployed.
    """
    live, weights = read_alias(aws, target.stack)
    if live is None:
        raise DeployError(
            f"{target.stack} has no alias '{ALIAS}', so nothing serves that could be rolled back. "
            f"Run: dspipe status{target.option}"
        )
    numbers = [one.number for one in list_versions(aws, target)]
    # While a canary runs, the way back is to the version that still has most of the calls.
    earlier = live if weights else choose_earlier(live, numbers)
    chosen = version or earlier
    if chosen is None or chosen not in numbers:
        raise _no_version(target, version, live, numbers)
    move_alias(aws, target, chosen)
    return (next(iter(weights)) if weights else live), chosen


def choose_earlier(live: str, numbers: Iterable[str]) -> str | None:
    """Choose the newest version that is older than the one that serves.

    >>> choose_earlier("3", ["1", "2", "3", "4"])
    '2'
    """
    older = [number for number in numbers if int(number) < int(live)]
    return max(older, key=int, default=None)


def list_versions(aws: Aws, target: Target) -> list[Version]:
    """List the published versions, the oldest first."""
    found = aws.iter_items(
        "lambda", "list_versions_by_function", "Versions", FunctionName=target.stack
    )
    published = [
        Version(
            number=str(one["Version"]),
            published_utc=_read_time(one.get("LastModified")),
            description=str(one.get("Description") or ""),
            code_sha256=str(one.get("CodeSha256") or ""),
        )
        for one in found
        if str(one["Version"]).isdigit()
    ]
    return sorted(published, key=lambda one: int(one.number))


def list_alarm_names(aws: Aws, target: Target) -> list[str]:
    """List the alarms of the stack."""
    resources = aws.iter_items(
        "cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=target.stack
    )
    return [
        str(one["PhysicalResourceId"])
        for one in resources
        if one["ResourceType"] == "AWS::CloudWatch::Alarm" and one.get("PhysicalResourceId")
    ]


def read_alarms(aws: Aws, names: list[str]) -> list[Alarm]:
    """Read the state of alarms."""
    found: list[Alarm] = []
    for first in range(0, len(names), _MOST_NAMES_AT_ONCE):
        part = names[first : first + _MOST_NAMES_AT_ONCE]
        answer = aws.call("cloudwatch", "describe_alarms", AlarmNames=part)
        found += [
            Alarm(one["AlarmName"], one["StateValue"], one.get("StateReason") or "")
            for one in answer.get("MetricAlarms") or ()
        ]
    return found


def _set_alias(aws: Aws, target: Target, version: str, weights: dict[str, float]) -> None:
    aws.call(
        "lambda",
        "update_alias",
        FunctionName=target.stack,
        Name=ALIAS,
        FunctionVersion=version,
        RoutingConfig={"AdditionalVersionWeights": weights},
    )


def _watch_alarms(aws: Aws, names: list[str], canary: Canary, sleep: Sleep) -> Alarm | None:
    """Watch alarms for as long as a canary lasts, and give the first that goes off."""
    n_looks = max(1, round(canary.minutes * 60 / WATCH_SECONDS))
    for _ in range(n_looks):
        sleep(WATCH_SECONDS)
        for alarm in read_alarms(aws, names):
            if alarm.state == "ALARM":
                return alarm
    return None


def _find_ringing(aws: Aws, names: list[str]) -> list[str]:
    return [alarm.name for alarm in read_alarms(aws, names) if alarm.state == "ALARM"]


def _no_version(target: Target, asked: str | None, live: str, numbers: list[str]) -> DeployError:
    if asked is None:
        return DeployError(
            f"{target.stack} serves version {live}, and there is no earlier one to go back to."
        )
    return DeployError(
        f"{target.stack} has no version {asked}. It has: {', '.join(numbers) or 'none'}. "
        f"Version {live} serves."
    )


def _read_time(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
