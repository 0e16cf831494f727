"""DataRobot's own clients against the stand-in: what they read without complaint is right."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from datarobot_service.stand_in import faults
from datarobot_service.stand_in.served import DataRobot
from sklearn.linear_model import LinearRegression, LogisticRegression

# Read by the client when it is imported: two retries, without the seconds between them.
os.environ["DATAROBOT_PREDICT_MAX_RETRY"] = "2"
os.environ["DATAROBOT_PREDICT_RETRY_BACKOFF"] = "0"

pytest.importorskip("datarobot_predict", reason="DataRobot's own clients are not installed")

import datarobot as dr
import requests
from datarobot.errors import ClientError, ServerError
from datarobot.models import batch_job
from datarobot.utils import waiters
from datarobot_predict.deployment import clear_context, predict

# Both clients build their retries in a way that urllib3 2.8 calls outdated, each time anew.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Using an empty collection for 'allowed_methods':FutureWarning"
)
ROWS = pd.DataFrame({"a": [1.0, 2.0, 7.0], "b": [3.0, 4.0, 5.0], "id": ["007", "NA", "x"]})


@pytest.fixture
def client(datarobot: DataRobot, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataRobot]:
    """Connect the official clients, whose pauses of seconds have no setting."""
    clock = SimpleNamespace(sleep=lambda seconds: None, time=time.time)
    monkeypatch.setattr(waiters, "time", clock)
    monkeypatch.setattr(batch_job, "time", clock)
    dr.Client(
        token=datarobot.token, endpoint=datarobot.endpoint, enable_api_consumer_tracking=False
    )
    clear_context()
    yield datarobot
    clear_context()


def add_regression(served: DataRobot, **more: Any) -> str:
    """Deploy a fitted regression: a * 2 + b."""
    model = LinearRegression().fit(ROWS[["a", "b"]], ROWS["a"] * 2 + ROWS["b"])
    return served.add_deployment(model, target="price", **more)


def add_binary(served: DataRobot, **more: Any) -> str:
    """Deploy a fitted model of two classes."""
    model = LogisticRegression().fit(ROWS[["a", "b"]], ["no", "no", "yes"])
    return served.add_deployment(model, target="late", **more)


# --- what the API says of deployments -------------------------------------------------------------
def test_client_finds_a_dedicated_deployment_with_its_server_and_features(
    client: DataRobot,
) -> None:
    """All that a predictor must discover can be discovered."""
    deployment_id = add_regression(client, features={"a": "Numeric", "b": "Numeric"})

    deployment = dr.Deployment.get(deployment_id)

    assert deployment.default_prediction_server is not None
    assert deployment.default_prediction_server["datarobot-key"] == client.key
    assert deployment.model is not None
    assert deployment.model["target_name"] == "price"
    assert [feature["name"] for feature in deployment.get_features()] == ["a", "b"]
    assert [server.url for server in dr.PredictionServer.list()] == [client.prediction_server]
    assert {environment.platform for environment in dr.PredictionEnvironment.list()} == {
        "datarobot",
        "datarobotServerless",
    }
    assert len(dr.Deployment.list()) == 1


def test_client_reads_more_features_than_a_page_holds(client: DataRobot) -> None:
    """Lists come in pages of a hundred."""
    names = [f"f{i}" for i in range(250)]
    deployment_id = client.add_deployment(lambda frame: frame["f0"], features=names)

    features = dr.Deployment.get(deployment_id).get_features()

    assert [feature["name"] for feature in features] == names


def test_client_shows_settings_capabilities_and_statistics(client: DataRobot) -> None:
    """What monitoring says is in the form that the client checks."""
    deployment = dr.Deployment.get(add_regression(client))
    predict(deployment, ROWS)

    statistics = deployment.get_service_stats()

    assert statistics.metrics["totalPredictions"] == 3
    assert statistics.metrics["totalRequests"] == 1
    assert deployment.get_drift_tracking_settings()["target_drift"] == {"enabled": True}
    assert {it["name"] for it in deployment.get_capabilities()} >= {"supports_drift_tracking"}


def test_client_warns_of_an_older_version(client: DataRobot) -> None:
    """The version can be chosen, for tests of what a client says to it."""
    client.account.version = "2.40.0"

    with pytest.warns(UserWarning, match=r"Actual server version: 2\.40\.0"):
        dr.Client(token=client.token, endpoint=client.endpoint)


def test_client_refuses_another_version(client: DataRobot) -> None:
    """A server with another major version is none for it."""
    client.account.version = "3.0.0"

    with (
        pytest.warns(UserWarning, match=r"Actual server version: 3\.0\.0"),
        pytest.raises(ValueError, match="not compatible"),
    ):
        dr.Client(token=client.token, endpoint=client.endpoint)


# --- predictions ----------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["dedicated", "serverless"])
def test_client_scores_rows(client: DataRobot, kind: str) -> None:
    """Both kinds of deployment are addressed and asked as the client does it."""
    deployment = dr.Deployment.get(add_regression(client, kind=kind))

    answer = predict(deployment, ROWS)

    assert answer.dataframe.columns.tolist() == ["price_PREDICTION", "DEPLOYMENT_APPROVAL_STATUS"]
    assert answer.dataframe["price_PREDICTION"].tolist() == pytest.approx([5.0, 8.0, 19.0])
    assert answer.response_headers["x-datarobot-model-cache-hit"] == "true"
    assert ("datarobot-key" in client.scorings[0].headers) == (kind == "dedicated")


def test_client_scores_rows_on_a_portable_server(client: DataRobot) -> None:
    """It needs no token, and answers the same."""
    deployment_id = add_binary(client, kind="portable")
    address = client.portable_server

    named = predict(deployment_id, ROWS, prediction_endpoint=address).dataframe
    only = predict(None, ROWS, prediction_endpoint=address).dataframe

    assert named["late_PREDICTION"].tolist() == ["no", "no", "yes"]
    pd.testing.assert_frame_equal(only, named)


def test_client_reads_explanations_and_passthrough(client: DataRobot) -> None:
    """The columns have the names that the client's users know."""
    deployment = dr.Deployment.get(add_binary(client))

    frame = predict(deployment, ROWS, max_explanations=1, passthrough_columns={"id"}).dataframe

    assert frame.columns.tolist() == [
        "late_yes_PREDICTION",
        "late_no_PREDICTION",
        "late_PREDICTION",
        "THRESHOLD",
        "POSITIVE_CLASS",
        "EXPLANATION_1_FEATURE_NAME",
        "EXPLANATION_1_STRENGTH",
        "EXPLANATION_1_ACTUAL_VALUE",
        "EXPLANATION_1_QUALITATIVE_STRENGTH",
        "DEPLOYMENT_APPROVAL_STATUS",
        "id",
    ]


