"""The routes of monitoring: actual outcomes that come later, and accuracy on what they join."""

from typing import Any

import numpy as np
from datarobot_service.stand_in.account import Account
from datarobot_service.stand_in.control import find_visible
from datarobot_service.stand_in.deployments import Deployment
from datarobot_service.stand_in.messages import ApiError, Request, Response, reply_json
from datarobot_service.stand_in.routes import ROUTES
from datarobot_service.stand_in.work import accept
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score, root_mean_squared_error

LARGEST = 10_000  # actuals in one request
ACTUAL = {"associationId", "actualValue", "wasActedOn", "timestamp"}
PERIOD = {"start": "2026-01-01T00:00:00.000000Z", "end": "2026-01-08T00:00:00.000000Z"}


@ROUTES.add("POST", "deployments/{deployment}/actuals/fromJSON/")
def take_actuals(account: Account, request: Request, deployment: str) -> Response:
    """Keep actual outcomes by the id that joins them to predictions."""
    found = find_visible(account, deployment)
    rows = request.read_json({"data": True, "keepActualsWithoutPredictions": False})["data"]
    if not found.association:
        raise ApiError(422, "The deployment has no association id.")
    if len(rows) > LARGEST:
        raise ApiError(422, {"data": f"has more than {LARGEST} items"})
    for row in rows:
        unknown = sorted(row.keys() - ACTUAL)
        if unknown or not isinstance(row.get("associationId"), str):
            raise ApiError(422, {"data": unknown or "associationId must be a string"})
    found.actuals |= {row["associationId"]: row["actualValue"] for row in rows}
    return accept(account, f"deployments/{deployment}/")


@ROUTES.add("GET", "deployments/{deployment}/accuracy/")
def show_accuracy(account: Account, request: Request, deployment: str) -> Response:
    """Measure the predictions whose outcome is known."""
    request.check_query("start", "end", "modelId", "segmentAttribute", "segmentValue")
    found = find_visible(account, deployment)
    joined = [name for name in found.tracked if name in found.actuals]
    metrics = measure(found, joined) if joined else {}
    data = [
        {
            "metricName": name,
            "modelId": found.model_id,
            "value": value,
            "sampleSize": len(joined),
            "baselineValue": None,
            "baselineSampleSize": 0,
            "percentChange": None,
        }
        for name, value in metrics.items()
    ]
    shown = {
        name: {"value": value, "baselineValue": None, "percentChange": None}
        for name, value in metrics.items()
    }
    return reply_json(
        {
            "period": PERIOD,
            "modelId": found.model_id,
            "metrics": shown,
            "data": data,
            "segmentAttribute": None,
            "segmentValue": None,
        }
    )


def measure(deployment: Deployment, names: list[str]) -> dict[str, float]:
    """Measure the predictions with these association ids."""
    found = np.array([deployment.tracked[name] for name in names], dtype=float)
    truth: list[Any] = [deployment.actuals[name] for name in names]
    if not deployment.classes:
        return {"RMSE": float(root_mean_squared_error(np.array(truth, dtype=float), found))}
    labels = [str(label) for label in deployment.classes]
    actual = np.array([labels.index(str(value)) for value in truth])
    positions = list(range(len(labels)))
    metrics = {
        "LogLoss": float(log_loss(actual, found, labels=positions)),
        "Accuracy": float(accuracy_score(actual, found.argmax(axis=1))),
    }
    if len(labels) == 2 and len(set(actual.tolist())) == 2:
        metrics["AUC"] = float(roc_auc_score(actual == 0, found[:, 0]))
    return metrics
