"""The response to a request over HTTP, before it takes the form of one of AWS's events."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any

from dspipe._responses import dumps
from dspipe.aws_lambda._base import Failure, Outcome, Result
from dspipe.aws_lambda._invocation import current_invocation
from dspipe.aws_lambda.answers._failures import make_failure
from dspipe.aws_lambda.answers._formats import RECORDS, Format, choose_format, write_answer
from dspipe.aws_lambda.answers._sizes import is_too_large, link_answer
from dspipe.aws_lambda.triggers._direct import tell_failure

_RETRY_SECONDS = {429: "10", 503: "30"}


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers and body of a response."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def phrase(self) -> str:
        """What the status is called."""
        return HTTPStatus(self.status).phrase


def make_reply(
    outcomes: Sequence[Outcome], write: Callable[[Reply], dict[str, Any]], most_bytes: int
) -> Reply:
    """Make the response to a request.

    Parameters
    ----------
    outcomes : sequence of Outcome
        That of the one message; none for a health check.
    write : callable
        Gives a response the form of its event, to see how large it is.
    most_bytes : int
        What can be carried.
    """
    if not outcomes:
        return Reply(200, {"content-type": "text/plain"}, "ok")
    (outcome,) = outcomes
    if outcome.failure is not None:
        return _reply_failure(outcome.failure)
    form = choose_format(outcome.message.accept)
    text = write_answer(outcome.results, form)
    reply = Reply(200, _make_headers(outcome.results, form.media_type), text)
    if is_too_large(partial(write, reply), len(text), most_bytes):
        return _reply_link(outcome, form, text)
    return reply


def _reply_link(outcome: Outcome, form: Format, text: str) -> Reply:
    try:
        linked = link_answer(
            text,
            name=outcome.message.name,
            extension=form.extension,
            media_type=form.media_type,
        )
    except Exception as error:  # noqa: BLE001 - whoever asked gets a response, whatever S3 says
        failure = make_failure(error)
        current_invocation().late_failures.append(failure)
        return _reply_failure(failure)
    return Reply(200, _make_headers(outcome.results, RECORDS.media_type), dumps(linked))


def _reply_failure(failure: Failure) -> Reply:
    request_id = current_invocation().request_id
    headers = {"content-type": RECORDS.media_type, **_name_request(request_id)}
    if failure.status in _RETRY_SECONDS:
        headers["retry-after"] = _RETRY_SECONDS[failure.status]
    if failure.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["allow"] = "GET, POST, PUT"
    return Reply(
        failure.status, headers, dumps({**tell_failure(failure), "request_id": request_id})
    )


def _make_headers(results: Sequence[Result], media_type: str) -> dict[str, str]:
    headers = {"content-type": media_type, **_name_request(current_invocation().request_id)}
    if len(results) == 1:
        (result,) = results
        origin = result.run.provenance
        headers.update(_name_origin(origin.model_id, origin.commit))
        if result.continuation is not None:
            headers["x-dspipe-continuation"] = result.continuation
    return headers


def _name_request(request_id: str) -> dict[str, str]:
    return {"x-dspipe-request-id": request_id} if request_id else {}


@lru_cache(maxsize=8)
def _name_origin(model_id: str | None, commit: str | None) -> dict[str, str]:
    named = {"x-dspipe-model": model_id, "x-dspipe-commit": commit}
    # Headers of HTTP are ASCII; a name beyond it is told in the body.
    return {name: value for name, value in named.items() if value and value.isascii()}
