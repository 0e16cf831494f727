"""One deployment of DataRobot as a service: what is asked of it, and what its answers mean."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from dspipe._remote import _messages
from dspipe._remote._calls import say_status
from dspipe._remote._messages import Answer, Request, Response, Verdict
from dspipe.errors import (
    ConfigurationError,
    PredictorAuthenticationError,
    PredictorError,
    PredictorUnavailableError,
)
from dspipe.predictors.datarobot._account import Account
from dspipe.predictors.datarobot._rows import ROW, write_rows

if TYPE_CHECKING:
    import pandas as pd

    from dspipe.predictors.datarobot._target import Target

MOST_BYTES = 52_428_800  # of a request: docs.datarobot.com, "Prediction API", limits
_UNAVAILABLE = 570  # DataRobot's own; its client asks again
_TYPES = {"csv": "text/csv", "json": "application/json"}


@dataclass(frozen=True, slots=True)
class Explanations:
    """Which features made a prediction what it is, as the columns ``reason_1``, ``reason_2`` ...

    Attributes
    ----------
    most : int
        How many a row.
    algorithm : "xemp" or "shap"
    threshold_low, threshold_high : float or None
        With XEMP, explain only rows at or below, or at or above.

    Examples
    --------
    >>> Explanations(3, "shap").most
    3
    """

    most: int
    algorithm: Literal["xemp", "shap"] = "xemp"
    threshold_low: float | None = None
    threshold_high: float | None = None

    def __post_init__(self) -> None:
        if self.most < 1 or self.algorithm not in {"xemp", "shap"}:
            raise ConfigurationError(
                f"Explanations cannot be {self.most!r} by {self.algorithm!r}. Ask for at least 1, "
                "by 'xemp' or 'shap'."
            )


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for beside the predictions, and how it is read."""

    dialect: Literal["csv", "json"] = "json"
    labels: Sequence[Any] | None = None
    explanations: Explanations | None = None
    has_warnings: bool = False
    has_key: bool = False
    passthrough: tuple[str, ...] = ()


class DeploymentService:
    """Asks one deployment; see `Service` for what each method is for."""

    most_bytes: int | None = MOST_BYTES

    def __init__(self, name: str, account: Account, wishes: Wishes) -> None:
        self.name = name
        self._account, self._wishes = account, wishes
        self.target: Target | None = None

    @property
    def passthrough(self) -> tuple[str, ...]:
        """Features that are repeated beside the predictions."""
        return self._wishes.passthrough

    def encode(self, rows: "pd.DataFrame", first_row: int) -> Request:
        """Write rows as CSV, each with its number."""
        assert self.target is not None  # noqa: S101 - the predictor looks for it first
        body = write_rows(rows, first_row, has_key=self._wishes.has_key)
        headers = {"content-type": "text/csv", "accept": _TYPES[self._wishes.dialect]}
        return Request(f"{self.target.url}?{_write_query(self._wishes)}", body, headers)

    def sign(self, request: Request) -> Request:
        """Add the token, and the key of a dedicated server."""
        headers = dict(request.headers)
        if self.target is None or self.target.kind != "portable":
            headers["authorization"] = f"Bearer {self._account.token()}"
        if self.target is not None and self.target.key and request.method == "POST":
            headers["datarobot-key"] = self.target.key
        return replace(request, headers=headers)

    def decode(self, response: Response, rows: "pd.DataFrame", first_row: int) -> Answer:
        """Read predictions, and bring them to their rows."""
        from dspipe.predictors.datarobot import _answers, _reading  # they load pandas

        wishes, target = self._wishes, self.target.target if self.target else None
        _reading.check_type(response, _TYPES[wishes.dialect], self.name)
        answer = _answers.make_answer(
            _reading.read_json(response, self.name, first_row)
            if wishes.dialect == "json"
            else _reading.read_csv(response, self.name, target),
            rows,
            first_row,
            name=self.name,
            labels=wishes.labels,
            n_reasons=wishes.explanations.most if wishes.explanations else 0,
        )
        passed = answer.predictions.assign(**{name: rows[name] for name in wishes.passthrough})
        return Answer(passed, answer.reasons, _read_facts(response))

    def classify(self, response: Response) -> Verdict:
        """Say what a status means."""
        return "busy" if response.status == _UNAVAILABLE else _messages.classify(response)

    def renew(self, request: Request) -> bool:
        """Read the token anew."""
        refused = request.headers.get("authorization", "").removeprefix("Bearer ")
        return bool(refused) and self._account.renew(refused)

    def refuse(self, response: Response, rows: str) -> PredictorError:
        """Say why an answer is final."""
        status = say_status(response.status)
        said = f"{status}{self._quote(response)}, when it was asked for {rows}"
        match response.status:
            case 401:
                return PredictorAuthenticationError(
                    f"{self.name} refuses the token: {said}. Renew the token (it came from "
                    f"{self._account.origin}); a dedicated prediction server also wants its "
                    "datarobot-key."
                )
            case 403:
                return PredictorAuthenticationError(
                    f"{self.name} gives no permission: {said}. Let its owner share it with the "
                    "user of the token, and see whether it is active."
                )
            case 404:
                return PredictorUnavailableError(
                    f"{self.name} is not known: {said}. Correct the id of the deployment, or the "
                    "endpoint."
                )
        if response.status >= 500:  # noqa: PLR2004 - errors of the server
            return PredictorError(
                f"{self.name} failed: {said}. Ask whoever runs it; the same rows may fail again."
            )
        return PredictorError(
            f"{self.name} refuses to answer: {said}. Send what the deployment's model takes: "
            "compare_features tells what differs."
        )

    def _quote(self, response: Response) -> str:
        """Quote what the service says, without what must not be told."""
        try:
            found = json.loads(response.body)
            message = found.get("message", "") if isinstance(found, dict) else ""
        except ValueError:
            message = ""
        text = message if isinstance(message, str) else json.dumps(message)
        key = self.target.key if self.target else None
        for secret in filter(None, (self._account.known_token, key)):
            text = text.replace(secret, "***")
        return f", '{text[:500]}'" if text else ""


def _write_query(wishes: Wishes) -> str:
    query: list[tuple[str, object]] = [("passthroughColumns", ROW)]
    explanations = wishes.explanations
    if explanations is not None:
        query.append(("maxExplanations", explanations.most))
        query.append(("explanationAlgorithm", explanations.algorithm))
        if explanations.threshold_low is not None:
            query.append(("thresholdLow", explanations.threshold_low))
        if explanations.threshold_high is not None:
            query.append(("thresholdHigh", explanations.threshold_high))
    if wishes.has_warnings:
        query.append(("predictionWarningEnabled", "true"))
    return urlencode(query)


def _read_facts(response: Response) -> dict[str, object]:
    facts: dict[str, object] = {}
    milliseconds = response.headers.get("x-datarobot-execution-time")
    if milliseconds is not None:
        with suppress(ValueError):
            facts["execution_seconds"] = float(milliseconds) / 1000
    if "x-datarobot-model-cache-hit" in response.headers:
        is_hit = response.headers["x-datarobot-model-cache-hit"].lower() == "true"
        facts["cache_hits"] = int(is_hit)
    return facts
