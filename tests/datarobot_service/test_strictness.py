"""What the stand-in refuses, and in which words."""

import gzip
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from datarobot_service.asking import HTTP, ROWS, add_color, add_late, add_sum, ask, ask_api
from datarobot_service.stand_in.served import DataRobot

CREDENTIALS = "Invalid Authorization header. No credentials provided."
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Authorization": None}, CREDENTIALS),
        ({"Authorization": "Basic dXNlcg=="}, CREDENTIALS),
        ({"Authorization": "Bearer wrong"}, "Invalid API token"),
        ({"datarobot-key": None}, "The datarobot-key header is missing"),
        ({"datarobot-key": "wrong"}, "The datarobot-key header is missing"),
    ],
)
def test_dedicated_server_wants_token_and_key(
    datarobot: DataRobot, headers: dict[str, str | None], message: str
) -> None:
    """Whoever lacks one of them is a stranger."""
    reply = ask(datarobot, add_sum(datarobot), headers=headers)

    assert (reply.status, reply.json()) == (401, {"message": message})


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("?wd=1", 422, "'wd': wd is not allowed key"),
        ("?passthroughColumns=", 422, "'passthroughColumns': blank value is not allowed"),
        ("?passthroughColumnsSet=x", 422, "'passthroughColumnsSet': value is not exactly 'all'"),
        (
            "?passthroughColumnsSet=all&passthroughColumns=a",
            422,
            "'passthroughColumns' and 'passthroughColumnsSet' exclude each other",
        ),
        (
            "?passthroughColumns=Name",
            400,
            "passthroughColumns do not match columns, columns expected but not found: ['Name']",
        ),
        ("?maxExplanations=all", 422, "'maxExplanations': value can't be converted to int"),
        ("?thresholdHigh=x", 422, "'thresholdHigh': value can't be converted to float"),
        (
            "?explanationAlgorithm=lime",
            422,
            "'explanationAlgorithm': value is not one of 'xemp', 'shap'",
        ),
        (
            "?predictionWarningEnabled=1",
            422,
            "'predictionWarningEnabled': value should be True or False",
        ),
        (
            "?forecastPoint=2026-01-01",
            422,
            "'forecastPoint': the deployment is no time series",
        ),
    ],
)
def test_parameters_are_checked(
    datarobot: DataRobot, query: str, status: int, message: str
) -> None:
    """An unknown or impossible parameter is never ignored."""
    reply = ask(datarobot, add_sum(datarobot), query=query)

    assert (reply.status, reply.json()) == (status, {"message": message})


@pytest.mark.parametrize(
    ("body", "headers", "status", "message"),
    [
        (b"a\n1\n", {}, 422, "Missing required features: b"),
        (b"a,b\n", {}, 422, "The data is empty."),
        (b"", {}, 422, "The data is empty."),
        (b"a,b\n1,x\n", {}, 422, "The feature 'b' is numeric: "),
        (b"a,b\n1,2,3\n1,2,3,4\n", {}, 422, "The CSV cannot be parsed: "),
        (b"a,b,a\n1,2,3\n", {}, 422, "The header of the CSV has the same column twice."),
        (b"a,b\n1,\xff\n", {}, 400, "The body is not encoded in UTF-8."),
        (b"[", JSON, 400, "The body is not valid JSON."),
        (b'{"a": 1}', JSON, 422, "The body is not a list of records."),
        (b"x", {"Content-Encoding": "gzip"}, 400, "The body cannot be decompressed."),
        (b"x", {"Content-Type": "text/html"}, 400, "Mimetype 'text/html' is not supported."),
        (ROWS, {"Accept": "image/png"}, 406, "The type 'image/png' cannot be given."),
    ],
)
def test_rows_are_checked(
    datarobot: DataRobot,
    body: bytes,
    headers: dict[str, str | None],
    status: int,
    message: str,
) -> None:
    """Rows that cannot be read are refused before the model sees them."""
    reply = ask(datarobot, add_sum(datarobot), body, headers=headers)

    assert reply.status == status
    assert reply.json()["message"].startswith(message)


