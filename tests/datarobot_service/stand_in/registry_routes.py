"""The routes from a model to a deployment: register, deploy, set, replace, delete."""

from dataclasses import dataclass
from typing import Any

from datarobot_service.stand_in.account import Account
from datarobot_service.stand_in.control import find_visible
from datarobot_service.stand_in.deployments import ENVIRONMENTS, SERVER_ID, Deployment, Kind
from datarobot_service.stand_in.messages import ApiError, Request, Response, reply_json
from datarobot_service.stand_in.model_routes import find_model
from datarobot_service.stand_in.projects import Model, Project
from datarobot_service.stand_in.routes import ROUTES
from datarobot_service.stand_in.work import accept

REASONS = {"ACCURACY", "DATA_DRIFT", "ERRORS", "SCHEDULED_REFRESH", "SCORING_SPEED", "OTHER"}
PACKAGE = {
    "modelId": True,
    "name": False,
    "description": False,
    "registeredModelName": False,
    "registeredModelId": False,
    "predictionThreshold": False,
    "distributionPredictionModelId": False,
    "computeAllTsIntervals": False,
    "tags": False,
    "registeredModelTags": False,
    "registeredModelDescription": False,
}
DEPLOY = {
    "modelPackageId": True,
    "label": True,
    "description": False,
    "defaultPredictionServerId": False,
    "predictionEnvironmentId": False,
    "importance": False,
    "userProvidedId": False,
    "additionalMetadata": False,
}
SETTINGS = dict.fromkeys(
    ("targetDrift", "featureDrift", "associationId", "predictionsDataCollection"), False
)


@dataclass
class Package:
    """A version of a registered model."""

    id: str
    name: str
    registered_id: str
    project: Project
    model: Model
    threshold: float


@ROUTES.add("POST", "modelPackages/fromLeaderboard/")
def register(account: Account, request: Request) -> Response:
    """Register a model of a leaderboard."""
    body = request.read_json(PACKAGE)
    project, model = find_model(account, body["modelId"])
    package = Package(
        id=account.ids.make(),
        name=body.get("name") or f"{model.name} v1",
        registered_id=body.get("registeredModelId") or account.ids.make(),
        project=project,
        model=model,
        threshold=float(body.get("predictionThreshold") or 0.5),
    )
    account.packages[package.id] = package
    return reply_json(describe_package(account, package), 201)


@ROUTES.add("GET", "modelPackages/{package}/")
def show_package(account: Account, request: Request, package: str) -> Response:
    """Show a version of a registered model."""
    return reply_json(describe_package(account, find_package(account, package)))


@ROUTES.add("POST", "deployments/fromModelPackage/")
def deploy(account: Account, request: Request) -> Response:
    """Deploy a registered model, on a server or in an environment."""
    body = request.read_json(DEPLOY)
    package = find_package(account, body["modelPackageId"])
    deployment_id = account.ids.make()
    account.deployments[deployment_id] = Deployment(
        id=deployment_id,
        label=body["label"],
        kind=choose_kind(body),
        target=package.project.ready.target,
        classes=package.project.ready.classes,
        features=package.project.ready.features,
        threshold=package.threshold,
        model=package.model.fitted,
        model_id=package.model.id,
    )
    return accept(account, f"deployments/{deployment_id}/", {"id": deployment_id})


@ROUTES.add("PATCH", "deployments/{deployment}/settings/")
def change_settings(account: Account, request: Request, deployment: str) -> Response:
    """Change some of the settings."""
    found = find_visible(account, deployment)
    found.settings = found.settings | request.read_json(SETTINGS)
    return accept(account, f"deployments/{deployment}/settings/")


@ROUTES.add("PATCH", "deployments/{deployment}/model/")
def replace_model(account: Account, request: Request, deployment: str) -> Response:
    """Put another version in the place of the model."""
    body = request.read_json({"modelPackageId": True, "reason": True})
    if body["reason"] not in REASONS:
        raise ApiError(422, {"reason": f"is not one of {sorted(REASONS)}"})
    found = find_visible(account, deployment)
    package = find_package(account, body["modelPackageId"])
    if package.project.ready.target != found.target:
        raise ApiError(422, "The model predicts another target.")
    found.model, found.model_id = package.model.fitted, package.model.id
    found.threshold = package.threshold
    return accept(account, f"deployments/{deployment}/")


@ROUTES.add("PATCH", "deployments/{deployment}/status/")
def change_status(account: Account, request: Request, deployment: str) -> Response:
    """Activate or deactivate a deployment."""
    body = request.read_json({"status": True})
    if body["status"] not in {"active", "inactive"}:
        raise ApiError(422, {"status": "is not active or inactive"})
    find_visible(account, deployment).status = body["status"]
    return accept(account, f"deployments/{deployment}/")


@ROUTES.add("DELETE", "deployments/{deployment}/")
def delete(account: Account, request: Request, deployment: str) -> Response:
    """Delete a deployment."""
    request.check_query("defaultDeploymentId", "ignoreManagementAgent")
    del account.deployments[find_visible(account, deployment).id]
    return Response(204)


def choose_kind(body: dict[str, Any]) -> Kind:
    """Choose where a deployment lives: one of two ids must say it."""
    server = body.get("defaultPredictionServerId")
    environment = body.get("predictionEnvironmentId")
    if (server is None) == (environment is None):
        raise ApiError(
            422, "Exactly one of defaultPredictionServerId and predictionEnvironmentId is needed."
        )
    if server == SERVER_ID:
        return "dedicated"
    for kind, (environment_id, *_) in ENVIRONMENTS.items():
        if environment == environment_id:
            return kind
    raise ApiError(422, "The prediction server or environment cannot be found.")


def find_package(account: Account, package_id: str) -> Package:
    """Find a version of a registered model."""
    if package_id not in account.packages:
        raise ApiError(404, f"Model package {package_id} cannot be found.")
    found: Package = account.packages[package_id]
    return found


def describe_package(account: Account, package: Package) -> dict[str, Any]:
    """Describe a version of a registered model."""
    project, classes = package.project, package.project.ready.classes
    n_active = sum(it.model_id == package.model.id for it in account.deployments.values())
    return {
        "id": package.id,
        "registeredModelId": package.registered_id,
        "registeredModelVersion": 1,
        "name": package.name,
        "modelId": package.model.id,
        "modelExecutionType": "dedicated",
        "isArchived": False,
        "importMeta": {
            "creatorId": "u",
            "creatorUsername": "user",
            "dateCreated": "2026-01-01T00:00:00Z",
        },
        "sourceMeta": {"projectId": project.id},
        "modelKind": {"isTimeSeries": False, "isUnstructured": False},
        "target": {
            "name": project.ready.target,
            "type": project.target_type,
            "classNames": [str(label) for label in classes],
            "classCount": len(classes),
            "predictionThreshold": package.threshold,
        },
        "modelDescription": {
            "modelName": package.model.name,
            "description": None,
            "location": None,
        },
        "datasets": {"datasetName": "data.csv"},
        "timeseries": {"isNewSeriesSupport": None},
        "isDeprecated": False,
        "permissions": ["CAN_DELETE"],
        "activeDeploymentCount": n_active,
        "buildStatus": "complete",
        "tags": [],
    }
