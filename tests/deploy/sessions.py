"""A hand-written `boto3.Session` that answers from a script."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

Answer = Any


class ScriptedSession:
    """Answers each operation from a script, and keeps the calls.

    Parameters
    ----------
    answers : mapping of str to answer
        By ``service.operation``. A list is answered in turn, its last one for ever; an exception is
        raised; a function is called with the parameters; anything else is the answer.
    """

    def __init__(self, answers: dict[str, Answer], region: str | None = "eu-west-1") -> None:
        self._answers = answers
        self._region = region
        self.calls: list[tuple[str, dict[str, Any]]] = []

    @property
    def region_name(self) -> str | None:
        """The region of the profile."""
        return self._region

    def client(self, service_name: str, **options: Any) -> "ScriptedClient":
        """Make the client of a service."""
        return ScriptedClient(service_name, self)

    def set(self, name: str, answer: Answer) -> None:
        """Change what an operation answers."""
        self._answers[name] = answer

    def answer(self, name: str, parameters: dict[str, Any]) -> Any:
        """Answer one call."""
        self.calls.append((name, parameters))
        found = self._answers[name]
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, BaseException):
            raise found
        return found(**parameters) if callable(found) else found

    def names(self) -> list[str]:
        """Name the calls in order."""
        return [name for name, _ in self.calls]


class ScriptedClient:
    """One service of a scripted session."""

    def __init__(self, service: str, session: ScriptedSession) -> None:
        self._service = service
        self._session = session

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return lambda **given: self._session.answer(f"{self._service}.{operation}", given)

    def get_paginator(self, operation: str) -> "ScriptedPages":
        """Make what goes through the pages of a list."""
        return ScriptedPages(f"{self._service}.{operation}", self._session)


class ScriptedPages:
    """The pages of one list: one."""

    def __init__(self, name: str, session: ScriptedSession) -> None:
        self._name = name
        self._session = session

    def paginate(self, **given: Any) -> Iterator[Any]:
        """Give the page."""
        yield self._session.answer(self._name, given)


def refusal(code: str, message: str = "", operation: str = "Operation") -> ClientError:
    """Make the error that boto3 raises when AWS refuses."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)
