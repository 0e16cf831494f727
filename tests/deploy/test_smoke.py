"""A version is invoked before it serves, and its answer compared with that of the package."""

import io
import json
from typing import Any

import pytest
from deploy.functions import ANSWER, LATE, SAMPLE
from deploy.sessions import ScriptedSession, refusal
from hypothesis import given
from hypothesis import strategies as st

from dspipe.deploy._smoke import check_version, find_difference, invoke
from dspipe.deploy.aws._calls import Aws
from dspipe.errors import DeployError
from dspipe.package import Sample

READY = {"State": "Active"}
ROWS = st.lists(st.fixed_dictionaries({"id": st.integers(), "prediction": st.floats(0, 1)}))


def reply(payload: object, error: str | None = None) -> dict[str, Any]:
    """Answer as Lambda does."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    answer = {"Payload": io.BytesIO(text.encode()), "ExecutedVersion": "3"}
    return {**answer, "FunctionError": error} if error else answer


def check(*replies: dict[str, Any], states: Any = READY, sample: Sample | None = SAMPLE) -> None:
    """Check a version that answers like this."""
    answers = {"lambda.get_function_configuration": states, "lambda.invoke": list(replies)}
    aws = Aws(session=ScriptedSession(answers))
    check_version(aws, LATE, "3", sample, sleep=lambda seconds: None)


def test_check_pings_the_version_and_sends_it_the_sample() -> None:
    """Both go to the version by its number, not to the alias."""
    answers = {
        "lambda.get_function_configuration": READY,
        "lambda.invoke": [reply({"pipeline": "Late"}), reply(ANSWER)],
    }
    session = ScriptedSession(answers)

    said = check_version(Aws(session=session), LATE, "3", SAMPLE, sleep=lambda seconds: None)

    sent = [given for name, given in session.calls if name == "lambda.invoke"]
    assert said.payload == {"pipeline": "Late"}
    assert [one["Qualifier"] for one in sent] == ["3", "3"]
    assert [json.loads(one["Payload"]) for one in sent] == [{"dspipe": "ping"}, dict(SAMPLE.event)]


def test_check_waits_until_the_version_is_ready() -> None:
    """A version with a snapshot takes a while."""
    waited: list[float] = []
    answers = {
        "lambda.get_function_configuration": [{"State": "Pending"}, {"State": "Pending"}, READY],
        "lambda.invoke": reply({}),
    }

    check_version(Aws(session=ScriptedSession(answers)), LATE, "3", None, sleep=waited.append)

    assert waited == [1.0, 1.0]


@pytest.mark.parametrize(
    ("replies", "states", "expected"),
    [
        ([], {"State": "Failed", "StateReason": "no image."}, "cannot start: no image"),
        ([], {"State": "Pending"}, "was not ready after 600 seconds"),
        (
            [reply({"errorType": "ImportError", "errorMessage": "no x"}, "Unhandled")],
            READY,
            "fails with ImportError: no x",
        ),
        ([reply("Task timed out", "Unhandled")], READY, "fails with Task timed out"),
        (
            [reply({}), reply({"predictions": [], "rejected": []})],
            READY,
            "answers the sample otherwise than the package: it has 0 predictions instead of 2",
        ),
        (
            [reply({}), reply({"hello": 1})],
            READY,
            "answers the sample otherwise than the package: it is no answer of a pipeline but "
            '{"hello": 1}',
        ),
    ],
)
def test_check_says_what_the_version_did_when_it_fails(
    replies: list[dict[str, Any]], states: Any, expected: str
) -> None:
    """The message names the version, what it did, and that nobody meets it."""
    with pytest.raises(DeployError) as caught:
        check(*replies, states=states)

    assert str(caught.value) == (
        f"Version 3 {expected}. The alias was not moved, so nobody meets this version. Its log "
        f"says more: dspipe logs --env dev"
    )


@pytest.mark.parametrize("name", ["rows", "columns"])
def test_check_compares_every_value_when_the_sample_brings_its_rows(name: str) -> None:
    """Rows that come with the event, in either form, are the same in the function."""
    sample = Sample(event={name: {"id": [1, 2]}}, answer=ANSWER)
    other = {**ANSWER, "predictions": [{**row, "prediction": 9} for row in ANSWER["predictions"]]}

    with pytest.raises(DeployError, match="answers the sample otherwise than the package"):
        check(reply({}), reply(other), sample=sample)


def test_check_compares_columns_alone_when_the_sample_brings_arguments() -> None:
    """The database may hold other rows by now."""
    sample = Sample(event={"arguments": {"day": "2013-06-01"}}, answer=ANSWER)
    other = {**ANSWER, "predictions": [{**row, "prediction": 9} for row in ANSWER["predictions"]]}

    check(reply({}), reply(other), sample=sample)


@given(rows=ROWS)
def test_an_answer_never_differs_from_itself(rows: list[dict[str, Any]]) -> None:
    """Equal answers are equal, whatever else the function adds."""
    expected = {"predictions": rows, "rejected": []}

    assert find_difference(expected, {**expected, "seconds": {}, "warnings": []}) is None


@given(rows=ROWS.filter(bool), data=st.data())
def test_an_answer_differs_when_any_value_does(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    """One changed prediction among any number is found, and told by its number."""
    number = data.draw(st.integers(0, len(rows) - 1))
    changed = [dict(row) for row in rows]
    changed[number]["prediction"] += 1

    found = find_difference({"predictions": rows}, {"predictions": changed})

    assert found is not None
    assert found.startswith(f"prediction {number + 1} of {len(rows)} is ")


def test_an_answer_of_changing_rows_is_compared_by_its_columns() -> None:
    """A database may hold other rows by now; their columns stay the same."""
    expected = {"predictions": [{"id": 1, "prediction": 0.5}]}

    assert find_difference(expected, {"predictions": []}, exact=False) is None
    assert find_difference(expected, {"predictions": [{"id": 7}]}, exact=False) == (
        "a prediction has the columns ['id'] instead of ['id', 'prediction']"
    )


def test_a_sample_of_arguments_passes_when_other_rows_come() -> None:
    """Only a sample of given rows has to be answered to the bit."""
    sample = Sample(event={"arguments": {"day": "2013-10-01"}}, answer=ANSWER)
    others = {"predictions": [{"id": 9, "prediction": 0.1}], "rejected": []}

    check(reply({}), reply(others), sample=sample)


def test_function_that_is_not_there_is_named() -> None:
    """Nobody has to know what AWS calls it."""
    absent = refusal("ResourceNotFoundException", "Function not found: arn:x")
    aws = Aws(session=ScriptedSession({"lambda.invoke": absent}))

    with pytest.raises(DeployError) as caught:
        invoke(aws, "dspipe-late-dev", {}, "live")

    assert str(caught.value) == (
        "There is no function dspipe-late-dev with a version or alias 'live', so nothing can be "
        "invoked. What is deployed is shown by: dspipe status"
    )
