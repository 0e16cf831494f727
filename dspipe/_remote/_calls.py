"""One request, sent until it is answered, refused, or out of time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from time import monotonic
from typing import TypeVar

from dspipe._deadline import remaining_seconds, shorten_timeout
from dspipe._remote._messages import (
    NoAnswerError,
    Request,
    Response,
    Send,
    Service,
)
from dspipe._remote._pace import Pace
from dspipe._remote._retry import RequestLimits, read_retry_after
from dspipe._text import count
from dspipe.errors import PredictorError, PredictorTimeoutError, PredictorUnavailableError

Read = TypeVar("Read")
LEAST_PACKED_BYTES = 4096
_REFUSE_PACKED = frozenset({400, 415})
_COLD = 503
_SHORTEST_SECONDS = 0.02


class TooLargeError(Exception):
    """The service takes no request as large as this one."""


class HaltedError(Exception):
    """Somebody else found out that there is no use in asking on."""


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Time and chance, which tests replace; `sleep` None waits until somebody halts the work."""

    clock: Callable[[], float] = monotonic
    sleep: Callable[[float], object] | None = None
    chance: Callable[[], float] | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(slots=True)
class _Errand:
    """How far one request has come."""

    request: Request
    rows: str
    halt: threading.Event
    started: float
    is_packed: bool
    attempts: int = 0
    n_counted: int = 0
    is_renewed: bool = False
    was_refused_packed: bool = False
    trouble: list[NoAnswerError] = field(default_factory=list)


