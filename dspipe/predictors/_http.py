"""Score with any service that takes JSON: two functions say what goes out and comes back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dspipe import _secrets
from dspipe._remote import _messages
from dspipe._remote._calls import Caller, Clockwork, say_status
from dspipe._remote._messages import Answer, NoAnswerError, Request, Response, Verdict
from dspipe._remote._pieces import RemoteScorer
from dspipe._remote._retry import RequestLimits
from dspipe._remote._transport import Transport
from dspipe._text import count, describe
from dspipe.errors import (
    ConfigurationError,
    PredictorAnswerError,
    PredictorAuthenticationError,
    PredictorError,
    PredictorUnavailableError,
)
from dspipe.predictors._base import Predictor

if TYPE_CHECKING:
    import pandas as pd

    from dspipe._contract import Contract

ToRequest = Callable[["pd.DataFrame"], object]
FromAnswer = Callable[[Any, "pd.DataFrame"], object]


class HttpPredictor(Predictor):
    """Scores with a service that takes JSON and answers JSON.

    Rows are sent in requests of a limited size, several at a time, and sent again where the service
    is busy or the connection is lost. Scoring must not do harm when it is done twice.

    Parameters
    ----------
    url : str
        Where requests are posted to.
    to_request : callable
        Makes what is sent as JSON from a frame of features. A null must become None.
    from_answer : callable
        Makes predictions from the JSON that came, and the features: a list, an array, a Series or a
        frame with one row per feature row, in their order or on their index.
    headers : mapping of str to str, optional
        Sent with every request; values may be references such as ``secret://name``.
    contract : Contract, optional
        What the features must look like.
    limits : RequestLimits, optional
        Sizes, times and attempts.
    compress : bool, default=False
        Pack requests with gzip; a service that refuses it is asked without.
    ca_file : str, optional
        Certificates of authorities to trust in the place of the system's.
    clockwork : Clockwork, optional
        Time and chance, for tests that do not wait.

    Examples
    --------
    >>> HttpPredictor(
    ...     "https://models.example/delay",
    ...     to_request=lambda features: {"hours": features["hour"].tolist()},
    ...     from_answer=lambda answer, features: answer["delays"],
    ... )
    <HttpPredictor of https://models.example/delay>
    """

    def __init__(  # noqa: PLR0913 - every option is one of the service's own
        self,
        url: str,
        *,
        to_request: ToRequest,
        from_answer: FromAnswer,
        headers: Mapping[str, str] | None = None,
        contract: "Contract | None" = None,
        limits: RequestLimits | None = None,
        compress: bool = False,
        ca_file: str | None = None,
        clockwork: Clockwork | None = None,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise ConfigurationError(
                f"HttpPredictor cannot ask {url!r}. Give an address that begins with https://."
            )
        self._url, self._contract = url.partition("?")[0], contract
        limits = limits or RequestLimits()
        service = _HttpService(url, to_request, from_answer, dict(headers or {}))
        send = Transport(n_connections=limits.workers, needed_by="HttpPredictor", ca_file=ca_file)
        caller = Caller(service, send, limits, is_packing=compress, clockwork=clockwork)
        self._scorer = RemoteScorer(service, caller, limits)

    def predict(self, features: "pd.DataFrame") -> "pd.DataFrame":
        """Predict every row; see `Predictor.predict`.

        Raises
        ------
        PartialAnswerError
            If some rows have an answer and others have none.
        PredictorError
            If the service refuses, does not answer, or answers what cannot be used.
        """
        import pandas as pd

        if not len(features):
            return pd.DataFrame({"prediction": pd.Series(dtype="float64")}, index=features.index)
        return self._scorer.predict(features)

    @property
    def contract(self) -> "Contract | None":
        """The contract that was given."""
        return self._contract

    def __repr__(self) -> str:
        """Name the address, without what may be a secret in it."""
        from dspipe._config import hide_password

        return f"<HttpPredictor of {hide_password(self._url)}>"


class _HttpService:
    """The two functions of the user as a service; see `Service`."""

    most_bytes: int | None = None

    def __init__(
        self, url: str, to_request: ToRequest, from_answer: FromAnswer, headers: dict[str, str]
    ) -> None:
        from dspipe._config import hide_password

        self._url, self._to_request, self._from_answer = url, to_request, from_answer
        self._headers = headers
        self.name = f"The service at {hide_password(url.partition('?')[0])}"

    def encode(self, rows: "pd.DataFrame", first_row: int) -> Request:
        del first_row  # what the two functions see has no numbers
        made = self._to_request(rows)
        try:
            body = json.dumps(made, allow_nan=False, default=_write_plain).encode()
        except (TypeError, ValueError) as error:
            raise PredictorError(
                f"What to_request made for {self.name[0].lower()}{self.name[1:]} is no JSON: "
                f"{error}. Make lists, dicts, text, numbers, and None for a null."
            ) from error
        headers = {"content-type": "application/json", "accept": "application/json"}
        return Request(self._url, body, headers)

    def sign(self, request: Request) -> Request:
        given = {name: _secrets.resolve(value) for name, value in self._headers.items()}
        return replace(request, headers={**request.headers, **given})

    def renew(self, request: Request) -> bool:
        for value in self._headers.values():
            _secrets.forget(value)
        return self.sign(request).headers != request.headers

    def classify(self, response: Response) -> Verdict:
        return _messages.classify(response)

    def decode(self, response: Response, rows: "pd.DataFrame", first_row: int) -> Answer:
        del first_row
        try:
            content = json.loads(response.body)
        except ValueError as error:
            if response.body.lstrip()[:1] in {b"{", b"["}:
                raise NoAnswerError("its answer was cut off") from error
            kind = response.headers.get("content-type", "no type of content")
            raise PredictorAnswerError(
                f"{self.name} answered {kind} where JSON was asked for. See whether the address is "
                "that of a model."
            ) from error
        return Answer(_make_frame(self._from_answer(content, rows), rows, self.name))

    def refuse(self, response: Response, rows: str) -> PredictorError:
        kinds: dict[int, type[PredictorError]] = {
            401: PredictorAuthenticationError,
            403: PredictorAuthenticationError,
            404: PredictorUnavailableError,
        }
        # What it says is not quoted: nobody knows what it repeats.
        return kinds.get(response.status, PredictorError)(
            f"{self.name} refuses to answer for {rows}: {say_status(response.status)}. See whether "
            "address, headers and to_request are what it takes."
        )


def _make_frame(made: object, rows: "pd.DataFrame", name: str) -> "pd.DataFrame":
    import numpy as np
    import pandas as pd

    if not isinstance(made, pd.DataFrame | pd.Series | np.ndarray | list | tuple):
        raise PredictorAnswerError(
            f"from_answer made {describe(made)} of what {name[0].lower()}{name[1:]} answered. "
            "Make a list, an array, a Series or a frame with one row per feature row."
        )
    if len(made) != len(rows):
        raise PredictorAnswerError(
            f"{name} answered {count(len(made), 'row')} for {count(len(rows), 'row')}. Make "
            "exactly one prediction of each row in from_answer."
        )
    if not isinstance(made, pd.DataFrame | pd.Series):
        return pd.DataFrame({"prediction": made}, index=rows.index)
    frame = made if isinstance(made, pd.DataFrame) else made.to_frame("prediction")
    if frame.index.equals(pd.RangeIndex(len(rows))):
        return frame.set_axis(rows.index, axis=0)
    if not rows.index.is_unique or set(frame.index) != set(rows.index):
        raise PredictorAnswerError(
            f"{name} answered other rows than it was asked for: the index that from_answer made is "
            "not that of the features. Keep the order and leave the index out, or repeat it."
        )
    return frame.reindex(rows.index)


def _write_plain(value: Any) -> object:
    """Write a number of numpy as one of Python's, and what has a text form as text."""
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return value.item()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{describe(value)} has no form in JSON")
