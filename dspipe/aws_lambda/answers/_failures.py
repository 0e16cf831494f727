"""Why a message failed, in words that its sender may read.

What the sender did is told in full, for it repeats what was sent. What happened inside is told by
kind alone, for it may hold SQL, data and secrets: the log has the rest under the request's id.
"""

from collections.abc import Iterator

from dspipe.aws_lambda._base import Failure
from dspipe.aws_lambda._invocation import current_invocation
from dspipe.errors import (
    ArgumentError,
    ContinuationError,
    DeadlineError,
    PredictorTimeoutError,
    RequestError,
    SourceTimeoutError,
    SourceUnavailableError,
    StageOutputError,
    TriggerError,
)

TOO_MANY_REQUESTS = 429
_INTERNAL = 500
_MOST_CAUSES = 10
_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)

# The sender's own doing: its message is for the sender.
_TOLD: tuple[tuple[type[BaseException], int], ...] = (
    (ArgumentError, 400),
    (ContinuationError, 400),
    (DeadlineError, 504),
    (TriggerError, 400),
)
# What happened inside, in words of its own.
_HIDDEN: tuple[tuple[type[BaseException], int, str], ...] = (
    (
        SourceUnavailableError,
        503,
        "The database of {pipeline} cannot be reached now. Try again in a while.",
    ),
    (
        SourceTimeoutError,
        504,
        "The database of {pipeline} did not answer in time. Ask for fewer rows, or try again.",
    ),
    (
        PredictorTimeoutError,
        504,
        "The model of {pipeline} did not answer in time. Ask for fewer rows, or try again.",
    ),
)


def make_failure(error: BaseException, *, are_rows_given: bool = False) -> Failure:
    """Say why a message failed.

    Parameters
    ----------
    error : BaseException
        What was raised.
    are_rows_given : bool, default=False
        Whether the rows came with the message: then what is wrong with them is the sender's doing.

    Examples
    --------
    >>> make_failure(KeyError("password=tiger"))
    Failure(status=500, kind='KeyError', message='The pipeline failed with KeyError.', errors=())
    """
    kind = type(error).__name__
    if isinstance(error, RequestError):
        return Failure(error.status, kind, str(error), error)
    for told, status in _TOLD:
        if isinstance(error, told):
            return Failure(status, kind, str(error), error, tuple(getattr(error, "errors", ())))
    if are_rows_given and isinstance(error, StageOutputError):
        return Failure(422, kind, str(error), error)
    status, sentence = _find_sentence(error)
    invocation = current_invocation()
    message = sentence.format(pipeline=invocation.pipeline or "The pipeline", kind=kind)
    message = message[0].upper() + message[1:]
    if status == _INTERNAL and invocation.request_id:
        message = f"{message} The log of request {invocation.request_id} says why."
    return Failure(status, kind, message, error)


def _find_sentence(error: BaseException) -> tuple[int, str]:
    for hidden, status, sentence in _HIDDEN:
        if isinstance(error, hidden):
            return status, sentence
    if any(map(_is_throttled, _iter_causes(error))):
        return (
            TOO_MANY_REQUESTS,
            "A service that {pipeline} needs takes no more requests now. Try again in a while.",
        )
    return _INTERNAL, "{pipeline} failed with {kind}."


def _iter_causes(error: BaseException) -> Iterator[BaseException]:
    """Give an error and what it was raised from, first the error."""
    link: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def _is_throttled(error: BaseException) -> bool:
    """Tell by the forms that AWS's and HTTP's clients give their errors, without importing them."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return response.get("Error", {}).get("Code") in _THROTTLED
    statuses = (
        getattr(holder, name, None)
        for holder in (error, response)
        for name in ("status", "status_code", "code")
    )
    return TOO_MANY_REQUESTS in statuses