class Caller:
    """Sends requests of one service; all threads share its pace.

    Parameters
    ----------
    service : Service
    send : callable
        Carries one request; see `Send`.
    limits : RequestLimits
    is_packing : bool, default=False
        Whether to send larger bodies gzipped, until the service refuses one.
    clockwork : Clockwork, optional
        Time and chance.
    """

    def __init__(
        self,
        service: Service,
        send: Send,
        limits: RequestLimits,
        *,
        is_packing: bool = False,
        clockwork: Clockwork | None = None,
    ) -> None:
        self._service, self._send, self._limits = service, send, limits
        self._time = clockwork or Clockwork()
        self._pace = Pace(limits.workers, clock=self._time.clock)
        self.is_packing = is_packing

    def ask(
        self,
        request: Request,
        read: Callable[[Response], Read],
        *,
        rows: str,
        halt: threading.Event,
    ) -> tuple[Read, dict[str, object]]:
        """Send a request until its answer can be read; give it, and how often it was sent.

        Raises
        ------
        TooLargeError
            If the service wants fewer rows in a request.
        HaltedError
            If `halt` was set while this waited.
        PredictorError
            If the service refuses it, or does not answer in time and attempts.
        """
        is_packed = self.is_packing and len(request.body) >= LEAST_PACKED_BYTES
        errand = _Errand(request, rows, halt, self._time.clock(), is_packed)
        while True:
            try:
                answer = self._try(errand, read)
            except NoAnswerError as error:
                if error.is_final:
                    raise self._give_up(errand, error) from error
                errand.n_counted += 1
                errand.trouble.append(error)
                self._wait(errand, self._backoff(errand))
                continue
            if answer is not None:
                self._pace.go_well()
                return answer, {"requests": 1, "retries": errand.attempts - 1}

    def _try(self, errand: _Errand, read: Callable[[Response], Read]) -> Read | None:
        """Send once; None says that it may be sent again."""
        with self._pace.turn(lambda: self._check(errand)):
            while (pause := self._pace.pause_seconds()) > 0:
                self._sleep(errand, pause)
            timeout = self._timeout(errand)
            errand.attempts += 1
            signed = self._service.sign(
                _pack(errand.request) if errand.is_packed else errand.request
            )
            response = self._send(signed, timeout)
        match self._service.classify(response):
            case "answered":
                if errand.was_refused_packed:
                    self.is_packing = False
                return read(response)
            case "busy":
                self._wait_until_free(errand, response)
            case "too_large":
                raise TooLargeError
            case "renew" if not errand.is_renewed and self._service.renew(signed):
                errand.is_renewed = True
            case _ if errand.is_packed and response.status in _REFUSE_PACKED:
                errand.is_packed, errand.was_refused_packed = False, True
            case _:
                raise self._service.refuse(response, errand.rows)
        return None

    def _wait_until_free(self, errand: _Errand, response: Response) -> None:
        """Let all workers wait; a service that is starting costs no attempts."""
        spent = self._time.clock() - errand.started
        if response.status != _COLD or spent >= self._limits.cold_start_seconds:
            errand.n_counted += 1
        errand.trouble.append(NoAnswerError(f"it answered {say_status(response.status)}"))
        asked = read_retry_after(response.headers.get("retry-after"), self._time.now())
        seconds = self._backoff(errand) if asked is None else asked
        self._check_is_worth_it(errand, seconds)
        self._pace.slow_down(seconds)

    def _backoff(self, errand: _Errand) -> float:
        return self._limits.wait_seconds(len(errand.trouble), (self._time.chance or _draw)())

    def _wait(self, errand: _Errand, seconds: float) -> None:
        self._check_is_worth_it(errand, seconds)
        self._sleep(errand, seconds)

    def _check_is_worth_it(self, errand: _Errand, seconds: float) -> None:
        """Give up where attempts are spent, or the time would be over after the wait."""
        if errand.n_counted >= self._limits.attempts or seconds >= self._left(errand):
            last = errand.trouble[-1]
            raise self._give_up(errand, last, waiting=seconds) from last

    def _timeout(self, errand: _Errand) -> float:
        left = self._left(errand)
        if left < _SHORTEST_SECONDS:
            late = NoAnswerError("there was no time left to ask it", is_timeout=True)
            raise self._give_up(errand, errand.trouble[-1] if errand.trouble else late)
        seconds = shorten_timeout(min(self._limits.timeout_seconds, left))
        return left if seconds is None else seconds

    def _left(self, errand: _Errand) -> float:
        """Tell how much time the errand has: its own, and that of the run."""
        spent, of_run = self._time.clock() - errand.started, remaining_seconds()
        own = self._limits.give_up_seconds - spent
        return own if of_run is None else min(own, of_run)

    def _sleep(self, errand: _Errand, seconds: float) -> None:
        if self._time.sleep is not None:
            self._time.sleep(seconds)
        else:
            errand.halt.wait(min(seconds, max(self._left(errand), 0.0)))
        self._check(errand)

    def _check(self, errand: _Errand) -> None:
        if errand.halt.is_set():
            raise HaltedError
        if self._left(errand) < _SHORTEST_SECONDS:
            self._timeout(errand)

    def _give_up(
        self, errand: _Errand, last: NoAnswerError, *, waiting: float = 0.0
    ) -> PredictorError:
        of_run = remaining_seconds()
        is_late = last.is_timeout or (of_run is not None and waiting >= of_run)
        kind = PredictorTimeoutError if is_late else PredictorUnavailableError
        spent = self._time.clock() - errand.started
        return kind(
            f"{self._service.name} gave no answer for {errand.rows}: {last}. It was asked "
            f"{count(errand.attempts, 'time')} in {spent:.3g} seconds. See whether it is up, or "
            "allow more time and attempts with RequestLimits."
        )


def say_status(status: int) -> str:
    """Write a status with its phrase.

    >>> say_status(503), say_status(570)
    ('503 (Service Unavailable)', '570')
    """
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


def _draw() -> float:
    import random  # only waiting needs chance

    return random.random()  # noqa: S311 - it spreads requests, and guards nothing


def _pack(request: Request) -> Request:
    import gzip

    # Level 1 is five times faster than the default and packs CSV nearly as well.
    body = gzip.compress(request.body, compresslevel=1, mtime=0)
    return replace(request, body=body, headers={**request.headers, "content-encoding": "gzip"})
