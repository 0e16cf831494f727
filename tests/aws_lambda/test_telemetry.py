"""Every invocation tells what happened in JSON, with metrics and without secrets."""

import json
import logging
from io import StringIO

import pytest
from aws_lambda.calls import FAILURES, Context, Late, make_request, read_lines

from dspipe.aws_lambda import Handler, make_handler
from dspipe.aws_lambda._invocation import Invocation, begin_invocation
from dspipe.aws_lambda.telemetry._log_lines import JsonFormatter, write_logs_as_json
from dspipe.aws_lambda.telemetry._redaction import redact


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Handler:
    """Make a handler of a known commit."""
    monkeypatch.setenv("DSPIPE_COMMIT", "abc")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "late-dev")
    return make_handler(Late, accept_rows=True)


def test_line_tells_what_the_invocation_came_to(
    handler: Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line holds it all, for people, for queries and for CloudWatch's metrics."""
    handler({"rows": [{"flight": "1", "distance": 1.0}, {"flight": "2", "distance": None}]},
            Context("r-1"))  # fmt: skip

    (line,) = read_lines(capsys)
    timings = {name: line.pop(name) for name in list(line) if name.endswith("_seconds")}
    metrics, timestamp = line.pop("_aws"), line.pop("timestamp")
    assert line == {
        "level": "INFO",
        "request_id": "r-1",
        "pipeline": "Late",
        "message": "invocation",
        "trigger": "direct",
        "cold_start": True,
        "model_id": None,
        "commit": "abc",
        "outcome": "ok",
        "messages": 1,
        "runs": 1,
        "rows": 2,
        "rejected": 1,
        "failures": 0,
        "faults": 0,
        "function": "late-dev",
    }
    assert timings.keys() == {
        "extract_seconds", "postprocess_seconds", "predict_seconds", "total_seconds"
    }  # fmt: skip
    assert timestamp.endswith("Z")
    (directive,) = metrics["CloudWatchMetrics"]
    assert directive["Namespace"] == "dspipe"
    assert directive["Dimensions"] == [["pipeline"], ["function"]]
    # Every metric and dimension that the directive names is a member of the line.
    names = {metric["Name"] for metric in directive["Metrics"]}
    assert names == {"rows", "rejected", "failures", "faults"} | timings.keys()


def test_second_invocation_is_no_cold_start(
    handler: Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the first waits for the init."""
    handler({}, Context())
    handler({}, Context())

    assert [line["cold_start"] for line in read_lines(capsys)] == [True, False]


def test_failure_of_the_senders_is_a_warning(
    handler: Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong request must not wake anybody up."""
    handler(make_request(body='{"n": "x"}'), Context("r-4"))

    failure, summary = read_lines(capsys)
    del failure["timestamp"]
    assert failure == {
        "level": "WARNING",
        "request_id": "r-4",
        "pipeline": "Late",
        "message": "failure",
        "trigger": "http api",
        "status": 400,
        "kind": "ArgumentError",
        "error": "Late cannot take 'x' as 'n': it must be a whole number.",
    }
    assert (summary["outcome"], summary["failures"], summary["faults"]) == ("failed", 1, 0)


def test_failure_of_ours_is_an_error_with_its_trace_and_without_secrets(
    handler: Handler, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log has what the sender is not told; secrets neither of them gets."""
    monkeypatch.setenv("DB_PASSWORD", "hyacinth")
    FAILURES["log"] = ValueError("hyacinth at postgresql://ann:tulip@db/shop, token=rose")

    handler(make_request(rawQueryString="fail=log"), Context())

    failure, summary = read_lines(capsys)
    assert summary["faults"] == 1
    assert failure["level"] == "ERROR"
    assert failure["error"] == "*** at postgresql://ann:***@db/shop, token=***"
    shown = "\n".join(failure["traceback"])
    assert "in extract" in shown
    assert "While running Late.extract." in shown
    assert not {"hyacinth", "tulip", "rose"} & set(json.dumps(failure).replace("=", " ").split())


def test_outcome_is_partial_when_some_messages_failed(
    handler: Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    """Between all and nothing there is a word of its own."""
    handler({"Items": [{}, {"n": "x"}]}, Context())

    *_, summary = read_lines(capsys)
    assert summary["outcome"] == "partial"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mysql://ann:p@ss@db:3306/x", "mysql://ann:***@db:3306/x"),
        ('{"password": "x y"}', '{"password": ***}'),
        ("Password = 'x y' done", "Password = *** done"),
        ("api_key: abc;x", "api_key: ***;x"),
        ("nothing to hide", "nothing to hide"),
        ("the key hyacinth", "the key ***"),
        ("short pin", "short pin"),
        ("secret://shop/db", "secret://shop/db"),
    ],
)
def test_redaction_hides_what_looks_like_a_secret(text: str, expected: str) -> None:
    """Values of secret variables are hidden, references to secrets are not."""
    environ = {"MY_TOKEN": "hyacinth", "PIN_SECRET": "pin", "DB_SECRET": "secret://shop/db"}

    assert redact(text, environ=environ) == expected


def make_logger(name: str) -> tuple[logging.Logger, StringIO]:
    """Make a logger that writes to memory, as Lambda's root logger writes to its sink."""
    stream = StringIO()
    stream_handler = logging.StreamHandler(stream)
    stream_handler.terminator = ""
    logger = logging.Logger(name)  # noqa: LOG001 - one that nothing else knows
    logger.addHandler(stream_handler)
    return logger, stream


def test_log_lines_of_the_user_are_json_with_the_request() -> None:
    """Lambda's own handler gets our form, and adds no end of line of its own."""
    logger, stream = make_logger("shop")
    begin_invocation(Invocation("r-6"))

    write_logs_as_json(logger, environ={"AWS_LAMBDA_RUNTIME_API": "127.0.0.1"})
    logger.warning("sold %d, password=rose", 3)
    try:
        raise ValueError("token=tulip")  # noqa: TRY301 - to have a trace
    except ValueError:
        logger.exception("failed")

    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first["message"] == "sold 3, password=***"
    assert (first["level"], first["logger"], first["request_id"]) == ("WARNING", "shop", "r-6")
    assert second["traceback"].endswith("ValueError: token=***")


@pytest.mark.parametrize(
    "environ", [{}, {"AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_FORMAT": "JSON"}]
)
def test_log_lines_are_left_alone_where_they_are_not_ours(environ: dict[str, str]) -> None:
    """Outside Lambda the user configures logging; inside, Lambda may write JSON itself."""
    logger, _ = make_logger("shop")

    write_logs_as_json(logger, environ=environ)

    assert not isinstance(logger.handlers[0].formatter, JsonFormatter)
