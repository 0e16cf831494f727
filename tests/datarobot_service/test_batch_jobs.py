"""Batch jobs of the stand-in: strict, step by step, and kept when its process is killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from datarobot_service.asking import HTTP, add_late, add_sum, ask_api
from datarobot_service.stand_in.served import DataRobot

TESTS = Path(__file__).parents[1]
ROWS = b"a,b,id\n" + b"".join(b"%d,1,r%d\n" % (i, i) for i in range(5))
LOCAL = {"intakeSettings": {"type": "localFile"}, "outputSettings": {"type": "localFile"}}


def create(served: DataRobot, deployment_id: str, **more: Any) -> str:
    """Make a job, and give its path."""
    reply = ask_api(
        served, "POST", "batchPredictions/", {"deploymentId": deployment_id, **LOCAL, **more}
    )
    assert reply.status == 202, reply.data
    location = reply.headers["Location"]
    assert location == reply.json()["links"]["self"]
    return location.removeprefix(f"{served.endpoint}/")


def upload(served: DataRobot, path: str, rows: bytes = ROWS) -> int:
    """Send the rows of a job."""
    return ask_api(served, "PUT", f"{path}csvUpload/", rows, Content_Type="text/csv").status


def look(served: DataRobot, path: str, *, n_times: int = 1) -> dict[str, Any]:
    """Look at a job, which lets it go on."""
    seen: dict[str, Any] = {}
    for _ in range(n_times):
        seen = ask_api(served, "GET", path).json()
    return seen


def run(served: DataRobot, deployment_id: str, rows: bytes = ROWS, **more: Any) -> bytes:
    """Run a job to its end, and give its output."""
    path = create(served, deployment_id, **more)
    assert upload(served, path, rows) == 202
    assert look(served, path, n_times=2)["status"] == "COMPLETED"
    return ask_api(served, "GET", f"{path}download/").data


def test_job_goes_through_its_states(datarobot: DataRobot) -> None:
    """It waits for its rows, then runs as fast as the test wants."""
    datarobot.account.pace.rows_a_look = 2
    datarobot.account.pace.looks_before = 1
    path = create(datarobot, add_sum(datarobot))

    waiting = look(datarobot, path)
    upload(datarobot, path)
    seen = [look(datarobot, path) for _ in range(5)]

    assert (waiting["status"], sorted(waiting["links"])) == ("INITIALIZING", ["csvUpload", "self"])
    assert [it["status"] for it in seen] == ["INITIALIZING", *["RUNNING"] * 3, "COMPLETED"]
    assert [it["scoredRows"] for it in seen] == [0, 2, 4, 5, 5]
    assert [it["percentageCompleted"] for it in seen] == [0.0, 40.0, 80.0, 100.0, 100.0]
    assert sorted(seen[-1]["links"]) == ["download", "self"]


def test_download_follows_a_running_job_to_its_end(datarobot: DataRobot) -> None:
    """Rows are sent while they come to be."""
    datarobot.account.pace.rows_a_look = 1
    path = create(datarobot, add_sum(datarobot), passthroughColumns=["id"])
    upload(datarobot, path)
    look(datarobot, path)

    content = ask_api(datarobot, "GET", f"{path}download/").data

    assert content == (
        b"price_PREDICTION,DEPLOYMENT_APPROVAL_STATUS,id\n"
        + b"".join(b"%d.0,APPROVED,r%d\n" % (i + 1, i) for i in range(5))
    )


def test_job_shapes_its_output(datarobot: DataRobot) -> None:
    """Threshold, classes, names and the form of CSV are those of the body."""
    content = run(
        datarobot,
        add_late(datarobot),
        b"a;b\n1;0\n6;0\n",
        predictionThreshold=0.05,
        includeProbabilitiesClasses=["yes"],
        includePredictionStatus=True,
        columnNamesRemapping={"late_PREDICTION": "label", "POSITIVE_CLASS": None},
        csvSettings={"delimiter": ";"},
    )

    assert content == (
        b"late_yes_PREDICTION;label;THRESHOLD;DEPLOYMENT_APPROVAL_STATUS;prediction_status\n"
        b"0.1;yes;0.05;APPROVED;OK\n"
        b"0.6;yes;0.05;APPROVED;OK\n"
    )


def test_rows_that_fail_are_counted_or_abort_the_job(datarobot: DataRobot) -> None:
    """What happens is asked for; by default the job ends."""
    rows = b"a,b\nx,1\n2,1\n"
    tolerant = create(datarobot, add_sum(datarobot), abortOnError=False)
    strict = create(datarobot, add_sum(datarobot))

    upload(datarobot, tolerant, rows)
    kept = look(datarobot, tolerant, n_times=2)
    upload(datarobot, strict, rows)
    ended = look(datarobot, strict)

    assert (kept["status"], kept["scoredRows"], kept["failedRows"]) == ("COMPLETED", 1, 1)
    assert ask_api(datarobot, "GET", f"{tolerant}download/").data.splitlines()[1:] == [
        b"3.0,APPROVED"
    ]
    assert ended["status"] == "ABORTED"
    assert ended["statusDetails"].startswith("The job was aborted: The feature 'a' is numeric: ")


def test_jobs_take_turns(datarobot: DataRobot) -> None:
    """One runs; a look at any of them lets that one go on."""
    first, second = (create(datarobot, add_sum(datarobot)) for _ in range(2))
    upload(datarobot, first)
    upload(datarobot, second)

    queued = look(datarobot, second)
    later = look(datarobot, second)

    assert (queued["status"], queued["queued"], queued["queuePosition"]) == (
        "INITIALIZING",
        True,
        1,
    )
    assert (later["queued"], look(datarobot, first)["status"]) == (False, "COMPLETED")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": 1}, {"x": "x is not allowed key"}),
        ({"intakeSettings": None}, {"intakeSettings": "is required"}),
        ({"outputSettings": {"type": "s3"}}, {"outputSettings": {"url": "is required"}}),
        (
            {"intakeSettings": {"type": "s3", "url": "s3://b/k", "table": "t"}},
            {"intakeSettings": {"table": "table is not allowed key"}},
        ),
        (
            {"chunkSize": "huge"},
            {"chunkSize": "is not auto, fixed, dynamic or a number of bytes"},
        ),
        (
            {"passthroughColumns": ["a"], "passthroughColumnsSet": "all"},
            {"passthroughColumns": "excludes passthroughColumnsSet"},
        ),
    ],
)
def test_body_of_a_job_is_checked(
    datarobot: DataRobot, change: dict[str, Any], message: dict[str, Any]
) -> None:
    """Unknown keys, missing ones, and those that exclude each other."""
    body = {"deploymentId": add_sum(datarobot), **LOCAL, **change}

    reply = ask_api(datarobot, "POST", "batchPredictions/", body)

    assert (reply.status, reply.json()) == (422, {"message": message})


def test_upload_is_strict(datarobot: DataRobot) -> None:
    """Only CSV, only once, and in parts only when that was said."""
    path = create(datarobot, add_sum(datarobot))

    statuses = [
        ask_api(datarobot, "PUT", f"{path}csvUpload/", ROWS).status,
        ask_api(datarobot, "PUT", f"{path}csvUpload/part/0/", ROWS, Content_Type="text/csv").status,
        ask_api(datarobot, "POST", f"{path}csvUpload/finalizeMultipart/").status,
        ask_api(datarobot, "GET", f"{path}download/").status,
        upload(datarobot, path),
        upload(datarobot, path),
    ]

    assert statuses == [406, 422, 422, 404, 202, 422]


def test_results_are_deleted_after_the_end(datarobot: DataRobot) -> None:
    """The job stays; its rows are gone."""
    path = create(datarobot, add_sum(datarobot))
    upload(datarobot, path)
    look(datarobot, path, n_times=2)

    deleted = ask_api(datarobot, "DELETE", path)

    assert deleted.status == 204
    assert look(datarobot, path)["resultsDeleted"] is True
    assert ask_api(datarobot, "GET", f"{path}download/").status == 404


def test_job_is_made_like_another(datarobot: DataRobot) -> None:
    """The settings are those of the first."""
    path = create(datarobot, add_sum(datarobot), numConcurrent=7)
    body = {"predictionJobId": path.rstrip("/").rpartition("/")[2]}

    copy = ask_api(datarobot, "POST", "batchPredictions/fromExisting/", body)

    assert copy.status == 202
    assert copy.json()["jobSpec"]["numConcurrent"] == 7
    assert (
        len(ask_api(datarobot, "GET", "batchPredictions/?status=INITIALIZING").json()["data"]) == 2
    )


def test_remote_place_that_is_not_there_aborts_the_job(datarobot: DataRobot) -> None:
    """The reason stands in the details."""
    path = create(
        datarobot, add_sum(datarobot), intakeSettings={"type": "s3", "url": "s3://no/rows.csv"}
    )

    seen = look(datarobot, path)

    assert (seen["status"], seen["statusDetails"]) == (
        "ABORTED",
        "The job was aborted: s3://no/rows.csv cannot be read.",
    )


@contextmanager
def start_program(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start the stand-in as a program, which is killed at the end."""
    command = [sys.executable, "-m", "datarobot_service.stand_in", "--rows-a-look", "2"]
    process = subprocess.Popen(
        [*command, "--folder", str(folder)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        yield process.stdout.readline().strip(), process
        process.kill()


def test_killed_service_goes_on_with_its_jobs(tmp_path: Path) -> None:
    """The next process on the folder scores the rows that are left, each once."""
    headers = {"Authorization": "Bearer stand-in-token", "Content-Type": "application/json"}
    body = {"deploymentId": f"64a0{1:020x}", **LOCAL}
    with start_program(tmp_path) as (url, _):
        root = f"{url}/api/v2/batchPredictions/"
        job = HTTP.request("POST", root, json=body, headers=headers).json()["id"]
        csv = headers | {"Content-Type": "text/csv"}
        HTTP.request("PUT", f"{root}{job}/csvUpload/", body=ROWS, headers=csv)
        before = HTTP.request("GET", f"{root}{job}/", headers=headers).json()

    with start_program(tmp_path) as (url, _):
        root = f"{url}/api/v2/batchPredictions/"
        after = HTTP.request("GET", f"{root}{job}/", headers=headers).json()
        content = HTTP.request("GET", f"{root}{job}/download/", headers=headers).data

    assert (before["status"], before["scoredRows"]) == ("RUNNING", 2)
    assert (after["status"], after["scoredRows"]) == ("RUNNING", 4)
    assert content.splitlines()[1:] == [b"%d.0,APPROVED" % (2 * i + 1) for i in range(5)]


def test_program_ends_with_its_input(tmp_path: Path) -> None:
    """Whoever started it need not know how to stop it."""
    with start_program(tmp_path) as (url, process):
        assert url.startswith("http://127.0.0.1:")
        assert process.stdin is not None
        process.stdin.close()

        assert process.wait(timeout=60) == 0
