"""Requests over HTTP: three forms of event, one way of reading and answering."""

import base64
import json
from typing import Any

import pytest
from aws_lambda.calls import FAILURES, Context, Late, make_request
from aws_lambda.samples import load_event

from dspipe.aws_lambda import Handler, Task, make_handler
from dspipe.aws_lambda.triggers._http import HttpApiTrigger, LoadBalancerTrigger, RestApiTrigger
from dspipe.errors import RequestError, SourceUnavailableError

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def handler() -> Handler:
    """Make a handler that takes rows."""
    return make_handler(Late, accept_rows=True)


def read(event: Any) -> list[Task]:
    """Read the tasks of a request to an HTTP API."""
    (message,) = HttpApiTrigger().read(event)
    return list(message.read())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [Task()]),
        ({"rawQueryString": "day=2013-06-01&c=UA&c=AA"},
         [Task({"day": "2013-06-01", "c": ["UA", "AA"]})]),
        ({"rawQueryString": "note=a%2Cb+c&empty="}, [Task({"note": "a,b c", "empty": ""})]),
        ({"rawQueryString": "continuation=abc"}, [Task(continuation="abc")]),
        ({"routeKey": "GET /{day}", "pathParameters": {"day": "2013-06-01"}},
         [Task({"day": "2013-06-01"})]),
        ({"routeKey": "ANY /{proxy+}", "pathParameters": {"proxy": "a/b"}}, [Task()]),
        ({"body": '{"n": 1}', "rawQueryString": "c=UA"}, [Task({"n": 1, "c": "UA"})]),
        ({"body": '[{"n": 1}, {"n": 2}]', "rawQueryString": "c=UA"},
         [Task({"n": 1, "c": "UA"}), Task({"n": 2, "c": "UA"})]),
        ({"body": base64.b64encode(b'{"n": 1}').decode(), "isBase64Encoded": True},
         [Task({"n": 1})]),
        ({"body": "flight\n007\n", "headers": {"content-type": "text/csv"},
          "rawQueryString": "n=1"}, [Task({"n": "1"}, {"flight": ["007"]})]),
    ],
)  # fmt: skip
def test_request_asks_for_what_its_parts_say(changes: dict[str, Any], expected: list[Task]) -> None:
    """Path, query string and body together give the arguments."""
    actual = read(make_request(**changes))

    assert actual == expected


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"rawQueryString": "n=1", "body": '{"n": 1}'}, 400,
         "The argument 'n' is given in more than one of path, query string and body. Give it "
         "once."),
        ({"rawQueryString": "n=1", "pathParameters": {"n": "1"}}, 400,
         "The argument 'n' is given in more than one of path, query string and body. Give it "
         "once."),
        ({"rawQueryString": "rows=1"}, 400,
         "The query string has 'rows'. Send it in a body of JSON; of dspipe's own names a query "
         "string takes 'continuation' alone."),
        ({"body": "%", "isBase64Encoded": True}, 400,
         "The body is said to be base64 and is not: Only base64 data is allowed. Send it as it is, "
         "or encode it."),
        ({"requestContext": {"http": {"method": "DELETE"}}}, 405,
         "The method DELETE asks for nothing here. Send GET or POST."),
        ({"headers": {"accept": "text/html"}}, 406,
         "The request accepts 'text/html', which no answer is. Accept application/json, "
         "application/json; orient=columns, or text/csv."),
    ],
)  # fmt: skip
def test_request_is_refused_before_any_work(
    changes: dict[str, Any], status: int, message: str
) -> None:
    """What cannot be answered is not begun."""
    with pytest.raises(RequestError) as caught:
        read(make_request(**changes))

    assert (caught.value.status, str(caught.value)) == (status, message)


def test_response_holds_the_answer_and_where_it_comes_from(handler: Handler) -> None:
    """Who reads headers alone knows the request and the commit."""
    response = handler(make_request(body='{"n": 1}'), Context("r-7"))

    assert response["statusCode"] == 200
    assert response["isBase64Encoded"] is False
    assert response["headers"]["content-type"] == "application/json"
    assert response["headers"]["x-dspipe-request-id"] == "r-7"
    body = json.loads(response["body"])
    assert body["predictions"] == [{"flight": "000", "prediction": 0.25}]
    assert body["continuation"] is None


def test_response_is_csv_when_the_caller_accepts_it(handler: Handler) -> None:
    """The form of the answer is the caller's choice."""
    response = handler(make_request(headers={"accept": "text/csv"}), Context())

    assert response["headers"]["content-type"] == "text/csv; charset=utf-8"
    assert response["body"] == "flight,prediction,rejected\n000,0.25,\n001,0.25,\n"


def test_response_to_rows_scores_them(handler: Handler) -> None:
    """Given rows stand in the place of those that are extracted."""
    rows = [{"flight": "X1", "distance": 500.0}, {"flight": "X2", "distance": None}]

    response = handler(make_request(body=json.dumps({"rows": rows})), Context())

    body = json.loads(response["body"])
    assert body["predictions"] == [{"flight": "X1", "prediction": 0.5}]
    assert body["rejected"][0]["flight"] == "X2"


def test_response_lists_the_faulty_arguments(handler: Handler) -> None:
    """A request that is wrong gets status 400 with one record a fault."""
    response = handler(make_request(body='{"n": "x", "carier": 1}'), Context("r-8"))

    assert response["statusCode"] == 400
    body = json.loads(response["body"])
    assert body["error"] == "ArgumentError"
    assert {fault["argument"] for fault in body["errors"]} == {"n", "carier"}
    assert body["request_id"] == "r-8"


