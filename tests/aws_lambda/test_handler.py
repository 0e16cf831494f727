"""A handler is made once, and answers whatever event comes."""

import json
import random
import sqlite3
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest
from aws_lambda.calls import FAILURES, Context, Late, Worded, make_request

from dspipe import Contract, PredictionPipeline
from dspipe._config import load_config
from dspipe._deadline import remaining_seconds
from dspipe.aws_lambda import Handler, Message, Outcome, Trigger, make_handler, read_tasks
from dspipe.aws_lambda._init import find_source_fault, warm_up
from dspipe.aws_lambda._renewal import renewed_on_refusal
from dspipe.aws_lambda._settings import FILE, load_handler, load_settings
from dspipe.aws_lambda._snapshots import forget_connections, register_hooks, renew_randomness
from dspipe.aws_lambda.triggers._direct import FunctionError
from dspipe.errors import (
    ConfigurationError,
    ModelFolderError,
    SourceAuthenticationError,
    TriggerError,
)
from dspipe.predictors import MockPredictor, SklearnPredictor
from dspipe.sources import close_all


class Bell(Trigger):
    """Is an event of the user's own: how often a bell rang, each ring a message."""

    name: ClassVar[str] = "bell"

    def recognise(self, event: Any) -> bool:
        """Take what has rings."""
        return isinstance(event, dict) and "rings" in event

    def read(self, event: Any) -> Sequence[Message]:
        """Read one message a ring."""
        return [
            Message(str(at), partial(read_tasks, ring)) for at, ring in enumerate(event["rings"])
        ]

    def answer(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """Tell what came of each."""
        return [outcome.failure.status if outcome.failure else 200 for outcome in outcomes]

    def is_ordered(self, event: Any) -> bool:
        """Stop at the first failure when told so."""
        return bool(event.get("ordered"))


@pytest.fixture(scope="module")
def handler() -> Handler:
    """Make a handler that knows the bell."""
    return make_handler(Late, triggers=[Bell()], accept_rows=True)


def test_handler_asks_the_users_triggers_first(handler: Handler) -> None:
    """A trigger of the user's takes what dspipe would take for arguments."""
    assert handler({"rings": [{"n": 1}, {}]}, Context()) == [200, 200]


def test_handler_fails_one_message_alone(handler: Handler) -> None:
    """A poisoned message must not take the others with it."""
    assert handler({"rings": [{"n": "x"}, {}, {"n": 0.5}]}, Context()) == [400, 200, 400]


def test_handler_stops_at_the_first_failure_when_order_counts(handler: Handler) -> None:
    """What comes after a failure in a stream must wait for it."""
    assert handler({"rings": [{}, {"n": "x"}, {}], "ordered": True}, Context()) == [200, 400]


def test_handler_survives_when_the_users_code_exits(handler: Handler) -> None:
    """An exit would end the process, and with it every request of the next seconds."""
    FAILURES["exit"] = SystemExit(3)

    assert handler({"rings": [{"fail": "exit"}, {}]}, Context()) == [500, 200]


def test_handler_shares_its_time_among_messages(handler: Handler) -> None:
    """Where no time is left, messages fail with 504 and none is begun."""
    assert handler({"rings": [{}, {}]}, Context(left_ms=1)) == [504, 504]


def test_handler_gives_time_to_keep_an_answer_after_that_of_the_messages() -> None:
    """What is done is kept even when the messages took all of their time, and never without end."""
    left: list[float | None] = []

    class Keeper(Bell):
        """Notes how much time there is to keep an answer."""

        def settle(self, outcome: Outcome) -> Outcome:
            left.append(remaining_seconds())
            return outcome

    handler = make_handler(Late, triggers=[Keeper()])

    statuses = [handler({"rings": [{}]}, context) for context in (Context(left_ms=300), None)]

    assert statuses == [[504], [200]]
    assert left[0] is not None
    assert 0 < left[0] < 0.3
    assert left[1] is None


@pytest.mark.parametrize("body", [{"rows": []}, {"columns": {"flight": [], "word": []}}])
def test_handler_scores_no_rows_when_their_types_are_known(body: dict[str, Any]) -> None:
    """An empty list of rows has an empty list of predictions, through the user's code too."""
    types = Contract.infer(pd.DataFrame({"flight": ["007"], "word": ["late"]}))
    handler = make_handler(Worded, accept_rows=True, row_types=types)

    response = handler(make_request(body=json.dumps(body)), Context())

    assert response["statusCode"] == 200
    assert json.loads(response["body"])["predictions"] == []


def test_handler_needs_no_context(handler: Handler) -> None:
    """In a notebook there is none, and time has no end."""
    assert handler({"rings": [[{"n": 1}, {"n": 2}]]}) == [200]


def test_handler_runs_the_tasks_of_a_message_in_turn(handler: Handler) -> None:
    """Each task has its share of the message's time."""
    answer = handler([{"n": 1}, {"n": 2}], Context())

    assert [one["rows"]["extract"] for one in answer] == [1, 2]


def test_handler_says_what_it_recognised_in_an_unknown_event(handler: Handler) -> None:
    """Whoever wired the wrong service sees which one it was."""
    with pytest.raises(TriggerError) as caught:
        handler({"Records": [{"eventSource": "aws:ses", "ses": {}}]}, Context())

    assert str(caught.value) == (
        "The event is of no known form: it is an object with 'Records', with eventSource "
        "'aws:ses'. Known forms: bell, http api, rest api, load balancer, sqs, sns, s3, kinesis, "
        "dynamodb, s3 batch, destination, s3 eventbridge, schedule, eventbridge, distributed map, "
        "direct. Teach the handler another one with a subclass of dspipe.aws_lambda.Trigger, and "
        "make_handler(..., triggers=[...])."
    )


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("text", "a str"),
        ({"Records": []}, "an object with 'Records'"),
        ({"requestContext": {}}, "an object with 'requestContext'"),
        ({"Records": ["x"]}, "an object with 'Records'"),
    ],
)
def test_handler_describes_an_unknown_event(handler: Handler, event: Any, told: str) -> None:
    """Names are told, values are not."""
    with pytest.raises(TriggerError, match=f"it is {told}\\. Known forms"):
        handler(event, Context())


