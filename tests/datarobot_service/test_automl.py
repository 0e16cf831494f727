"""From a table to a deployment, by DataRobot's own client: every answer passes its checks."""

import os
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pandas as pd
import pytest
from datarobot_service.stand_in.served import DataRobot

# Read by the client when it is imported, in whichever of its tests comes first.
os.environ["DATAROBOT_PREDICT_MAX_RETRY"] = "2"
os.environ["DATAROBOT_PREDICT_RETRY_BACKOFF"] = "0"

pytest.importorskip("datarobot_predict", reason="DataRobot's own clients are not installed")

import datarobot as dr
from datarobot.errors import AsyncProcessUnsuccessfulError, ClientError
from datarobot.insights import LiftChart, RocCurve
from datarobot.utils import waiters
from datarobot_predict.deployment import clear_context, predict

# Both clients build their retries in a way that urllib3 2.8 calls outdated, each time anew.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Using an empty collection for 'allowed_methods':FutureWarning"
)
N_ROWS = 120
TABLE = pd.DataFrame(
    {
        "hour": [i % 24 for i in range(N_ROWS)],
        "carrier": [["AA", "UA", "DL"][i % 3] for i in range(N_ROWS)],
        "noise": [i * 7 % 11 for i in range(N_ROWS)],
        "late": ["yes" if i % 24 > 12 else "no" for i in range(N_ROWS)],
    }
)


@pytest.fixture
def client(datarobot: DataRobot, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataRobot]:
    """Connect the official client, whose pauses of five seconds have no setting."""
    clock = SimpleNamespace(sleep=lambda seconds: None, time=time.time)
    monkeypatch.setattr(waiters, "time", clock)
    dr.Client(
        token=datarobot.token, endpoint=datarobot.endpoint, enable_api_consumer_tracking=False
    )
    clear_context()
    yield datarobot
    clear_context()


def train(target: str = "late") -> dr.Project:
    """Upload the table, choose a target, and wait for the autopilot."""
    dataset = dr.Dataset.create_from_in_memory_data(TABLE, fname="data.csv")
    project = dr.Project.create_from_dataset(dataset.id, project_name="flights")
    project.analyze_and_model(target=target, mode="quick", worker_count=-1)
    project.wait_for_autopilot(check_interval=0.01, verbosity=0)
    return project


def test_journey_from_a_table_to_predictions(client: DataRobot) -> None:
    """What was recommended is registered, deployed, and scores as the leaderboard promised."""
    project = train()
    model = project.recommended_model()
    assert model is not None

    version = dr.RegisteredModelVersion.create_for_leaderboard_item(
        model.id, name="v1", registered_model_name="flights"
    )
    deployment = dr.Deployment.create_from_registered_model_version(
        version.id, label="flights", default_prediction_server_id=dr.PredictionServer.list()[0].id
    )
    scored = predict(deployment, TABLE.drop(columns="late")).dataframe

    assert (project.target, project.metric, project.target_type) == ("late", "LogLoss", "Binary")
    assert (scored["late_PREDICTION"] == TABLE["late"]).mean() > 0.95
    assert client.get_deployment(deployment.id).n_scored_rows == N_ROWS


def test_leaderboard_is_sorted_by_its_metric(client: DataRobot) -> None:
    """Every candidate has its measures, and the best one comes first."""
    project = train()

    records = project.get_model_records()

    losses = [record.metrics["LogLoss"]["validation"] for record in records]
    assert losses == sorted(losses)
    assert {record.model_family for record in records} == {"GLM", "RF", "GBM"}
    assert project.get_status()["autopilot_done"] is True


def test_autopilot_trains_one_model_a_look(client: DataRobot) -> None:
    """Progress can be watched."""
    dataset = dr.Dataset.create_from_in_memory_data(TABLE, fname="data.csv")
    project = dr.Project.create_from_dataset(dataset.id)
    project.analyze_and_model(target="late", mode="quick")

    seen = [
        (len(project.get_model_jobs()), project.get_status()["autopilot_done"]) for _ in range(3)
    ]

    assert seen == [(3, False), (2, False), (1, True)]


def test_insights_show_which_feature_matters(client: DataRobot) -> None:
    """They are measured on the rows that the model has not learnt from."""
    model = train().get_model_records()[0]
    wanted = dr.Model.get(model.project_id, model.id)

    impact = wanted.get_or_request_feature_impact()
    curve = RocCurve.get(model.id, source="validation")
    lift = LiftChart.get(model.id, source="validation")

    assert impact[0]["featureName"] == "hour"
    assert curve.auc == pytest.approx(model.metrics["AUC"]["validation"])
    assert sum(it["bin_weight"] for it in lift.bins) == N_ROWS / 5


