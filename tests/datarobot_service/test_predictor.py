"""Our predictor against the stand-in that DataRobot's own clients also talk to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np
import pandas as pd
import pytest
from datarobot_service.stand_in import faults
from datarobot_service.stand_in.served import DataRobot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dspipe import PredictionPipeline
from dspipe._contract import Contract
from dspipe._deadline import time_limit
from dspipe._remote._calls import Clockwork
from dspipe.errors import (
    ConfigurationError,
    ContractError,
    PartialAnswerError,
    PredictorAnswerError,
    PredictorAuthenticationError,
    PredictorError,
    PredictorTimeoutError,
    PredictorUnavailableError,
)
from dspipe.predictors import DataRobotPredictor, Explanations, RequestLimits
from dspipe.testing import check_predictor

N_ROWS = 120
FEATURES = pd.DataFrame(
    {
        "hour": [n / 7 for n in range(N_ROWS)],
        "tail": ['007, "x"', "NA", "True", None] * (N_ROWS // 4),
        "seats": pd.array([2**62 + 1, None] * (N_ROWS // 2), dtype="Int64"),
    },
    index=pd.Index([f"{n:04d}" for n in range(N_ROWS)], name="flight_id"),
)
TYPES = {"hour": "Numeric", "tail": "Categorical"}
SMALL = RequestLimits(request_bytes=1000, attempts=4, timeout_seconds=5)
DIALECTS = pytest.mark.parametrize("answer", ["json", "csv"])


@dataclass
class Flying:
    """Time that passes while somebody sleeps, and otherwise as it does."""

    seconds: float = 0.0

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.seconds += seconds

    def clockwork(self) -> Clockwork:
        """Give it to a predictor."""
        return Clockwork(
            clock=lambda: monotonic() + self.seconds, sleep=self.sleep, chance=lambda: 1.0
        )


def delay(rows: pd.DataFrame) -> Any:
    """Predict from the hour alone."""
    return rows["hour"].to_numpy(dtype=float) * 2 + 1


def two(rows: pd.DataFrame) -> Any:
    """Give the probabilities of two classes."""
    late = 1 / (1 + np.exp(-rows["hour"].to_numpy(dtype=float) + 8))
    return np.column_stack([late, 1 - late])


def three(rows: pd.DataFrame) -> Any:
    """Give the probabilities of three classes."""
    late = two(rows)
    return np.column_stack([late[:, 0], late[:, 1] / 4, late[:, 1] * 3 / 4])


def add(served: DataRobot, model: Callable[..., Any] = delay, **more: Any) -> str:
    """Deploy a model."""
    return served.add_deployment(model, target="arr_delay", features=TYPES, **more)


def connect(served: DataRobot, deployment: str | None, **options: Any) -> DataRobotPredictor:
    """Make the predictor of a deployment."""
    given = {"endpoint": served.endpoint, "token": served.token, "limits": SMALL}
    return DataRobotPredictor(deployment, **{**given, "clockwork": Flying().clockwork(), **options})


@DIALECTS
@pytest.mark.parametrize("kind", ["dedicated", "serverless"])
def test_regression_is_answered_in_order_when_the_deployment_is_discovered(
    datarobot: DataRobot, kind: str, answer: str
) -> None:
    """The deployment says itself where it is asked, and with which key."""
    predictor = connect(datarobot, add(datarobot, kind=kind), answer=answer)

    answers = predictor.predict(FEATURES)

    assert answers.columns.tolist() == ["prediction"]
    assert answers["prediction"].tolist() == delay(FEATURES).tolist()
    assert answers.index.equals(FEATURES.index)
    assert len(datarobot.scorings) > 4
    assert predictor.model_id == "64a0000000000000000000a1"
    assert predictor.model_version is not None


@DIALECTS
def test_portable_server_is_asked_when_it_is_given(datarobot: DataRobot, answer: str) -> None:
    """It needs neither a token nor the API."""
    deployment = add(datarobot, kind="portable")
    options = {"server": datarobot.portable_server, "answer": answer, "target": "arr_delay"}

    answers = connect(datarobot, deployment, **options).predict(FEATURES)

    assert answers["prediction"].tolist() == delay(FEATURES).tolist()
    assert {seen.path for seen in datarobot.requests} == {f"/deployments/{deployment}/predictions"}


def test_dedicated_server_is_asked_when_it_is_given_with_its_key(datarobot: DataRobot) -> None:
    """Nothing has to be discovered."""
    server = {"server": datarobot.prediction_server, "server_key": datarobot.key}

    answers = connect(datarobot, add(datarobot), **server).predict(FEATURES)

    assert answers["prediction"].tolist() == delay(FEATURES).tolist()
    assert all(seen.is_scoring for seen in datarobot.requests)


@DIALECTS
@pytest.mark.parametrize(
    ("classes", "labels", "shown"),
    [
        (["yes", "NA"], None, ["NA", "yes"]),
        (["NA", "007"], ["007", "NA"], ["007", "NA"]),
        ([1.0, 0.0], [0, 1], [0, 1]),
        (["True", "False"], [False, True], [False, True]),
    ],
)
def test_labels_survive_whatever_they_look_like(
    datarobot: DataRobot, answer: str, classes: list[Any], labels: list[Any], shown: list[Any]
) -> None:
    """A label is looked up, in the type that was asked for, and never guessed or counted off."""
    predictor = connect(datarobot, add(datarobot, two, classes=classes), answer=answer,
                        labels=labels)  # fmt: skip

    answers = predictor.predict(FEATURES)

    assert answers.columns.tolist() == ["prediction", *(f"probability_{x}" for x in shown)]
    first = next(x for x in shown if str(x) == str(classes[0]) or x == classes[0] or x is True)
    assert answers[f"probability_{first}"].tolist() == two(FEATURES)[:, 0].tolist()
    is_first = two(FEATURES)[:, 0] >= 0.5
    assert (answers["prediction"] == first).tolist() == is_first.tolist()
    assert {type(x) for x in answers["prediction"].tolist()} == {type(first)}


@DIALECTS
def test_multiclass_is_answered_with_all_classes(datarobot: DataRobot, answer: str) -> None:
    """The prediction is the most probable class."""
    deployment = add(datarobot, three, classes=["a", "b", "c"])

    answers = connect(datarobot, deployment, answer=answer).predict(FEATURES)

    assert answers.filter(like="probability_").to_numpy().tolist() == three(FEATURES).tolist()
    assert answers["prediction"].tolist() == ["abc"[row] for row in three(FEATURES).argmax(axis=1)]


@DIALECTS
@pytest.mark.parametrize("algorithm", ["xemp", "shap"])
def test_explanations_become_reasons(datarobot: DataRobot, answer: str, algorithm: Any) -> None:
    """Each says the feature, its value and what it added."""
    wanted = Explanations(2, algorithm, threshold_low=None if algorithm == "shap" else -1e9)
    predictor = connect(
        datarobot, add(datarobot), answer=answer, explanations=Explanations(2, algorithm)
    )

    answers = predictor.predict(FEATURES)

    assert answers.columns.tolist() == ["prediction", "reason_1", "reason_2"]
    assert answers["reason_1"].iloc[7].startswith("hour = 1.0 (+")
    low = connect(datarobot, add(datarobot), answer=answer, explanations=wanted)
    n_explained = low.predict(FEATURES)["reason_1"].notna().sum()
    assert n_explained == (N_ROWS if algorithm == "shap" else 0)


@DIALECTS
def test_warnings_and_passthrough_stand_beside_the_predictions(
    datarobot: DataRobot, answer: str
) -> None:
    """What is passed through never leaves the machine, so that it keeps its type."""
    deployment = add(datarobot, outliers=(5.0, 30.0))

    answers = connect(
        datarobot, deployment, answer=answer, warnings=True, passthrough=["seats", "tail"]
    ).predict(FEATURES)

    assert answers["is_outlier"].tolist() == [not 5 <= x <= 30 for x in delay(FEATURES)]
    pd.testing.assert_frame_equal(answers[["seats", "tail"]], FEATURES[["seats", "tail"]])


def test_rows_are_sent_as_they_are(datarobot: DataRobot) -> None:
    """Digits, quotes and nulls reach the service unchanged; the key only on demand."""
    seen: list[bytes] = []

    def keep(_: int, request: Any) -> None:
        seen.append(request.body)

    datarobot.faults.decide(keep)
    deployment = add(datarobot)

    connect(datarobot, deployment, send_key=True).predict(FEATURES.head(3))

    assert seen[0].decode().splitlines() == [
        '"flight_id","hour","tail","seats","dspipe_row"',
        '"0000",0.0,"007, ""x""",4611686018427387905,0',
        '"0001",0.14285714285714285,"NA",,1',
        '"0002",0.2857142857142857,"True",4611686018427387905,2',
    ]


