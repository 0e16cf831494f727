"""Cut a stream into frames of exactly so many rows.

Drivers deliver in sizes of their own. Rows are gathered into *chunks*, a multiple of the batch,
turned into one frame each, and cut: so a batch of one row costs a slice and not a conversion.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

CHUNK_ROWS = 10_000


def chunk_rows(batch_rows: int | None) -> int:
    """Choose how many rows are converted at a time: a multiple of the batch.

    >>> chunk_rows(300), chunk_rows(50_000), chunk_rows(None)
    (9900, 50000, 50000)
    """
    if batch_rows is None:
        return 5 * CHUNK_ROWS
    return batch_rows * max(1, CHUNK_ROWS // batch_rows)


def cut(chunks: Iterable[pd.DataFrame], batch_rows: int | None) -> Iterator[pd.DataFrame]:
    """Cut chunks, each but the last a multiple of the batch, into batches that own their rows."""
    if batch_rows is None:
        parts = list(chunks)
        yield parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
        return
    for chunk in chunks:
        if len(chunk) <= batch_rows:
            yield chunk
            continue
        for start in range(0, len(chunk), batch_rows):
            yield chunk.iloc[start : start + batch_rows].reset_index(drop=True).copy()


def gather_rows(fetch: Callable[[int], Sequence[Any]], n_rows: int) -> Iterator[Sequence[Any]]:
    """Call a driver's fetchmany until it is empty; every list but the last has `n_rows` rows.

    An empty answer gives one empty list.
    """
    is_first = True
    while (rows := _fetch_exactly(fetch, n_rows)) or is_first:
        yield rows
        is_first = False
        if len(rows) < n_rows:
            return


def _fetch_exactly(fetch: Callable[[int], Sequence[Any]], n_rows: int) -> list[Any]:
    """Ask again until there are enough rows: a driver may return fewer than it was asked for."""
    rows: list[Any] = []
    while len(rows) < n_rows and (more := fetch(n_rows - len(rows))):
        rows.extend(more)
    return rows
