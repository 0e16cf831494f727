"""Every failure that can be planned, as a client without any patience sees it."""

from collections.abc import Callable

import pytest
import urllib3
from datarobot_service.asking import add_sum, ask, ask_api
from datarobot_service.stand_in import faults
from datarobot_service.stand_in.messages import Request, Response
from datarobot_service.stand_in.served import DataRobot
from urllib3.exceptions import IncompleteRead, ProtocolError, ReadTimeoutError

ANSWER = b"price_PREDICTION,DEPLOYMENT_APPROVAL_STATUS\n4.0,APPROVED\n6.0,APPROVED\n"
HEADER, FIRST, LAST = (line + b"\n" for line in ANSWER.splitlines())


def test_error_is_answered_in_the_place_of_predictions(datarobot: DataRobot) -> None:
    """Status, sentence and the time to wait are those of the plan."""
    datarobot.faults.at(
        {
            1: faults.throttled("7"),
            2: faults.cold(),
            3: faults.status(418, "Tea.", retry_after="1"),
        }
    )
    deployment_id = add_sum(datarobot)

    replies = [ask(datarobot, deployment_id) for _ in range(4)]

    assert [reply.status for reply in replies] == [429, 503, 418, 200]
    assert [reply.headers.get("Retry-After") for reply in replies] == ["7", None, "1", None]
    assert replies[2].json() == {"message": "Tea."}
    assert datarobot.get_deployment(deployment_id).n_scored_rows == 2


@pytest.mark.parametrize(
    ("fault", "error", "n_scored"),
    [
        (faults.reset(), "Connection reset by peer", 0),
        (faults.closed(), "Remote end closed connection without response", 0),
        (faults.lost(), "Connection reset by peer", 2),
    ],
    ids=["reset", "closed", "lost"],
)
def test_connection_ends_without_an_answer(
    datarobot: DataRobot, fault: faults.Fault, error: str, n_scored: int
) -> None:
    """Whether the rows were scored, only the service knows."""
    datarobot.faults.first(1, fault)
    deployment_id = add_sum(datarobot)

    with pytest.raises(ProtocolError, match=error):
        ask(datarobot, deployment_id)

    assert datarobot.get_deployment(deployment_id).n_scored_rows == n_scored
    assert [seen.status for seen in datarobot.scorings] == [0]
    assert ask(datarobot, deployment_id).data == ANSWER


@pytest.mark.parametrize("is_reset", [True, False])
def test_answer_is_cut(datarobot: DataRobot, *, is_reset: bool) -> None:
    """The length in the headers is more than what comes."""
    deployment_id = add_sum(datarobot)
    n_bytes = len(ask(datarobot, deployment_id).data)
    datarobot.faults.at({1: faults.cut(n_bytes + 200, is_reset=is_reset)})

    with pytest.raises((IncompleteRead, ProtocolError)):
        ask(datarobot, deployment_id)


def test_answer_does_not_come(datarobot: DataRobot) -> None:
    """The client waits as long as it wants; the stand-in can end before."""
    datarobot.faults.always(faults.hanging())

    with pytest.raises(ReadTimeoutError):
        ask(datarobot, add_sum(datarobot), timeout=urllib3.Timeout(read=0.05))


def test_answer_trickles(datarobot: DataRobot) -> None:
    """Each piece comes before the client loses its patience: the whole is slow."""
    datarobot.faults.always(faults.slow(0.001, piece_bytes=20))

    assert ask(datarobot, add_sum(datarobot)).data == ANSWER


def test_answer_is_no_answer(datarobot: DataRobot) -> None:
    """A status of 200 proves nothing."""
    datarobot.faults.at({1: faults.login_page(), 2: faults.bare(200, b"ok")})
    deployment_id = add_sum(datarobot)

    page, bare = (ask(datarobot, deployment_id) for _ in range(2))

    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.data.startswith(b"<!DOCTYPE html>")
    assert ("Content-Type" in bare.headers, bare.data) == (False, b"ok")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (faults.truncated(5), ANSWER[:-5]),
        (faults.fewer_rows(), HEADER + FIRST),
        (faults.more_rows(), ANSWER + FIRST),
        (faults.doubled_row(), HEADER + FIRST + FIRST),
        (faults.shuffled(seed=1), HEADER + LAST + FIRST),
        (faults.rows_changed(lambda rows: [["maybe", "APPROVED"]]), HEADER + b"maybe,APPROVED\n"),
        (faults.body_changed(bytes.lower), ANSWER.lower()),
    ],
    ids=["truncated", "fewer", "more", "doubled", "shuffled", "rows", "body"],
)
def test_answer_is_wrong(datarobot: DataRobot, fault: faults.Fault, expected: bytes) -> None:
    """The length in the headers is that of the wrong answer."""
    datarobot.faults.always(fault)

    reply = ask(datarobot, add_sum(datarobot))

    assert (reply.status, reply.data) == (200, expected)


def test_answer_in_json_is_wrong_too(datarobot: DataRobot) -> None:
    """Rows are changed in either form."""
    datarobot.faults.always(faults.shuffled(seed=1))

    reply = ask(datarobot, add_sum(datarobot), accept="application/json")

    assert [row["rowId"] for row in reply.json()["data"]] == [1, 0]


def count_failures(served: DataRobot, deployment_id: str, n_requests: int) -> list[bool]:
    """Say which of some requests fail."""
    return [ask(served, deployment_id).status != 200 for _ in range(n_requests)]


def test_random_faults_repeat_with_their_seed(datarobot: DataRobot) -> None:
    """The same seed fails the same requests, about as many as wanted."""
    deployment_id = add_sum(datarobot)
    seen = []
    for _ in range(2):
        datarobot.faults.clear()
        datarobot.faults.randomly(0.25, [faults.cold(), faults.throttled()], seed=3)
        seen.append(count_failures(datarobot, deployment_id, 40))

    assert seen[0] == seen[1]
    assert 3 < sum(seen[0]) < 20


def test_function_chooses_faults_by_request(datarobot: DataRobot) -> None:
    """It sees the number and the request, and a fault may be a function of the test's own."""

    def teapot(request: Request, answer: Callable[[Request], Response]) -> Response:
        return Response(418, request.method.encode())

    datarobot.faults.decide(lambda number, request: teapot if request.query else None)
    deployment_id = add_sum(datarobot)

    replies = [ask(datarobot, deployment_id, query=it) for it in ("", "?maxExplanations=0")]

    assert [reply.status for reply in replies] == [200, 418]
    assert replies[1].data == b"POST"


def test_faults_reach_other_paths_when_told(datarobot: DataRobot) -> None:
    """A pattern of method and path takes the place of the scoring requests."""
    datarobot.faults.always(faults.status(500), where=r"GET .*/features/$")

    deployment_id = add_sum(datarobot)

    assert ask(datarobot, deployment_id).status == 200
    assert ask_api(datarobot, "GET", f"deployments/{deployment_id}/features/").status == 500


def test_crash_of_the_stand_in_is_kept_for_the_test(datarobot: DataRobot) -> None:
    """A mistake of a test's model is seen, and the client gets an answer."""
    deployment_id = datarobot.add_deployment(lambda frame: 1 / 0, features=["a"])

    reply = ask(datarobot, deployment_id)

    assert reply.status == 500
    assert [str(crash) for crash in datarobot.account.crashes] == ["division by zero"]
    datarobot.account.crashes.clear()