def test_predictor_keeps_its_promises(datarobot: DataRobot) -> None:
    """It is a predictor like any other."""
    deployment = add(datarobot, two, classes=["yes", "no"])

    check_predictor(connect(datarobot, deployment, explanations=1), FEATURES.head(12))


class Flights(PredictionPipeline):
    """Flights with the delay that is expected of them."""

    key = "flight_id"
    on_bad_row = "reject"

    def extract(self) -> pd.DataFrame:
        """Take the rows of this file."""
        return FEATURES.reset_index()


def test_run_knows_what_the_service_told(datarobot: DataRobot) -> None:
    """Model, requests, execution time and cache hits stand in the provenance."""
    pipe = Flights()
    pipe.predictor = connect(datarobot, add(datarobot))

    provenance = pipe.run().provenance

    n_requests = len(datarobot.scorings)
    assert provenance.model_id == "64a0000000000000000000a1"
    assert provenance.served["requests"] == provenance.served["cache_hits"] == n_requests
    assert provenance.served["retries"] == 0
    assert isinstance(provenance.served["execution_seconds"], float)
    assert provenance.to_dict()["served"] == provenance.served


FAULTS: Sequence[Callable[[], faults.Fault]] = (
    faults.throttled, lambda: faults.throttled("1"), faults.cold, faults.reset, faults.closed,
    faults.lost, lambda: faults.cut(300), lambda: faults.truncated(9), faults.fewer_rows,
    faults.more_rows, faults.doubled_row, faults.shuffled, faults.login_page,
    lambda: faults.status(413), lambda: faults.status(500), lambda: faults.bare(502),
)  # fmt: skip