def test_models_are_blended(client: DataRobot) -> None:
    """The blend stands on the leaderboard, beside what it was made of."""
    project = train()
    ids = [record.id for record in project.get_model_records()][:2]

    check = project.check_blendable(ids, "AVG")
    blend = project.blend(ids, "AVG").get_result_when_complete()

    assert check.supported
    assert [it.id for it in project.get_blenders()] == [blend.id]
    assert set(blend.metrics) == {"LogLoss", "AUC"}


def test_regression_goes_the_same_way(client: DataRobot) -> None:
    """A target of many numbers has another metric, and a serverless deployment no server."""
    model = train("hour").recommended_model()
    assert model is not None
    version = dr.RegisteredModelVersion.create_for_leaderboard_item(model.id, name="v1")
    serverless = next(
        it for it in dr.PredictionEnvironment.list() if it.platform == "datarobotServerless"
    )

    deployment = dr.Deployment.create_from_registered_model_version(
        version.id, label="hours", prediction_environment_id=serverless.id
    )

    assert deployment.default_prediction_server is None
    assert deployment.model is not None
    assert deployment.model["target_type"] == "Regression"
    assert "hour_PREDICTION" in predict(deployment, TABLE).dataframe


def test_deployment_is_set_replaced_and_deleted(client: DataRobot) -> None:
    """The settings are kept, and another model takes the place of the first."""
    models = train().get_model_records()
    first, second = (
        dr.RegisteredModelVersion.create_for_leaderboard_item(model.id, name="v")
        for model in models[:2]
    )
    server = dr.PredictionServer.list()[0].id
    deployment = dr.Deployment.create_from_registered_model_version(
        first.id, label="flights", default_prediction_server_id=server
    )

    deployment.update_association_id_settings(column_names=["id"])
    deployment.perform_model_replace(second.id, dr.enums.MODEL_REPLACEMENT_REASON.ACCURACY)
    deployment.deactivate()

    assert deployment.get_association_id_settings()["column_names"] == ["id"]
    assert client.get_deployment(deployment.id).model_id == models[1].id
    assert client.get_deployment(deployment.id).status == "inactive"
    deployment.delete()
    assert dr.Deployment.list() == []


def test_actuals_join_predictions_and_measure_them(client: DataRobot) -> None:
    """They join on the column that the settings name, and only what was scored after that."""
    deployment_id = client.add_deployment(
        lambda frame: frame["hour"], target="delay", features=["hour"]
    )
    deployment = dr.Deployment.get(deployment_id)
    rows = TABLE.head(4).assign(id=["007", "a", "b", "c"])
    before = deployment.get_accuracy()
    deployment.update_association_id_settings(column_names=["id"])
    predict(deployment, rows)

    deployment.submit_actuals(
        [
            {"association_id": name, "actual_value": value}
            for name, value in [("007", 3.0), ("a", 4.0), ("unknown", 9.0)]
        ]
    )
    after = deployment.get_accuracy()

    assert before.data == []
    assert [(it["metric_name"], it["value"], it["sample_size"]) for it in after.data] == [
        ("RMSE", 3.0, 2)
    ]


def test_accuracy_of_classes_has_three_metrics(client: DataRobot) -> None:
    """Labels of actuals are those of the model."""
    deployment_id = client.add_deployment(
        lambda frame: [[value / 24, 1 - value / 24] for value in frame["hour"]],
        target="late",
        classes=["yes", "no"],
        features=["hour"],
    )
    deployment = dr.Deployment.get(deployment_id)
    deployment.update_association_id_settings(column_names=["id"])
    rows = TABLE.assign(id=[f"r{i}" for i in range(N_ROWS)])
    predict(deployment, rows)

    deployment.submit_actuals(
        rows.rename(columns={"id": "association_id", "late": "actual_value"})[
            ["association_id", "actual_value"]
        ]
    )

    values = {it["metric_name"]: it["value"] for it in deployment.get_accuracy().data}
    assert set(values) == {"LogLoss", "Accuracy", "AUC"}
    assert values["AUC"] == 1.0


def test_work_that_ends_badly_is_seen(client: DataRobot) -> None:
    """A test can let the work behind an address fail."""
    client.account.end_of_work = "ERROR"

    with pytest.raises(AsyncProcessUnsuccessfulError):
        dr.Dataset.create_from_in_memory_data(TABLE, fname="data.csv")


def test_small_tables_are_refused(client: DataRobot) -> None:
    """Twenty rows are the least."""
    with pytest.raises(ClientError, match="The data has fewer than 20 rows"):
        dr.Project.create(TABLE.head(19), project_name="small")
