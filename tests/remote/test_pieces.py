"""Rows go out in pieces, and each of them comes back once, or has a reason."""

import threading
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from remote.doubling import (
    Doubling,
    Fault,
    Flying,
    Wire,
    cut,
    double,
    foreign,
    hanging,
    lost,
    make_features,
    make_scorer,
    shorter,
    status,
)

from dspipe._deadline import time_limit
from dspipe._facts import ATTRIBUTE
from dspipe._remote._messages import Request, Response
from dspipe._remote._pieces import RemoteScorer
from dspipe._remote._retry import RequestLimits
from dspipe.errors import (
    PartialAnswerError,
    PredictorAuthenticationError,
    PredictorError,
    PredictorTimeoutError,
    PredictorUnavailableError,
)

SMALL = RequestLimits(request_bytes=400, attempts=3)
FAULTS: Sequence[Fault] = (
    double, double, double, cut, foreign, hanging, lost, shorter,
    status(413), status(422), status(429), status(429, retry_after="2"), status(500), status(503),
)  # fmt: skip


def test_answers_stand_in_order_when_rows_need_several_requests() -> None:
    """Pieces are joined as they were cut, whoever is done first."""
    wire, features = Wire(), make_features(200)

    answers = make_scorer(wire, limits=SMALL).predict(features)

    assert answers["prediction"].tolist() == (features["size"] * 2).tolist()
    assert answers.index.equals(features.index)
    assert len(wire.requests) > 8
    assert max(len(request.body) for request in wire.requests) <= 400
    assert answers.attrs[ATTRIBUTE] == {
        "requests": len(wire.requests), "retries": 0, "answers": len(wire.requests),
    }  # fmt: skip


@given(faults=st.lists(st.sampled_from(FAULTS), max_size=30), n_rows=st.integers(1, 150))
def test_every_row_comes_back_once_or_has_a_reason(faults: list[Fault], n_rows: int) -> None:
    """No mixture of faults loses a row, doubles one or moves an answer to another."""
    features = make_features(n_rows)
    scorer = make_scorer(Wire(faults), limits=SMALL)

    answers, reasons = ask(scorer, features)

    assert answers["prediction"].tolist() == (features["size"][answers.index] * 2).tolist()
    positions = features.index.get_indexer(answers.index).tolist()
    assert sorted([*positions, *reasons]) == list(range(n_rows))
    assert all(reasons.values())


def ask(scorer: RemoteScorer, features: pd.DataFrame) -> tuple[pd.DataFrame, dict[int, str]]:
    """Give what was answered, and why the other rows were not."""
    try:
        return scorer.predict(features), {}
    except PartialAnswerError as error:
        answers: Any = error.answers
        return answers, error.reasons
    except PredictorError as error:
        nothing = pd.DataFrame({"prediction": []}, index=features.index[:0])
        return nothing, dict.fromkeys(range(len(features)), str(error))


def test_request_is_halved_when_the_service_takes_no_such_size() -> None:
    """A status of 413 says only that it was too much."""

    def small_only(request: Request) -> Response:
        return Response(413, b"") if len(request.body) > 100 else double(request)

    features = make_features(20)

    answers = make_scorer(Wire(otherwise=small_only)).predict(features)

    assert answers["prediction"].tolist() == (features["size"] * 2).tolist()


@pytest.mark.parametrize(
    ("service", "fault", "size"),
    [
        (Doubling(most_bytes=30), double, "more than 30 bytes"),
        (Doubling(), status(413), "it"),
    ],
)
def test_row_is_refused_alone_when_it_is_too_large(
    service: Doubling, fault: Fault, size: str
) -> None:
    """Only the row that cannot be sent has no answer."""
    features = make_features(3).rename(index={"0001": "x" * 50})

    def by_size(request: Request) -> Response:
        return fault(request) if len(request.body) > 60 else double(request)

    with pytest.raises(PartialAnswerError) as caught:
        make_scorer(Wire(otherwise=by_size), service=service).predict(features)

    reason = (
        f"The doubling service does not take {size} in a request, and row 1 of the batch alone is "
        "61 bytes. Shorten its texts in postprocess."
    )
    assert caught.value.positions == (0, 2)
    assert caught.value.reasons == {1: reason}
    assert str(caught.value) == (
        "The doubling service answered 2 rows of 3. The first without an answer is row 1 of the "
        f"batch: {reason}"
    )
    assert caught.value.facts["requests"] == 2


