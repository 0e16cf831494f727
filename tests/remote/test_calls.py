"""One request is sent until it is answered, refused, or out of time."""

import gzip

import pytest
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
    status,
    untrusted,
)

from dspipe._deadline import time_limit
from dspipe._facts import ATTRIBUTE
from dspipe._remote._messages import Request, Response
from dspipe._remote._retry import RequestLimits
from dspipe.errors import (
    PredictorAnswerError,
    PredictorAuthenticationError,
    PredictorError,
    PredictorTimeoutError,
    PredictorUnavailableError,
)

ROWS = make_features(3)
ADVICE = "See whether it is up, or allow more time and attempts with RequestLimits."


@pytest.mark.parametrize("fault", [status(n) for n in (429, 502, 503, 504)] + [lost, hanging, cut])
def test_request_is_sent_again_when_the_trouble_may_pass(fault: Fault) -> None:
    """Scoring twice does no harm."""
    wire, time = Wire([fault, fault]), Flying()

    answers = make_scorer(wire, time=time).predict(ROWS)

    assert answers["prediction"].tolist() == [0.0, 1.0, 2.0]
    assert answers.attrs[ATTRIBUTE]["retries"] == 2
    assert time.slept == [0.5, 1.0]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (status(400), PredictorError),
        (status(401), PredictorAuthenticationError),
        (status(422), PredictorError),
        (status(500), PredictorError),
        (foreign, PredictorAnswerError),
        (untrusted, PredictorUnavailableError),
    ],
)
def test_request_is_sent_once_when_the_answer_is_final(
    fault: Fault, kind: type[PredictorError]
) -> None:
    """Asking again would only take time."""
    wire = Wire(otherwise=fault)

    with pytest.raises(kind):
        make_scorer(wire).predict(ROWS)

    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    ("asked", "slept"), [("7", 7.0), ("Thu, 01 Jan 2026 12:00:09 GMT", 9.0), ("soon", 0.5)]
)
def test_wait_is_what_the_service_asks_for(asked: str, slept: float) -> None:
    """Seconds and dates of ``Retry-After`` count before our own guess."""
    time = Flying()

    make_scorer(Wire([status(429, retry_after=asked)]), time=time).predict(ROWS)

    assert time.slept == [slept]


def test_nobody_waits_when_the_service_asks_for_more_time_than_there_is() -> None:
    """A wait that cannot end well is not begun."""
    wire, time = Wire(otherwise=status(429, retry_after="3600")), Flying()

    with pytest.raises(PredictorUnavailableError) as caught:
        make_scorer(wire, time=time).predict(ROWS)

    assert time.slept == []
    assert str(caught.value) == (
        "The doubling service gave no answer for rows 0 to 2 of the batch: it answered 429 (Too "
        f"Many Requests). It was asked 1 time in 0 seconds. {ADVICE}"
    )


def test_error_counts_the_attempts_when_they_are_spent() -> None:
    """Who reads it knows how patient we were."""
    wire = Wire(otherwise=lost)

    with pytest.raises(PredictorUnavailableError) as caught:
        make_scorer(wire, limits=RequestLimits(attempts=3)).predict(ROWS)

    assert len(wire.requests) == 3
    assert str(caught.value) == (
        "The doubling service gave no answer for rows 0 to 2 of the batch: the connection was "
        f"lost. It was asked 3 times in 1.5 seconds. {ADVICE}"
    )


def test_error_is_a_timeout_when_the_service_hangs() -> None:
    """An ordinary TimeoutError catches it."""
    with pytest.raises(TimeoutError) as caught:
        make_scorer(Wire(otherwise=hanging), limits=RequestLimits(attempts=1)).predict(ROWS)

    assert isinstance(caught.value, PredictorTimeoutError)


def test_cold_service_is_waited_for_without_counting() -> None:
    """A model that starts answers 503 more often than there are attempts."""
    wire, time = Wire([status(503, retry_after="5")] * 20), Flying()

    answers = make_scorer(wire, limits=RequestLimits(attempts=2), time=time).predict(ROWS)

    assert len(answers) == 3
    assert time.seconds == 100.0


def test_cold_service_is_given_up_when_it_does_not_come() -> None:
    """After the time of a start, a 503 is an attempt like others."""
    limits = RequestLimits(attempts=2, cold_start_seconds=20)
    wire = Wire(otherwise=status(503, retry_after="10"))

    with pytest.raises(PredictorUnavailableError):
        make_scorer(wire, limits=limits).predict(ROWS)

    assert len(wire.requests) == 4


def test_timeout_is_cut_to_the_time_of_the_run() -> None:
    """Nobody waits longer than the run may take."""
    wire, time = Wire(), Flying()

    with time_limit(7, clock=lambda: time.seconds):
        make_scorer(wire, time=time).predict(ROWS)
    make_scorer(wire, time=time).predict(ROWS)

    assert wire.timeouts == [7.0, 60.0]


def test_nothing_is_sent_when_no_time_is_left() -> None:
    """A request that cannot be waited for is not begun."""
    wire, time = Wire(), Flying()

    with time_limit(0, clock=lambda: time.seconds), pytest.raises(PredictorTimeoutError) as caught:
        make_scorer(wire, time=time).predict(ROWS)

    assert wire.requests == []
    assert str(caught.value) == (
        "The doubling service gave no answer for rows 0 to 2 of the batch: there was no time left "
        f"to ask it. It was asked 0 times in 0 seconds. {ADVICE}"
    )


def test_token_is_renewed_once_when_it_is_refused() -> None:
    """A token may change while a run goes on; one that is refused as well is final."""

    def check(request: Request) -> Response:
        is_new = request.headers["token"] == "t1"  # noqa: S105 - made up
        return double(request) if is_new else Response(401, b"")

    wire = Wire(otherwise=check)

    answers = make_scorer(wire, service=Doubling(tokens=["t0", "t1"])).predict(ROWS)

    assert len(answers) == 3
    with pytest.raises(PredictorAuthenticationError):
        make_scorer(Wire(otherwise=status(401)), service=Doubling(tokens=["t0", "t1"])).predict(
            ROWS
        )


@pytest.mark.parametrize("refusal", [400, 415])
def test_rows_are_sent_unpacked_when_the_service_takes_no_gzip(refusal: int) -> None:
    """It is tried once, and remembered."""

    def check(request: Request) -> Response:
        return Response(refusal, b"") if "content-encoding" in request.headers else double(request)

    wire = Wire(otherwise=check)
    scorer, features = make_scorer(wire, is_packing=True), make_features(400)

    first, second = scorer.predict(features), scorer.predict(features)

    assert first.equals(second)
    assert ["content-encoding" in r.headers for r in wire.requests] == [True, False, False]


def test_rows_are_packed_when_that_helps() -> None:
    """A few bytes are not worth the work."""

    def unpack(request: Request) -> Response:
        is_packed = request.headers.get("content-encoding") == "gzip"
        return double(Request("", gzip.decompress(request.body) if is_packed else request.body))

    wire = Wire(otherwise=unpack)
    scorer = make_scorer(wire, is_packing=True)

    scorer.predict(ROWS)
    scorer.predict(make_features(400))

    assert [r.headers.get("content-encoding") for r in wire.requests] == [None, "gzip"]
