"""Rows to pieces, pieces to requests, and every answer back in its place."""

import threading
from collections import deque
from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from dspipe._deadline import is_over
from dspipe._facts import ATTRIBUTE, add_facts
from dspipe._remote._calls import Caller, HaltedError, TooLargeError
from dspipe._remote._messages import Answer, Service
from dspipe._remote._retry import RequestLimits
from dspipe._text import count
from dspipe.errors import (
    PartialAnswerError,
    PredictorAnswerError,
    PredictorAuthenticationError,
    PredictorError,
    PredictorTimeoutError,
    PredictorUnavailableError,
)

if TYPE_CHECKING:
    from concurrent.futures import Future

    import pandas as pd

_N_SAMPLED = 32
_ROOM = 0.9  # of a request, because rows differ in length
# After these there is no use in asking for other rows.
_HOPELESS = (PredictorAuthenticationError, PredictorTimeoutError, PredictorUnavailableError)


@dataclass(frozen=True, slots=True)
class _Part:
    """What became of some rows that were sent together."""

    first_row: int
    n_rows: int
    answer: Answer | None = None
    error: PredictorError | None = None


class RemoteScorer:
    """Scores frames with a service; `predict` may be called from several threads at once.

    Requests are made while others are under way, so that only as many as there are workers are in
    memory.
    """

    def __init__(self, service: Service, caller: Caller, limits: RequestLimits) -> None:
        self._service, self._caller, self._limits = service, caller, limits
        self._most_bytes = min(limits.request_bytes, service.most_bytes or limits.request_bytes)

    def predict(self, features: "pd.DataFrame") -> "pd.DataFrame":
        """Score at least one row.

        Returns
        -------
        DataFrame
            One row per feature row, on its index and in its order.

        Raises
        ------
        PartialAnswerError
            If some rows have an answer and others have none.
        PredictorError
            If no row has one.
        """
        halt = threading.Event()
        try:
            parts = list(self._iter_parts(features, halt))
        except BaseException:
            halt.set()  # what other threads wait for is not wanted any more
            raise
        return _join(parts, features, self._service.name)

    def _iter_parts(self, features: "pd.DataFrame", halt: threading.Event) -> Iterator[_Part]:
        step = self._find_step(features)
        if step >= len(features):
            yield from self._score(features, 0, halt)
            return
        from concurrent.futures import ThreadPoolExecutor  # one request needs none

        threads = ThreadPoolExecutor(self._limits.workers, thread_name_prefix="dspipe-remote")
        pending: deque[Future[list[_Part]]] = deque()
        try:
            for start in range(0, len(features), step):
                work = partial(self._score, features.iloc[start : start + step], start, halt)
                # A copy of the context each: the threads see the time limit of the run.
                pending.append(threads.submit(copy_context().run, work))
                if len(pending) >= 2 * self._limits.workers:
                    yield from pending.popleft().result()
            while pending:
                yield from pending.popleft().result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    def _find_step(self, features: "pd.DataFrame") -> int:
        """Tell how many rows a request may hold, from some rows all over the frame."""
        n_rows = len(features)
        if n_rows <= _N_SAMPLED:
            return n_rows
        sample = features.iloc[:: n_rows // _N_SAMPLED]
        row_bytes = max(len(self._service.encode(sample, 0).body) / len(sample), 1.0)
        return max(int(self._most_bytes * _ROOM / row_bytes), 1)

    def _score(self, rows: "pd.DataFrame", first_row: int, halt: threading.Event) -> list[_Part]:
        """Score rows in one request, or in halves where they are too many for one."""
        if halt.is_set():
            return [_Part(first_row, len(rows))]
        try:
            answer = self._ask(rows, first_row, halt)
        except HaltedError:
            return [_Part(first_row, len(rows))]
        except TooLargeError:
            middle = len(rows) // 2
            first = self._score(rows.iloc[:middle], first_row, halt)
            return first + self._score(rows.iloc[middle:], first_row + middle, halt)
        except PredictorError as error:
            if isinstance(error, _HOPELESS):
                halt.set()
            return [_Part(first_row, len(rows), error=error)]
        return [_Part(first_row, len(rows), answer=answer)]

    def _ask(self, rows: "pd.DataFrame", first_row: int, halt: threading.Event) -> Answer:
        request = self._service.encode(rows, first_row)
        n_bytes, most = len(request.body), self._service.most_bytes
        if n_bytes > self._most_bytes and len(rows) > 1:
            raise TooLargeError
        if most is not None and n_bytes > most:
            raise self._say_too_large(first_row, n_bytes, f"more than {count(most, 'byte')}")
        try:
            answer, sent = self._caller.ask(
                request,
                partial(self._service.decode, rows=rows, first_row=first_row),
                rows=say_rows(first_row, len(rows)),
                halt=halt,
            )
            return replace(answer, facts=add_facts([sent, answer.facts]))
        except TooLargeError:
            if len(rows) > 1:
                raise
            raise self._say_too_large(first_row, n_bytes, "it") from None

    def _say_too_large(self, first_row: int, n_bytes: int, what: str) -> PredictorError:
        return PredictorError(
            f"{self._service.name} does not take {what} in a request, and "
            f"{say_rows(first_row, 1)} alone is {count(n_bytes, 'byte')}. Shorten its texts in "
            "postprocess."
        )


def say_rows(first_row: int, n_rows: int) -> str:
    """Name rows of a batch.

    >>> say_rows(0, 1), say_rows(10, 5)
    ('row 0 of the batch', 'rows 10 to 14 of the batch')
    """
    if n_rows == 1:
        return f"row {first_row:,} of the batch"
    return f"rows {first_row:,} to {first_row + n_rows - 1:,} of the batch"


def _join(parts: list[_Part], features: "pd.DataFrame", name: str) -> "pd.DataFrame":
    """Put the answers together, or say which rows have none."""
    errors = [part.error for part in parts if part.error is not None]
    hopeless = next((error for error in errors if isinstance(error, _HOPELESS)), None)
    if isinstance(hopeless, PredictorTimeoutError) and is_over():
        raise hopeless  # these rows come again, in the next part of the run
    reasons = _find_reasons(parts, hopeless)
    facts = add_facts(part.answer.facts for part in parts if part.answer is not None)
    if len(reasons) == len(features) and errors:
        raise hopeless or errors[0]
    answers = _concatenate(parts)
    if not reasons:
        answers.attrs[ATTRIBUTE] = facts
        return answers
    good = [position for position in range(len(features)) if position not in reasons]
    cause = hopeless or (
        errors[0] if errors else PredictorAnswerError(next(iter(reasons.values())))
    )
    raise PartialAnswerError(
        f"{name} answered {count(len(good), 'row')} of {len(features):,}. The first without an "
        f"answer is row {min(reasons):,} of the batch: {reasons[min(reasons)]}",
        answers=_take(answers, parts, good),
        positions=good,
        reasons=reasons,
        facts=facts,
    ) from cause


def _find_reasons(parts: list[_Part], hopeless: PredictorError | None) -> dict[int, str]:
    reasons: dict[int, str] = {}
    for part in parts:
        if part.answer is not None:
            reasons |= {part.first_row + n: why for n, why in part.answer.reasons.items()}
        else:
            why = str(part.error or f"It was not asked for, because of others. {hopeless}")
            reasons |= dict.fromkeys(range(part.first_row, part.first_row + part.n_rows), why)
    return reasons


def _concatenate(parts: list[_Part]) -> "pd.DataFrame":
    import pandas as pd

    frames = [part.answer.predictions for part in parts if part.answer is not None]
    return pd.concat(frames) if len(frames) > 1 else frames[0] if frames else pd.DataFrame()


def _take(answers: "pd.DataFrame", parts: list[_Part], good: list[int]) -> "pd.DataFrame":
    """Take the answers of some rows, by their position in the batch."""
    rows = [
        row
        for part in parts
        if part.answer is not None
        for row in range(part.first_row, part.first_row + part.n_rows)
    ]
    places = {row: place for place, row in enumerate(rows)}
    return answers.iloc[[places[row] for row in good]]
