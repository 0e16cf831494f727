"""From a request to its response: three ways to score, and the API."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from datarobot_service.stand_in import (
    batch_routes,
    control,
    model_routes,
    monitoring_routes,
    project_routes,
    registry_routes,
    work,
)
from datarobot_service.stand_in.access import check_key, check_token
from datarobot_service.stand_in.account import Account, Seen
from datarobot_service.stand_in.deployments import Deployment, Kind
from datarobot_service.stand_in.messages import ApiError, Request, Response, reply_error
from datarobot_service.stand_in.predictions import predict
from datarobot_service.stand_in.routes import ROUTES

# Their routes register themselves.
TABLES = (
    batch_routes,
    control,
    model_routes,
    monitoring_routes,
    project_routes,
    registry_routes,
    work,
)
SCORING_PATHS: dict[Kind, re.Pattern[str]] = {
    "dedicated": re.compile(r"/predApi/v1\.0/deployments/(?P<id>[^/]+)/predictions/?"),
    "serverless": re.compile(r"/api/v2/deployments/(?P<id>[^/]+)/predictions/?"),
    "portable": re.compile(r"(/deployments/(?P<id>[^/]+))?/predictions/?"),
}


def answer(account: Account, request: Request) -> Response:
    """Answer a request, as planned or as it should be, and write it down."""
    fault = account.faults.find(request)
    try:
        if fault is not None:
            response = fault(request, lambda asked: answer_rightly(account, asked))
        else:
            response = answer_rightly(account, request)
    except ConnectionError:  # the client left in the middle of its request
        record(account, request, 0)
        raise
    except Exception as error:  # noqa: BLE001 - whatever went wrong in here is shown to the test
        account.crashes.append(error)
        response = reply_error(ApiError(500, "The stand-in itself failed."))
    record(account, request, 0 if response.ends_after_bytes == 0 else response.status)
    return response


def answer_rightly(account: Account, request: Request) -> Response:
    """Answer a request as DataRobot does."""
    try:
        for kind, pattern in SCORING_PATHS.items():
            if match := pattern.fullmatch(request.path):
                return answer_scoring(account, request, kind, match["id"])
        check_token(account, request)
        handler, arguments = ROUTES.find(request.method, request.path)
        return handler(account, request, **arguments)
    except ApiError as error:
        return reply_error(error)


def answer_scoring(
    account: Account, request: Request, kind: Kind, deployment_id: str | None
) -> Response:
    """Check who asks, find the deployment, and score."""
    if request.method != "POST":
        raise ApiError(405, f"Method {request.method} is not allowed.", {"Allow": "POST"})
    if kind != "portable":
        check_token(account, request)
    if kind == "dedicated":
        check_key(account, request)
    deployment = find_deployment(account, kind, deployment_id)
    with one_of_many(account):
        return predict(account, deployment, request)


def find_deployment(account: Account, kind: Kind, deployment_id: str | None) -> Deployment:
    """Find a deployment where it lives; a portable server may have only one, without a name."""
    here = [found for found in account.deployments.values() if found.kind == kind]
    if deployment_id is None and len(here) == 1:
        return here[0]
    for deployment in here:
        if deployment.id == deployment_id:
            return deployment
    raise ApiError(404, f"Deployment {deployment_id} cannot be found.")


@contextmanager
def one_of_many(account: Account) -> Iterator[None]:
    """Count the scoring requests of this moment, and refuse one too many."""
    limits = account.limits
    with account.lock:
        if limits.at_once is not None and account.n_at_once >= limits.at_once:
            headers = {"Retry-After": limits.retry_after} if limits.retry_after else {}
            raise ApiError(429, "Rate limit exceeded.", headers)
        account.n_at_once += 1
        account.most_at_once = max(account.most_at_once, account.n_at_once)
    try:
        yield
    finally:
        with account.lock:
            account.n_at_once -= 1


def record(account: Account, request: Request, status: int) -> None:
    """Write a request down."""
    size_bytes = int(request.headers.get("content-length", "0"))
    account.requests.append(
        Seen(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=dict(request.headers),
            size_bytes=len(request.raw) if "raw" in vars(request) else size_bytes,
            n_rows=request.n_rows,
            status=status,
            connection=request.connection,
        )
    )
