"""Answers of the stand-in, byte by byte."""

import gzip
import json

import pytest
from datarobot_service.asking import add_color, add_late, add_sum, ask
from datarobot_service.stand_in.served import DataRobot


def test_regression_answers_in_csv(datarobot: DataRobot) -> None:
    """One column of predictions, and the approval."""
    reply = ask(datarobot, add_sum(datarobot))

    assert reply.data == (
        b"price_PREDICTION,DEPLOYMENT_APPROVAL_STATUS\n4.0,APPROVED\n6.0,APPROVED\n"
    )
    assert reply.headers["Content-Type"] == "text/csv; charset=UTF-8"
    assert float(reply.headers["X-DataRobot-Execution-Time"]) >= 0
    assert reply.headers["X-DataRobot-Model-Cache-Hit"] == "true"
    assert len(reply.headers["X-DataRobot-Request-ID"]) == 32


def test_binary_model_answers_in_csv(datarobot: DataRobot) -> None:
    """The positive class comes first; threshold and positive class have columns."""
    reply = ask(datarobot, add_late(datarobot, threshold=0.2))

    assert reply.data == (
        b"late_yes_PREDICTION,late_no_PREDICTION,late_PREDICTION,THRESHOLD,POSITIVE_CLASS,"
        b"DEPLOYMENT_APPROVAL_STATUS\n"
        b"0.1,0.9,no,0.2,yes,APPROVED\n"
        b"0.2,0.8,yes,0.2,yes,APPROVED\n"
    )


def test_multiclass_model_answers_in_csv(datarobot: DataRobot) -> None:
    """One column a class, and the label of the largest."""
    reply = ask(datarobot, add_color(datarobot), b"a,b\n1,0\n40,0\n")

    assert reply.data == (
        b"color_red_PREDICTION,color_green_PREDICTION,color_blue_PREDICTION,color_PREDICTION,"
        b"DEPLOYMENT_APPROVAL_STATUS\n"
        b"0.5,0.24,0.26,red,APPROVED\n"
        b"0.5,-0.15000000000000002,0.65,blue,APPROVED\n"
    )


def test_passthrough_comes_last_and_as_it_was(datarobot: DataRobot) -> None:
    """Cells that look like numbers or like nothing are sent back untouched."""
    reply = ask(datarobot, add_sum(datarobot), query="?passthroughColumns=id&passthroughColumns=b")

    assert reply.data == (
        b"price_PREDICTION,DEPLOYMENT_APPROVAL_STATUS,id,b\n4.0,APPROVED,007,3\n6.0,APPROVED,NA,4\n"
    )


def test_explanations_have_four_columns_each(datarobot: DataRobot) -> None:
    """The strongest comes first; rows below the threshold are not explained."""
    query = "?maxExplanations=2&thresholdHigh=5"

    reply = ask(datarobot, add_sum(datarobot), query=query)

    assert reply.data == (
        b"price_PREDICTION,EXPLANATION_1_FEATURE_NAME,EXPLANATION_1_STRENGTH,"
        b"EXPLANATION_1_ACTUAL_VALUE,EXPLANATION_1_QUALITATIVE_STRENGTH,"
        b"EXPLANATION_2_FEATURE_NAME,EXPLANATION_2_STRENGTH,EXPLANATION_2_ACTUAL_VALUE,"
        b"EXPLANATION_2_QUALITATIVE_STRENGTH,DEPLOYMENT_APPROVAL_STATUS\n"
        b"4.0,,,,,,,,,APPROVED\n"
        b"6.0,b,4.0,4.0,+++,a,2.0,2.0,++,APPROVED\n"
    )


def test_shap_has_no_signs_and_adds_up(datarobot: DataRobot) -> None:
    """What is not listed stands in the remaining total."""
    query = "?explanationAlgorithm=shap&maxExplanations=1"

    reply = ask(datarobot, add_sum(datarobot, baseline={"a": 1, "b": 1}), query=query)

    assert reply.data == (
        b"price_PREDICTION,EXPLANATION_1_FEATURE_NAME,EXPLANATION_1_STRENGTH,"
        b"EXPLANATION_1_ACTUAL_VALUE,SHAP_BASE_VALUE,SHAP_REMAINING_TOTAL,"
        b"DEPLOYMENT_APPROVAL_STATUS\n"
        b"4.0,b,2.0,3.0,2.0,0.0,APPROVED\n"
        b"6.0,b,3.0,4.0,2.0,1.0,APPROVED\n"
    )


def test_multiclass_explanations_name_their_class(datarobot: DataRobot) -> None:
    """As many classes as are wanted, or those that are named."""
    deployment_id = add_color(datarobot)
    query = "?maxExplanations=1&explanationClassNames=blue&explanationClassNames=red"

    named = ask(datarobot, deployment_id, query=query, accept="application/json").json()
    most = ask(datarobot, deployment_id, query="?maxExplanations=1").data

    assert [it["label"] for it in named["data"][0]["predictionExplanations"]] == ["blue", "red"]
    assert b"EXPLANATION_1_CLASS_NAME" in most


