"""Any database with a SQLAlchemy dialect: a server-side cursor, and rows of Python values."""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dspipe._deadline import is_over, shorten_timeout
from dspipe._extras import missing_extra
from dspipe._text import count
from dspipe.errors import ConfigurationError, DspipeError, SourceError
from dspipe.sources._base import Source
from dspipe.sources._cut import CHUNK_ROWS, chunk_rows, cut, gather_rows
from dspipe.sources._errors import failed, find_code, not_connected, refused, timed_out
from dspipe.sources._kinds import Column, check_names, frame_from_rows
from dspipe.sources._settle import UNDECLARED, settle

if TYPE_CHECKING:
    import pandas as pd
    import sqlalchemy as sa

    from dspipe._config import SourceSettings
    from dspipe._statement import Compiled, Statement

_EXTRAS = {"pymysql": "mysql", "psycopg": "postgresql"}
_DRIVERS = {"mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
_PATIENT_DRIVERS = {*_DRIVERS.values(), "postgresql+psycopg"}  # they take a connect_timeout
CONNECT_SECONDS = 10
# From MySQL's protocol: a declared type is known for all but text and blobs, which share their
# codes.
_MYSQL_KINDS = {
    **dict.fromkeys([1, 2, 3, 8, 9, 13], "integer"),
    **dict.fromkeys([0, 4, 5, 246], "float"),
    **dict.fromkeys([7, 12], "timestamp"),
    10: "date",
    11: "interval",
    16: "bytes",
    245: "json",
    **dict.fromkeys([247, 248], "text"),
}
_MYSQL_TEXTS = {15, 249, 250, 251, 252, 253, 254}
_MYSQL_BINARY = 63
_MYSQL_TIMEOUTS = {1969, 3024}


class SQLAlchemySource(Source):
    """Read through SQLAlchemy, with a pool that survives a restart of the database."""

    def __init__(self, settings: "SourceSettings") -> None:
        self._settings = settings
        self._engine = self._make_engine()

    def iter_frames(
        self,
        statement: "Statement",
        *,
        batch_rows: int | None,
        timeout_seconds: float | None = None,
    ) -> Iterator["pd.DataFrame"]:
        seconds = self._settings.timeout_seconds if timeout_seconds is None else timeout_seconds
        chunks = self._iter_chunks(statement, chunk_rows(batch_rows), seconds)
        yield from cut(chunks, batch_rows)

    def close(self) -> None:
        self._engine.dispose()

    def _iter_chunks(
        self, statement: "Statement", n_rows: int, seconds: float | None
    ) -> Iterator["pd.DataFrame"]:
        yield from self._iter_rows(statement, n_rows, seconds)

    def _iter_rows(
        self, statement: "Statement", n_rows: int, seconds: float | None
    ) -> Iterator["pd.DataFrame"]:
        connection = self._connect()
        is_done = False
        try:
            compiled = self._compile(connection, statement)
            self._prepare(connection, seconds)
            yield from self._stream(connection, compiled, n_rows, seconds)
            is_done = True
        finally:
            self._release(connection, is_done=is_done)

    def _stream(
        self, connection: "sa.Connection", compiled: "Compiled", n_rows: int, seconds: float | None
    ) -> Iterator["pd.DataFrame"]:
        import sqlalchemy as sa

        result = None
        try:
            result = self._execute(connection, compiled)
            yield from self._convert(result, n_rows)
        except DspipeError:
            raise
        except sa.exc.DBAPIError as error:
            raise self._translate(error, result, compiled, seconds) from error
        finally:
            if result is not None and not self._is_mysql:  # which would read the whole rest
                result.close()

    def _execute(self, connection: "sa.Connection", compiled: "Compiled") -> "sa.CursorResult[Any]":
        import sqlalchemy as sa

        # Without a type SQLAlchemy hands each value to the driver as it is.
        values = [
            sa.bindparam(f"b{number}", value, type_=sa.types.NullType())
            for number, value in enumerate(compiled.bound, 1)
        ]
        streaming = connection.execution_options(stream_results=True, max_row_buffer=CHUNK_ROWS)
        return streaming.execute(sa.text(compiled.text).bindparams(*values))

    def _convert(self, result: "sa.CursorResult[Any]", n_rows: int) -> Iterator["pd.DataFrame"]:
        if not result.returns_rows:
            raise SourceError(
                f"The source '{self._settings.name}' ran the statement, and it returns no rows. "
                f"Give a statement that returns rows, such as SELECT."
            )
        columns = self._columns(result.cursor)
        check_names(columns)
        if all(column.kind != UNDECLARED for column in columns):
            for rows in gather_rows(result.fetchmany, n_rows):
                yield frame_from_rows(columns, rows)
            return
        yield from _iter_settled(columns, result, n_rows)

    def _columns(self, cursor: Any) -> list[Column]:
        """Read the declared types; other dialects than those known say nothing we could trust."""
        if self._is_mysql:
            fields = getattr(getattr(cursor, "_result", None), "fields", None) or ()
            charsets = [field.charsetnr for field in fields] or [0] * len(cursor.description)
            described = zip(cursor.description, charsets, strict=True)
            return [
                Column(entry[0], _mysql_kind(entry[1], charset)) for entry, charset in described
            ]
        return [Column(entry[0], UNDECLARED) for entry in cursor.description]

    def _compile(self, _connection: "sa.Connection", statement: "Statement") -> "Compiled":
        return statement.compile("text")

    def _prepare(self, connection: "sa.Connection", seconds: float | None) -> None:
        """Make the session read-only and set its timeout, in the words of the dialect."""
        dialect = self._engine.dialect
        if self._is_mysql:
            is_mariadb = getattr(dialect, "is_mariadb", False)
            name, factor = ("max_statement_time", 1) if is_mariadb else ("max_execution_time", 1000)
            limit = (shorten_timeout(seconds) or 0) * factor
            # MariaDB takes fractions of a second; MySQL takes whole milliseconds.
            shown = f"{limit:.3f}" if is_mariadb else f"{math.ceil(limit)}"
            connection.exec_driver_sql(f"SET SESSION {name} = {shown}")
            connection.rollback()
            if self._settings.read_only:
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        elif seconds is not None:
            raise ConfigurationError(
                f"The source '{self._settings.name}' has a timeout of "
                f"{count(round(seconds), 'second')}, and "
                f"dspipe cannot set one for {dialect.name}. Leave the timeout out."
            )

    def _connect(self) -> "sa.Connection":
        import sqlalchemy as sa

        try:
            return self._engine.connect()
        except sa.exc.DBAPIError as error:
            raise not_connected(
                self._settings.name, self._where, str(error.orig), find_code(error.orig)
            ) from error

    @property
    def _where(self) -> str:
        url = self._engine.url
        port = f":{url.port}" if url.port else ""
        return f"{url.host or 'this machine'}{port}"

    @property
    def _is_mysql(self) -> bool:
        return self._engine.dialect.name in {"mysql", "mariadb"}

    def _release(self, connection: "sa.Connection", *, is_done: bool) -> None:
        if not is_done and self._is_mysql:
            connection.invalidate()
        connection.close()

    def _translate(
        self, error: Any, _result: Any, compiled: "Compiled", seconds: float | None
    ) -> SourceError:
        code, message = (*error.orig.args, "")[:2]
        if code in _MYSQL_TIMEOUTS and (seconds is not None or is_over()):
            return timed_out(self._settings.name, seconds)
        if error.connection_invalidated:
            return failed(self._settings.name, str(message or error.orig), is_lost=True)
        return refused(self._settings.name, compiled, str(message or error.orig))

    def _make_engine(self) -> "sa.Engine":
        import sqlalchemy as sa

        url = self._read_url()
        try:
            options = self._engine_options(url)
            engine = sa.create_engine(url, pool_pre_ping=True, hide_parameters=True, **options)
        except ImportError as error:
            package = error.name or url.drivername
            raise missing_extra(
                package,
                extra=_EXTRAS.get(package, "none"),
                needed_by=f"The source '{self._settings.name}'",
                cause=error,
            ) from error
        sa.event.listen(engine, "do_connect", _connect_in_time)
        return engine

    def _read_url(self) -> "sa.URL":
        import sqlalchemy as sa

        try:
            url = sa.make_url(self._settings.url)
            url.get_dialect()
        except sa.exc.NoSuchModuleError as error:
            raise ConfigurationError(
                f"The source '{self._settings.name}' has the dialect '{url.drivername}', which "
                "SQLAlchemy does not know. Correct its url, or install the package that brings the "
                "dialect."
            ) from error
        except (sa.exc.ArgumentError, ValueError):
            # The error would show the url, with its password.
            raise ConfigurationError(
                f"The url of source '{self._settings.name}' cannot be read. "
                f"Write it as dialect://user:password@host:port/database."
            ) from None
        return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))

    def _engine_options(self, url: "sa.URL") -> dict[str, Any]:
        if url.drivername not in _PATIENT_DRIVERS:
            return {}
        # What the url says would be overridden here.
        options = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
        return {"connect_args": options, "pool_use_lifo": True}


