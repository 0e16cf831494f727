"""The routes of data sets and projects: upload, target, autopilot, leaderboard."""

import io

import pandas as pd
from datarobot_service.stand_in.account import Account
from datarobot_service.stand_in.messages import JSON, ApiError, Request, Response, reply_json
from datarobot_service.stand_in.projects import MODES, Project, find_project
from datarobot_service.stand_in.routes import ROUTES, reply_page
from datarobot_service.stand_in.rows import read_form
from datarobot_service.stand_in.training import ASCENDING
from datarobot_service.stand_in.work import accept

SMALLEST = 20  # rows
AIM = {
    "target": True,
    "mode": True,
    "metric": False,
    "quickrun": False,
    "positiveClass": False,
    "featurelistId": False,
    "seed": False,
    "blendBestModels": False,
    "prepareModelForDeployment": False,
    "considerBlendersInRecommendation": False,
    "scoringCodeOnly": False,
    "shapOnlyMode": False,
    "minSecondaryValidationModelCount": False,
    "useSupervisedFeatureReduction": False,
    "autopilotWithFeatureDiscovery": False,
    "useTimeSeries": False,
    "cvMethod": False,
    "validationType": False,
    "reps": False,
    "holdoutPct": False,
    "validationPct": False,
}


@ROUTES.add("POST", "datasets/fromFile/")
def upload_dataset(account: Account, request: Request) -> Response:
    """Keep a file."""
    request.check_query()
    dataset_id = account.ids.make()
    account.datasets[dataset_id] = read_table(request)
    return accept(account, f"datasets/{dataset_id}/")


@ROUTES.add("GET", "datasets/{dataset}/")
def show_dataset(account: Account, request: Request, dataset: str) -> Response:
    """Show a data set."""
    request.check_query()
    if dataset not in account.datasets:
        raise ApiError(404, f"Dataset {dataset} cannot be found.")
    return reply_json(
        {
            "datasetId": dataset,
            "versionId": dataset,
            "name": "data.csv",
            "categories": ["TRAINING", "PREDICTION"],
            "creationDate": "2026-01-01T00:00:00.000000Z",
            "createdBy": "user",
            "dataPersisted": True,
            "isDataEngineEligible": True,
            "isLatestVersion": True,
            "isSnapshot": True,
            "rowCount": len(account.datasets[dataset]),
            "processingState": "COMPLETED",
        }
    )


@ROUTES.add("POST", "projects/")
def create_project(account: Account, request: Request) -> Response:
    """Make a project of a file, or of a data set."""
    request.check_query()
    name = "Untitled Project"
    if request.media_type == JSON:
        body = request.read_json(
            {"datasetId": True, "projectName": False, "datasetVersionId": False}
        )
        table = account.datasets.get(body["datasetId"])
        if table is None:
            raise ApiError(404, f"Dataset {body['datasetId']} cannot be found.")
        name = body.get("projectName") or name
    else:
        table = read_table(request)
        fields = {
            key: value.decode() for key, filename, value in read_form(request) if not filename
        }
        name = fields.get("projectName", name)
    if len(table) < SMALLEST:
        raise ApiError(422, {"file": f"The data has fewer than {SMALLEST} rows."})
    project_id = account.ids.make()
    account.projects[project_id] = Project(project_id, name, table)
    return accept(account, f"projects/{project_id}/", {"pid": project_id})


@ROUTES.add("GET", "projects/")
def list_projects(account: Account, request: Request) -> Response:
    """List the projects, without pages."""
    request.check_query("projectName", "orderBy", "offset", "limit")
    wanted = request.find("projectName") or ""
    found = [project.describe() for project in account.projects.values() if wanted in project.name]
    return reply_json(found)


@ROUTES.add("GET", "projects/{project}/")
def show_project(account: Account, request: Request, project: str) -> Response:
    """Show a project."""
    request.check_query()
    return reply_json(find_project(account, project).describe())


@ROUTES.add("PATCH", "projects/{project}/")
def change_project(account: Account, request: Request, project: str) -> Response:
    """Change the name, or how many workers there are."""
    body = request.read_json({"projectName": False, "workerCount": False})
    found = find_project(account, project)
    found.name = body.get("projectName", found.name)
    return Response(204)


@ROUTES.add("DELETE", "projects/{project}/")
def delete_project(account: Account, request: Request, project: str) -> Response:
    """Delete a project."""
    del account.projects[find_project(account, project).id]
    return Response(204)