def test_warnings_mark_unusual_predictions(datarobot: DataRobot) -> None:
    """A prediction outside of the range is an outlier."""
    deployment_id = add_sum(datarobot, outliers=(0, 5))
    query = "?predictionWarningEnabled=true"

    in_csv = ask(datarobot, deployment_id, query=query).data
    in_json = ask(datarobot, deployment_id, query=query, accept="application/json").json()

    assert in_csv.splitlines()[1:] == [b"4.0,False,APPROVED", b"6.0,True,APPROVED"]
    assert [row["isOutlierPrediction"] for row in in_json["data"]] == [False, True]


def test_regression_answers_in_json(datarobot: DataRobot) -> None:
    """JSON is what comes when nothing else is asked for, with the target as label."""
    reply = ask(datarobot, add_sum(datarobot), query="?passthroughColumnsSet=all", accept="*/*")

    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json()["data"][1] == {
        "rowId": 1,
        "prediction": 6.0,
        "predictionValues": [{"label": "price", "value": 6.0}],
        "deploymentApprovalStatus": "APPROVED",
        "passthroughValues": {"a": "2", "b": "4", "id": "NA"},
    }


def test_binary_model_answers_in_json(datarobot: DataRobot) -> None:
    """Labels keep their type: numbers are numbers."""
    deployment_id = datarobot.add_deployment(
        lambda frame: [[0.75, 0.25] for _ in frame["a"]], classes=[1, 0], features=["a"]
    )

    row = ask(datarobot, deployment_id, b"a\n1\n", accept="application/json").json()["data"][0]

    assert row == {
        "rowId": 0,
        "prediction": 1,
        "predictionValues": [{"label": 1, "value": 0.75}, {"label": 0, "value": 0.25}],
        "deploymentApprovalStatus": "APPROVED",
        "predictionThreshold": 0.5,
    }


def test_explanations_in_json_have_values_and_signs(datarobot: DataRobot) -> None:
    """SHAP says instead where it begins and what it leaves out."""
    deployment_id = add_sum(datarobot)

    xemp = ask(datarobot, deployment_id, query="?maxExplanations=1", accept="application/json")
    shap = ask(
        datarobot, deployment_id, query="?explanationAlgorithm=shap", accept="application/json"
    )

    assert xemp.json()["data"][0]["predictionExplanations"] == [
        {
            "feature": "b",
            "featureValue": 3.0,
            "strength": 3.0,
            "label": "price",
            "qualitativeStrength": "+++",
        }
    ]
    assert shap.json()["data"][0]["shapExplanationsMetadata"] == [
        {"baseValue": 0.0, "remainingTotal": 0.0, "warnings": []}
    ]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'[{"a": 1, "b": 3}, {"a": 2, "b": 4}]', {"Content-Type": "application/json"}),
        (b"a,b\n1,3\n2,4\n", {"Content-Type": "text/plain; charset=UTF-8"}),
        (gzip.compress(b"a,b\n1,3\n2,4\n"), {"Content-Encoding": "gzip"}),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="rows.csv"\r\n'
            b"Content-Type: text/csv\r\n\r\na,b\n1,3\n2,4\n\r\n--x--\r\n",
            {"Content-Type": "multipart/form-data; boundary=x"},
        ),
    ],
    ids=["json", "text", "gzip", "form"],
)
def test_rows_come_in_every_form(
    datarobot: DataRobot, body: bytes, headers: dict[str, str | None]
) -> None:
    """JSON, text, packed, as the file of a form: the answer is the same."""
    reply = ask(datarobot, add_sum(datarobot), body, headers=headers)

    assert reply.data.splitlines()[1:] == [b"4.0,APPROVED", b"6.0,APPROVED"]


def test_categories_keep_their_zeros(datarobot: DataRobot) -> None:
    """What is no number stays text, and an empty cell is missing."""
    seen: list[object] = []

    def look(frame: object) -> list[float]:
        seen.extend(frame["code"].tolist())  # type: ignore[index]  # a frame
        return [0.0, 0.0]

    deployment_id = datarobot.add_deployment(look, features={"code": "Categorical"})

    ask(datarobot, deployment_id, b'code\n007\n""\n')

    assert seen == ["007", None]


def test_errors_are_ascii_json(datarobot: DataRobot) -> None:
    """The official client breaks on any other kind of error."""
    deployment_id = datarobot.add_deployment(lambda frame: frame["größe"], features=["größe"])

    reply = ask(datarobot, deployment_id)

    assert reply.headers["Content-Type"] == "application/json"
    assert reply.data.isascii()
    assert json.loads(reply.data) == {"message": "Missing required features: größe"}
