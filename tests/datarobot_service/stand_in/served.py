"""The stand-in, served: what tests and programs start, feed and look at."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from datarobot_service.stand_in.account import Account, Limits, Seen
from datarobot_service.stand_in.application import answer
from datarobot_service.stand_in.deployments import (
    Deployment,
    Kind,
    Label,
    make_classes,
    make_features,
)
from datarobot_service.stand_in.faults import Faults
from datarobot_service.stand_in.messages import Request, Response
from datarobot_service.stand_in.server import Server


class DataRobot:
    """One account of DataRobot on a loopback port, empty at first; a context manager.

    Parameters
    ----------
    port : int, default=0
        0 takes a free one.
    folder : Path
        Where batch jobs are kept; the next stand-in on the folder goes on with them.

    Attributes
    ----------
    account : Account
        Everything behind the routes; `token`, `key`, `version` and `delay_seconds` may be changed.
    """

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        self.account = Account(folder)
        self._server = Server(self._answer, port)
        self.account.url = self._server.url

    def __enter__(self) -> Self:
        """Serve."""
        self._server.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End, with all connections."""
        self._server.close()

    @property
    def endpoint(self) -> str:
        """Root of the API: ``http://127.0.0.1:PORT/api/v2``."""
        return self.account.endpoint

    @property
    def prediction_server(self) -> str:
        """Address of the dedicated prediction server, without a path."""
        return self.account.url

    @property
    def portable_server(self) -> str:
        """Address of the portable prediction server, without a path."""
        return self.account.url

    @property
    def token(self) -> str:
        """What the API and both prediction servers want in ``Authorization``."""
        return self.account.token

    @property
    def key(self) -> str:
        """What the dedicated server wants in ``datarobot-key``."""
        return self.account.key

    @property
    def faults(self) -> Faults:
        """Failures to come; none at first."""
        return self.account.faults

    @property
    def limits(self) -> Limits:
        """What a request may ask for."""
        return self.account.limits

    @property
    def requests(self) -> list[Seen]:
        """All that was asked, in the order in which it was answered."""
        return list(self.account.requests)

    @property
    def scorings(self) -> list[Seen]:
        """Those of the requests that were to score rows."""
        return [seen for seen in self.account.requests if seen.is_scoring]

    @property
    def most_at_once(self) -> int:
        """Largest number of scoring requests at the same time."""
        return self.account.most_at_once

    @property
    def delay_seconds(self) -> float:
        """How long each scoring request takes, at least."""
        return self.account.delay_seconds

    @delay_seconds.setter
    def delay_seconds(self, seconds: float) -> None:
        self.account.delay_seconds = seconds

    def add_deployment(
        self,
        model: Any,
        *,
        target: str = "y",
        kind: Kind = "dedicated",
        classes: Sequence[Label] | None = None,
        features: Mapping[str, str] | Sequence[str] | None = None,
        **more: Any,
    ) -> str:
        """Deploy a model, and give the id of its deployment.

        Parameters
        ----------
        model : scikit-learn estimator or callable
            A callable gets the frame of features and gives one number a row, or one probability a
            class and row, in the order of `classes`.
        target : str, default="y"
            Name of what is predicted; the columns of CSV begin with it.
        kind : {"dedicated", "serverless", "portable"}, default="dedicated"
        classes : sequence of labels, optional
            The positive one first; those of an estimator by default. None and a callable: a
            regression.
        features : mapping of name to type, or sequence of names of numbers; optional
            Types are ``Numeric``, ``Categorical``, ``Text``, ``Date``, ``Boolean``, the most
            important first. Those an estimator was fitted on by default.
        **more
            Other fields of `Deployment`, such as ``threshold``, ``cold_requests``, ``status``.
        """
        deployment_id = more.pop("id", None) or self.account.ids.make()
        self.account.deployments[deployment_id] = Deployment(
            id=deployment_id,
            label=more.pop("label", f"{target} {kind}"),
            model=model,
            target=target,
            kind=kind,
            classes=make_classes(model, classes),
            features=tuple(make_features(model, features)),
            **more,
        )
        return deployment_id

    def get_deployment(self, deployment_id: str) -> Deployment:
        """Give a deployment, whose fields may be changed."""
        return self.account.deployments[deployment_id]

    def _answer(self, request: Request) -> Response:
        return answer(self.account, request)
