"""Any service that takes JSON, over a real socket on loopback."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from datarobot_service.stand_in.messages import Request, Response
from datarobot_service.stand_in.server import Server

from dspipe._contract import Contract
from dspipe.errors import (
    ConfigurationError,
    PredictorAnswerError,
    PredictorAuthenticationError,
    PredictorError,
    PredictorUnavailableError,
)
from dspipe.predictors import HttpPredictor, RequestLimits
from dspipe.testing import check_predictor

FEATURES = pd.DataFrame(
    {"hour": [0.5 * n for n in range(300)]}, index=pd.Index(range(300), name="id")
)
Answer = Callable[[Request], Response]


@pytest.fixture
def seen() -> list[Request]:
    """Keep what the service was asked."""
    return []


@pytest.fixture
def serve(seen: list[Request]) -> Iterator[Callable[[Answer], str]]:
    """Give a function that serves another on a free port."""
    servers: list[Server] = []

    def start(answer: Answer) -> str:
        def keep(request: Request) -> Response:
            seen.append(request)
            return answer(request)

        servers.append(Server(keep))
        servers[-1].start()
        return servers[-1].url

    yield start
    for server in servers:
        server.close()


def double(request: Request) -> Response:
    """Double the hours."""
    hours = json.loads(request.body)["hours"]
    return Response(200, json.dumps({"delays": [2 * hour for hour in hours]}).encode())


def to_request(features: pd.DataFrame) -> object:
    """Send the hours."""
    return {"hours": features["hour"].tolist(), "at": datetime(2026, 1, 1, tzinfo=UTC)}


def connect(url: str, **options: Any) -> HttpPredictor:
    """Make a predictor that reads the delays."""
    given: dict[str, Any] = {
        "to_request": to_request,
        "from_answer": lambda answer, features: answer["delays"],
        "limits": RequestLimits(attempts=2, first_wait_seconds=0),
    }
    return HttpPredictor(url, **{**given, **options})


def test_rows_are_answered_in_order_by_several_requests(
    serve: Callable[[Answer], str], seen: list[Request]
) -> None:
    """Requests have a size, and headers of the user's."""
    limits = RequestLimits(request_bytes=300)
    predictor = connect(serve(double), limits=limits, headers={"X-Key": "k"}, compress=True)

    answers = predictor.predict(FEATURES)

    assert answers["prediction"].tolist() == (FEATURES["hour"] * 2).tolist()
    assert answers.index.equals(FEATURES.index)
    assert len(seen) > 5
    assert {request.headers["x-key"] for request in seen} == {"k"}


def test_predictor_keeps_its_promises(serve: Callable[[Answer], str]) -> None:
    """It is a predictor like any other, and has the contract that it was given."""
    contract = Contract.infer(FEATURES)
    predictor = connect(serve(double), contract=contract)

    check_predictor(predictor, FEATURES.head(5))

    assert predictor.contract is contract
    assert repr(predictor).startswith("<HttpPredictor of http://127.0.0.1:")


@pytest.mark.parametrize(
    "from_answer",
    [
        lambda answer, features: np.array(answer["delays"]),
        lambda answer, features: pd.Series(answer["delays"]),
        lambda answer, features: pd.DataFrame({"prediction": answer["delays"]}),
        lambda answer, features: pd.Series(answer["delays"], features.index).iloc[::-1],
    ],
)
def test_answer_may_have_any_form_of_a_prediction(
    serve: Callable[[Answer], str], from_answer: Callable[[Any, pd.DataFrame], object]
) -> None:
    """Rows without an index go by position, others by their index."""
    answers = connect(serve(double), from_answer=from_answer).predict(FEATURES)

    assert answers["prediction"].tolist() == (FEATURES["hour"] * 2).tolist()
    assert answers.index.equals(FEATURES.index)


@pytest.mark.parametrize(
    ("from_answer", "message"),
    [
        (
            lambda answer, features: answer,
            "from_answer made a dict of what the service at {url} answered. Make a list, an array, "
            "a Series or a frame with one row per feature row.",
        ),
        (
            lambda answer, features: answer["delays"][1:],
            "The service at {url} answered 299 rows for 300 rows. Make exactly one prediction of "
            "each row in from_answer.",
        ),
        (
            lambda answer, features: pd.Series(answer["delays"], features.index + 1),
            "The service at {url} answered other rows than it was asked for: the index that "
            "from_answer made is not that of the features. Keep the order and leave the index out, "
            "or repeat it.",
        ),
    ],
)
def test_answer_is_refused_when_it_does_not_fit_the_rows(
    serve: Callable[[Answer], str],
    from_answer: Callable[[Any, pd.DataFrame], object],
    message: str,
) -> None:
    """A wrong mapping never moves predictions."""
    url = serve(double)

    with pytest.raises(PredictorAnswerError) as caught:
        connect(url, from_answer=from_answer).predict(FEATURES)

    assert str(caught.value) == message.format(url=url)


@pytest.mark.parametrize(
    ("response", "kind", "words"),
    [
        (Response(401), PredictorAuthenticationError, "401 (Unauthorized). See whether address"),
        (Response(404), PredictorUnavailableError, "404 (Not Found)"),
        (Response(422), PredictorError, "for rows 0 to 299 of the batch: 422"),
        (
            Response(200, b"<p>", {"Content-Type": "text/html"}),
            PredictorAnswerError,
            "answered text/html where JSON was asked for.",
        ),
        (Response(200, b'{"delays"'), PredictorUnavailableError, "its answer was cut off"),
        (Response(503), PredictorUnavailableError, "503 (Service Unavailable)"),
    ],
)
def test_error_is_typed(
    serve: Callable[[Answer], str], response: Response, kind: type[PredictorError], words: str
) -> None:
    """What the service says is not repeated, because nobody knows what is in it."""
    limits = RequestLimits(attempts=2, first_wait_seconds=0, cold_start_seconds=0)
    url = serve(lambda request: response)

    with pytest.raises(kind) as caught:
        connect(url, limits=limits, headers={"X-Key": "k"}).predict(FEATURES)

    assert caught.type is kind
    assert f"The service at {url}" in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        ([float("nan")], "Out of range float values are not JSON compliant"),
        ([object()], "an object has no form in JSON"),
    ],
)
def test_request_is_refused_when_it_is_no_json(made: object, problem: str) -> None:
    """A NaN in JSON is read by few, and by them as they like."""
    with pytest.raises(PredictorError) as caught:
        connect("http://127.0.0.1:9", to_request=lambda features: made).predict(FEATURES)

    assert problem in str(caught.value)
    assert "Make lists, dicts, text, numbers, and None for a null." in str(caught.value)


def test_predictor_is_refused_when_its_address_is_none() -> None:
    """What would fail at the first row is said before."""
    with pytest.raises(ConfigurationError) as caught:
        connect("models/delay")

    assert str(caught.value) == (
        "HttpPredictor cannot ask 'models/delay'. Give an address that begins with https://."
    )


def test_numbers_of_numpy_are_written_as_numbers(
    serve: Callable[[Answer], str], seen: list[Request]
) -> None:
    """Who writes to_request need not convert them."""
    predictor = connect(
        serve(double), to_request=lambda features: {"hours": list(features["hour"].to_numpy())}
    )

    assert predictor.predict(FEATURES.head(2))["prediction"].tolist() == [0.0, 1.0]
    assert seen[0].body == b'{"hours": [0.0, 0.5]}'