@DIALECTS
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.dictionaries(st.integers(1, 25), st.sampled_from(FAULTS), max_size=12))
def test_every_row_is_answered_or_rejected_once_under_any_faults(
    datarobot: DataRobot, answer: str, plan: dict[int, Callable[[], faults.Fault]]
) -> None:
    """Whatever fails: no row is lost, doubled or given the answer of another."""
    deployment = add(datarobot)
    pipe = Flights()
    pipe.predictor = connect(datarobot, deployment, answer=answer)
    datarobot.faults.clear()
    datarobot.faults.at({number: make() for number, make in plan.items()})

    run = pipe.run()

    keys = [*run.predictions.index, *run.rejected.index]
    assert sorted(keys) == FEATURES.index.tolist()
    wanted = pd.Series(delay(FEATURES), index=FEATURES.index)
    assert run.predictions["prediction"].tolist() == wanted[run.predictions.index].tolist()
    assert run.rejected["reason"].str.len().min() > 20 if len(run.rejected) else True


def test_only_rows_concerned_are_rejected_when_an_answer_is_wrong(datarobot: DataRobot) -> None:
    """Rows of other requests, and those that the answer proves, are scored."""
    pipe = Flights()
    pipe.predictor = connect(datarobot, add(datarobot), limits=RequestLimits(request_bytes=1000, workers=1))  # fmt: skip  # noqa: E501 - see below
    datarobot.faults.at({1: faults.fewer_rows(2), 3: faults.login_page()})

    run = pipe.run()

    reasons = run.rejected["reason"]
    assert 10 < len(run.rejected) < 40
    assert "this one is missing" in reasons.iloc[0]
    assert "text/html" in reasons.iloc[-1]
    assert run.rows["predict"] + len(reasons) == N_ROWS


