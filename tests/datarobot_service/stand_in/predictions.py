"""The scoring route: what a client may ask, in the order in which DataRobot refuses it."""

import threading
import time
import uuid

import pandas as pd
from datarobot_service.stand_in.account import Account
from datarobot_service.stand_in.answers import Scored, write_csv, write_json
from datarobot_service.stand_in.deployments import Deployment
from datarobot_service.stand_in.explanations import explain
from datarobot_service.stand_in.messages import CSV, JSON, ApiError, Request, Response
from datarobot_service.stand_in.parameters import Parameters, read_parameters
from datarobot_service.stand_in.rows import read_rows, type_features
from datarobot_service.stand_in.scoring import Scores, score

PAUSE = threading.Event()  # never set: waiting for it is a pause


def predict(account: Account, deployment: Deployment, request: Request) -> Response:
    """Score the rows of a request."""
    start = time.monotonic()
    check_deployment(deployment)
    check_size(account, request)
    parameters = read_parameters(request, deployment)
    media_type = choose_media_type(request)
    rows = read_rows(request)
    request.n_rows = len(rows)
    scored = score_rows(deployment, rows, parameters)
    deployment.count_rows(len(rows))
    body = write_csv(scored) if media_type == CSV else write_json(scored)
    left = account.delay_seconds - (time.monotonic() - start)
    if left > 0:
        PAUSE.wait(left)
    return Response(200, body, make_headers(media_type, time.monotonic() - start))


def check_deployment(deployment: Deployment) -> None:
    """Refuse what the deployment, or the right to it, does not allow."""
    if "CAN_MAKE_PREDICTIONS" not in deployment.permissions:
        raise ApiError(403, "You do not have permission to make predictions on this deployment.")
    if deployment.status != "active":
        raise ApiError(403, "The deployment is inactive.")
    if not deployment.wake():
        raise ApiError(503, "No replica of the deployment is ready.")


def check_size(account: Account, request: Request) -> None:
    """Refuse a body that is too long, packed or unpacked."""
    limit = account.limits.body_bytes
    if len(request.raw) > limit or len(request.body) > limit:
        raise ApiError(413, f"The request body exceeds the limit of {limit} bytes.")


def choose_media_type(request: Request) -> str:
    """Choose between CSV and JSON, which is the default."""
    accepted = request.headers.get("accept", "*/*")
    types = {part.split(";")[0].strip().lower() for part in accepted.split(",")}
    if CSV in types:
        return CSV
    if types & {JSON, "*/*", "application/*"}:
        return JSON
    raise ApiError(406, f"The type '{accepted}' cannot be given.")


def score_rows(
    deployment: Deployment,
    rows: pd.DataFrame,
    parameters: Parameters,
    threshold: float | None = None,
) -> Scored:
    """Score rows, with all that the parameters want beside."""
    passthrough = choose_passthrough(rows, parameters)
    features = type_features(rows, deployment)
    scores = score(deployment, features, threshold)
    track(deployment, rows, scores)
    is_wanted = parameters.n_explanations != 0
    return Scored(
        deployment=deployment,
        scores=scores,
        explanations=explain(deployment, features, scores, parameters) if is_wanted else [],
        passthrough=passthrough,
        parameters=parameters,
        threshold=deployment.threshold if threshold is None else threshold,
    )


def track(deployment: Deployment, rows: pd.DataFrame, scores: Scores) -> None:
    """Keep what was predicted for the rows that have an association id."""
    name = deployment.association
    if name is None or name not in rows.columns:
        return
    with deployment.lock:
        pairs = zip(rows[name].astype(str), scores.numbers.tolist(), strict=True)
        deployment.tracked.update(pairs)


def choose_passthrough(rows: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Choose the columns that are sent back."""
    if parameters.passthrough is None:
        return rows
    missing = [name for name in parameters.passthrough if name not in rows.columns]
    if missing:
        raise ApiError(
            400,
            f"passthroughColumns do not match columns, columns expected but not found: {missing}",
        )
    return rows[list(parameters.passthrough)]


def make_headers(media_type: str, seconds: float) -> dict[str, str]:
    """Make the headers that go with predictions."""
    charset = "; charset=UTF-8" if media_type == CSV else ""
    return {
        "Content-Type": media_type + charset,
        "X-DataRobot-Execution-Time": f"{seconds * 1000:.3f}",
        "X-DataRobot-Model-Cache-Hit": "true",
        "X-DataRobot-Request-ID": uuid.uuid4().hex,
    }
