"""Direct invocations reply with the answer, and fail under the name of the kind."""

import json
import traceback
from typing import Any

import pytest
from aws_lambda.calls import FAILURES, Context, Late

from dspipe.aws_lambda import Handler, make_handler
from dspipe.aws_lambda.triggers._direct import DirectTrigger, FunctionError, ItemsTrigger
from dspipe.errors import DspipeError, RequestError


@pytest.fixture(scope="module")
def handler() -> Handler:
    """Make a handler that takes rows."""
    return make_handler(Late, accept_rows=True)


def test_reply_is_the_answer_of_json_s_own_types(handler: Handler) -> None:
    """The runtime writes bare NaN and refuses numpy, so nothing of either is left."""
    answer = handler({"n": 1}, Context())

    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert answer["predictions"] == [{"flight": "000", "prediction": 0.25}]


@pytest.mark.parametrize("event", [None, {}])
def test_reply_to_nothing_is_a_run_with_defaults(event: Any, handler: Handler) -> None:
    """A schedule needs no arguments where the pipeline needs none."""
    answer = handler(event, Context())

    assert len(answer["predictions"]) == 2


def test_reply_to_a_list_is_a_list(handler: Handler) -> None:
    """Several runs may be asked for at once."""
    answer = handler([{"n": 1}, {"n": 3}], Context())

    assert [one["rows"]["extract"] for one in answer] == [1, 3]


def test_failure_is_raised_under_the_name_of_its_kind(handler: Handler) -> None:
    """Step Functions matches on the name of the class."""
    with pytest.raises(FunctionError) as caught:
        handler({"n": "x"}, Context())

    assert type(caught.value).__name__ == "ArgumentError"
    assert isinstance(caught.value, DspipeError)
    assert str(caught.value) == "Late cannot take 'x' as 'n': it must be a whole number."


def test_failure_shows_nothing_of_the_users_code(handler: Handler) -> None:
    """The caller gets the trace too, so no frame of the user's and no cause is in it."""
    FAILURES["secret"] = ValueError("password=tulip")

    with pytest.raises(FunctionError) as caught:
        handler({"fail": "secret"}, Context("r-3"))

    shown = "".join(traceback.format_exception(caught.value))
    assert type(caught.value).__name__ == "ValueError"
    assert str(caught.value) == "Late failed with ValueError. The log of request r-3 says why."
    assert "tulip" not in shown
    assert "extract" not in shown


def test_items_are_runs_that_fail_alone(handler: Handler) -> None:
    """One bad item of a Distributed Map does not lose the others."""
    event = {"Items": [{"n": 1}, {"n": "x"}, 5], "BatchInput": {"n": 2}}

    answers = handler(event, Context())

    assert answers[0]["predictions"] == [{"flight": "000", "prediction": 0.25}]
    message = "Late cannot take 'x' as 'n': it must be a whole number."
    assert answers[1] == {
        "error": "ArgumentError",
        "message": message,
        "errors": [{"argument": "n", "problem": message}],
    }
    assert answers[2] == {
        "error": "RequestError",
        "message": "The item is an int. Let every item be an object with arguments, as an "
        "ItemSelector makes it.",
    }


def test_items_share_the_arguments_of_their_batch(handler: Handler) -> None:
    """What an item does not say, BatchInput does."""
    answers = handler({"Items": [{}, {"n": 1}], "BatchInput": {"n": 3}}, Context())

    assert [answer["rows"]["extract"] for answer in answers] == [3, 1]


def test_items_are_rows_when_their_batch_says_so(handler: Handler) -> None:
    """Lines of a CSV that Step Functions reads may be the rows to score."""
    items = [{"flight": "X1", "distance": 100.0}]

    (answer,) = handler({"Items": items, "BatchInput": {"items_are": "rows"}}, Context())

    assert answer["predictions"] == [{"flight": "X1", "prediction": 0.1}]


def test_items_fail_together_when_all_of_them_do(handler: Handler) -> None:
    """A batch without a single answer is a failed batch, which Step Functions may retry."""
    with pytest.raises(FunctionError) as caught:
        handler({"Items": [{"n": "x"}, {"n": "y"}]}, Context())

    assert str(caught.value) == "Late cannot take 'x' as 'n': it must be a whole number."


def test_batch_input_holds_arguments_alone(handler: Handler) -> None:
    """Rows that all items share are no rows."""
    with pytest.raises(FunctionError) as caught:
        handler({"Items": [{}], "BatchInput": {"rows": []}}, Context())

    assert str(caught.value) == (
        "BatchInput holds rows or a continuation. Give it arguments that all items share."
    )


def test_large_reply_is_refused_when_nobody_said_where_to_keep_it(
    handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer beyond 6 MB kills the runtime, so it never reaches it."""
    monkeypatch.delenv("DSPIPE_ANSWERS", raising=False)

    with pytest.raises(RequestError) as caught:
        handler({"n": 200_000}, Context())

    assert str(caught.value) == (
        "The answer has 7.5 MB, which is more than can be returned. Ask for fewer rows, or let "
        "DSPIPE_ANSWERS name a place in S3 where large answers are kept, as in s3://bucket/prefix."
    )


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (None, True),
        ({}, True),
        ([], True),
        ({"n": 1}, True),
        ("text", False),
        (5, False),
        ({"Records": []}, False),
        ({"requestContext": {}}, False),
        ({"detail-type": "x", "source": "y"}, False),
    ],
)
def test_direct_takes_what_aws_did_not_wrap(event: Any, expected: bool) -> None:  # noqa: FBT001 - a table
    """An event of AWS's own must not be taken for arguments."""
    assert DirectTrigger().recognise(event) is expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"Items": []}, True),
        ({"Items": [], "BatchInput": None}, True),
        ({"Items": 5}, False),
        ({"Items": [], "n": 1}, False),
        (None, False),
    ],
)
def test_items_take_what_an_item_batcher_makes(event: Any, expected: bool) -> None:  # noqa: FBT001 - a table
    """Whatever stands beside the items makes them an argument."""
    assert ItemsTrigger().recognise(event) is expected