def test_run_raises_when_bad_rows_shall_raise(datarobot: DataRobot) -> None:
    """The error tells stage, batch, deployment and rows."""
    deployment = add(datarobot)
    pipe = Flights()
    pipe.on_bad_row = "raise"
    pipe.predictor = connect(datarobot, deployment)
    datarobot.faults.at({2: faults.fewer_rows()})

    with pytest.raises(PartialAnswerError) as caught:
        pipe.run()

    assert (caught.value.stage, caught.value.batch, caught.value.rows) == ("predict", 1, (0, 119))
    assert f"The deployment '{deployment}' answered 119 rows of 120." in str(caught.value)
    assert isinstance(caught.value.__cause__, PredictorAnswerError)


def test_cold_serverless_deployment_is_waited_for(datarobot: DataRobot) -> None:
    """It answers 503 until a replica is up, more often than there are attempts."""
    deployment = add(datarobot, kind="serverless", cold_requests=9)

    answers = connect(datarobot, deployment).predict(FEATURES.head(5))

    assert len(answers) == 5
    assert answers.attrs["dspipe_served"]["retries"] == 9


def test_request_is_halved_when_the_service_takes_less(datarobot: DataRobot) -> None:
    """Administrators may allow less than the documented 50 MB."""
    datarobot.limits.body_bytes = 700

    answers = connect(datarobot, add(datarobot)).predict(FEATURES)

    assert answers["prediction"].tolist() == delay(FEATURES).tolist()


def test_requests_are_packed_when_asked_to(datarobot: DataRobot) -> None:
    """The service reads gzip."""
    limits = RequestLimits(request_bytes=100_000)
    features = pd.concat([FEATURES] * 5)

    answers = connect(datarobot, add(datarobot), compress=True, limits=limits).predict(features)

    assert len(answers) == len(features)
    assert datarobot.scorings[0].headers["content-encoding"] == "gzip"


# --- what is refused ------------------------------------------------------------------------------
def fail(predictor: DataRobotPredictor) -> tuple[type[BaseException], str]:
    """Give the class and the message of what goes wrong."""
    with pytest.raises((PredictorError, ConfigurationError)) as caught:
        predictor.predict(FEATURES.head(3))
    return caught.type, str(caught.value)


def test_token_is_refused_with_a_sentence_that_does_not_show_it(datarobot: DataRobot) -> None:
    """Who reads it knows where the token came from."""
    deployment = add(datarobot)
    wrong = "not-the-token"

    kind, message = fail(connect(datarobot, deployment, token=wrong))

    assert kind is PredictorAuthenticationError
    assert message == (
        f"The deployment '{deployment}' refuses the token: 401 (Unauthorized), 'Invalid API "
        "token', when it was asked for its description. Renew the token (it came from the argument "
        "'token'); a dedicated prediction server also wants its datarobot-key."
    )


