"""PostgreSQL through ADBC.

COPY is the fastest way out of PostgreSQL and takes no parameters; while it runs, the clock of a
statement timeout runs too, even when the reader is the slow one. So a statement with values or with
a timeout opens a cursor, and each FETCH is a statement of its own.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from adbc_driver_manager import Error as AdbcError
from adbc_driver_postgresql import dbapi

from dspipe._deadline import is_over, shorten_timeout
from dspipe.sources import _postgresql_binds as binds
from dspipe.sources._arrow import is_faithful, iter_arrow_frames
from dspipe.sources._cut import CHUNK_ROWS
from dspipe.sources._errors import failed, timed_out
from dspipe.sources._kinds import Column, check_names

if TYPE_CHECKING:
    import pandas as pd

    from dspipe._statement import Compiled, Statement

_KINDS = {
    **dict.fromkeys(["int2", "int4", "int8"], "integer"),
    "float4": "real",
    **dict.fromkeys(["float8", "numeric"], "float"),
    "bool": "boolean",
    **dict.fromkeys(["text", "varchar", "bpchar", "name", "char"], "text"),
    **{kind: kind for kind in ("date", "timestamp", "timestamptz", "interval", "time", "uuid")},
    **dict.fromkeys(["json", "jsonb"], "json"),
    "bytea": "bytes",
}
_SERVER_MESSAGE = re.compile(r"ERROR:\s+([^\n]+)")
_CURSOR = "dspipe_rows"
_CANCELLED = "57014"
_NO_COPY = {"adbc.postgresql.use_copy": "false"}
_BATCH_BYTES = 1 << 20
_MOST_IDLE = 5
_SET_UP = (
    "SELECT set_config('transaction_read_only', '{read_only}', true), "
    "set_config('statement_timeout', '{milliseconds}', true), "
    "set_config('cursor_tuple_fraction', '1', true)"
)


class ArrowConnections:
    """Lend connections to one stream each, and keep a few idle ones."""

    def __init__(self, source: str, write_url: Callable[[], str]) -> None:
        self._source = source
        self._write_url = write_url
        self._idle: list[Any] = []
        self._is_closed = False

    @contextmanager
    def lend(self) -> Iterator["ArrowStream | None"]:
        """Lend a connection that answers; None when there is none to be had."""
        connection = self._find()
        stream = ArrowStream(self._source, connection) if connection else None
        try:
            yield stream
        finally:
            if stream is not None:
                self._take_back(stream)

    def close(self) -> None:
        """Close all idle connections, and each lent one when it comes back."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()

    def _find(self) -> Any:
        while self._idle:
            connection = self._idle.pop()
            if _answers(connection):
                return connection
            _discard(connection)
        try:
            return dbapi.connect(self._write_url())
        except AdbcError:
            return None  # the other way will fail as well, and says it with host and port

    def _take_back(self, stream: "ArrowStream") -> None:
        is_usable = stream.finish()
        if is_usable and not self._is_closed and len(self._idle) < _MOST_IDLE:
            self._idle.append(stream.connection)
        else:
            _discard(stream.connection)