def test_client_explains_with_shap_what_adds_up(client: DataRobot) -> None:
    """Base, strengths and the rest are the prediction."""
    deployment = dr.Deployment.get(add_regression(client))

    frame = predict(deployment, ROWS, explanation_algorithm="shap").dataframe

    total = (
        frame["SHAP_BASE_VALUE"]
        + frame["SHAP_REMAINING_TOTAL"]
        + frame["EXPLANATION_1_STRENGTH"]
        + frame["EXPLANATION_2_STRENGTH"]
    )
    assert total.tolist() == pytest.approx(frame["price_PREDICTION"].tolist())


# --- failures -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "fault", [faults.throttled("0"), faults.cold(), faults.reset(), faults.lost(), faults.closed()]
)
def test_client_repeats_a_request_that_failed_once(client: DataRobot, fault: faults.Fault) -> None:
    """The second request is answered."""
    deployment = dr.Deployment.get(add_regression(client))
    client.faults.at({1: fault})

    answer = predict(deployment, ROWS)

    assert len(answer.dataframe) == 3
    assert len(client.scorings) == 2


@pytest.mark.parametrize("code", [429, 502, 503, 504])
def test_client_gives_up_after_its_retries(client: DataRobot, code: int) -> None:
    """The status is only in the text."""
    deployment = dr.Deployment.get(add_regression(client))
    client.faults.always(faults.status(code))

    with pytest.raises(requests.exceptions.RetryError, match=f"too many {code} error responses"):
        predict(deployment, ROWS)

    assert len(client.scorings) == 3


@pytest.mark.parametrize("code", [400, 403, 404, 413, 422])
def test_client_does_not_repeat_what_is_final(client: DataRobot, code: int) -> None:
    """DataRobot's sentence reaches the user."""
    deployment = dr.Deployment.get(add_regression(client))
    client.faults.always(faults.status(code, "Because."))

    with pytest.raises(ClientError, match=r"Because\.") as caught:
        predict(deployment, ROWS)

    assert caught.value.status_code == code
    assert len(client.scorings) == 1


def test_client_does_not_repeat_a_failed_scoring(client: DataRobot) -> None:
    """A status of 500 is final for it."""
    deployment = dr.Deployment.get(add_regression(client))
    client.faults.always(faults.status(500))

    with pytest.raises(ServerError):
        predict(deployment, ROWS)

    assert len(client.scorings) == 1


def test_client_says_that_the_token_is_wrong(client: DataRobot) -> None:
    """A token that was changed is refused."""
    client.account.token = "another"  # noqa: S105 - no secret

    with pytest.raises(ClientError) as caught:
        dr.Deployment.list()

    assert caught.value.status_code == 401
    assert caught.value.json == {"message": "Invalid API token"}


def test_client_says_which_feature_is_missing(client: DataRobot) -> None:
    """The stand-in refuses rows without a feature."""
    deployment = dr.Deployment.get(add_regression(client))

    with pytest.raises(ClientError, match="Missing required features: b"):
        predict(deployment, ROWS[["a"]])


def test_client_takes_a_login_page_for_predictions(client: DataRobot) -> None:
    """It believes a status of 200: this is why dspipe looks at the answer itself."""
    deployment = dr.Deployment.get(add_regression(client))
    client.faults.always(faults.login_page())

    answer = predict(deployment, ROWS)

    assert "price_PREDICTION" not in answer.dataframe.columns