def wait_in_time(asked: object) -> object:
    """Give the seconds to wait for a connection: as asked, and no longer than there is time."""
    text = str(asked)
    seconds = shorten_timeout(int(text) or None) if text.isdigit() else None
    # Drivers take whole seconds, and libpq waits for two at least.
    return asked if seconds is None else math.ceil(seconds)


def _connect_in_time(
    _dialect: object, _record: object, _arguments: object, options: dict[str, Any]
) -> None:
    if "connect_timeout" in options:
        options["connect_timeout"] = wait_in_time(options["connect_timeout"])


def _iter_settled(
    columns: Sequence[Column], result: "sa.CursorResult[Any]", n_rows: int
) -> Iterator["pd.DataFrame"]:
    first = list(result.fetchmany(CHUNK_ROWS))
    settled = settle(columns, first)

    def fetch(n: int) -> Sequence[Any]:
        if not first:
            return result.fetchmany(n)
        rows = first[:n]
        del first[:n]
        return rows

    for rows in gather_rows(fetch, n_rows):
        yield frame_from_rows(settled, rows)


def _mysql_kind(code: int, charset: int) -> str:
    if code in _MYSQL_TEXTS:
        return "bytes" if charset == _MYSQL_BINARY else "text"
    return _MYSQL_KINDS.get(code, UNDECLARED)