@ROUTES.add("GET", "projects/{project}/options/")
def show_options(account: Account, request: Request, project: str) -> Response:
    """Show the advanced options, of which there are none."""
    find_project(account, project)
    return reply_json({})


@ROUTES.add("PATCH", "projects/{project}/aim/")
def set_target(account: Account, request: Request, project: str) -> Response:
    """Choose the target, and start the autopilot."""
    body = request.read_json(AIM)
    if body["mode"] not in MODES:
        raise ApiError(422, {"mode": f"is not one of {sorted(MODES)}"})
    found = find_project(account, project)
    found.set_target(body["target"], body["mode"], body.get("metric"))
    return accept(account, f"projects/{project}/")


@ROUTES.add("GET", "projects/{project}/status/")
def show_status(account: Account, request: Request, project: str) -> Response:
    """Say how far the autopilot is; each look trains a model."""
    found = find_project(account, project)
    with account.lock:
        found.train_next(account)
    return reply_json(
        {
            "autopilotDone": found.partition is not None and not found.waiting,
            "stage": "modeling" if found.partition else "aim",
            "stageDescription": "Ready for modeling" if found.partition else "Ready to set target",
        }
    )


@ROUTES.add("GET", "projects/{project}/modelJobs/")
def list_model_jobs(account: Account, request: Request, project: str) -> Response:
    """List the models that are being trained, without pages."""
    request.check_query("status")
    found = find_project(account, project)
    jobs = [
        found.describe_training(name)
        | {
            "id": str(i),
            "status": "queue" if i else "inprogress",
            "url": f"{account.endpoint}/projects/{project}/modelJobs/{i}/",
        }
        for i, (name, *_) in enumerate(found.waiting)
    ]
    return reply_json(jobs)


@ROUTES.add("GET", "projects/{project}/modelRecords/")
def list_model_records(account: Account, request: Request, project: str) -> Response:
    """List the models, the best first."""
    request.check_query(
        "offset", "limit", "sortByMetric", "sortByPartition", "withMetric", "searchTerm",
        "featurelists", "families", "blueprints", "labels", "characteristics", "trainingFilters",
        "numberOfClusters", "showDeprecated", "useCaseId",
    )  # fmt: skip
    found = find_project(account, project)
    models = [found.describe_model(it) for it in found.sort(request.find("sortByMetric"))]
    return reply_page(account, request, models)


@ROUTES.add("GET", "projects/{project}/models/")
def list_models(account: Account, request: Request, project: str) -> Response:
    """List the models, without pages."""
    request.check_query("orderBy", "name", "samplePct", "isStarred", "withMetric")
    found = find_project(account, project)
    return reply_json([found.describe_model(it) for it in found.sort()])


@ROUTES.add("GET", "projects/{project}/models/{model}/")
def show_model(account: Account, request: Request, project: str, model: str) -> Response:
    """Show a model."""
    found = find_project(account, project)
    return reply_json(found.describe_model(found.find(model)))


@ROUTES.add("GET", "projects/{project}/features/metrics/")
def list_metrics(account: Account, request: Request, project: str) -> Response:
    """List the metrics, and which direction is better."""
    request.check_query("featureName")
    found = find_project(account, project)
    names = list(found.models[0].metrics) if found.models else [found.metric]
    details = [
        {
            "metricName": name,
            "ascending": ASCENDING[name],
            "supportsBinary": name in {"LogLoss", "AUC"},
            "supportsMulticlass": name == "LogLoss",
            "supportsRegression": name in {"RMSE", "R Squared"},
            "supportsTimeseries": False,
        }
        for name in names
    ]
    return reply_json(
        {
            "featureName": request.find("featureName"),
            "availableMetrics": names,
            "metricDetails": details,
        }
    )


@ROUTES.add("GET", "projects/{project}/recommendedModels/recommendedModel/")
def show_recommended(account: Account, request: Request, project: str) -> Response:
    """Recommend the best model, when the autopilot is done."""
    found = find_project(account, project)
    if found.waiting or not found.models:
        raise ApiError(404, "There is no recommended model.")
    return reply_json(
        {
            "projectId": project,
            "modelId": found.sort()[0].id,
            "recommendationType": "Recommended for Deployment",
        }
    )


def read_table(request: Request) -> pd.DataFrame:
    """Read the file of a form as a table."""
    files = [content for _, filename, content in read_form(request) if filename]
    if len(files) != 1:
        raise ApiError(422, {"file": "is required"})
    try:
        return pd.read_csv(io.BytesIO(files[0]))
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ApiError(422, {"file": f"cannot be read: {error}"}) from error