def test_response_says_when_to_try_again(handler: Handler) -> None:
    """A database that is down may be back in a while."""
    FAILURES["down"] = SourceUnavailableError("could not connect to 10.0.0.7")

    response = handler(make_request(rawQueryString="fail=down"), Context("r-9"))

    assert response["statusCode"] == 503
    assert response["headers"]["retry-after"] == "30"
    assert json.loads(response["body"]) == {
        "error": "SourceUnavailableError",
        "message": "The database of Late cannot be reached now. Try again in a while.",
        "request_id": "r-9",
    }


def test_response_names_the_methods_when_another_was_used(handler: Handler) -> None:
    """HTTP wants the allowed methods beside status 405."""
    event = make_request(requestContext={"http": {"method": "PATCH"}})

    response = handler(event, Context())

    assert (response["statusCode"], response["headers"]["allow"]) == (405, "GET, POST, PUT")


@pytest.mark.parametrize("name", ["function-url", "http-api", "rest-api", "alb"])
def test_response_of_every_sample_event_has_the_form_of_http(name: str, handler: Handler) -> None:
    """Whatever the sample asks for, the gateway gets what it can hand on."""
    response = handler(load_event(name), Context())

    assert isinstance(response["statusCode"], int)
    assert isinstance(json.loads(response["body"]), dict)


def make_old_request(**changes: Any) -> dict[str, Any]:
    """Make the event of a REST API."""
    return {
        "resource": "/",
        "path": "/",
        "httpMethod": "POST",
        "headers": None,
        "multiValueHeaders": None,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "requestContext": {},
        "body": None,
        "isBase64Encoded": False,
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Task()),
        ({"queryStringParameters": {"n": "1"}}, Task({"n": "1"})),
        ({"queryStringParameters": {"c": "AA"},
          "multiValueQueryStringParameters": {"c": ["UA", "AA"]}}, Task({"c": ["UA", "AA"]})),
        ({"body": "n=1", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
         Task({"n": "1"})),
        ({"body": "n=1", "headers": {"Accept": None},
          "multiValueHeaders": {"content-TYPE": ["application/x-www-form-urlencoded"]}},
         Task({"n": "1"})),
        ({"resource": "/{day}", "pathParameters": {"day": "1"}}, Task({"day": "1"})),
    ],
)  # fmt: skip
def test_rest_api_is_read_as_other_requests_are(changes: dict[str, Any], expected: Task) -> None:
    """Names of headers come in any case, and parts may be null."""
    trigger, event = RestApiTrigger(), make_old_request(**changes)

    assert trigger.recognise(event)
    (message,) = trigger.read(event)
    assert list(message.read()) == [expected]


def make_balanced_request(**changes: Any) -> dict[str, Any]:
    """Make the event of a load balancer."""
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn"}},
        "httpMethod": "GET",
        "path": "/",
        "body": "",
        "isBase64Encoded": False,
        **changes,
    }


def test_load_balancer_gets_its_query_string_decoded() -> None:
    """Load balancers hand on the query string as it came."""
    event = make_balanced_request(queryStringParameters={"note": "a%20b"}, headers={})

    (message,) = LoadBalancerTrigger().read(event)

    assert list(message.read()) == [Task({"note": "a b"})]


def test_load_balancer_gets_headers_in_the_form_of_its_request(handler: Handler) -> None:
    """One value a header, or many: a setting of the target group."""
    single = handler(make_balanced_request(headers={}), Context())
    many = handler(make_balanced_request(multiValueHeaders={}), Context())

    assert single["statusDescription"] == "200 OK"
    assert single["headers"]["content-type"] == "application/json"
    assert "multiValueHeaders" not in single
    assert many["multiValueHeaders"]["content-type"] == ["application/json"]
    assert "headers" not in many


def test_health_check_is_answered_without_a_run(handler: Handler) -> None:
    """A check every few seconds must not query the database."""
    FAILURES["never"] = AssertionError("a health check ran the pipeline")
    event = make_balanced_request(
        headers={"user-agent": "ELB-HealthChecker/2.0"}, queryStringParameters={"fail": "never"}
    )

    response = handler(event, Context())

    assert (response["statusCode"], response["body"]) == (200, "ok")


def test_large_answer_is_refused_when_nobody_said_where_to_keep_it(
    handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load balancer carries 1 MB; an answer beyond it would be lost."""
    monkeypatch.delenv("DSPIPE_ANSWERS", raising=False)
    event = make_balanced_request(queryStringParameters={"n": "40000"}, headers={})

    response = handler(event, Context("r-5"))

    assert response["statusCode"] == 413
    assert json.loads(response["body"])["message"] == (
        "The answer has 1.5 MB, which is more than can be returned. Ask for fewer rows, or let "
        "DSPIPE_ANSWERS name a place in S3 where large answers are kept, as in s3://bucket/prefix."
    )


@pytest.mark.parametrize(
    ("domain", "expected"), [("x.execute-api.aws", 27.0), ("x.lambda-url.eu.on.aws", None)]
)
def test_gateway_waits_half_a_minute_and_a_function_url_as_long_as_it_takes(
    domain: str, expected: float | None
) -> None:
    """What takes longer than the gateway waits would be answered to nobody."""
    event = make_request(requestContext={"domainName": domain, "http": {}})

    assert HttpApiTrigger().limit_seconds(event) == expected


def test_rest_api_waits_half_a_minute() -> None:
    """As above."""
    assert RestApiTrigger().limit_seconds(make_old_request()) == 27.0
