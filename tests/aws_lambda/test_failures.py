"""Every error has a status, and tells its sender no more than he may know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe.aws_lambda._invocation import Invocation, begin_invocation
from dspipe.aws_lambda.answers._failures import make_failure
from dspipe.errors import (
    ArgumentError,
    ConfigurationError,
    ContinuationError,
    ContractError,
    DeadlineError,
    PredictorError,
    PredictorTimeoutError,
    RequestError,
    SourceAuthenticationError,
    SourceError,
    SourceTimeoutError,
    SourceUnavailableError,
    StageOutputError,
    TriggerError,
)

SECRET = "select pin from cards where password='tulip'"  # noqa: S105 - what must not be told


@pytest.fixture(autouse=True)
def _invocation() -> None:
    begin_invocation(Invocation("r-1", is_cold=False, pipeline="Late"))


class _ThrottledError(Exception):
    """Is what AWS's client raises, as far as it matters."""

    response = {"Error": {"Code": "ThrottlingException"}}  # noqa: RUF012 - as botocore has it


class _BusyError(Exception):
    """Is what an HTTP client raises, as far as it matters."""

    status_code = 429


def raise_from(error: Exception, cause: Exception) -> Exception:
    """Link an error with its cause."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ArgumentError("No day."), 400),
        (ContinuationError("No token."), 400),
        (TriggerError("No event."), 400),
        (RequestError("No CSV.", status=415), 415),
        (DeadlineError("No time."), 504),
    ],
)
def test_failure_tells_all_when_it_is_the_senders_doing(error: Exception, status: int) -> None:
    """What was sent may be repeated to who sent it."""
    failure = make_failure(error)

    assert (failure.status, failure.kind, failure.message) == (
        status,
        type(error).__name__,
        str(error),
    )


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (SourceUnavailableError(SECRET), 503,
         "The database of Late cannot be reached now. Try again in a while."),
        (SourceTimeoutError(SECRET), 504,
         "The database of Late did not answer in time. Ask for fewer rows, or try again."),
        (PredictorTimeoutError(SECRET), 504,
         "The model of Late did not answer in time. Ask for fewer rows, or try again."),
        (raise_from(PredictorError(SECRET), _BusyError()), 429,
         "A service that Late needs takes no more requests now. Try again in a while."),
        (raise_from(ConfigurationError(SECRET), _ThrottledError()), 429,
         "A service that Late needs takes no more requests now. Try again in a while."),
        (SourceAuthenticationError(SECRET), 500,
         "Late failed with SourceAuthenticationError. The log of request r-1 says why."),
        (SourceError(SECRET), 500,
         "Late failed with SourceError. The log of request r-1 says why."),
        (ContractError(SECRET), 500,
         "Late failed with ContractError. The log of request r-1 says why."),
        (KeyError(SECRET), 500, "Late failed with KeyError. The log of request r-1 says why."),
        (SystemExit(SECRET), 500, "Late failed with SystemExit. The log of request r-1 says why."),
    ],
)  # fmt: skip
def test_failure_tells_its_kind_when_it_happened_inside(
    error: BaseException, status: int, message: str
) -> None:
    """SQL, data and secrets stay inside."""
    failure = make_failure(error)

    assert (failure.status, failure.kind, failure.message) == (
        status,
        type(error).__name__,
        message,
    )
    assert SECRET not in repr(failure)


@pytest.mark.parametrize("error", [ContractError("Column 'x' is 5."), StageOutputError("No key.")])
def test_failure_is_422_when_the_rows_were_given(error: Exception) -> None:
    """What is wrong with given rows is their sender's doing."""
    failure = make_failure(error, are_rows_given=True)

    assert (failure.status, failure.message) == (422, str(error))


def test_failure_lists_the_faulty_arguments() -> None:
    """Machines read the list, people the message."""
    faults = [{"argument": "day", "problem": "it is missing"}]

    failure = make_failure(ArgumentError("No day.", errors=faults))

    assert failure.errors == ({"argument": "day", "problem": "it is missing"},)


@given(st.text())
def test_failure_of_users_code_never_holds_its_message(text: str) -> None:
    """Whatever the user's code says stays inside."""
    failure = make_failure(ValueError(f"<{text}>"))

    assert failure.message == "Late failed with ValueError. The log of request r-1 says why."


def test_failure_ends_when_causes_go_round_in_a_circle() -> None:
    """A chain of errors may bite its own tail."""
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one

    failure = make_failure(one)

    assert failure.status == 500