def test_handler_answers_a_ping_without_a_run(handler: Handler) -> None:
    """A deployment asks what is loaded before traffic comes."""
    answer = handler({"dspipe": "ping"}, Context())

    facts = {"pipeline", "model_id", "commit", "dspipe_version", "python", "source_fault"}
    assert answer.keys() == facts
    assert (answer["pipeline"], answer["source_fault"]) == ("Late", None)


def test_ping_tells_that_the_source_does_not_answer(
    handler: Handler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given rows need no source, so only whoever asks learns that the others have none."""
    monkeypatch.setenv("DSPIPE_SOURCE_DEFAULT", f"sqlite:///{tmp_path}/no/such/folder.db")

    answer = handler({"dspipe": "ping"}, Context())

    close_all()
    assert answer["source_fault"] == "SourceError"


def test_handler_hides_what_a_trigger_of_the_users_raises() -> None:
    """Lambda answers with the message of what is raised."""

    class Broken(Bell):
        def read(self, event: Any) -> Sequence[Message]:
            raise ValueError("password=tulip")

    with pytest.raises(FunctionError) as caught:
        make_handler(Late, triggers=[Broken()])({"rings": []}, Context("r-2"))

    assert str(caught.value) == "Late failed with ValueError. The log of request r-2 says why."


def test_handler_refuses_rows_when_it_does_not_accept_them() -> None:
    """Whoever deployed decides whether data may come from outside."""
    closed = make_handler(Late)

    response = closed(make_request(body='{"rows": []}'), Context())

    assert repr(closed) == "<Handler of Late: rows are not accepted>"
    assert response["statusCode"] == 400
    assert json.loads(response["body"])["message"] == (
        "Late takes no rows: it extracts its own. Send its arguments, or deploy it with "
        "accept_rows = true."
    )


def test_handler_gives_rows_to_postprocess_as_extract_would() -> None:
    """Code of the user's sees the key among the columns, and the types of extracted rows."""
    types = Contract.infer(pd.DataFrame({"flight": ["a"], "word": ["b"]}))
    worded = make_handler(Worded, accept_rows=True, row_types=types)

    answer = worded({"rows": [{"word": "four", "flight": "007"}]}, Context())

    assert answer["predictions"] == [{"flight": "007", "prediction": 4}]


def test_handler_takes_types_of_rows_from_the_model_when_nothing_stands_between() -> None:
    """Features of the model are the columns of the rows, so its contract knows their types."""
    types = Contract.infer(pd.DataFrame({"distance": [0.0, 900.0]}))

    class Checked(Late):
        predictor = MockPredictor(lambda features: features["distance"] / 1000, contract=types)

    answer = make_handler(Checked, accept_rows=True)(
        {"rows": [{"flight": "007", "distance": "500"}]}, Context()
    )

    assert answer["predictions"] == [{"flight": "007", "prediction": 0.5}]


def test_handler_scores_rows_with_a_key_of_several_columns() -> None:
    """Keys of several columns stay columns until the run takes them."""

    class Legs(Late):
        key = ("flight", "leg")

    answer = make_handler(Legs, accept_rows=True)(
        {"rows": [{"flight": "007", "leg": 1, "distance": 500.0}]}, Context()
    )

    assert answer["predictions"] == [{"flight": "007", "leg": 1, "prediction": 0.5}]


def test_rows_that_do_not_fit_are_the_senders_fault(handler: Handler) -> None:
    """A missing key is told in full, for the rows came with the request."""
    response = handler(make_request(body='{"rows": [{"distance": 1.0}]}'), Context())

    assert response["statusCode"] == 422
    assert json.loads(response["body"])["error"] == "StageOutputError"


def test_make_handler_fails_when_there_is_no_model(tmp_path: Path) -> None:
    """Without a model no request could be answered, so the init fails."""

    class Unable(Late):
        predictor = None

    class Missing(Late):
        predictor = SklearnPredictor(tmp_path / "nothing")

    with pytest.raises(ConfigurationError, match=r"^Unable cannot predict: it has no predictor\."):
        make_handler(Unable)
    with pytest.raises(ModelFolderError):
        make_handler(Missing)


def write_package(folder: Path, **changes: Any) -> Path:
    """Write the settings of a package."""
    settings = {"format": 1, "name": "late", "pipeline": "aws_lambda.calls:Late", **changes}
    (folder / FILE).write_text(json.dumps(settings), encoding="utf-8")
    return folder


def test_package_says_which_handler_it_holds(tmp_path: Path) -> None:
    """The handler of a package is made of its settings alone."""
    Contract.infer(pd.DataFrame({"flight": ["a"], "distance": [1.5]})).save(tmp_path / "rows.json")
    folder = write_package(tmp_path, commit="abc", accept_rows=True, rows="rows.json")
    environ = {"LAMBDA_TASK_ROOT": str(folder)}

    handler = load_handler(environ=environ)

    assert repr(handler) == "<Handler of Late: rows are accepted>"
    assert environ["DSPIPE_COMMIT"] == "abc"
    answer = handler({"rows": [{"flight": "1", "distance": "500"}]}, Context())
    assert answer["predictions"] == [{"flight": "1", "prediction": 0.5}]


def test_package_leaves_a_commit_that_is_set(tmp_path: Path) -> None:
    """What the deployment says comes before what the build said."""
    environ = {"DSPIPE_COMMIT": "given"}

    load_handler(write_package(tmp_path, commit="abc"), environ=environ)

    assert environ == {"DSPIPE_COMMIT": "given"}


def test_package_without_settings_is_refused(tmp_path: Path) -> None:
    """Who names the handler of a package that is none is told what to do."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings(tmp_path)

    assert str(caught.value) == (
        f"There is no dspipe.json in {tmp_path}. Build the package with 'dspipe build', or make "
        "the handler yourself with make_handler(YourPipeline)."
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "{file} is not JSON: Expecting property name enclosed in double quotes: line 1 "
         "column 2 (char 1). Build the package anew."),
        ("[]", "{file} is not of the format 1, which this version of dspipe reads. Build the "
         "package anew."),
        ('{"format": 2}', "{file} is not of the format 1, which this version of dspipe reads. "
         "Build the package anew."),
        ('{"format": 1, "name": 5}', "{file} does not say 'name' as text. Build the package anew."),
    ],
)  # fmt: skip
def test_package_with_broken_settings_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """The init fails with a sentence."""
    (tmp_path / FILE).write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load_settings(tmp_path)

    assert str(caught.value) == message.replace("{file}", str(tmp_path / FILE))


@pytest.mark.parametrize("address", ["aws_lambda.calls:Early", "aws_lambda.calls"])
def test_package_that_names_no_class_is_refused(tmp_path: Path, address: str) -> None:
    """A class that was renamed after the build is not found."""
    folder = write_package(tmp_path, pipeline=address)

    with pytest.raises(ConfigurationError) as caught:
        load_handler(folder, environ={})

    assert str(caught.value) == (
        f"{folder / FILE} names the pipeline '{address}', and there is no such class. Name a "
        "module and a class, as in 'pipeline:FlightDelay', and build the package anew."
    )


def test_refused_password_is_renewed_once() -> None:
    """After a rotation the first run fails, and the second has the new password."""
    calls: list[str] = []

    def run() -> str:
        calls.append("run")
        if len(calls) == 1:
            raise SourceAuthenticationError("The password is wrong.")
        return "done"

    assert renewed_on_refusal(run) == "done"


def test_refused_password_is_told_when_renewal_does_not_help() -> None:
    """A wrong password stays wrong, and is not tried for ever."""
    calls: list[str] = []

    def run() -> None:
        calls.append("run")
        raise SourceAuthenticationError("The password is wrong.")

    with pytest.raises(SourceAuthenticationError):
        renewed_on_refusal(run)
    assert calls == ["run", "run"]


def test_source_that_does_not_answer_is_found(tmp_path: Path) -> None:
    """Why it does not is told; a pipeline without such a source needs none."""
    sqlite3.connect(tmp_path / "good.db").close()
    urls = (f"sqlite:///{tmp_path}/good.db", f"sqlite:///{tmp_path}/no/such/folder.db")
    good, bad = (load_config(tmp_path, environ={"DSPIPE_SOURCE_DEFAULT": url}) for url in urls)
    none = load_config(tmp_path, environ={})

    faults = [find_source_fault(Late, config) for config in (good, bad, none)]

    close_all()
    assert [type(fault).__name__ for fault in faults] == ["NoneType", "SourceError", "NoneType"]


def test_source_that_does_not_answer_at_init_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no reason to fail: the first request tries again."""
    monkeypatch.setenv("DSPIPE_SOURCE_DEFAULT", f"sqlite:///{tmp_path}/no/such/folder.db")

    warm_up(Late(), environ={"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"})

    close_all()
    assert caplog.messages == [
        "The source 'default' did not answer at init: SourceError. The first request tries again."
    ]


def test_source_is_not_tried_before_a_snapshot() -> None:
    """A connection that is frozen into a snapshot wakes up dead."""
    warm_up(Late(), environ={"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"})


def test_source_is_tried_when_lambda_initialises_on_demand() -> None:
    """The first request finds the driver loaded."""
    warm_up(Late(), environ={"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"})


class Hooks:
    """Stands for AWS's snapshot_restore_py."""

    def __init__(self) -> None:
        self.before: list[Any] = []
        self.after: list[Any] = []

    def register_before_snapshot(self, hook: Any) -> None:
        """Take a hook."""
        self.before.append(hook)

    def register_after_restore(self, hook: Any) -> None:
        """Take a hook."""
        self.after.append(hook)


def test_snapshots_are_prepared_where_the_runtime_takes_them() -> None:
    """Connections and secrets go before, randomness is renewed after."""
    hooks = Hooks()

    def find_none(name: str) -> object:
        raise ImportError(name)

    assert register_hooks(lambda _: hooks)
    assert not register_hooks(find_none)
    assert hooks.before == [forget_connections]
    assert hooks.after == [renew_randomness]


def test_copies_of_a_snapshot_draw_other_numbers() -> None:
    """Without renewal every copy would go on from the same state."""
    forget_connections()
    random.seed(7)
    frozen = random.getstate()

    renew_randomness()

    assert random.getstate() != frozen


def test_importing_the_package_stays_cheap() -> None:
    """Lambda's runtime imports it by name; what is heavy comes with the handler."""
    import subprocess

    code = "import sys, dspipe.aws_lambda; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def test_pipeline_object_is_taken_as_it_is() -> None:
    """Options of an object, such as batch_rows, stay."""
    pipeline: PredictionPipeline = Late(batch_rows=1)

    assert make_handler(pipeline).pipeline is pipeline