def test_deployment_is_refused_when_it_is_unknown_or_not_active(datarobot: DataRobot) -> None:
    """Both are found before a row is sent."""
    idle = add(datarobot, status="inactive")

    unknown, inactive = (fail(connect(datarobot, name)) for name in ("5f", idle))

    assert unknown[0] is inactive[0] is PredictorUnavailableError
    assert unknown[1].startswith("The deployment '5f' is not known: 404 (Not Found)")
    assert inactive[1] == f"The deployment '{idle}' is inactive. Activate it in DataRobot."
    assert datarobot.scorings == []


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (faults.status(403, "No rights."), PredictorAuthenticationError, "gives no permission"),
        (faults.status(422, {"hour": "wrong"}), PredictorError, '\'{"hour": "wrong"}\''),
        (
            faults.status(500, "Oh."),
            PredictorError,
            "failed: 500 (Internal Server Error), 'Oh.', when",
        ),
        (faults.login_page(), PredictorAnswerError, "'<!DOCTYPE html><html><body><h1>Sign in"),
        (faults.truncated(5), PredictorUnavailableError, "its answer was cut off. It was asked 4"),
        (faults.reset(), PredictorUnavailableError, "the connection was lost. It was asked 4"),
        (faults.more_rows(), PredictorAnswerError, "answered 4 rows for 3 rows: this one came 2"),
        (faults.hanging(), PredictorTimeoutError, "no answer came within 0.2 seconds"),
        (faults.body_changed(lambda body: b'{"data": 7}'), PredictorAnswerError, "no predictions"),
    ],
    ids=["403", "422", "500", "html", "truncated", "reset", "more", "hanging", "odd"],
)
def test_error_is_typed_and_names_deployment_and_trouble(
    datarobot: DataRobot, fault: faults.Fault, kind: type[PredictorError], words: str
) -> None:
    """One row or three: what went wrong is said, and retried only where that may help."""
    deployment = add(datarobot)
    limits = RequestLimits(attempts=4, timeout_seconds=0.2 if "0.2" in words else 5)
    datarobot.faults.always(fault)

    found, message = fail(connect(datarobot, deployment, limits=limits))

    assert found is kind or (found is PartialAnswerError and kind is PredictorAnswerError)
    assert f"The deployment '{deployment}'" in message
    assert words in message


def test_missing_column_is_named_by_the_service(datarobot: DataRobot) -> None:
    """The service knows what its model takes."""
    with pytest.raises(PredictorError, match="Missing required features: hour"):
        connect(datarobot, add(datarobot)).predict(FEATURES[["tail"]])


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["a", "b"], "answered the classes 'yes', 'no', where 'a', 'b' were expected."),
        (["yes"], "answered the classes 'yes', 'no', where 'yes' were expected."),
    ],
)
@DIALECTS
def test_answer_is_refused_when_its_labels_are_unknown(
    datarobot: DataRobot, labels: list[str], words: str, answer: str
) -> None:
    """Probabilities of other classes are no probabilities of ours."""
    deployment = add(datarobot, two, classes=["yes", "no"])

    kind, message = fail(connect(datarobot, deployment, labels=labels, answer=answer))

    assert kind is PredictorAnswerError
    assert words in message


def test_run_ends_in_time_when_the_deployment_hangs(datarobot: DataRobot) -> None:
    """The time limit of a run cuts every request."""
    predictor = connect(datarobot, add(datarobot))
    predictor.load()
    datarobot.faults.always(faults.hanging())
    started = monotonic()

    with time_limit(0.3), pytest.raises(PredictorTimeoutError):
        predictor.predict(FEATURES)

    assert monotonic() - started < 3


def test_features_are_compared_with_those_of_the_deployment(datarobot: DataRobot) -> None:
    """The most important comes first, what is only too much last."""
    predictor = connect(datarobot, add(datarobot))
    made = pd.DataFrame({"hour": ["7"], "more": [1]})

    findings = predictor.compare_features(Contract.infer(made))

    assert [(found.difference, found.feature) for found in findings] == [
        ("wrong_type", "hour"), ("missing", "tail"), ("extra", "more"),
    ]  # fmt: skip
    assert predictor.compare_features(Contract.infer(FEATURES[["hour", "tail"]])) == []


def test_passthrough_is_refused_when_the_features_do_not_have_it(datarobot: DataRobot) -> None:
    """Nothing is sent for a wish that cannot be granted."""
    with pytest.raises(ContractError) as caught:
        connect(datarobot, "5f", passthrough=["gate"]).predict(FEATURES)

    assert str(caught.value) == (
        "<DataRobotPredictor of deployment '5f'> shall pass 'gate' through, which the features do "
        "not have. Return the columns from postprocess, or correct passthrough=."
    )
    assert datarobot.requests == []
