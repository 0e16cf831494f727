"""Run batch jobs, a piece with each look: rows from the intake are scored and written."""

import csv
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

import pandas as pd
from datarobot_service.stand_in.account import Account
from datarobot_service.stand_in.answers import make_columns
from datarobot_service.stand_in.batch_jobs import Job
from datarobot_service.stand_in.batch_specs import choose_columns, make_parameters
from datarobot_service.stand_in.deployments import Deployment
from datarobot_service.stand_in.messages import ApiError
from datarobot_service.stand_in.predictions import score_rows


def advance(account: Account, job: Job) -> None:
    """Take the next step of a job that is ready."""
    job.n_looks += 1
    try:
        if job.status == "INITIALIZING" and job.n_looks > account.pace.looks_before:
            start(account, job)
        elif job.status == "RUNNING" and not is_ended_by_plan(account, job):
            go_on(account, job)
    except ApiError as error:
        job.move("ABORTED", f"The job was aborted: {error.message}")
    job.save()


def start(account: Account, job: Job) -> None:
    """Count the rows, and score the first of them."""
    if job.spec["intakeSettings"]["type"] != "localFile":
        fetch_intake(account, job)
    job.n_rows = sum(len(piece) for piece in iter_pieces(job, skip=0, n_rows=None))
    if not job.n_rows:
        raise ApiError(422, "The data is empty.")
    job.move("RUNNING", "Job running")
    score_next(account, job)


def go_on(account: Account, job: Job) -> None:
    """Score the next rows, or finish."""
    if job.n_done < job.n_rows:
        score_next(account, job)
        return
    if job.spec["outputSettings"]["type"] != "localFile":
        place = name_place(job.spec["outputSettings"])
        account.objects[place] = job.output.read_bytes()
    job.move("COMPLETED", "Job completed")


def is_ended_by_plan(account: Account, job: Job) -> bool:
    """Say whether the test wants the job to end here."""
    limit = account.pace.ends_after_rows
    if limit is None or job.n_done < limit:
        return False
    job.move(account.pace.end, f"The job ended as planned, after {job.n_done} rows")
    return True


def score_next(account: Account, job: Job) -> None:
    """Score as many rows as one look allows, and append them to the output."""
    deployment = account.deployments[job.spec["deploymentId"]]
    left = job.n_rows - job.n_done
    n_rows = min(account.pace.rows_a_look or left, left)
    job.output.touch()
    with job.output.open("r+b") as file:
        file.truncate(job.n_written_bytes)  # what a killed process left half written
        file.seek(job.n_written_bytes)
        for rows in iter_pieces(job, skip=job.n_done, n_rows=n_rows):
            n_scored = score_piece(deployment, job, rows, file)
            job.n_scored += n_scored
            job.n_failed += len(rows) - n_scored
        job.n_written_bytes = file.tell()


def score_piece(deployment: Deployment, job: Job, rows: pd.DataFrame, file: BinaryIO) -> int:
    """Score some rows, and give how many could be; one that cannot be may abort the job."""
    try:
        write_rows(deployment, job, rows, file)
    except ApiError:
        if job.spec.get("abortOnError", True):
            raise
        if len(rows) == 1:
            return 0
        one_by_one = (rows.iloc[i : i + 1] for i in range(len(rows)))
        return sum(score_piece(deployment, job, row, file) for row in one_by_one)
    deployment.count_rows(len(rows), is_tracked=not job.spec.get("skipDriftTracking", False))
    return len(rows)


def write_rows(deployment: Deployment, job: Job, rows: pd.DataFrame, file: BinaryIO) -> None:
    """Score rows, and write them as the job wants them, with a header before the first."""
    spec = job.spec
    scored = score_rows(deployment, rows, make_parameters(spec), spec.get("predictionThreshold"))
    columns = make_columns(scored)
    if spec.get("includePredictionStatus"):
        columns.append(("prediction_status", ["OK"] * len(rows)))
    columns = choose_columns(spec, deployment, columns)
    settings = spec["csvSettings"]
    text = io.StringIO()
    writer = csv.writer(
        text, delimiter=settings["delimiter"], quotechar=settings["quotechar"], lineterminator="\n"
    )
    if not file.tell():
        writer.writerow(name for name, _ in columns)
    writer.writerows(zip(*(cells for _, cells in columns), strict=True))
    file.write(text.getvalue().encode(settings["encoding"]))


def iter_pieces(job: Job, *, skip: int, n_rows: int | None) -> Iterator[pd.DataFrame]:
    """Read rows of the intake, as text, in pieces that fit into the memory."""
    settings = job.spec["csvSettings"]
    try:
        with pd.read_csv(
            job.intake,
            dtype=str,
            keep_default_na=False,
            sep=settings["delimiter"],
            quotechar=settings["quotechar"],
            encoding=settings["encoding"],
            skiprows=range(1, skip + 1),
            nrows=n_rows,
            chunksize=50_000,
        ) as pieces:
            yield from pieces
    except (pd.errors.EmptyDataError, pd.errors.ParserError) as error:
        raise ApiError(422, "The data cannot be parsed, or is empty.") from error


def fetch_intake(account: Account, job: Job) -> None:
    """Take the rows from the place that the test has filled."""
    place = name_place(job.spec["intakeSettings"])
    if place not in account.objects:
        raise ApiError(422, f"{place} cannot be read.")
    job.intake.write_bytes(account.objects[place])


def name_place(settings: dict[str, Any]) -> str:
    """Name a place: an address of a bucket, or ``jdbc:STORE:TABLE`` or ``jdbc:STORE:QUERY``."""
    if settings["type"] == "jdbc":
        what = settings.get("table") or settings.get("query")
        return f"jdbc:{settings['dataStoreId']}:{what}"
    if settings["type"] == "dataset":
        return f"dataset:{settings['datasetId']}"
    return str(settings["url"])
