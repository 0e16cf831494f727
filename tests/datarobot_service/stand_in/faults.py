"""Failures to come: which requests fail, and how.

A fault is a function from a request, and from what would answer it, to the response: it can answer
in the place of the service, change what the service answered, or say how the answer is lost.
"""

import csv
import io
import json
import random
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from datarobot_service.stand_in.messages import CSV, ApiError, Request, Response, reply_error

Answer = Callable[[Request], Response]
Fault = Callable[[Request, Answer], Response]
Choice = Callable[[int, Request], "Fault | None"]
SCORING = r"POST .*/predictions/?$"
LOGIN_PAGE = b"<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>"


@dataclass
class Rule:
    """A choice among the requests whose method and path fit a pattern; it numbers them from 1."""

    where: str
    choose: Choice
    n_seen: int = 0


@dataclass
class Faults:
    """The plan of failures; empty at first. The first rule with a fault for a request decides."""

    rules: list[Rule] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def decide(self, choose: Choice, *, where: str = SCORING) -> None:
        """Let a function of the number (from 1) and the request choose the fault, or None."""
        with self.lock:
            self.rules.append(Rule(where, choose))

    def at(self, faults: Mapping[int, Fault], *, where: str = SCORING) -> None:
        """Fail the requests with these numbers, counted from 1 among those that fit `where`."""
        self.decide(lambda number, _: faults.get(number), where=where)

    def first(self, n_requests: int, fault: Fault, *, where: str = SCORING) -> None:
        """Fail the first requests that come."""
        self.decide(lambda number, _: fault if number <= n_requests else None, where=where)

    def always(self, fault: Fault, *, where: str = SCORING) -> None:
        """Fail every request."""
        self.decide(lambda _, __: fault, where=where)

    def randomly(
        self, probability: float, faults: Sequence[Fault], *, seed: int, where: str = SCORING
    ) -> None:
        """Fail each request with a probability, with one of the faults."""
        chance = random.Random(seed)  # noqa: S311 - a plan that can be repeated, no secret
        self.decide(
            lambda _, __: chance.choice(faults) if chance.random() < probability else None,
            where=where,
        )

    def clear(self) -> None:
        """Forget all that was planned."""
        with self.lock:
            self.rules.clear()

    def find(self, request: Request) -> Fault | None:
        """Find the fault for a request, and count the request."""
        call = f"{request.method} {request.path}"
        found: Fault | None = None
        with self.lock:
            for rule in self.rules:
                if re.search(rule.where, call):
                    rule.n_seen += 1
                    found = found or rule.choose(rule.n_seen, request)
        return found


# --- in the place of an answer --------------------------------------------------------------------
def status(
    code: int, message: object = "Planned by the test.", *, retry_after: str | None = None
) -> Fault:
    """Answer with an error."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    error = ApiError(code, message, headers)
    return lambda request, answer: reply_error(error)


def throttled(retry_after: str | None = None) -> Fault:
    """Answer that there were too many requests."""
    return status(429, "Rate limit exceeded.", retry_after=retry_after)


def cold() -> Fault:
    """Answer as a serverless deployment does before its first replica is up."""
    return status(503, "No replica of the deployment is ready.")


def reset() -> Fault:
    """Reset the connection without an answer; the rows were not scored."""
    return lambda request, answer: Response(ends_after_bytes=0, is_reset=True)


def closed() -> Fault:
    """Close the connection without an answer; the rows were not scored."""
    return lambda request, answer: Response(ends_after_bytes=0)


def login_page(code: int = 200) -> Fault:
    """Answer with HTML, as proxies do whose session is over."""
    headers = {"Content-Type": "text/html; charset=utf-8"}
    return lambda request, answer: Response(code, LOGIN_PAGE, headers)


def bare(code: int, body: bytes = b"") -> Fault:
    """Answer with a status and no type of content."""
    return lambda request, answer: Response(code, body)


# --- how an answer is lost ------------------------------------------------------------------------
def lost() -> Fault:
    """Score the rows, then reset the connection: the client cannot know."""
    return lambda request, answer: replace(answer(request), ends_after_bytes=0, is_reset=True)


def cut(n_bytes: int, *, is_reset: bool = False) -> Fault:
    """End the connection in the middle of the answer, after so many bytes of it and its headers."""
    return lambda request, answer: replace(
        answer(request), ends_after_bytes=n_bytes, is_reset=is_reset
    )


def slow(seconds_a_piece: float, *, piece_bytes: int = 64) -> Fault:
    """Send the answer in small pieces, with a pause before each."""
    return lambda request, answer: replace(
        answer(request), piece_bytes=piece_bytes, seconds_a_piece=seconds_a_piece
    )


def hanging(seconds: float = 3600) -> Fault:
    """Keep the connection, and say nothing before the time is over or the stand-in ends."""
    return lambda request, answer: replace(
        answer(request), piece_bytes=1 << 30, seconds_a_piece=seconds
    )


# --- how an answer is wrong -----------------------------------------------------------------------
def body_changed(change: Callable[[bytes], bytes]) -> Fault:
    """Change the bytes of the answer; its length in the headers is that of the changed one."""

    def fail(request: Request, answer: Answer) -> Response:
        response = answer(request)
        assert isinstance(response.body, bytes)
        return replace(response, body=change(response.body))

    return fail


def truncated(n_bytes: int) -> Fault:
    """Leave the last bytes out, and pretend that this is all."""
    return body_changed(lambda body: body[:-n_bytes])


def rows_changed(change: Callable[[list[object]], list[object]]) -> Fault:
    """Change the list of rows of an answer in CSV or JSON; the header of CSV stays."""

    def fail(request: Request, answer: Answer) -> Response:
        response = answer(request)
        assert isinstance(response.body, bytes)
        is_csv = response.headers.get("Content-Type", "").startswith(CSV)
        changed = (change_csv if is_csv else change_json)(response.body, change)
        return replace(response, body=changed)

    return fail


def change_csv(body: bytes, change: Callable[[list[object]], list[object]]) -> bytes:
    """Change the rows of CSV."""
    header, *rows = csv.reader(io.StringIO(body.decode()))
    out = io.StringIO()
    changed = change(list(rows))
    csv.writer(out, lineterminator="\n").writerows([header, *changed])  # type: ignore[list-item]
    return out.getvalue().encode()


def change_json(body: bytes, change: Callable[[list[object]], list[object]]) -> bytes:
    """Change the rows of JSON."""
    content = json.loads(body)
    content["data"] = change(content["data"])
    return json.dumps(content).encode("ascii")


def fewer_rows(n_rows: int = 1) -> Fault:
    """Leave out the last rows."""
    return rows_changed(lambda rows: rows[:-n_rows])


def more_rows(n_rows: int = 1) -> Fault:
    """Send the first rows twice."""
    return rows_changed(lambda rows: rows + rows[:n_rows])


def doubled_row() -> Fault:
    """Send the first row in the place of the last: the count is right."""
    return rows_changed(lambda rows: rows[:-1] + rows[:1])


def shuffled(seed: int = 0) -> Fault:
    """Send the rows in another order."""
    order = random.Random(seed)  # noqa: S311 - a plan that can be repeated, no secret

    def shuffle(rows: list[object]) -> list[object]:
        changed = order.sample(rows, len(rows))
        return changed if changed != rows else rows[::-1]

    return rows_changed(shuffle)