def test_rows_that_were_not_answered_have_a_reason_when_others_were() -> None:
    """An answer with fewer rows is worth something: those that it proves."""
    with pytest.raises(PartialAnswerError) as caught:
        make_scorer(Wire([shorter])).predict(make_features(3))

    assert caught.value.positions == (0, 1)
    assert caught.value.reasons == {2: "it is missing"}
    assert str(caught.value.__cause__) == "it is missing"


def test_nobody_asks_on_when_the_service_is_gone() -> None:
    """After the attempts of one piece, others are not tried; each row says why."""
    wire = Wire([double], otherwise=lost)
    limits = RequestLimits(request_bytes=400, attempts=3, workers=1)

    with pytest.raises(PartialAnswerError) as caught:
        make_scorer(wire, limits=limits).predict(make_features(100))

    assert len(wire.requests) == 4
    assert isinstance(caught.value.__cause__, PredictorUnavailableError)
    gone = str(caught.value.__cause__)
    assert caught.value.reasons[99] == f"It was not asked for, because of others. {gone}"
    assert caught.value.reasons[max(caught.value.positions) + 1] == gone


def test_error_is_that_of_the_service_when_no_row_has_an_answer() -> None:
    """A whole that failed needs no parts."""
    with pytest.raises(PredictorAuthenticationError) as caught:
        make_scorer(Wire(otherwise=status(401)), limits=SMALL).predict(make_features(100))

    assert str(caught.value).startswith("The doubling service refuses rows 0 to ")


def test_time_that_is_over_is_no_fault_of_the_rows() -> None:
    """They come again in the next part of the run."""
    time = Flying()

    def late(request: Request) -> Response:
        time.seconds += 100
        return lost(request)

    wire = Wire([double], otherwise=late)
    limits = RequestLimits(request_bytes=400, workers=1)

    with time_limit(50, clock=lambda: time.seconds), pytest.raises(PredictorTimeoutError):
        make_scorer(wire, limits=limits, time=time).predict(make_features(100))


def test_requests_end_when_somebody_interrupts() -> None:
    """Whoever stops a run does not wait for requests that nobody wants any more."""
    wanted = threading.Event()

    def interrupted(request: Request) -> Response:
        wanted.set()
        raise KeyboardInterrupt

    wire = Wire([interrupted], otherwise=status(429))
    limits = RequestLimits(request_bytes=400, give_up_seconds=1e9, attempts=10**6)

    with pytest.raises(KeyboardInterrupt):
        make_scorer(wire, limits=limits).predict(make_features(300))

    assert wanted.is_set()


def test_few_requests_are_in_memory_when_there_are_many_rows() -> None:
    """Rows are written when a worker is free."""
    alive, most, lock = [0], [0], threading.Lock()

    class Counting(Doubling):
        def encode(self, rows: pd.DataFrame, first_row: int) -> Request:
            with lock:
                alive[0] += 1
                most[0] = max(most[0], alive[0])
            return super().encode(rows, first_row)

    def answer(request: Request) -> Response:
        with lock:
            alive[0] -= 1
        return double(request)

    limits = RequestLimits(request_bytes=400, workers=2)
    make_scorer(Wire(otherwise=answer), limits=limits, service=Counting()).predict(
        make_features(500)
    )

    assert most[0] <= 4  # two workers, one more that is just coming back, and the sample
