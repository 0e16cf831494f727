"""Batches: every row once, in order, and read one batch ahead."""

import signal
import threading
from collections.abc import Iterator

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe._alignment import check_frame
from dspipe._batching import cut_frame, cut_frames, number_batches, read_ahead, timed
from dspipe._deadline import time_limit
from dspipe.errors import DeadlineError


def check(frame: object) -> pd.DataFrame:
    """Check as the runtime does."""
    return check_frame(frame, "Test.extract")


@given(st.integers(0, 50), st.none() | st.integers(1, 60))
def test_batches_rejoin_to_the_frame_they_were_cut_from(n_rows: int, size: int | None) -> None:
    """Together the pieces hold every row once and in order."""
    frame = pd.DataFrame({"x": range(n_rows)})

    pieces = list(cut_frame(frame, size))

    pd.testing.assert_frame_equal(pd.concat(pieces, ignore_index=True), frame)
    assert all(len(piece) <= (size or n_rows) for piece in pieces)
    assert all(list(piece.index) == list(range(len(piece))) for piece in pieces)


@given(st.lists(st.integers(0, 9), max_size=8), st.none() | st.integers(1, 12))
def test_batches_of_an_iterator_rejoin_to_its_frames(sizes: list[int], size: int | None) -> None:
    """However an iterator parts its rows, none is lost and none is doubled."""
    frames = [
        pd.DataFrame({"x": [f"{part}.{row}" for row in range(n)]}) for part, n in enumerate(sizes)
    ]

    pieces = list(cut_frames(iter(frames), size, check=check))

    expected = [value for frame in frames for value in frame["x"]]
    assert [value for piece in pieces for value in piece["x"]] == expected


def test_batches_know_their_number_and_first_row() -> None:
    """A batch names its place in the order of extract."""
    frame = pd.DataFrame({"x": range(5)})

    batches = list(number_batches(timed(cut_frame(frame, 2)), is_owned=False))

    assert [(b.number, b.first_row, b.rows) for b in batches] == [
        (1, 0, (0, 1)),
        (2, 2, (2, 3)),
        (3, 4, (4, 4)),
    ]


def test_read_ahead_reads_the_next_item_before_it_is_asked_for() -> None:
    """While the caller holds one item, the reader brings the next."""
    second_was_read = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second_was_read.set()
        yield 2

    ahead = read_ahead(items())
    first = next(ahead)

    assert first == 1
    assert second_was_read.wait(timeout=10)
    assert list(ahead) == [2]


def test_read_ahead_uses_one_thread_for_all_that_the_iterator_does() -> None:
    """Starting, advancing and closing happen in the same thread, and not in the caller's."""
    threads: list[int] = []

    def items() -> Iterator[int]:
        try:
            for number in range(5):
                threads.append(threading.get_ident())
                yield number
        finally:
            threads.append(threading.get_ident())

    ahead = read_ahead(items())
    next(ahead)
    ahead.close()

    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


def test_read_ahead_raises_the_error_of_the_iterator_in_its_place() -> None:
    """Items before an error arrive, then the error itself."""

    def items() -> Iterator[int]:
        yield 1
        raise OSError("cable cut")

    ahead = read_ahead(items())

    assert next(ahead) == 1
    with pytest.raises(OSError, match="cable cut"):
        next(ahead)


def test_read_ahead_leaves_no_thread_behind_when_it_is_abandoned() -> None:
    """Closing the reader ends its thread."""
    before = threading.active_count()

    ahead = read_ahead(iter(range(100)))
    next(ahead)
    ahead.close()

    assert threading.active_count() == before


def test_read_ahead_gives_way_at_once_when_it_is_interrupted() -> None:
    """Ctrl-C does not wait for a database that does not answer; what was open is closed later."""
    answered, closed = threading.Event(), threading.Event()
    main = threading.main_thread().ident or 0

    def items() -> Iterator[int]:
        try:
            signal.pthread_kill(main, signal.SIGINT)
            answered.wait(timeout=60)
            yield 1
        finally:
            closed.set()

    ahead = read_ahead(items())
    with pytest.raises(KeyboardInterrupt):
        next(ahead)

    assert not closed.is_set()
    answered.set()
    assert closed.wait(timeout=10)


def test_read_ahead_waits_no_longer_than_there_is_time() -> None:
    """A database that does not answer costs the time of the run, and no more."""
    answered, closed = threading.Event(), threading.Event()

    def items() -> Iterator[int]:
        try:
            yield 1
            answered.wait(timeout=60)
            yield 2
        finally:
            closed.set()

    with time_limit(0.05):
        ahead = read_ahead(items())
        first = next(ahead)
        with pytest.raises(DeadlineError) as caught:
            next(ahead)

    assert first == 1
    assert str(caught.value) == (
        "The time of this run was over before its next rows had come. Give it more time, or ask "
        "for fewer rows."
    )
    assert not closed.is_set()
    answered.set()
    assert closed.wait(timeout=10)


def test_read_ahead_closes_in_time_what_can_be_closed() -> None:
    """Who stops early gives the connection back before it goes, when there is time for that."""
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from range(9)
        finally:
            closed.set()

    with time_limit(60):
        ahead = read_ahead(items())
        next(ahead)
        ahead.close()

    assert closed.is_set()
