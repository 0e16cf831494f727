"""The contract of a trigger: recognise an event, read what it asks for, answer it.

A trigger knows one form of event and nothing of pipelines. Reading is lazy, one message at a time,
so that a poisoned message fails alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from dspipe._records import Run


@dataclass(frozen=True, slots=True)
class Task:
    """One run that is asked for.

    Attributes
    ----------
    arguments : mapping of str to object
        Arguments of `extract`, not yet checked.
    rows : list of dict, dict of lists, DataFrame or None
        Rows to score in the place of `extract`; None when the pipeline extracts them.
    continuation : str or None
        Token of an earlier answer that was not finished.
    """

    arguments: Mapping[str, object] = field(default_factory=dict)
    rows: Any = None
    continuation: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One part of an event that succeeds or fails as a whole.

    Attributes
    ----------
    id : str
        What a partial answer calls it: a message id, a sequence number; empty where there is one.
    read : callable
        Gives its tasks; raises `RequestError` for what cannot be read. Called once.
    accept : str
        Media types that the caller takes, as in the header of HTTP; empty for JSON.
    name : str
        What an answer that is kept is called after, such as the key of the object that was read.
    """

    id: str
    read: Callable[[], Sequence[Task]]
    accept: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What one task came to.

    Attributes
    ----------
    run : Run
        Predictions, rejected rows and the rest.
    continuation : str or None
        Token to go on from, when the time was over before the rows were.
    """

    run: "Run"
    continuation: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message failed, as far as its sender may know.

    Attributes
    ----------
    status : int
        Status of HTTP.
    kind : str
        Name of the error's class.
    message : str
        Without SQL, stack traces and secrets.
    errors : tuple of dict
        One record a faulty argument: ``argument``, ``problem``.
    error : BaseException
        What happened, for the log alone.
    """

    status: int
    kind: str
    message: str
    error: BaseException = field(repr=False)
    errors: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a message came to: results, or a failure."""

    message: Message
    results: tuple[Result, ...] = ()
    failure: Failure | None = None


class Trigger(ABC):
    """One form of event.

    Subclass it to teach the handler another one, and hand it to `make_handler`; the triggers of the
    user are asked first. A trigger holds no state of an event.
    """

    name: ClassVar[str]

    @abstractmethod
    def recognise(self, event: Any) -> bool:
        """Say whether an event is of this form, by what it holds alone; must never raise."""

    @abstractmethod
    def read(self, event: Any) -> Sequence[Message]:
        """Part an event into messages, in order, without reading their bodies."""

    @abstractmethod
    def answer(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """Make what the function returns, of JSON's own types.

        Parameters
        ----------
        event : object
            The event.
        outcomes : sequence of Outcome
            One a message, in order; fewer only when `is_ordered` and one failed.

        Raises
        ------
        Exception
            The error of a failure, where the caller learns of failures that way.
        """

    # Not abstract: most answers go back to who asked.
    def settle(self, outcome: Outcome) -> Outcome:
        """Put the answer to a message where it stays, while there is time; must never raise.

        Called once a message, before the next one is read. A failure of its own is given back as
        that of the outcome.
        """
        return outcome

    # Not abstract: most messages do not depend on each other.
    def is_ordered(self, event: Any) -> bool:
        """Say whether nothing may be done after a message that failed, as in a stream."""
        del event
        return False

    # Not abstract: most callers wait as long as the function may run.
    def limit_seconds(self, event: Any) -> float | None:
        """Tell how long the caller waits, where that is less than the function may run."""
        del event
        return None
