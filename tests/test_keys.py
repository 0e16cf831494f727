"""The keys of a run: nulls and repetitions are found, whatever the batches."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from dspipe._keys import SeenKeys, find_null, take_keys


def mark_in_batches(values: list[object], batch_rows: int) -> list[bool]:
    """Mark repeated keys batch by batch."""
    seen = SeenKeys()
    pieces = [values[start : start + batch_rows] for start in range(0, len(values), batch_rows)]
    return [bool(m) for piece in pieces for m in seen.mark_repeated(pd.Index(piece, name="id"))]


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(1, 12))
def test_seen_keys_marks_the_same_rows_for_every_batch_size(values: list[int], size: int) -> None:
    """A key is repeated when it stood in any earlier row, however the rows are cut."""
    expected = pd.Series(values, dtype="int64").duplicated().tolist()

    actual = mark_in_batches(values, size)

    assert actual == expected


def test_seen_keys_tells_text_apart_that_numbers_would_not() -> None:
    """Leading zeros make a different key."""
    actual = mark_in_batches(["7", "07", "007", "07"], 1)

    assert actual == [False, False, False, True]


def test_seen_keys_needs_eight_bytes_a_key() -> None:
    """Memory grows by one hash a key, in a few levels only."""
    seen = SeenKeys()

    for start in range(100_000, 0, -1_000):
        seen.mark_repeated(pd.RangeIndex(start, start + 1_000))

    assert sum(level.nbytes for level in seen._levels) == 100_000 * 8
    assert len(seen._levels) < 20


def test_find_null_sees_a_null_part_of_a_key_of_two_columns() -> None:
    """A key of several columns is null when any of them is."""
    frame = pd.DataFrame({"shop": ["a", None, "c"], "n": [1.0, 2.0, np.nan]})

    actual = find_null(take_keys(frame, ("shop", "n")))

    assert actual.tolist() == [False, True, True]
