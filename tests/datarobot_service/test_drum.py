"""DRUM's own way to ask and to answer, which is not that of deployments."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import urllib3
from datarobot_service.drum import HTTP, Drum
from datarobot_service.stand_in.served import DataRobot

pytestmark = pytest.mark.slow  # each start of DRUM takes four seconds
ServeDrum = Callable[..., AbstractContextManager[Drum]]
FEATURES = ["a,b", *[f"{i},{i * i % 7}" for i in range(12)]]
CSV = {"Content-Type": "text/csv", "Accept": "text/csv"}


def make_rows(targets: list[object]) -> str:
    """Put a target beside the features."""
    cells = ["y", *map(str, targets)]
    return "".join(f"{row},{cell}\n" for row, cell in zip(FEATURES, cells, strict=True))


def ask(drum: Drum) -> urllib3.BaseHTTPResponse:
    """Score the features."""
    body = "".join(f"{row}\n" for row in FEATURES)
    return HTTP.request("POST", f"{drum.url}/predictions/", body=body, headers=CSV)


def test_drum_answers_numbers(serve_drum: ServeDrum) -> None:
    """Whatever is accepted, JSON comes, and the connection is closed after it."""
    with serve_drum(make_rows([float(i) for i in range(12)])) as drum:
        reply = ask(drum)

    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Connection"] == "close"
    assert reply.json().keys() == {"predictions"}
    assert reply.json()["predictions"] == pytest.approx(drum.answers, rel=1e-9)


@pytest.mark.parametrize("labels", [["yes", "no"], ["red", "green", "blue"]])
def test_drum_answers_a_probability_for_each_label(
    serve_drum: ServeDrum, labels: list[str]
) -> None:
    """The labels stand beside the numbers, which have ten digits."""
    targets: list[object] = [labels[i % len(labels)] for i in range(12)]
    with serve_drum(make_rows(targets), labels) as drum:
        found = ask(drum).json()["predictions"]

    assert [row.keys() for row in found] == [set(labels)] * 12
    for row, answer in zip(found, drum.answers, strict=True):
        assert row == pytest.approx(answer, abs=1e-9)


def test_drum_complains_in_a_message(serve_drum: ServeDrum) -> None:
    """The envelope is that of DataRobot; a column that is missing is an error of the server."""
    with serve_drum(make_rows([float(i) for i in range(12)])) as drum:
        empty = HTTP.request("POST", f"{drum.url}/predictions/", headers=CSV, body=b"")
        missing = HTTP.request("POST", f"{drum.url}/predictions/", headers=CSV, body=b"a\n1\n")

    assert (empty.status, missing.status) == (422, 500)
    assert empty.json()["message"].startswith("ERROR: Samples should be provided as: ")
    assert missing.json()["message"].startswith("ERROR: ")


def test_stand_in_answers_what_drum_answers(serve_drum: ServeDrum, datarobot: DataRobot) -> None:
    """A model has the same probabilities behind either."""
    targets: list[object] = [["no", "yes"][i % 2] for i in range(12)]
    with serve_drum(make_rows(targets), ["yes", "no"]) as drum:
        found = ask(drum).json()["predictions"]
    deployment_id = datarobot.add_deployment(
        lambda frame: [[row["yes"], row["no"]] for row in drum.answers],  # type: ignore[index]  # of classes
        kind="portable",
        classes=["yes", "no"],
        features=["a", "b"],
    )

    address = f"{datarobot.portable_server}/deployments/{deployment_id}/predictions"
    body = "".join(f"{row}\n" for row in FEATURES)
    rows = HTTP.request("POST", address, body=body, headers={"Content-Type": "text/csv"}).json()

    assert [row["predictionValues"][0]["value"] for row in rows["data"]] == pytest.approx(
        [row["yes"] for row in found], abs=1e-9
    )
