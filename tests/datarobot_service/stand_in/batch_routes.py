"""The routes of the batch prediction API."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

from datarobot_service.stand_in.account import Account
from datarobot_service.stand_in.batch_jobs import Job
from datarobot_service.stand_in.batch_run import advance
from datarobot_service.stand_in.batch_specs import read_spec
from datarobot_service.stand_in.control import find_visible
from datarobot_service.stand_in.messages import CSV, ApiError, Request, Response, reply_json
from datarobot_service.stand_in.predictions import check_deployment
from datarobot_service.stand_in.routes import ROUTES, reply_page

PIECE_BYTES = 65_536


@ROUTES.add("POST", "batchPredictions/")
def create_job(account: Account, request: Request) -> Response:
    """Make a job; one that reads a remote place is ready at once."""
    request.check_query()
    spec = read_spec(request)
    check_deployment(find_visible(account, spec["deploymentId"]))
    return reply_created(account, add_job(account, spec))


@ROUTES.add("POST", "batchPredictions/fromExisting/")
def copy_job(account: Account, request: Request) -> Response:
    """Make a job like another one."""
    request.check_query()
    wanted = request.read_json({"predictionJobId": True})
    job = find_job(account, str(wanted["predictionJobId"]))
    return reply_created(account, add_job(account, job.spec))


@ROUTES.add("GET", "batchPredictions/")
def list_jobs(account: Account, request: Request) -> Response:
    """List the jobs, the newest first, or those of some statuses."""
    request.check_query("status", "offset", "limit", "orderBy", "source", "deploymentId", "allJobs")
    wanted = request.find_all("status")
    described = [
        describe(account, job)
        for job in reversed(account.jobs.by_id.values())
        if not wanted or job.status in wanted
    ]
    return reply_page(account, request, described)


@ROUTES.add("GET", "batchPredictions/{job}/")
def show_job(account: Account, request: Request, job: str) -> Response:
    """Show a job; each look lets the one whose turn it is go on."""
    request.check_query()
    found = find_job(account, job)
    with account.lock:
        for waiting in account.jobs.iter_waiting():
            advance(account, waiting)
            break
        return reply_json(describe(account, found))


@ROUTES.add("DELETE", "batchPredictions/{job}/")
def delete_job(account: Account, request: Request, job: str) -> Response:
    """Abort a job that is not finished, else delete its results."""
    request.check_query()
    found = find_job(account, job)
    with account.lock:
        if found.is_finished:
            account.jobs.delete_results(found)
        else:
            found.move("ABORTED", "Aborted by the user")
            found.save()
    return Response(204)


@ROUTES.add("PUT", "batchPredictions/{job}/csvUpload/")
def upload(account: Account, request: Request, job: str) -> Response:
    """Take the rows of a job, which come in one body."""
    found = find_open(account, request, job)
    if found.spec["intakeSettings"].get("multipart"):
        raise ApiError(422, "The job waits for parts.")
    receive(request, found.intake)
    return set_ready(account, found)


@ROUTES.add("PUT", "batchPredictions/{job}/csvUpload/part/{part}/")
def upload_part(account: Account, request: Request, job: str, part: str) -> Response:
    """Take some rows of a job, with a header of their own."""
    found = find_open(account, request, job)
    if not found.spec["intakeSettings"].get("multipart"):
        raise ApiError(422, "The job waits for one file, not for parts.")
    folder = found.folder / "parts"
    folder.mkdir(exist_ok=True)
    receive(request, folder / f"{int(part):09d}.csv")
    return Response(202)


@ROUTES.add("POST", "batchPredictions/{job}/csvUpload/finalizeMultipart/")
def finish_parts(account: Account, request: Request, job: str) -> Response:
    """Put the parts together; the header is that of the first."""
    found = find_job(account, job)
    parts = sorted((found.folder / "parts").glob("*.csv"))
    if not parts or found.is_ready or found.is_finished:
        raise ApiError(422, "There are no parts to put together.")
    with found.intake.open("wb") as out:
        for i, part in enumerate(parts):
            with part.open("rb") as file:
                header = file.readline()
                out.write(b"" if i else header)
                shutil.copyfileobj(file, out)
    return set_ready(account, found)


@ROUTES.add("GET", "batchPredictions/{job}/download/")
def download(account: Account, request: Request, job: str) -> Response:
    """Send the scored rows while they come to be."""
    request.check_query("part")
    found = find_job(account, job)
    if not found.has_output:
        raise ApiError(404, "There are no results to download.")
    return Response(200, iter_output(account, found), {"Content-Type": CSV})


def add_job(account: Account, spec: dict[str, object]) -> Job:
    """Make a job."""
    with account.lock:
        job = account.jobs.add(spec)
        job.is_ready = job.spec["intakeSettings"]["type"] != "localFile"
        job.save()
    return job


def reply_created(account: Account, job: Job) -> Response:
    """Answer with a new job and its address."""
    location = f"{account.endpoint}/batchPredictions/{job.id}/"
    return reply_json(describe(account, job), 202, {"Location": location})


def describe(account: Account, job: Job) -> dict[str, object]:
    """Describe a job."""
    return job.describe(account.endpoint, account.jobs.find_position(job))


def find_job(account: Account, job_id: str) -> Job:
    """Find a job."""
    if job_id not in account.jobs.by_id:
        raise ApiError(404, f"Batch prediction job {job_id} cannot be found.")
    return account.jobs.by_id[job_id]


def find_open(account: Account, request: Request, job_id: str) -> Job:
    """Find a job that waits for its rows."""
    request.check_query()
    job = find_job(account, job_id)
    if request.media_type != CSV:
        raise ApiError(406, "The rows must come as text/csv.")
    if job.is_ready or job.is_finished or job.spec["intakeSettings"]["type"] != "localFile":
        raise ApiError(422, "The job takes no data: it was uploaded already, or the job is gone.")
    return job


def receive(request: Request, path: Path) -> None:
    """Write a body into a file as it comes, whole or not at all."""
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        if "content-encoding" in request.headers:
            shutil.copyfileobj(io.BytesIO(request.body), file)
        else:
            while piece := request.stream.read(PIECE_BYTES):
                file.write(piece)
    draft.replace(path)


def set_ready(account: Account, job: Job) -> Response:
    """Say that all rows are there."""
    with account.lock:
        job.is_ready = True
        job.logs.append("Intake uploaded")
        job.save()
    return Response(202)


def iter_output(account: Account, job: Job) -> Iterator[bytes]:
    """Read the output to the end of the job."""
    n_sent = 0
    while True:
        with account.lock:
            is_last = job.is_finished
            content = read_from(job.output, n_sent)
        yield from (
            content[start : start + PIECE_BYTES] for start in range(0, len(content), PIECE_BYTES)
        )
        n_sent += len(content)
        if is_last:
            return
        with account.lock:
            if not job.is_finished:
                advance(account, job)


def read_from(path: Path, start: int) -> bytes:
    """Read a file from a place on."""
    with path.open("rb") as file:
        file.seek(start)
        return file.read()