def test_explanations_must_be_possible(datarobot: DataRobot) -> None:
    """Not every model has them all."""
    uninitialized = add_sum(datarobot, explanations=frozenset())
    multiclass = add_color(datarobot)
    binary = add_late(datarobot)

    replies = [
        ask(datarobot, uninitialized, query="?maxExplanations=1"),
        ask(datarobot, multiclass, query="?explanationAlgorithm=shap"),
        ask(datarobot, multiclass, query="?maxExplanations=1&explanationClassNames=pink"),
        ask(datarobot, binary, query="?predictionWarningEnabled=true"),
    ]

    assert [reply.json()["message"] for reply in replies] == [
        "Prediction explanations (xemp) are not available for the deployment's model: "
        "they have not been initialized.",
        "SHAP explanations are not supported for multiclass models.",
        "'explanationClassNames': unknown classes ['pink']",
        "'predictionWarningEnabled': only regression models are supported",
    ]


@pytest.mark.parametrize("body", [ROWS, gzip.compress(ROWS * 100, mtime=0)], ids=["plain", "gzip"])
def test_large_bodies_are_refused(datarobot: DataRobot, body: bytes) -> None:
    """The limit holds for the body as it was before it was packed."""
    datarobot.limits.body_bytes = len(ROWS) - 1
    packed: dict[str, str | None] = {} if body is ROWS else {"Content-Encoding": "gzip"}

    reply = ask(datarobot, add_sum(datarobot), body, headers=packed)

    assert reply.status == 413
    assert reply.json() == {"message": "The request body exceeds the limit of 21 bytes."}


def test_deployment_must_be_there_active_and_allowed(datarobot: DataRobot) -> None:
    """Each has its status; a deployment is found where it lives, and nowhere else."""
    inactive = add_sum(datarobot, status="inactive")
    forbidden = add_sum(datarobot, permissions=["CAN_VIEW"])
    elsewhere = add_sum(datarobot, kind="serverless")

    statuses = [ask(datarobot, it).status for it in (inactive, forbidden, elsewhere, "x")]

    assert statuses == [403, 403, 404, 404]


def test_serverless_deployment_is_cold_at_first(datarobot: DataRobot) -> None:
    """Asking wakes it."""
    deployment_id = add_sum(datarobot, kind="serverless", cold_requests=2)
    address = f"{datarobot.endpoint}/deployments/{deployment_id}/predictions"
    headers = {"Authorization": f"Bearer {datarobot.token}", "Content-Type": "text/csv"}

    replies = [HTTP.request("POST", address, body=ROWS, headers=headers) for _ in range(3)]

    assert [reply.status for reply in replies] == [503, 503, 200]


def test_predictions_are_asked_for_with_post(datarobot: DataRobot) -> None:
    """Any other method says which one it should be."""
    deployment_id = add_sum(datarobot)
    path = f"/predApi/v1.0/deployments/{deployment_id}/predictions"

    reply = HTTP.request("GET", datarobot.prediction_server + path)

    assert (reply.status, reply.headers["Allow"]) == (405, "POST")


def test_too_many_requests_at_once_are_throttled(datarobot: DataRobot) -> None:
    """The limit is on requests in work, and what was asked at most is counted."""
    gate = threading.Event()
    began = threading.Semaphore(0)

    def wait(frame: object) -> list[float]:
        began.release()
        assert gate.wait(30)
        return [1.0, 2.0]

    deployment_id = datarobot.add_deployment(wait, features=["a"])
    datarobot.limits.at_once = 1
    datarobot.limits.retry_after = "3"
    with ThreadPoolExecutor() as pool:
        first = pool.submit(ask, datarobot, deployment_id)
        assert began.acquire(timeout=30)

        refused = ask(datarobot, deployment_id)
        gate.set()

    assert (refused.status, refused.headers["Retry-After"]) == (429, "3")
    assert first.result().status == 200
    assert datarobot.most_at_once == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing/", 404),
        ("PATCH", "version/", 405),
        ("GET", "version/?x=1", 422),
        ("GET", "deployments/64a0/", 404),
        ("GET", "batchPredictions/64a0/", 404),
    ],
)
def test_api_is_strict(datarobot: DataRobot, method: str, path: str, status: int) -> None:
    """What does not exist is not answered."""
    assert ask_api(datarobot, method, path).status == status


def test_journal_holds_what_was_asked(datarobot: DataRobot) -> None:
    """A test sees rows, sizes, statuses and connections."""
    deployment_id = add_sum(datarobot)

    ask(datarobot, deployment_id, query="?maxExplanations=1")
    ask(datarobot, deployment_id, b"a\n")

    first, second = datarobot.scorings
    assert (first.method, first.n_rows, first.size_bytes, first.status) == ("POST", 2, 22, 200)
    assert first.query == [("maxExplanations", "1")]
    assert (second.n_rows, second.status) == (0, 422)
    assert first.connection == second.connection
    assert datarobot.get_deployment(deployment_id).n_scored_rows == 2
