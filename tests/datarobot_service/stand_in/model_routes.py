"""The routes of trained models: impact of features, ROC, lift, blends, and the jobs for them."""

from typing import Any

from datarobot_service.stand_in.account import Account
from datarobot_service.stand_in.insights import compute_impact, compute_lift, compute_roc
from datarobot_service.stand_in.messages import ApiError, Request, Response, reply_json
from datarobot_service.stand_in.projects import Job, Model, Project, find_project
from datarobot_service.stand_in.routes import ROUTES, reply_page
from datarobot_service.stand_in.work import accept

METHODS = {"AVG", "MED", "GLM", "ENET", "MAE", "MAEL1", "PLS", "RF", "LGBM", "TF"}
BLEND = {"modelIds": True, "blenderMethod": True}
READ = ("source", "unslicedOnly", "dataSliceId", "offset", "limit")


@ROUTES.add("POST", "projects/{project}/models/{model}/featureImpact/")
def request_impact(account: Account, request: Request, project: str, model: str) -> Response:
    """Measure the impact of features, once."""
    found = find_project(account, project)
    wanted = found.find(model)
    if wanted.has_impact:
        body = {"message": "It was measured already.", "errorName": "JobAlreadyAdded"}
        return reply_json(body | {"jobId": None}, 422)
    wanted.has_impact = True
    address = f"projects/{project}/models/{model}/featureImpact/"
    return add_job(account, found, Job("jobs", "featureImpact", address, account.looks_of_work))


@ROUTES.add("GET", "projects/{project}/models/{model}/featureImpact/")
def show_impact(account: Account, request: Request, project: str, model: str) -> Response:
    """Show the impact of features, once it is measured."""
    found = find_project(account, project)
    wanted = found.find(model)
    if not wanted.has_impact:
        raise ApiError(404, "No feature impact was computed for this model.")
    impacts = compute_impact(found, wanted)
    return reply_json(
        {
            "count": len(impacts),
            "ranRedundancyDetection": False,
            "rowCount": len(found.ready.validation),
            "shapBased": False,
            "backtest": None,
            "dataSliceId": None,
            "featureImpacts": impacts,
        }
    )


@ROUTES.add("GET", "insights/featureImpact/models/{model}/")
def read_impact(account: Account, request: Request, model: str) -> Response:
    """Show the impact of features as an insight."""
    request.check_query(*READ)
    project, found = find_model(account, model)
    if not found.has_impact:
        return reply_page(account, request, [])
    data = {
        "ranRedundancyDetection": False,
        "rowCount": len(project.ready.validation),
        "featureImpacts": compute_impact(project, found),
    }
    return reply_page(account, request, [wrap(project, found, "training", data)])


@ROUTES.add("GET", "insights/rocCurve/models/{model}/")
def read_roc(account: Account, request: Request, model: str) -> Response:
    """Show right and wrong answers at every threshold of a binary model."""
    request.check_query(*READ)
    project, found = find_model(account, model)
    if len(project.ready.classes) != 2:
        raise ApiError(422, "ROC curves are for binary models.")
    data = compute_roc(project, found)
    return reply_page(account, request, [wrap(project, found, "validation", data)])


@ROUTES.add("GET", "insights/liftChart/models/{model}/")
def read_lift(account: Account, request: Request, model: str) -> Response:
    """Show means of predictions and of the truth."""
    request.check_query(*READ)
    project, found = find_model(account, model)
    if len(project.ready.classes) > 2:
        raise ApiError(422, "Lift charts are for one number a row.")
    data = compute_lift(project, found)
    return reply_page(account, request, [wrap(project, found, "validation", data)])


@ROUTES.add("POST", "insights/{insight}/")
def request_insight(account: Account, request: Request, insight: str) -> Response:
    """Compute a curve or a chart; here it is always there."""
    body = request.read_json({"entityId": True, "source": True, "entityType": True})
    if insight not in {"rocCurve", "liftChart"}:
        raise ApiError(404, f"No insight is called {insight}.")
    _, found = find_model(account, body["entityId"])
    return accept(account, f"insights/{insight}/models/{found.id}/")


