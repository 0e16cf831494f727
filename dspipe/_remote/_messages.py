"""What goes over the wire and comes back, whichever library carries it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import pandas as pd

    from dspipe.errors import PredictorError

Verdict = Literal["answered", "busy", "too_large", "renew", "final"]

# What passes: too many requests, a gateway in between, overload, a model that is not up yet.
BUSY = frozenset({429, 502, 503, 504})
_VERDICTS: dict[int, Verdict] = {401: "renew", 413: "too_large"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `body` is not packed yet."""

    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Response:
    """One answer; the names of its headers are in small letters."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Predictions for the rows of a piece, and what the service told beside them.

    Attributes
    ----------
    predictions : DataFrame
        On the index of the piece; a row in `reasons` may be null.
    reasons : dict of int to str
        Rows of the piece without an answer, by position, and why.
    facts : dict of str to object
        For the provenance of the run.
    """

    predictions: "pd.DataFrame"
    reasons: Mapping[int, str] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)


class NoAnswerError(Exception):
    """Nothing came back, or only a part; the sentence says what, without a name or an address."""

    def __init__(self, sentence: str, *, is_timeout: bool = False, is_final: bool = False) -> None:
        super().__init__(sentence)
        self.is_timeout, self.is_final = is_timeout, is_final


class Send(Protocol):
    """Carries a request over the wire, and raises `NoAnswerError` where nothing comes back."""

    def __call__(self, request: Request, timeout_seconds: float) -> Response: ...


class Service(Protocol):
    """What is special about a service; all else is the same for every remote predictor.

    Its methods are called from several threads at once.
    """

    @property
    def name(self) -> str:
        """The service in a sentence, such as "The deployment '5f'"."""
        ...

    @property
    def most_bytes(self) -> int | None:
        """Largest body that the service takes."""
        ...

    def encode(self, rows: "pd.DataFrame", first_row: int) -> Request:
        """Write rows as a request; `first_row` is their place, for ids that prove the order."""
        ...

    def sign(self, request: Request) -> Request:
        """Add the credentials of now to a request."""
        ...

    def decode(self, response: Response, rows: "pd.DataFrame", first_row: int) -> Answer:
        """Read an answer, and prove that it belongs to the rows.

        Raises
        ------
        NoAnswerError
            If the answer is cut off, so that asking again helps.
        PredictorAnswerError
            If it is none, or belongs to other rows.
        """
        ...

    def classify(self, response: Response) -> Verdict:
        """Say what a status means; `classify` of this file knows the usual ones."""
        ...

    def refuse(self, response: Response, rows: str) -> "PredictorError":
        """Make the error of a final answer; `rows` says which rows were asked for."""
        ...

    def renew(self, request: Request) -> bool:
        """Get new credentials after a request was refused; say whether there are some."""
        ...


def classify(response: Response) -> Verdict:
    """Say what a status means to most services.

    >>> [classify(Response(status, b"")) for status in (200, 503, 404)]
    ['answered', 'busy', 'final']
    """
    if 200 <= response.status < 300:  # noqa: PLR2004 - the statuses of success
        return "answered"
    return "busy" if response.status in BUSY else _VERDICTS.get(response.status, "final")
