"""Make calls fail as AWS fails them: denied, throttled, gone.

A test posts a list of objects with the fields of `Fault` to ``/stand-in/faults``.
"""

import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

XML_SERVICES = {"cloudformation", "iam", "sts", "sns", "s3", "monitoring"}
CREDENTIAL = re.compile(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/")


@dataclass(slots=True)
class Fault:
    """One failure to come.

    Attributes
    ----------
    service : str
        As boto3 signs it: ``lambda``, ``s3``, ``monitoring`` for CloudWatch.
    call : str
        Regular expression; searched in the action, and in ``METHOD /path`` of services without.
    code, message : str
        What boto3 shows.
    status : int
        Status of HTTP.
    times, after : int
        How many calls fail, after how many that pass.
    caller : str
        ``cloudformation`` for the calls that the execution of a stack makes; empty for all others.
    """

    service: str
    call: str
    code: str
    message: str
    status: int = 400
    times: int = 1
    after: int = 0
    caller: str = ""


FAULTS: list[Fault] = []
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_faults(application: Application) -> Application:
    """Put the faults in front of the stand-in."""

    def answer(request: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if request["PATH_INFO"] == "/stand-in/faults":
            FAULTS[:] = [Fault(**fault) for fault in json.loads(read_body(request) or "[]")]
            return reply(start, 200, "application/json", "{}")
        fault = find_fault(request) if FAULTS else None
        return application(request, start) if fault is None else fail(fault, start)

    return answer


def find_fault(request: dict[str, Any]) -> Fault | None:
    """Find the fault for a request, and count it."""
    match = CREDENTIAL.search(request.get("HTTP_AUTHORIZATION", ""))
    if match is None:
        return None
    caller, service = match.groups()
    call = describe_call(request)
    for fault in FAULTS:
        is_caller = caller == "cloudformation" if fault.caller else caller != "cloudformation"
        is_meant = fault.service == service and is_caller and re.search(fault.call, call)
        if is_meant and count(fault):
            return fault
    return None


def count(fault: Fault) -> bool:
    """Say whether it is the fault's turn: some calls may pass first."""
    if fault.after > 0:
        fault.after -= 1
        return False
    fault.times -= 1
    return fault.times >= 0


def describe_call(request: dict[str, Any]) -> str:
    """Give the action and the path of a request."""
    action = request.get("HTTP_X_AMZ_TARGET", "")
    if "x-www-form-urlencoded" in request.get("CONTENT_TYPE", ""):
        body = read_body(request)
        found = re.search(rb"(?:^|&)Action=([A-Za-z]+)", body)
        action = found[1].decode() if found else ""
    return f"{action} {request['REQUEST_METHOD']} {request['PATH_INFO']}"


def read_body(request: dict[str, Any]) -> bytes:
    """Read the body, and put it back."""
    body: bytes = request["wsgi.input"].read(int(request.get("CONTENT_LENGTH") or 0))
    request["wsgi.input"] = io.BytesIO(body)
    return body


def fail(fault: Fault, start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as the service does when it fails."""
    if fault.service in XML_SERVICES:
        error = f"<Code>{escape(fault.code)}</Code><Message>{escape(fault.message)}</Message>"
        body = (
            f"<Error>{error}</Error>"
            if fault.service == "s3"
            else f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>"
        )
        return reply(start, fault.status, "text/xml", body)
    body = json.dumps({"__type": fault.code, "message": fault.message})
    headers = [("x-amzn-errortype", fault.code)]
    return reply(start, fault.status, "application/json", body, headers)


def reply(
    start: Callable[..., Any],
    status: int,
    media_type: str,
    body: str,
    headers: list[tuple[str, str]] | None = None,
) -> Iterable[bytes]:
    """Answer a request."""
    content = body.encode()
    length = ("Content-Length", str(len(content)))
    start(f"{status} -", [("Content-Type", media_type), length, *(headers or [])])
    return [content]
