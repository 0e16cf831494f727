"""Where rows are sent to, and what is known of the model there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote

from dspipe._remote._messages import Response
from dspipe.errors import ConfigurationError, PredictorAnswerError, PredictorUnavailableError

Kind = Literal["dedicated", "serverless", "portable"]
_IN_CLUSTER = "http://datarobot-prediction-server:80"


@dataclass(frozen=True, slots=True)
class Target:
    """The address of a deployment's predictions, and its facts as far as they are known."""

    url: str
    kind: Kind
    key: str | None = None
    target: str | None = None
    task: str | None = None
    model_id: str | None = None
    model_version: str | None = None

    def named(self, target: str | None) -> "Target":
        """Give the same address, with the name of the target where one is given."""
        return self if target is None else replace(self, target=target)


def make_target(deployment_id: str | None, server: str, kind: Kind, key: str | None) -> Target:
    """Make the address from a server that was given."""
    base = server.rstrip("/")
    if kind == "dedicated" and not base.endswith("/predApi/v1.0"):
        base += "/predApi/v1.0"
    if deployment_id is None:
        if kind != "portable":
            raise ConfigurationError(
                "DataRobotPredictor needs the id of a deployment. Only a portable prediction "
                "server with a single model goes without."
            )
        return Target(f"{base}/predictions", kind, key)
    return Target(f"{base}/deployments/{quote(deployment_id, safe='')}/predictions", kind, key)


def read_target(facts: Mapping[str, Any], deployment_id: str, endpoint: str) -> Target:
    """Make the address from what the API says of a deployment.

    Raises
    ------
    PredictorUnavailableError
        If the deployment is not active.
    PredictorAnswerError
        If it has no server to ask.
    """
    if facts.get("status") not in {None, "active"}:
        raise PredictorUnavailableError(
            f"The deployment '{deployment_id}' is {facts['status']}. Activate it in DataRobot."
        )
    model, package = facts.get("model") or {}, facts.get("modelPackage") or {}
    server = facts.get("defaultPredictionServer") or {}
    platform = (facts.get("predictionEnvironment") or {}).get("platform")
    if "datarobot-nginx" in endpoint:
        made = make_target(deployment_id, _IN_CLUSTER, "dedicated", None)
    elif platform == "datarobotServerless":
        made = make_target(deployment_id, endpoint, "serverless", None)
    elif server.get("url"):
        made = make_target(deployment_id, server["url"], "dedicated", server.get("datarobot-key"))
    else:
        raise PredictorAnswerError(
            f"The deployment '{deployment_id}' has no prediction server, and is not serverless "
            f"(its platform is {platform!r}). Name the server with DataRobotPredictor(server=...)."
        )
    return replace(
        made,
        target=model.get("targetName"),
        task=(model.get("targetType") or "").lower() or None,
        model_id=model.get("id"),
        model_version=package.get("name"),
    )


def read_object(response: Response, name: str) -> dict[str, Any]:
    """Read the JSON object that the API answered with."""
    try:
        found = json.loads(response.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        kind = response.headers.get("content-type", "no type of content")
        raise PredictorAnswerError(
            f"{name} answered {kind} where the API answers a JSON object. See whether the endpoint "
            "is DataRobot's, or the login page of a proxy."
        )
    return found
