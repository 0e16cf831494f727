"""PostgreSQL: Arrow through ADBC where its types are faithful, else rows through psycopg."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dspipe._deadline import is_over, shorten_timeout
from dspipe.errors import SourceError
from dspipe.sources import _postgresql_binds as binds
from dspipe.sources._errors import failed, find_code, not_connected, refused, timed_out
from dspipe.sources._fast import has_adbc
from dspipe.sources._kinds import Column, out_of_range
from dspipe.sources._sqlalchemy import CONNECT_SECONDS, SQLAlchemySource, wait_in_time

if TYPE_CHECKING:
    import pandas as pd
    import sqlalchemy as sa

    from dspipe._config import SourceSettings
    from dspipe._statement import Compiled, Statement
    from dspipe.sources._postgresql_arrow import ArrowConnections

_KINDS = {
    16: "boolean",
    **dict.fromkeys([20, 21, 23, 26], "integer"),
    700: "real",
    **dict.fromkeys([701, 1700], "float"),
    1082: "date",
    1083: "time",
    1114: "timestamp",
    1184: "timestamptz",
    1186: "interval",
    2950: "uuid",
    17: "bytes",
    # text, bpchar, varchar, name, "char", money, xml, bit, varbit
    **dict.fromkeys([25, 1042, 1043, 19, 18, 790, 142, 1560, 1562], "text"),
}
_FIRST_USER_TYPE = 16_384  # enums and other types of the user's own: psycopg reads their text
_MOMENTS = {"date", "timestamp", "timestamptz"}
_CANCELLED = "57014"
_MOST_REMEMBERED = 256
_AS_IT_IS = {"no_parameters": True}  # else the driver looks for its own marks after each %


class PostgreSQLSource(SQLAlchemySource):
    """Read from PostgreSQL, and from what speaks its protocol."""

    def __init__(self, settings: "SourceSettings") -> None:
        self._types: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        self._arrow: ArrowConnections | None = None
        self._lock = threading.Lock()
        super().__init__(settings)

    def close(self) -> None:
        super().close()
        if self._arrow is not None:
            self._arrow.close()

    def _iter_chunks(
        self, statement: "Statement", n_rows: int, seconds: float | None
    ) -> Iterator["pd.DataFrame"]:
        if self._settings.arrow and has_adbc("adbc_driver_postgresql"):
            with self._arrow_connections().lend() as stream:
                if stream is not None and stream.open(
                    statement,
                    self._remember,
                    n_rows=n_rows,
                    seconds=seconds,
                    read_only=self._settings.read_only,
                ):
                    yield from stream.iter_chunks(n_rows)
                    return
        # It also says what is wrong with a statement, in one voice for both ways.
        yield from self._iter_rows(statement, n_rows, seconds)

    def _arrow_connections(self) -> "ArrowConnections":
        from dspipe.sources._postgresql_arrow import ArrowConnections

        with self._lock:
            if self._arrow is None:
                self._arrow = ArrowConnections(self._settings.name, self._write_arrow_url)
            return self._arrow

    def _write_arrow_url(self) -> str:
        url = self._engine.url.set(drivername="postgresql")
        seconds = wait_in_time(url.query.get("connect_timeout", CONNECT_SECONDS))
        url = url.update_query_dict({"connect_timeout": str(seconds)})
        return url.render_as_string(hide_password=False)

    def _remember(self, statement: "Statement", run: binds.Run, get_message: Any) -> list[str]:
        """Ask once a statement, and not at all where no text is bound."""
        declared = binds.declare(statement)
        if binds.UNKNOWN not in declared:
            return declared
        key = (binds.probe_text(statement, declared)[1].text, tuple(declared))
        if key not in self._types:
            if len(self._types) >= _MOST_REMEMBERED:
                self._types.clear()
            self._types[key] = binds.find_types(statement, run, get_message)
        return self._types[key]

    def _compile(self, connection: "sa.Connection", statement: "Statement") -> "Compiled":
        def run(text: str) -> Sequence[Sequence[Any]]:
            try:
                result = connection.exec_driver_sql(text, execution_options=_AS_IT_IS)
                return result.fetchall() if result.returns_rows else []
            except Exception:
                connection.rollback()
                raise

        types = self._remember(statement, run, _get_message)
        connection.rollback()
        compiled = binds.render(statement, types, ":b")
        values = tuple(binds.to_driver(value) for value in compiled.bound)
        return replace(compiled, bound=values, seen=binds.render(statement, types, "$"))

    def _prepare(self, connection: "sa.Connection", seconds: float | None) -> None:
        if self._settings.read_only:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        milliseconds = round((shorten_timeout(seconds) or 0) * 1000)
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
        connection.exec_driver_sql("SET LOCAL cursor_tuple_fraction = 1")  # all rows will be read

    def _columns(self, cursor: Any) -> list[Column]:
        return _columns(cursor)

    def _translate(
        self, error: Any, result: Any, compiled: "Compiled", seconds: float | None
    ) -> SourceError:
        original = error.orig
        is_cancelled = getattr(original, "sqlstate", None) == _CANCELLED
        if is_cancelled and (seconds is not None or is_over()):
            return timed_out(self._settings.name, seconds)
        message = getattr(original.diag, "message_primary", None) or str(original)
        if result is not None:
            return failed(self._settings.name, message, is_lost=error.connection_invalidated)
        if error.connection_invalidated:
            code = find_code(original)
            return not_connected(self._settings.name, self._where, message, code)
        seen = compiled.seen or compiled
        return refused(self._settings.name, seen, message, self._find_position(seen))

    def _find_position(self, compiled: "Compiled") -> int | None:
        """Let the server point at the fault in the compiled text, without a cursor around it."""
        import sqlalchemy as sa

        before = f"PREPARE {binds.PROBE} AS "
        with self._connect() as connection:
            try:
                connection.exec_driver_sql(before + compiled.text, execution_options=_AS_IT_IS)
                connection.exec_driver_sql(f"DEALLOCATE {binds.PROBE}")
            except sa.exc.DBAPIError as error:
                diag = getattr(error.orig, "diag", None)
                position = getattr(diag, "statement_position", None)
                return int(position) - 1 - len(before) if position else None
        return None

    def _make_engine(self) -> "sa.Engine":
        import sqlalchemy as sa

        engine = super()._make_engine()
        sa.event.listen(engine, "handle_error", _name_infinite)
        return engine

    def _engine_options(self, url: "sa.URL") -> dict[str, Any]:
        if url.drivername != "postgresql+psycopg":
            return {}
        return {**super()._engine_options(url), "use_native_hstore": False}

    def _read_url(self) -> "sa.URL":
        url = super()._read_url()
        plain = url.drivername in {"postgresql", "postgres"}
        return url.set(drivername="postgresql+psycopg") if plain else url


def _columns(cursor: Any) -> list[Column]:
    return [Column(entry[0], _kind(entry[1])) for entry in cursor.description]


def _name_infinite(context: "sa.ExceptionContext") -> None:
    """Name the column with a moment that Python cannot hold: the driver's error does not."""
    cursor = getattr(context.execution_context, "cursor", None)
    answer = getattr(cursor, "pgresult", None)
    if type(context.original_exception).__name__ != "DataError" or not answer or not answer.nfields:
        return
    for place, column in enumerate(_columns(cursor)):
        values = (answer.get_value(row, place) for row in range(answer.ntuples))
        if column.kind in _MOMENTS and any(map(_is_infinite, values)):
            raise out_of_range(column) from context.original_exception


def _kind(oid: int) -> str:
    if oid >= _FIRST_USER_TYPE:
        return "text"
    return _KINDS.get(oid, "object")  # JSON and arrays come as Python values


def _get_message(error: Exception) -> str:
    import sqlalchemy as sa

    if not isinstance(error, sa.exc.DBAPIError):
        raise error
    return str(error.orig)


def _is_infinite(value: bytes | None) -> bool:
    if value is None:
        return False
    return value.endswith((b"infinity", b" BC")) or value.find(b"-") > len("9999")