@ROUTES.add("POST", "projects/{project}/blenderModels/blendCheck/")
def check_blend(account: Account, request: Request, project: str) -> Response:
    """Say whether models can be blended."""
    body = request.read_json(BLEND)
    reason = find_obstacle(find_project(account, project), body)
    return reply_json({"blendable": not reason, "reason": reason})


@ROUTES.add("POST", "projects/{project}/blenderModels/")
def blend(account: Account, request: Request, project: str) -> Response:
    """Blend models."""
    body = request.read_json(BLEND)
    found = find_project(account, project)
    reason = find_obstacle(found, body)
    if reason:
        raise ApiError(422, reason)
    made = found.blend(account, body["modelIds"], body["blenderMethod"])
    address = f"projects/{project}/models/{made.id}/"
    job = Job("modelJobs", made.name, address, account.looks_of_work)
    return add_job(account, found, job)


@ROUTES.add("GET", "projects/{project}/blenderModels/")
def list_blends(account: Account, request: Request, project: str) -> Response:
    """List the blends."""
    found = find_project(account, project)
    blends = [found.describe_model(model) for model in found.models if model.blends]
    return reply_page(account, request, blends)


@ROUTES.add("GET", "projects/{project}/jobs/{job}/")
def show_job(account: Account, request: Request, project: str, job: str) -> Response:
    """Say that a job runs, or where its result is; the body is the same."""
    return look_at_job(account, find_project(account, project), "jobs", job)


@ROUTES.add("GET", "projects/{project}/modelJobs/{job}/")
def show_model_job(account: Account, request: Request, project: str, job: str) -> Response:
    """Say that a model is being trained, or where it is."""
    return look_at_job(account, find_project(account, project), "modelJobs", job)


def add_job(account: Account, project: Project, job: Job) -> Response:
    """Answer with the address of a new job."""
    project.jobs.append(job)
    path = f"projects/{project.id}/{job.room}/{len(project.jobs)}/"
    return reply_json({}, 202, {"Location": f"{account.endpoint}/{path}"})


def look_at_job(account: Account, project: Project, room: str, job_id: str) -> Response:
    """Look at a job, which goes on by it."""
    position = int(job_id) - 1 if job_id.isdecimal() else -1
    if not 0 <= position < len(project.jobs) or project.jobs[position].room != room:
        raise ApiError(404, f"Job {job_id} cannot be found.")
    job = project.jobs[position]
    job.looks_left -= 1
    is_done = job.looks_left < 0
    body: dict[str, Any] = {
        "id": job_id,
        "status": "COMPLETED" if is_done else "inprogress",
        "url": f"{account.endpoint}/projects/{project.id}/{room}/{job_id}/",
        "jobType": job.name,
        "isBlocked": False,
        "projectId": project.id,
        "modelId": None,
    }
    if room == "modelJobs":
        body |= project.describe_training(job.name)
    if not is_done:
        return reply_json(body)
    return reply_json(body, 303, {"Location": f"{account.endpoint}/{job.location}"})


def find_obstacle(project: Project, body: dict[str, Any]) -> str:
    """Say why models cannot be blended; nothing if they can."""
    if body["blenderMethod"] not in METHODS:
        return f"The method is not one of {sorted(METHODS)}."
    if len(set(body["modelIds"])) < 2:
        return "At least two models are needed."
    names = {model.id for model in project.models}
    return "" if names.issuperset(body["modelIds"]) else "A model cannot be found."


def find_model(account: Account, model_id: str) -> tuple[Project, Model]:
    """Find a model in any project."""
    for project in account.projects.values():
        for model in project.models:
            if model.id == model_id:
                return project, model
    raise ApiError(404, f"Model {model_id} cannot be found.")


def wrap(project: Project, model: Model, source: str, data: dict[str, Any]) -> dict[str, Any]:
    """Put an insight into its envelope."""
    return {
        "id": model.id[:-1] + "e",
        "entityId": model.id,
        "projectId": project.id,
        "source": source,
        "dataSliceId": None,
        "externalDatasetId": None,
        "data": data,
    }
