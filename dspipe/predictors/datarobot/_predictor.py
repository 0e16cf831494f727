"""Score with a deployment of DataRobot."""

import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from dspipe._remote._calls import Caller, Clockwork
from dspipe._remote._messages import Request
from dspipe._remote._pieces import RemoteScorer
from dspipe._remote._retry import RequestLimits
from dspipe._remote._transport import Transport
from dspipe._text import quote_some
from dspipe.errors import ConfigurationError, ContractError
from dspipe.predictors._base import Predictor
from dspipe.predictors.datarobot._account import Account
from dspipe.predictors.datarobot._service import DeploymentService, Explanations, Wishes
from dspipe.predictors.datarobot._target import Kind, Target, make_target, read_object, read_target

if TYPE_CHECKING:
    import pandas as pd

    from dspipe._contract import Contract
    from dspipe.predictors._feature_findings import FeatureFinding


class DataRobotPredictor(Predictor):
    """Scores with a deployment of DataRobot, over HTTP and without its client.

    A regression gives ``prediction``. A classification gives ``prediction``, the label, and one
    ``probability_<label>`` a class. Rows are sent in requests of a limited size, several at a time;
    each goes with a number that comes back with its answer.

    Parameters
    ----------
    deployment_id : str or None
        The deployment; None for a portable prediction server with a single model.
    labels : sequence, optional
        The classes, in the order of their columns and in their types, such as ``[0, 1]``. By
        default those of the answers, sorted: numbers of JSON are numbers, all else is text.
    explanations : int or Explanations, optional
        How many ``reason_<n>`` a row, by XEMP; or more precisely.
    warnings : bool, default=False
        Ask a regression for the column ``is_outlier``.
    passthrough : sequence of str, default=()
        Features to repeat beside the predictions, as they are.
    send_key : bool, default=False
        Send the key as columns too, as an association id needs it.
    answer : "json" or "csv", default="json"
        How the service writes its answers. JSON tells text from numbers, CSV is faster to read.
    target : str, optional
        The target, where it is not discovered and answers are CSV.
    server, server_key, kind : str, optional
        Prediction server to ask, its ``datarobot-key``, and what it is: "dedicated", "serverless"
        or "portable". By default the deployment is asked for its own.
    endpoint, token : str, optional
        The API's address and token; the token may be a reference such as ``secret://name``. By
        default as DataRobot's client finds them.
    ca_file : str, optional
        Certificates of authorities to trust in the place of the system's.
    compress : bool, optional
        Pack requests with gzip. By default over https.
    contract : Contract, optional
        What the features must look like, such as that of the training.
    limits : RequestLimits, optional
        Sizes, times and attempts.
    clockwork : Clockwork, optional
        Time and chance, for tests that do not wait.

    Examples
    --------
    >>> DataRobotPredictor("64a000000000000000000081")
    <DataRobotPredictor of deployment '64a000000000000000000081'>
    """

    def __init__(  # noqa: PLR0913 - every option is one of the service's own
        self,
        deployment_id: str | None,
        *,
        labels: Sequence[Any] | None = None,
        explanations: int | Explanations = 0,
        warnings: bool = False,
        passthrough: Sequence[str] = (),
        send_key: bool = False,
        answer: Literal["json", "csv"] = "json",
        target: str | None = None,
        server: str | None = None,
        server_key: str | None = None,
        kind: Kind | None = None,
        endpoint: str | None = None,
        token: str | None = None,
        ca_file: str | None = None,
        compress: bool | None = None,
        contract: "Contract | None" = None,
        limits: RequestLimits | None = None,
        clockwork: Clockwork | None = None,
    ) -> None:
        _check_options(answer, labels, passthrough)
        if isinstance(explanations, int):
            wanted = Explanations(explanations) if explanations else None
        else:
            wanted = explanations
        self._id, self._contract, self._compress = deployment_id, contract, compress
        self._server, self._server_key = server, server_key
        self._kind: Kind = kind or ("dedicated" if server_key else "portable")
        self._target_name = target
        self._account = Account(token, endpoint)
        wishes = Wishes(
            dialect=answer,
            labels=labels,
            explanations=wanted,
            has_warnings=warnings,
            has_key=send_key,
            passthrough=tuple(passthrough),
        )
        self._service = DeploymentService(_name(deployment_id), self._account, wishes)
        limits = limits or RequestLimits()
        send = Transport(
            n_connections=limits.workers, needed_by="DataRobotPredictor", ca_file=ca_file
        )
        self._caller = Caller(self._service, send, limits, clockwork=clockwork)
        self._scorer = RemoteScorer(self._service, self._caller, limits)
        self._lock = threading.Lock()
        self._empty: pd.DataFrame | None = None

    def predict(self, features: "pd.DataFrame") -> "pd.DataFrame":
        """Predict every row; see `Predictor.predict`.

        Raises
        ------
        ConfigurationError
            If there is no token, or a file of certificates or settings cannot be used.
        PartialAnswerError
            If some rows have an answer and others have none.
        PredictorAuthenticationError, PredictorUnavailableError, PredictorTimeoutError
            If the token is refused, or the deployment does not answer.
        PredictorAnswerError
            If the answer is none, or belongs to other rows.
        PredictorError
            If the deployment refuses the rows.
        """
        absent = [name for name in self._service.passthrough if name not in features.columns]
        if absent:
            raise ContractError(
                f"{self!r} shall pass {quote_some(absent)} through, which the features do not "
                "have. "
                "Return the columns from postprocess, or correct passthrough=."
            )
        if not len(features):
            return self._answer_nothing(features)
        self.load()
        answers = self._scorer.predict(features)
        if self._empty is None:
            self._empty = answers.head(0)
        return answers

    def load(self) -> None:
        """Find out where the deployment is asked; the second call does nothing.

        Raises
        ------
        PredictorError
            If DataRobot does not know it, or does not answer.
        """
        with self._lock:
            if self._service.target is None:
                target = self._find_target()
                if self._compress is None:  # within a cluster, packing costs more than sending
                    self._caller.is_packing = target.url.startswith("https:")
                else:
                    self._caller.is_packing = self._compress
                self._service.target = target

    def compare_features(self, contract: "Contract") -> "list[FeatureFinding]":
        """Compare what the deployment takes with what a pipeline makes.

        Parameters
        ----------
        contract : Contract
            Of the pipeline's features.

        Returns
        -------
        list of FeatureFinding
            The most important feature first.

        Raises
        ------
        PredictorError
            If DataRobot does not answer.
        """
        from dspipe.predictors.datarobot._features import compare

        if self._server is not None and self._id is None:
            return super().compare_features(contract)
        features: list[dict[str, Any]] = []
        url: str | None = f"{self._address}/features/"
        while url:
            page = self._get(url, "its features")
            features += page.get("data") or []
            url = page.get("next")
        return compare(features, contract)

    @property
    def contract(self) -> "Contract | None":
        """The contract that was given."""
        return self._contract

    @property
    def model_id(self) -> str | None:
        """The id of the deployed model; None before `load`, and for a server that was given."""
        return self._service.target.model_id if self._service.target else None

    @property
    def model_version(self) -> str | None:
        """The name of the registered version."""
        return self._service.target.model_version if self._service.target else None

    def __repr__(self) -> str:
        """Name the deployment in one line; asks nobody."""
        shown = f"deployment '{self._id}'" if self._id else "a portable server"
        return f"<DataRobotPredictor of {shown}>"

    @property
    def _address(self) -> str:
        return f"{self._account.endpoint}/deployments/{quote(self._id or '', safe='')}"

    def _find_target(self) -> Target:
        if self._server is not None:
            made = make_target(self._id, self._server, self._kind, self._server_key)
            return made.named(self._target_name)
        if self._id is None:
            raise ConfigurationError(
                "DataRobotPredictor needs the id of a deployment, or the address of a portable "
                "prediction server with server=."
            )
        facts = self._get(f"{self._address}/", "its description")
        return read_target(facts, self._id, self._account.endpoint).named(self._target_name)

    def _get(self, url: str, what: str) -> dict[str, Any]:
        request = Request(url, headers={"accept": "application/json"}, method="GET")
        read = partial(read_object, name=self._service.name)
        found, _ = self._caller.ask(request, read, rows=what, halt=threading.Event())
        return found

    def _answer_nothing(self, features: "pd.DataFrame") -> "pd.DataFrame":
        """Give no rows, in the form of the answers before."""
        import pandas as pd

        if self._empty is None:
            return pd.DataFrame({"prediction": pd.Series(dtype="float64")}, index=features.index)
        return self._empty.set_axis(features.index, axis=0)


def _name(deployment_id: str | None) -> str:
    return f"The deployment '{deployment_id}'" if deployment_id else "The portable server"


def _check_options(answer: str, labels: object, passthrough: object) -> None:
    if answer not in {"json", "csv"}:
        raise ConfigurationError(f"An answer cannot be {answer!r}. Choose 'json' or 'csv'.")
    for name, given in (("labels", labels), ("passthrough", passthrough)):
        if isinstance(given, str):  # a text is a sequence of letters
            raise ConfigurationError(f"{name}={given!r} is a text. Give a list: [{given!r}].")