class ArrowStream:
    """One answer on one connection."""

    def __init__(self, source: str, connection: Any) -> None:
        self.connection = connection
        self._source = source
        self._seconds: float | None = None
        self._columns: list[Column] = []
        self._batches: Iterator[pa.RecordBatch] = iter(())
        self._schema = pa.schema([])
        self._held: list[Any] = []  # what must be closed before the connection, last first

    def open(
        self,
        statement: "Statement",
        find_types: Callable[..., list[str]],
        *,
        n_rows: int,
        seconds: float | None,
        read_only: bool,
    ) -> bool:
        """Run a statement; False when its answer is not known to be faithful, or it failed."""
        self._seconds = seconds
        values = statement.compile("dollar").bound
        if any(isinstance(value, list | dict) for value in values):
            return False
        try:
            types = find_types(statement, self._run, _get_message)
            self.connection.rollback()
            self._run(
                _SET_UP.format(
                    read_only="on" if read_only else "off",
                    milliseconds=round((shorten_timeout(seconds) or 0) * 1000),
                )
            )
            self._start(binds.render(statement, types, "$"), min(n_rows, CHUNK_ROWS))
        except (AdbcError, pa.ArrowException, OSError) as error:
            if self._is_timeout(error):
                raise timed_out(self._source, seconds) from error
            return False
        return self._judge()

    def iter_chunks(self, n_rows: int) -> Iterator["pd.DataFrame"]:
        """Turn the answer into canonical frames of `n_rows`."""
        batches = self._translate(self._batches)
        yield from iter_arrow_frames(self._columns, batches, self._schema, n_rows)

    def finish(self) -> bool:
        """End the answer; False when the connection is of no more use."""
        try:
            while self._held:
                self._held.pop().close()
            self.connection.rollback()
        except (AdbcError, pa.ArrowException, OSError):
            return False
        return True

    def _start(self, compiled: "Compiled", fetch_rows: int) -> None:
        text = f"{compiled.text.strip().rstrip(';')}\n"
        if not compiled.bound and self._seconds is None:
            cursor = self._cursor(**{"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)})
            self._held.append(cursor)
            cursor.execute(text)
            reader = cursor.fetch_record_batch()
            self._held.append(reader)
            self._schema, self._batches = reader.schema, reader
            return
        values = tuple(_to_arrow(value) for value in compiled.bound)
        declaration = f"DECLARE {_CURSOR} NO SCROLL CURSOR FOR {text}"
        with self._cursor(**_NO_COPY) as cursor:
            cursor.execute(declaration, values or None)
        first = self._fetch(fetch_rows)
        self._schema, self._batches = first.schema, self._iter_fetched(first, fetch_rows)

    def _iter_fetched(self, first: pa.Table, fetch_rows: int) -> Iterator[pa.RecordBatch]:
        table = first
        while table.num_rows:
            yield from table.to_batches()
            table = self._fetch(fetch_rows) if table.num_rows == fetch_rows else table.slice(0, 0)

    def _fetch(self, n_rows: int) -> pa.Table:
        with self._cursor(**_NO_COPY) as cursor:
            cursor.execute(f"FETCH FORWARD {n_rows} FROM {_CURSOR}")
            return cursor.fetch_arrow_table()

    def _translate(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Turn errors that come after the first rows into sentences."""
        try:
            yield from batches
        except (AdbcError, pa.ArrowException, OSError) as error:
            if self._is_timeout(error):
                raise timed_out(self._source, self._seconds) from error
            found = _SERVER_MESSAGE.search(str(error))
            message = found[1] if found else str(error)
            is_lost = found is None and "[libpq]" in message
            raise failed(self._source, message, is_lost=is_lost) from error

    def _is_timeout(self, error: Exception) -> bool:
        is_cancelled = getattr(error, "sqlstate", None) == _CANCELLED
        return is_cancelled and (self._seconds is not None or is_over())

    def _judge(self) -> bool:
        kinds = [_kind(field) for field in self._schema] or [None]  # no columns: no answer
        fields = zip(kinds, self._schema, strict=False)
        if None in kinds or not all(
            is_faithful(kind, field.type) for kind, field in fields if kind
        ):
            return False
        self._columns = [
            Column(field.name, kind)
            for field, kind in zip(self._schema, kinds, strict=True)
            if kind
        ]
        check_names(self._columns)
        return True

    def _cursor(self, **options: str) -> Any:
        cursor = self.connection.cursor()
        cursor.adbc_statement.set_options(**options)
        return cursor

    def _run(self, text: str) -> list[Any]:
        try:
            with self._cursor(**_NO_COPY) as cursor:
                cursor.execute(text)
                rows: list[Any] = cursor.fetchall() if cursor.description else []
                return rows
        except AdbcError:
            self.connection.rollback()
            raise


def _kind(field: pa.Field) -> str | None:
    """Read PostgreSQL's name of the type, which the driver notes beside the field."""
    name = (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode()
    if name in _KINDS:
        return _KINDS[name]
    is_enum = bool(name) and pa.types.is_string(field.type)
    return "text" if is_enum else None


def _to_arrow(value: Any) -> Any:
    """Send as text what the driver cannot bind; the cast around its mark reads it."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC) if value.tzinfo else value
    if isinstance(value, int) and value.bit_length() > 63:  # noqa: PLR2004  bits of a signed bigint
        return str(value)
    if isinstance(value, dt.timedelta):
        return f"{value.days} days {value.seconds} seconds {value.microseconds} microseconds"
    return value if isinstance(value, int | float | str | bytes | dt.date) else str(value)


def _answers(connection: Any) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchall()
        connection.rollback()
    except (AdbcError, pa.ArrowException, OSError):
        return False
    return True


def _discard(connection: Any) -> None:
    with suppress(AdbcError, pa.ArrowException, OSError):
        connection.close()


def _get_message(error: Exception) -> str:
    if not isinstance(error, AdbcError):
        raise error
    return str(error)
