"""What the API says of itself and its deployments, without training or batches."""

from typing import Any

from datarobot_service.stand_in.account import Account
from datarobot_service.stand_in.deployments import (
    ENVIRONMENTS,
    Deployment,
    describe_environment,
    describe_server,
)
from datarobot_service.stand_in.messages import ApiError, Request, Response, reply_json
from datarobot_service.stand_in.routes import ROUTES, reply_page

PAGING = ("offset", "limit")
CAPABILITIES = (
    "supports_drift_tracking",
    "supports_prediction_explanations",
    "supports_shap_prediction_explanations",
    "supports_secondary_datasets",
)


@ROUTES.add("GET", "version/")
def show_version(account: Account, request: Request) -> Response:
    """Say which version this is."""
    request.check_query()
    major, minor, _ = account.version.split(".")
    return reply_json(
        {
            "major": int(major),
            "minor": int(minor),
            "versionString": account.version,
            "releasedVersion": account.version,
        }
    )


@ROUTES.add("GET", "predictionServers/")
def list_servers(account: Account, request: Request) -> Response:
    """List the one dedicated prediction server."""
    request.check_query(*PAGING)
    load = {"batchPredictions": {"processing": 0, "queued": 0}}
    return reply_page(account, request, [describe_server(account.url, account.key) | load])


@ROUTES.add("GET", "predictionEnvironments/")
def list_environments(account: Account, request: Request) -> Response:
    """List where deployments can live."""
    request.check_query(*PAGING)
    more: dict[str, Any] = {
        "description": "",
        "permissions": ["READ"],
        "isDeleted": False,
        "importMeta": None,
        "managementMeta": None,
        "health": None,
        "datastoreId": None,
        "credentialId": None,
    }
    described = [describe_environment(kind) | more for kind in ENVIRONMENTS]
    return reply_page(account, request, described)


@ROUTES.add("GET", "deployments/")
def list_deployments(account: Account, request: Request) -> Response:
    """List the deployments that the API knows: portable ones live elsewhere."""
    request.check_query(*PAGING, "orderBy", "search")
    search = (request.find("search") or "").lower()
    found = [
        deployment.describe(account.url, account.key)
        for deployment in account.deployments.values()
        if deployment.kind != "portable" and search in deployment.label.lower()
    ]
    return reply_page(account, request, found)


@ROUTES.add("GET", "deployments/{deployment}/")
def show_deployment(account: Account, request: Request, deployment: str) -> Response:
    """Show a deployment."""
    request.check_query()
    found = find_visible(account, deployment)
    return reply_json(found.describe(account.url, account.key))


@ROUTES.add("GET", "deployments/{deployment}/features/")
def list_features(account: Account, request: Request, deployment: str) -> Response:
    """List the features, the most important first by default."""
    request.check_query(
        *PAGING, "orderBy", "search", "includeNonPredictionFeatures", "forSegmentedAnalysis"
    )
    features = sorted(find_visible(account, deployment).features, key=lambda it: -it.importance)
    described = [
        {
            "name": feature.name,
            "featureType": feature.type,
            "importance": feature.importance,
            "dateFormat": "%Y-%m-%d" if feature.type == "Date" else None,
            "knownInAdvance": False,
        }
        for feature in features
    ]
    return reply_page(account, request, described)


@ROUTES.add("GET", "deployments/{deployment}/capabilities/")
def list_capabilities(account: Account, request: Request, deployment: str) -> Response:
    """List what a deployment supports."""
    request.check_query()
    found = find_visible(account, deployment)
    supported = {
        "supports_prediction_explanations": "xemp" in found.explanations,
        "supports_shap_prediction_explanations": "shap" in found.explanations,
        "supports_drift_tracking": True,
    }
    data = [
        {"name": name, "supported": supported.get(name, False), "messages": []}
        for name in CAPABILITIES
    ]
    return reply_json({"data": data})


@ROUTES.add("GET", "deployments/{deployment}/settings/")
def show_settings(account: Account, request: Request, deployment: str) -> Response:
    """Show the settings of a deployment."""
    request.check_query()
    return reply_json(find_visible(account, deployment).settings)


@ROUTES.add("GET", "deployments/{deployment}/serviceStats/")
def show_statistics(account: Account, request: Request, deployment: str) -> Response:
    """Show how much a deployment was asked."""
    request.check_query("start", "end", "modelId", "executionTimeQuantile", "responseTimeQuantile")
    found = find_visible(account, deployment)
    seen = [it for it in account.requests if it.is_scoring and f"/{deployment}/" in it.path]
    return reply_json(
        {
            "period": {
                "start": "2026-01-01T00:00:00.000000Z",
                "end": "2026-01-08T00:00:00.000000Z",
            },
            "modelId": found.model_id,
            "metrics": {
                "totalPredictions": found.n_tracked_rows,
                "totalRequests": len(seen),
                "slowRequests": 0,
                "executionTime": 1.0,
                "responseTime": 2.0,
                "userErrorRate": share(seen, range(400, 500)),
                "serverErrorRate": share(seen, range(500, 600)),
                "numConsumers": 1,
                "cacheHitRatio": 1.0,
                "medianLoad": 0.0,
                "peakLoad": float(account.most_at_once),
            },
        }
    )


def share(seen: list[Any], statuses: range) -> float:
    """Compute which share of the requests was answered so."""
    return sum(it.status in statuses for it in seen) / len(seen) if seen else 0.0


def find_visible(account: Account, deployment_id: str) -> Deployment:
    """Find a deployment that the API knows."""
    found = account.deployments.get(deployment_id)
    if found is None or found.kind == "portable":
        raise ApiError(404, f"Deployment {deployment_id} cannot be found.")
    if "CAN_VIEW" not in found.permissions:
        raise ApiError(403, "You do not have permission to view this deployment.")
    return found
