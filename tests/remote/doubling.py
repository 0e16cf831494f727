"""A service in memory that doubles numbers, a wire that fails as planned, and time that flies."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock

import pandas as pd

from dspipe._remote import _messages
from dspipe._remote._calls import Caller, Clockwork
from dspipe._remote._messages import Answer, NoAnswerError, Request, Response, Verdict
from dspipe._remote._pieces import RemoteScorer
from dspipe._remote._retry import RequestLimits
from dspipe.errors import (
    PredictorAnswerError,
    PredictorAuthenticationError,
    PredictorError,
)

Fault = Callable[[Request], Response]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def status(code: int, *, retry_after: str | None = None) -> Fault:
    """Answer with a status."""
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return lambda request: Response(code, b"", headers)


def lost(request: Request) -> Response:
    """Lose the connection."""
    raise NoAnswerError("the connection was lost")


def hanging(request: Request) -> Response:
    """Say nothing in time."""
    raise NoAnswerError("no answer came within 60 seconds", is_timeout=True)


def untrusted(request: Request) -> Response:
    """Show a certificate of nobody."""
    raise NoAnswerError("its certificate cannot be trusted", is_final=True)


def double(request: Request) -> Response:
    """Answer as the service does when nothing is wrong."""
    rows = json.loads(request.body)
    return Response(200, json.dumps([[row, size * 2] for row, size in rows]).encode())


def foreign(request: Request) -> Response:
    """Answer with the rows of somebody else."""
    return Response(200, b'[["nobody", 1.0]]')


def shorter(request: Request) -> Response:
    """Leave out the last row."""
    answer: list[object] = json.loads(double(request).body)
    return Response(200, json.dumps(answer[:-1]).encode())


def cut(request: Request) -> Response:
    """End the answer too early."""
    return Response(200, double(request).body[:-3])


@dataclass
class Flying:
    """Time that passes only while somebody sleeps."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.seconds += seconds

    def clockwork(self) -> Clockwork:
        """Give the time to a caller."""
        return Clockwork(
            clock=lambda: self.seconds,
            sleep=self.sleep,
            chance=lambda: 1.0,
            now=lambda: NOON + timedelta(seconds=self.seconds),
        )


@dataclass
class Wire:
    """Carries requests to faults, in their order, and then to the service."""

    faults: Iterable[Fault] = ()
    otherwise: Fault = double
    requests: list[Request] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._faults, self._lock = iter(self.faults), Lock()

    def __call__(self, request: Request, timeout_seconds: float) -> Response:
        """Carry a request."""
        with self._lock:
            self.requests.append(request)
            self.timeouts.append(timeout_seconds)
            fault = next(self._faults, self.otherwise)
        return fault(request)


@dataclass
class Doubling:
    """A service whose rows are pairs of key and number; see `Service`."""

    most_bytes: int | None = None
    tokens: list[str] = field(default_factory=lambda: ["t0"])
    name: str = "The doubling service"

    def encode(self, rows: pd.DataFrame, first_row: int) -> Request:
        """Write pairs."""
        pairs = list(zip(rows.index.tolist(), rows["size"].tolist(), strict=True))
        return Request("memory:", json.dumps(pairs).encode())

    def sign(self, request: Request) -> Request:
        """Add the token of now."""
        return replace(request, headers={**request.headers, "token": self.tokens[0]})

    def renew(self, request: Request) -> bool:
        """Take the next token."""
        if len(self.tokens) > 1 and request.headers["token"] == self.tokens[0]:
            self.tokens.pop(0)
        return request.headers["token"] != self.tokens[0]

    def classify(self, response: Response) -> Verdict:
        """Take the usual meanings."""
        return _messages.classify(response)

    def refuse(self, response: Response, rows: str) -> PredictorError:
        """Name rows and status."""
        kind = PredictorAuthenticationError if response.status == 401 else PredictorError
        return kind(f"{self.name} refuses {rows}: {response.status}.")

    def decode(self, response: Response, rows: pd.DataFrame, first_row: int) -> Answer:
        """Read pairs; a row that is missing has a reason."""
        try:
            pairs = dict(json.loads(response.body))
        except ValueError as error:
            raise NoAnswerError("its answer was cut off") from error
        if set(pairs) - set(rows.index):
            raise PredictorAnswerError(f"{self.name} answered other rows.")
        missing = {n: "it is missing" for n, key in enumerate(rows.index) if key not in pairs}
        values = [pairs.get(key) for key in rows.index]
        frame = pd.DataFrame({"prediction": pd.array(values, dtype="Float64")}, index=rows.index)
        return Answer(frame, missing, {"answers": 1})


def make_scorer(
    wire: Wire,
    *,
    limits: RequestLimits | None = None,
    service: Doubling | None = None,
    time: Flying | None = None,
    is_packing: bool = False,
) -> RemoteScorer:
    """Put a scorer together."""
    used, asked = limits or RequestLimits(), service or Doubling()
    clockwork = (time or Flying()).clockwork()
    caller = Caller(asked, wire, used, is_packing=is_packing, clockwork=clockwork)
    return RemoteScorer(asked, caller, used)


def make_features(n_rows: int) -> pd.DataFrame:
    """Make rows whose keys are text."""
    index = pd.Index([f"{n:04d}" for n in range(n_rows)], name="id")
    return pd.DataFrame({"size": [n / 2 for n in range(n_rows)]}, index=index)
