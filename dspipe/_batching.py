"""Cut what `extract` returned into batches, and read the next one while this one is computed."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import pandas as pd

from dspipe._deadline import TimeIsOver, remaining_seconds
from dspipe.errors import DeadlineError


@dataclass(frozen=True, slots=True)
class Batch:
    """A frame of at most `batch_rows` rows on its way through the stages.

    `seconds` is the time that reading it took. `is_owned` says that nobody else holds the frame,
    so that the user's code may change it in place.
    """

    number: int
    first_row: int
    frame: pd.DataFrame
    seconds: float
    is_owned: bool

    @property
    def rows(self) -> tuple[int, int]:
        """First and last row, from 0, in the order of `extract`."""
        return self.first_row, self.first_row + max(len(self.frame), 1) - 1


def number_batches(
    pairs: Iterator[tuple[pd.DataFrame, float]], *, is_owned: bool
) -> Generator[Batch]:
    """Give frames, each with the seconds it took, their number and their first row."""
    first_row = 0
    try:
        for number, (frame, seconds) in enumerate(pairs, start=1):
            yield Batch(number, first_row, frame, seconds, is_owned)
            first_row += len(frame)
    finally:
        close(pairs)


def cut_frame(frame: pd.DataFrame, batch_rows: int | None) -> Generator[pd.DataFrame]:
    """Cut a frame into consecutive pieces with a fresh RangeIndex each, keeping row order.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_columns)
        Not modified.
    batch_rows : int or None
        Largest piece, in rows; None keeps the frame whole.

    Yields
    ------
    DataFrame
        Together the pieces hold every row once. An empty frame yields itself, so that its columns
        are known.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [1, 2, 3]})
    >>> [len(piece) for piece in cut_frame(frame, 2)]
    [2, 1]
    """
    step = len(frame) if batch_rows is None else batch_rows
    if len(frame) <= step:
        yield _renumber(frame)
        return
    for start in range(0, len(frame), step):
        yield _renumber(frame.iloc[start : start + step])


def cut_frames(
    frames: Iterator[object], batch_rows: int | None, *, check: Callable[[object], pd.DataFrame]
) -> Generator[pd.DataFrame]:
    """Check and cut every frame of an iterator; with `batch_rows` None all of them become one."""
    try:
        if batch_rows is None:
            whole = [check(frame) for frame in frames]
            if whole:
                yield _renumber(pd.concat(whole)) if len(whole) > 1 else _renumber(whole[0])
            return
        for frame in frames:
            yield from cut_frame(check(frame), batch_rows)
    finally:
        close(frames)


def timed(frames: Iterator[pd.DataFrame]) -> Generator[tuple[pd.DataFrame, float]]:
    """Pair every frame with the seconds that it took to come."""
    try:
        while True:
            started = perf_counter()
            frame = next(frames, None)
            if frame is None:
                return
            yield frame, perf_counter() - started
    finally:
        close(frames)


def read_ahead(items: Iterator[Any]) -> Generator[Any]:
    """Read one item ahead in a thread, while the caller works on the one before.

    The thread alone starts, advances and closes the iterator, because database connections and
    generators may belong to one thread. An error of the iterator reaches the caller where the item
    would have come. Within a `time_limit` nobody waits longer than that, neither for an item nor
    for the end: the thread closes the iterator when it comes back.

    Raises
    ------
    DeadlineError
        If the time is over before the next item has come.
    """
    end, is_patient = object(), True
    context, reader = copy_context(), ThreadPoolExecutor(1, thread_name_prefix="dspipe-read")
    advance = partial(next, items, end)
    coming = reader.submit(context.run, advance)
    try:
        while (item := _wait_for(coming)) is not end:
            coming = reader.submit(context.run, advance)
            yield item
    except (KeyboardInterrupt, TimeIsOver):
        # Who interrupts a long query wants the prompt back; the thread closes when it answers.
        is_patient = False
        raise
    finally:
        coming.cancel()
        closing = reader.submit(context.run, close, items)
        is_patient = is_patient and _is_done_in_time(closing)
        reader.shutdown(wait=is_patient)
        if is_patient:
            closing.result()


def _wait_for(coming: "Future[Any]") -> Any:
    if not _is_done_in_time(coming):
        raise DeadlineError(
            "The time of this run was over before its next rows had come. Give it more time, or "
            "ask for fewer rows."
        )
    return coming.result()


def _is_done_in_time(work: "Future[Any]") -> bool:
    """Wait for a thread, but no longer than there is time."""
    seconds = remaining_seconds()
    wait([work], None if seconds is None else max(seconds, 0.0))
    return work.done()


def close(items: Iterator[Any]) -> None:
    """Close an iterator that can be closed, so that its connection is free at once."""
    closing = getattr(items, "close", None)
    if closing is not None:
        closing()


def _renumber(frame: pd.DataFrame) -> pd.DataFrame:
    index = frame.index
    if (
        isinstance(index, pd.RangeIndex)
        and index.start == 0
        and index.step == 1
        and index.name is None
    ):
        return frame
    return frame.reset_index(drop=True)
