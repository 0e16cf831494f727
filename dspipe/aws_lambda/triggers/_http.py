"""Requests over HTTP: Function URL and HTTP API, REST API, and load balancer.

The three forms of event differ in where the parts of a request are; what they ask for is read in
one way: arguments from path, query string and body, the form of the answer from ``Accept``.
"""

import base64
import binascii
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote_plus

from dspipe.aws_lambda._base import Message, Outcome, Task, Trigger
from dspipe.aws_lambda.answers._formats import check_format, choose_format
from dspipe.aws_lambda.answers._sizes import MOST_BYTES
from dspipe.aws_lambda.requests._bodies import ENVELOPE, gather_pairs, read_tasks, to_task
from dspipe.aws_lambda.triggers._replies import Reply, make_reply
from dspipe.errors import RequestError

_METHODS = frozenset({"GET", "POST", "PUT"})
_HEALTH_CHECKER = "ELB-HealthChecker"
# Gateways give up after 29 seconds (REST) or 30, and the answer has to travel.
_GATEWAY_SECONDS = 27.0

Pairs = Sequence[tuple[str, str]]


class HttpTrigger(Trigger):
    """What all requests over HTTP share."""

    most_bytes: ClassVar[int] = MOST_BYTES

    def read(self, event: Any) -> Sequence[Message]:
        """Read the request as one message."""
        accept = self.find_header(event, "accept")
        return [Message("", partial(self._read_tasks, event, accept), accept)]

    def answer(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """Make the response, whatever the outcome."""
        return self.write(event, make_reply(outcomes, partial(self.write, event), self.most_bytes))

    @abstractmethod
    def find_method(self, event: Any) -> str:
        """Find the method, in capital letters."""

    @abstractmethod
    def find_header(self, event: Any, name: str) -> str:
        """Find a header by its name in small letters; empty when it is not there."""

    @abstractmethod
    def find_query(self, event: Any) -> Pairs:
        """Find the pairs of the query string, decoded."""

    @abstractmethod
    def find_route(self, event: Any) -> str:
        """Find the route with its ``{parameters}``."""

    # Not abstract: two of the three forms take it.
    def write(self, event: Any, reply: Reply) -> dict[str, Any]:
        """Write a response in the form that the event asks for."""
        del event
        return {
            "statusCode": reply.status,
            "headers": dict(reply.headers),
            "body": reply.body,
            "isBase64Encoded": False,
        }

    def _read_tasks(self, event: Any, accept: str) -> Sequence[Task]:
        form = choose_format(accept)
        method = self.find_method(event)
        if method not in _METHODS:
            raise RequestError(
                f"The method {method} asks for nothing here. Send GET or POST.", status=405
            )
        content = event.get("body")
        tasks: Sequence[Task] = (Task(),)
        if content:
            if event.get("isBase64Encoded"):
                content = _decode(content)
            tasks = read_tasks(content, self.find_header(event, "content-type"))
        query, path = self.find_query(event), self._find_path(event)
        if query or path:
            tasks = [_merge(task, query, path) for task in tasks]
        check_format(form, len(tasks))
        return tasks

    def _find_path(self, event: Any) -> Mapping[str, str]:
        """Find the parameters of the path; what a greedy one holds is a path and no argument."""
        found = event.get("pathParameters")
        if not found:
            return {}
        route = self.find_route(event)
        return {name: value for name, value in found.items() if f"{{{name}+}}" not in route}


class HttpApiTrigger(HttpTrigger):
    """A Function URL, or an HTTP API with the payload format 2.0."""

    name: ClassVar[str] = "http api"

    def recognise(self, event: Any) -> bool:
        """Take what has ``requestContext.http``."""
        context = event.get("requestContext") if isinstance(event, dict) else None
        return isinstance(context, dict) and isinstance(context.get("http"), dict)

    # A Function URL waits as long as the function may run; the gateway gives up before.
    def limit_seconds(self, event: Any) -> float | None:
        """Tell how long the gateway waits."""
        domain = event["requestContext"].get("domainName") or ""
        return None if ".lambda-url." in domain else _GATEWAY_SECONDS

    def find_method(self, event: Any) -> str:
        """Find the method, in capital letters."""
        return str(event["requestContext"]["http"].get("method", "GET")).upper()

    def find_header(self, event: Any, name: str) -> str:
        """Find a header; here their names come in small letters."""
        headers = event.get("headers")
        return headers.get(name) or "" if headers else ""

    def find_query(self, event: Any) -> Pairs:
        """Find the pairs of the query string, decoded."""
        text = event.get("rawQueryString")
        return parse_qsl(text, keep_blank_values=True) if text else ()

    def find_route(self, event: Any) -> str:
        """Find the route with its ``{parameters}``."""
        return str(event.get("routeKey", ""))


class _ManyValuesTrigger(HttpTrigger):
    """What REST APIs and load balancers share: names may come with one value or with many."""

    def find_method(self, event: Any) -> str:
        """Find the method, in capital letters."""
        return str(event.get("httpMethod", "GET")).upper()

    def find_header(self, event: Any, name: str) -> str:
        """Find a header, however its name is written."""
        for header, value in (event.get("headers") or {}).items():
            if header.lower() == name:
                return value or ""
        for header, values in (event.get("multiValueHeaders") or {}).items():
            if header.lower() == name:
                return ", ".join(values or ())
        return ""

    def find_query(self, event: Any) -> Pairs:
        """Find the pairs of the query string, decoded."""
        many = event.get("multiValueQueryStringParameters")
        if many:
            return [(name, value) for name, values in many.items() for value in values]
        return list((event.get("queryStringParameters") or {}).items())

    def find_route(self, event: Any) -> str:
        """Find the route with its ``{parameters}``."""
        return str(event.get("resource", ""))


class RestApiTrigger(_ManyValuesTrigger):
    """A REST API, or an HTTP API with the payload format 1.0."""

    name: ClassVar[str] = "rest api"

    def recognise(self, event: Any) -> bool:
        """Take what has a method, a resource and a context that is no load balancer's."""
        return (
            isinstance(event, dict)
            and isinstance(event.get("requestContext"), dict)
            and "elb" not in event["requestContext"]
            and "httpMethod" in event
            and "resource" in event
        )

    def limit_seconds(self, event: Any) -> float | None:
        """Tell how long the gateway waits."""
        del event
        return _GATEWAY_SECONDS


class LoadBalancerTrigger(_ManyValuesTrigger):
    """An Application Load Balancer; its health checks are answered without a run."""

    name: ClassVar[str] = "load balancer"
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html,
    # read 2026-11-23: at most 1 MB.
    most_bytes: ClassVar[int] = 1024 * 1024

    def recognise(self, event: Any) -> bool:
        """Take what has ``requestContext.elb``."""
        context = event.get("requestContext") if isinstance(event, dict) else None
        return isinstance(context, dict) and "elb" in context

    def read(self, event: Any) -> Sequence[Message]:
        """Read the request as one message, a health check as none."""
        if self.find_header(event, "user-agent").startswith(_HEALTH_CHECKER):
            return []
        return super().read(event)

    def find_query(self, event: Any) -> Pairs:
        """Find the pairs of the query string, which a load balancer hands on as they came."""
        return [
            (unquote_plus(name), unquote_plus(value)) for name, value in super().find_query(event)
        ]

    def write(self, event: Any, reply: Reply) -> dict[str, Any]:
        """Write a response with one value a header or with many, as the request has them."""
        written = super().write(event, reply)
        written["statusDescription"] = f"{reply.status} {reply.phrase}"
        if "multiValueHeaders" in event:
            headers = written.pop("headers")
            written["multiValueHeaders"] = {name: [value] for name, value in headers.items()}
        return written


def _merge(task: Task, query: Pairs, path: Mapping[str, str]) -> Task:
    """Join what the body asks for with the arguments of the query string and of the path."""
    asked = to_task(gather_pairs([*_with_text(query)])) if query else Task()
    given = {**asked.arguments, **path}
    twice = sorted((asked.arguments.keys() & path.keys()) | (given.keys() & task.arguments.keys()))
    if twice:
        raise RequestError(
            f"The argument '{twice[0]}' is given in more than one of path, query string and body. "
            "Give it once."
        )
    continuation = task.continuation or asked.continuation
    return Task({**task.arguments, **given}, task.rows, continuation)


def _with_text(query: Pairs) -> Iterable[tuple[str, str]]:
    """Refuse what a query string cannot say, and give the rest."""
    for name, value in query:
        if name in ENVELOPE and name != "continuation":
            raise RequestError(
                f"The query string has '{name}'. Send it in a body of JSON; of dspipe's own names "
                "a query string takes 'continuation' alone."
            )
        yield name, value


def _decode(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestError(
            f"The body is said to be base64 and is not: {error}. Send it as it is, or encode it."
        ) from error
