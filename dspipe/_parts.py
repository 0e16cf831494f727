"""A part of a run: as many batches as there is time for, and where to go on after them."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from dspipe._continuation import KeyTrail, Mark, Work
from dspipe._deadline import TimeIsOver, interrupted_in_time, is_over, remaining_seconds
from dspipe.errors import DeadlineError, PredictorTimeoutError, SourceTimeoutError

if TYPE_CHECKING:
    from dspipe._batching import Batch
    from dspipe._records import BatchResult, Run
    from dspipe._scoring import BatchScorer

Given = TypeVar("Given")
Batches = Generator["Batch"]

_TIMEOUTS = (DeadlineError, SourceTimeoutError, PredictorTimeoutError, TimeIsOver)


@dataclass(frozen=True, slots=True)
class Part:
    """What there was time for.

    Attributes
    ----------
    run : Run
        The rows of this part; the parts of a run, one after another, hold every row once.
    continuation : str or None
        Token that the next part goes on from; None when nothing is left to do.
    """

    run: "Run"
    continuation: str | None = None


class PartScorer:
    """Scores batches while there is time.

    Attributes
    ----------
    continuation : str or None
        After the last result: the token to go on from, None when all rows are done.
    """

    def __init__(self, scorer: "BatchScorer", work: Work, continuation: str | None) -> None:
        self._scorer = scorer
        self._work = work
        self._done = work.read_token(continuation) if continuation is not None else None
        # Rows that are there need no waiting, and a timer is dear for one row.
        self._wait = _at_once if work.is_given else _in_time
        self._trail = KeyTrail()
        self._pace = _Pace()
        self.continuation: str | None = None

    def iter_results(self, open_batches: Callable[[], Batches]) -> Iterator["BatchResult"]:
        """Yield what each batch comes to, until none is left or the next would come too late.

        Raises
        ------
        DeadlineError
            If there is no time for even one.
        ContinuationError
            If the rows that were done are not the ones that come first now.
        """
        seconds, n_scored = remaining_seconds(), 0
        try:
            with closing(self._wait(open_batches)) as batches, closing(self._skip(batches)) as new:
                while (batch := self._take(new)) is not None:
                    result = self._score(batch)
                    n_scored += 1
                    yield result
        except _TIMEOUTS as error:
            if not _is_caused_by_limit(error):
                raise
            if not n_scored:
                raise self._explain(error, seconds) from error
            self.continuation = self._work.write_token(self._trail.mark())

    def _take(self, batches: Batches) -> "Batch | None":
        """Wait for a batch; give it only when there is time to score it."""
        self._pace.start()
        batch = self._wait(lambda: next(batches, None))
        if batch is not None and not self._pace.allows_another():
            raise DeadlineError("There is no time for another batch.")
        return batch

    def _score(self, batch: "Batch") -> "BatchResult":
        result = _in_time(lambda: self._scorer.score(batch))
        self._trail.add(self._scorer.keys)
        self._pace.stop()
        return result

    def _skip(self, batches: Batches) -> Batches:
        """Pass over the rows that were done, and make sure that they are the same."""
        return batches if self._done is None else self._skip_to(self._done, batches)

    def _skip_to(self, done: Mark, batches: Batches) -> Batches:
        n_left, rest = done.n_rows, None
        while n_left and (batch := next(batches, None)) is not None:
            n_rows = len(batch.frame)
            n_skipped = min(n_left, n_rows)
            self._scorer.skip(_cut(batch, 0, n_skipped))
            self._trail.add(self._scorer.keys)
            n_left -= n_skipped
            rest = _cut(batch, n_skipped, n_rows) if n_skipped < n_rows else None
        self._work.check_mark(done, self._trail.mark())
        if rest is not None:
            yield rest
        yield from batches

    def _explain(self, error: BaseException, seconds: float | None) -> DeadlineError:
        return DeadlineError(
            f"{self._work.pipeline} was given {max(seconds or 0.0, 0.0):.3g} seconds, and they "
            "were over before its first batch of rows was done. Give it more time, choose a "
            "smaller batch_rows, or ask for fewer rows.",
            stage=getattr(error, "stage", None),
        )


class _Pace:
    """Tells from the batches before whether there is time for another."""

    def __init__(self) -> None:
        self._started: float | None = None
        self._longest = 0.0
        self._is_first = True

    def start(self) -> None:
        """Begin to wait for a batch."""
        self._started = remaining_seconds()

    def allows_another(self) -> bool:
        """Say whether a batch that has come can be done in time."""
        left = remaining_seconds()
        if self._is_first:
            # The answer of a database takes long to begin, and only once.
            self._started = left
        return left is None or left > self._longest

    def stop(self) -> None:
        """Take notice of a batch that is done."""
        left = remaining_seconds()
        if left is not None and self._started is not None:
            self._longest = max(self._longest, self._started - left)
        self._is_first = False


def _in_time(work: Callable[[], Given]) -> Given:
    """Call what may be interrupted; what it gives counts as a whole or not at all."""
    with interrupted_in_time():
        return work()


def _at_once(work: Callable[[], Given]) -> Given:
    return work()


def _is_caused_by_limit(error: BaseException) -> bool:
    """Part the end of our time from a timeout of its own that a source or a model has."""
    return isinstance(error, DeadlineError | TimeIsOver) or is_over()


def _cut(batch: "Batch", start: int, stop: int) -> "Batch":
    """Take some rows of a batch, with their place in the run."""
    if stop - start == len(batch.frame):
        return batch
    frame = batch.frame.iloc[start:stop].reset_index(drop=True)
    return replace(batch, first_row=batch.first_row + start, frame=frame)
