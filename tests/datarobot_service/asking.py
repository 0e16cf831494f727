"""Ask the stand-in without any client's help: bytes there, bytes back, no retries."""

import json
from typing import Any

import urllib3
from datarobot_service.stand_in.served import DataRobot

ROWS = b"a,b,id\n1,3,007\n2,4,NA\n"
HTTP = urllib3.PoolManager(retries=False, maxsize=4)


def ask(
    served: DataRobot,
    deployment_id: str,
    body: bytes = ROWS,
    *,
    query: str = "",
    headers: dict[str, str | None] | None = None,
    accept: str = "text/csv",
    **options: Any,
) -> urllib3.BaseHTTPResponse:
    """Score rows on the dedicated server; a header of None is left out."""
    address = f"{served.prediction_server}/predApi/v1.0/deployments/{deployment_id}/predictions"
    sent = {
        "Authorization": f"Bearer {served.token}",
        "datarobot-key": served.key,
        "Content-Type": "text/csv",
        "Accept": accept,
        **(headers or {}),
    }
    given = {name: value for name, value in sent.items() if value is not None}
    return HTTP.request("POST", address + query, body=body, headers=given, **options)


def ask_api(
    served: DataRobot, method: str, path: str, body: object = None, **headers: str
) -> urllib3.BaseHTTPResponse:
    """Ask the API."""
    sent = {
        "Authorization": f"Bearer {served.token}",
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    content = body if body is None or isinstance(body, bytes) else json.dumps(body)
    return HTTP.request(method, f"{served.endpoint}/{path}", body=content, headers=sent)


def add_sum(served: DataRobot, **more: Any) -> str:
    """Deploy a regression: a + b."""
    return served.add_deployment(
        lambda frame: frame["a"] + frame["b"], features=["a", "b"], target="price", **more
    )


def add_late(served: DataRobot, **more: Any) -> str:
    """Deploy a binary model: the probability of ``yes`` is a tenth of a."""
    return served.add_deployment(
        lambda frame: [[value / 10, 1 - value / 10] for value in frame["a"]],
        classes=["yes", "no"],
        features=["a", "b"],
        target="late",
        **more,
    )


def add_color(served: DataRobot, **more: Any) -> str:
    """Deploy a model of three classes."""
    return served.add_deployment(
        lambda frame: [[0.5, 0.25 - value / 100, 0.25 + value / 100] for value in frame["a"]],
        classes=["red", "green", "blue"],
        features=["a", "b"],
        target="color",
        **more,
    )