# --- batch jobs -----------------------------------------------------------------------------------
def test_client_scores_a_file_to_a_file(client: DataRobot, tmp_path: Path) -> None:
    """The rows go up and come down in the order of the file."""
    deployment_id = add_binary(client)
    ROWS.to_csv(tmp_path / "in.csv", index=False)

    dr.BatchPredictionJob.score_to_file(
        deployment_id,
        str(tmp_path / "in.csv"),
        str(tmp_path / "out.csv"),
        passthrough_columns=["id"],
        include_probabilities=False,
    )

    scored = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    assert scored["late_PREDICTION"].tolist() == ["no", "no", "yes"]
    assert scored["id"].tolist() == ["007", "NA", "x"]
    assert "late_yes_PREDICTION" not in scored.columns


def test_client_scores_a_frame(client: DataRobot) -> None:
    """The rows go up in chunks, and are joined by the index."""
    client.account.pace.rows_a_look = 1
    deployment_id = add_regression(client)

    job, scored = dr.BatchPredictionJob.score_pandas(deployment_id, ROWS[["a", "b"]].copy())

    assert scored["price_PREDICTION"].tolist() == pytest.approx([5.0, 8.0, 19.0])
    assert job.get_status()["status"] == "COMPLETED"


def test_client_uploads_in_parts(client: DataRobot, tmp_path: Path) -> None:
    """Each part has a header; the rows are those of all parts."""
    deployment_id = add_regression(client)
    ROWS.to_csv(tmp_path / "in.csv", index=False)

    job = dr.BatchPredictionJob.score(
        deployment_id,
        intake_settings={
            "type": "localFile",
            "file": str(tmp_path / "in.csv"),
            "multipart": True,
        },
    )
    job.wait_for_completion()

    assert job.get_status()["scored_rows"] == 3
    assert len(job.get_result_when_complete().splitlines()) == 4


def test_client_sees_progress_and_waits_for_the_end(client: DataRobot, tmp_path: Path) -> None:
    """Each look at a job lets it score some more rows."""
    client.account.pace.rows_a_look = 1
    job = start_job(client, tmp_path)

    shares = [job.get_status()["percentage_completed"] for _ in range(2)]
    job.wait_for_completion()

    assert shares == pytest.approx([200 / 3, 100.0])
    assert job.get_status()["status"] == "COMPLETED"


def test_client_aborts_a_running_job(client: DataRobot, tmp_path: Path) -> None:
    """A job that was ended by its user has no end of its own."""
    client.account.pace.rows_a_look = 1
    job = start_job(client, tmp_path)

    job.cancel()

    assert job.get_status()["status"] == "ABORTED"
    assert [it["id"] for it in dr.BatchPredictionJob.list_by_status(["ABORTED"])] == [job.id]


@pytest.mark.parametrize("end", ["ABORTED", "FAILED"])
def test_client_sees_a_job_that_ended_badly(client: DataRobot, tmp_path: Path, end: str) -> None:
    """A test can end a job before its last row."""
    client.account.pace.end = end
    client.account.pace.ends_after_rows = 0
    job = start_job(client, tmp_path)

    job.get_status()

    assert job.get_status()["status"] == end


def test_client_moves_rows_between_buckets(client: DataRobot) -> None:
    """Remote places are read and written by the stand-in; a test fills and looks at them."""
    deployment_id = add_regression(client)
    client.account.objects["s3://rows/in.csv"] = ROWS.to_csv(index=False).encode()

    job = dr.BatchPredictionJob.score_s3(deployment_id, "s3://rows/in.csv", "s3://rows/out.csv")
    job.wait_for_completion()

    assert client.account.objects["s3://rows/out.csv"].startswith(b"price_PREDICTION,")
    assert client.get_deployment(deployment_id).n_tracked_rows == 3


def test_client_moves_rows_between_databases(client: DataRobot) -> None:
    """Settings of a database are checked, and sent back in the job."""
    deployment_id = add_regression(client)
    client.account.objects["jdbc:64a0:parcels"] = ROWS.to_csv(index=False).encode()

    job = dr.BatchPredictionJob.score(
        deployment_id,
        intake_settings={"type": "jdbc", "data_store_id": "64a0", "table": "parcels"},
        output_settings={
            "type": "jdbc",
            "data_store_id": "64a0",
            "table": "scores",
            "statement_type": "insert",
        },
        skip_drift_tracking=True,
    )
    job.wait_for_completion()

    assert client.account.objects["jdbc:64a0:scores"].count(b"\n") == 4
    assert client.get_deployment(deployment_id).n_tracked_rows == 0
    assert client.get_deployment(deployment_id).n_scored_rows == 3


def start_job(served: DataRobot, folder: Path) -> dr.BatchPredictionJob:
    """Start a job of three rows, uploaded and looked at once."""
    path = folder / "in.csv"
    ROWS.to_csv(path, index=False)
    return dr.BatchPredictionJob.score(
        add_regression(served), intake_settings={"type": "localFile", "file": str(path)}
    )
