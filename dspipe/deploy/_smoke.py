"""Invoke a version before it serves: it must load, and answer as the package did when it was built.

The version is named by its number, so nobody who calls the alias meets it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dspipe._text import count
from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._change_sets import Sleep
from dspipe.deploy.aws._state import Target
from dspipe.errors import DeployError

if TYPE_CHECKING:
    from dspipe.package import Sample

PING: Mapping[str, Any] = {"dspipe": "ping"}
READY_SECONDS = 1.0
# A restored snapshot takes minutes to make; a zip is ready in seconds.
READY_TRIES = 600
_MOST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Reply:
    """What a function answered.

    Attributes
    ----------
    payload : object
        The answer, read as JSON.
    version : str
        The version that answered.
    error : str or None
        "Unhandled" and the like when the function failed; the payload then says why.
    """

    payload: Any
    version: str
    error: str | None = None

    @property
    def failure(self) -> str | None:
        """Why the function failed, as it says itself, on one line; None when it did not."""
        whole = self.whole_failure
        return None if whole is None else _shorten(whole)

    @property
    def whole_failure(self) -> str | None:
        """The same with all its lines."""
        if self.error is None:
            return None
        if not isinstance(self.payload, dict):
            return str(self.payload)
        kind = self.payload.get("errorType", self.error)
        return f"{kind}: {self.payload.get('errorMessage', '')}"


def invoke(aws: Aws, function: str, event: object, qualifier: str) -> Reply:
    """Invoke a version, or the version that an alias points to, and wait for its answer.

    Raises
    ------
    DeployError
        If there is no such function or version, or AWS refuses the call itself.
    """
    answer = aws.find(
        "lambda",
        "invoke",
        FunctionName=function,
        Qualifier=qualifier,
        Payload=json.dumps(event).encode(),
    )
    if answer is None:
        raise DeployError(
            f"There is no function {function} with a version or alias '{qualifier}', so nothing "
            f"can be invoked. What is deployed is shown by: dspipe status"
        )
    text = answer["Payload"].read().decode()
    try:
        payload = json.loads(text)
    except ValueError:
        payload = text
    version = str(answer.get("ExecutedVersion") or qualifier)
    return Reply(payload, version, answer.get("FunctionError"))


def check_version(
    aws: Aws, target: Target, version: str, sample: "Sample | None", *, sleep: Sleep
) -> Reply:
    """Check that a version loads and answers as it should; give what it said of itself.

    Parameters
    ----------
    aws : Aws
        Calls AWS.
    target : Target
        The deployment.
    version : str
        Which version of its function.
    sample : Sample, optional
        A run of the package, with the answer it must come to; without one it only has to load.
    sleep : callable
        Waits for a number of seconds.

    Raises
    ------
    DeployError
        If it fails, or answers something else.
    """
    try:
        return _check(aws, target.stack, version, sample, sleep)
    except _RefusedVersionError as error:
        raise DeployError(
            f"Version {version} {str(error).rstrip('.')}. The alias was not moved, so nobody meets "
            f"this version. Its log says more: dspipe logs{target.option}"
        ) from error


def find_difference(
    expected: Mapping[str, Any], actual: object, *, exact: bool = True
) -> str | None:
    """Find where an answer differs from the one that was expected.

    Parameters
    ----------
    expected : mapping
        Has ``predictions`` and ``rejected``.
    actual : object
        What the function answered.
    exact : bool, default=True
        Compare every value. Where the rows come from a database they may be others by now: then
        only the columns count.

    Examples
    --------
    >>> expected = {"predictions": [{"id": 1, "prediction": 0.5}], "rejected": []}
    >>> find_difference(expected, {"predictions": [{"id": 1, "prediction": 0.75}]})
    'prediction 1 of 1 is {"id": 1, "prediction": 0.75} instead of {"id": 1, "prediction": 0.5}'
    """
    if not isinstance(actual, dict) or not isinstance(actual.get("predictions"), list):
        return f"it is no answer of a pipeline but {_shorten(json.dumps(actual))}"
    compare = _find_other_row if exact else _find_other_columns
    for part in ("predictions", "rejected"):
        found = compare(part.removesuffix("s"), expected.get(part) or [], actual.get(part) or [])
        if found is not None:
            return found
    return None


class _RefusedVersionError(Exception):
    """Says what a version did, to stand behind its number."""


def _check(aws: Aws, function: str, version: str, sample: "Sample | None", sleep: Sleep) -> Reply:
    _wait_until_ready(aws, function, version, sleep)
    asked = _ask(aws, function, version, PING)
    if sample is not None:
        answered = _ask(aws, function, version, sample.event)
        difference = find_difference(sample.answer, answered.payload, exact=_is_fixed(sample))
        if difference is not None:
            raise _RefusedVersionError(
                f"answers the sample otherwise than the package: {difference}"
            )
    return asked


def _wait_until_ready(aws: Aws, function: str, version: str, sleep: Sleep) -> None:
    for _ in range(READY_TRIES):
        found = aws.call(
            "lambda", "get_function_configuration", FunctionName=function, Qualifier=version
        )
        state = found.get("State", "Active")
        if state == "Active":
            return
        if state == "Failed":
            raise _RefusedVersionError(f"cannot start: {found.get('StateReason', state)}")
        sleep(READY_SECONDS)
    raise _RefusedVersionError(f"was not ready after {READY_TRIES * READY_SECONDS:g} seconds")


def _ask(aws: Aws, function: str, version: str, event: object) -> Reply:
    reply = invoke(aws, function, event, version)
    if reply.failure is not None:
        raise _RefusedVersionError(f"fails with {reply.failure}")
    return reply


def _is_fixed(sample: "Sample") -> bool:
    return not {"rows", "columns"}.isdisjoint(sample.event)


def _find_other_row(what: str, expected: list[Any], actual: list[Any]) -> str | None:
    if len(expected) != len(actual):
        return f"it has {count(len(actual), what)} instead of {len(expected):,}"
    for number, (wanted, got) in enumerate(zip(expected, actual, strict=True), start=1):
        if wanted != got:
            shown = f"{_shorten(json.dumps(got))} instead of {_shorten(json.dumps(wanted))}"
            return f"{what} {number} of {len(expected)} is {shown}"
    return None


def _find_other_columns(what: str, expected: list[Any], actual: list[Any]) -> str | None:
    if not expected or not actual or list(expected[0]) == list(actual[0]):
        return None
    return f"a {what} has the columns {list(actual[0])} instead of {list(expected[0])}"


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]} ..."
