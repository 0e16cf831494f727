"""SQLite through ADBC, where its guesses agree with the declarations.

The driver guesses each column from the first rows, and fails, or converts silently, on what comes
later. It is used only for the guesses where it fails on just what the rows of Python values would
fail on.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dspipe.sources._arrow import iter_arrow_frames
from dspipe.sources._cut import CHUNK_ROWS
from dspipe.sources._kinds import Column, wrong_kind
from dspipe.sources._settle import UNDECLARED
from dspipe.sources._sqlite_values import to_sqlite

if TYPE_CHECKING:
    import pandas as pd

    from dspipe._statement import Statement

_MISMATCH = re.compile(r"Type mismatch in column (\d+): expected \w+ but got (.+)")
_FOUND = {"STRING/BINARY": "str", "DOUBLE": "float", "unknown type 1": "int"}
_EXPECTED = {
    "integer": pa.int64(),
    "boolean": pa.int64(),
    "float": pa.float64(),
    **dict.fromkeys(["text", "date", "timestamp", "timestamptz", "time"], pa.string()),
}
_GUESSED = {pa.int64(): "integer", pa.float64(): "float"}


class ArrowStream:
    """An answer of which the first batch has been read, so that its types can be judged."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._first = next(reader, None)

    def settle(self, columns: Sequence[Column]) -> list[Column] | None:
        """Give every column its kind; None when one of them is not surely the same on both ways."""
        if self._first is None:
            return None
        settled = [
            _settle(column, values)
            for column, values in zip(columns, self._first.columns, strict=True)
        ]
        return [column for column in settled if column] if all(settled) else None

    def iter_chunks(self, columns: Sequence[Column], n_rows: int) -> Iterator["pd.DataFrame"]:
        """Turn the answer into canonical frames of `n_rows`."""
        return iter_arrow_frames(columns, self._batches(columns), self._reader.schema, n_rows)

    def _batches(self, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        batch = self._first
        while batch is not None:
            for column, values in zip(columns, batch.columns, strict=True):
                _check(column, values)
            yield batch
            try:
                batch = next(self._reader, None)
            except OSError as error:
                raise _translate(columns, error) from error


@contextmanager
def open_arrow(uri: str, statement: "Statement") -> Iterator[ArrowStream]:
    """Run a statement on a connection of its own."""
    from adbc_driver_sqlite import dbapi

    compiled = statement.render(lambda n, _slot: f"?{n}")
    values = tuple(to_sqlite(value) for value in compiled.bound)
    with dbapi.connect(uri) as connection, connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(CHUNK_ROWS)})
        cursor.execute(compiled.text, values or None)
        yield ArrowStream(cursor.fetch_record_batch())


def _settle(column: Column, values: pa.Array) -> Column | None:
    if column.kind == UNDECLARED:
        # Text may hide numbers that the driver turned into text; whole NULL columns are guessed to
        # be int64.
        kind = _GUESSED.get(values.type) if values.null_count < len(values) else None
        return Column(column.name, kind) if kind else None
    return column if _EXPECTED.get(column.kind) == values.type else None


def _check(column: Column, values: pa.Array) -> None:
    """Refuse what the driver lets pass."""
    if column.kind == "boolean" and any(
        value not in {0, 1, None} for value in values.unique().to_pylist()
    ):
        raise wrong_kind(column, "int")
    if pa.types.is_string(values.type):
        try:
            values.validate(full=True)
        except pa.ArrowInvalid as error:
            raise wrong_kind(column, "bytes") from error


def _translate(columns: Sequence[Column], error: OSError) -> Exception:
    found = _MISMATCH.search(str(error))
    if not found:
        return error
    return wrong_kind(columns[int(found[1])], _FOUND.get(found[2].strip(), found[2].strip()))
