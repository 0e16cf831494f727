"""DuckDB: its own Arrow stream, or rows of Python values without pyarrow.

Both ways first ask for the columns of the answer, without its rows. The file is opened for one
stream and closed after it, so that another process may write to it between runs.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dspipe._extras import is_installed, load_extra
from dspipe.sources._base import Source
from dspipe.sources._cut import chunk_rows, cut, gather_rows
from dspipe.sources._errors import translate, unreachable
from dspipe.sources._files import check_file, find_file
from dspipe.sources._kinds import Column, check_names, frame_from_rows
from dspipe.sources._watch import Watch

if TYPE_CHECKING:
    import pandas as pd

    from dspipe._config import SourceSettings
    from dspipe._statement import Compiled, Statement

_KINDS = {
    **dict.fromkeys(["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"], "integer"),
    **dict.fromkeys(["UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"], "integer"),
    **dict.fromkeys(["FLOAT", "DOUBLE"], "float"),
    **dict.fromkeys(["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"], "timestamp"),
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "INTERVAL": "interval",
    "TIME": "time",
    "UUID": "uuid",
    "BLOB": "bytes",
    "JSON": "json",
    '"NULL"': "unknown",
}
_INFINITE, _INFINITE_DAYS = 2**63 - 1, 10_000_000
# What Python's rows would lose: infinity, the zone (which needs another package), the 365 days of a
# year.
_NANOSECONDS = "epoch_ns({0})"
_AS_NUMBERS = {
    # Rounded down, as Arrow's are; epoch_us would round to the nearest.
    "TIMESTAMP_NS": f"({_NANOSECONDS} - (({_NANOSECONDS} % 1000) + 1000) % 1000) // 1000",
    "date": f"CASE WHEN isinf({{0}}) THEN {_INFINITE_DAYS} "
    "ELSE datediff('day', DATE '1970-01-01', {0}) END",
    "timestamp": f"CASE WHEN isinf({{0}}) THEN {_INFINITE} ELSE epoch_us({{0}}) END",
    "timestamptz": f"CASE WHEN isinf({{0}}) THEN {_INFINITE} ELSE epoch_us({{0}}) END",
    "interval": "(datepart('year', {0}) * 365 + datepart('month', {0}) * 30 + datepart('day', {0}))"
    " * 86400000000 + datepart('hour', {0}) * 3600000000 + datepart('minute', {0}) * 60000000"
    " + datepart('microsecond', {0})",
}


class DuckDBSource(Source):
    """Read from a DuckDB file, or from files that DuckDB can query, in memory."""

    def __init__(self, settings: "SourceSettings", root: Path) -> None:
        self._settings = settings
        self._file = find_file(settings, root)
        self._duckdb = load_extra(
            "duckdb", extra="duckdb", needed_by=f"The source '{settings.name}'"
        )

    def iter_frames(
        self,
        statement: "Statement",
        *,
        batch_rows: int | None,
        timeout_seconds: float | None = None,
    ) -> Iterator["pd.DataFrame"]:
        seconds = self._settings.timeout_seconds if timeout_seconds is None else timeout_seconds
        compiled = statement.compile("dollar")
        with closing(self._connect()) as connection:
            source, watch = self._settings.name, Watch(connection.interrupt, seconds)
            chunks = self._iter_chunks(connection, compiled, chunk_rows(batch_rows), watch)
            yield from cut(translate(chunks, source, compiled, watch, self._is_refusal), batch_rows)

    def _connect(self) -> Any:
        check_file(self._settings, self._file)
        name = ":memory:" if self._file is None else str(self._file)
        read_only = self._settings.read_only and self._file is not None
        try:
            connection = self._duckdb.connect(name, read_only=read_only)
        except self._duckdb.ConnectionException:
            # This process has the file open for writing, and DuckDB shares one such opening.
            connection = self._duckdb.connect(name)
        except self._duckdb.Error as error:
            raise unreachable(self._settings.name, name, str(error).split("\n")[0]) from error
        self._begin(connection)
        return connection

    def _begin(self, connection: Any) -> None:
        """Begin what is never committed: closing rolls back, as everywhere."""
        read_only = self._settings.read_only and self._file is not None
        connection.execute(f"BEGIN TRANSACTION{' READ ONLY' if read_only else ''}")

    def _is_refusal(self, error: Exception) -> bool:
        return isinstance(error, self._duckdb.Error) or type(error).__module__ == "pyarrow.lib"

    def _iter_chunks(
        self, connection: Any, compiled: "Compiled", n_rows: int, watch: Watch
    ) -> Iterator["pd.DataFrame"]:
        answer = self._describe(connection, compiled, watch)
        columns = answer.columns
        check_names(columns)
        if answer.result is None and self._settings.arrow and is_installed("pyarrow"):
            stream = watch.call(lambda: _open_arrow(connection, compiled, n_rows))
            from dspipe.sources import _arrow

            faithful = zip(columns, stream.schema, strict=True)
            if all(_arrow.is_faithful(column.kind, field.type) for column, field in faithful):
                batches = iter(lambda: watch.call(lambda: next(stream, None)), None)
                yield from _arrow.iter_arrow_frames(columns, batches, stream.schema, n_rows)
                return
            stream.close()
        yield from self._iter_rows(connection, compiled, answer, n_rows, watch)

    def _describe(self, connection: Any, compiled: "Compiled", watch: Watch) -> "_Answer":
        """Ask for the columns, and whether the statement can stand inside of another."""
        text = f"DESCRIBE ({_strip(compiled.text)}\n)"
        try:
            result = watch.call(lambda: connection.execute(text, list(compiled.bound)))
        except self._duckdb.Error:
            connection.execute("ROLLBACK")
            self._begin(connection)
            result = watch.call(lambda: connection.execute(compiled.text, list(compiled.bound)))
            return _Answer(result.description, result)
        return _Answer(result.fetchall())

    def _iter_rows(
        self,
        connection: Any,
        compiled: "Compiled",
        answer: "_Answer",
        n_rows: int,
        watch: Watch,
    ) -> Iterator["pd.DataFrame"]:
        result = answer.result
        if result is None:
            text = _with_numbers(compiled.text, answer)
            result = watch.call(lambda: connection.execute(text, list(compiled.bound)))
        fetch: Callable[[int], Any] = lambda n: watch.call(lambda: result.fetchmany(n))  # noqa: E731
        for rows in gather_rows(fetch, n_rows):
            yield frame_from_rows(answer.columns, rows)


class _Answer:
    """What is known of an answer before its rows."""

    def __init__(self, description: Sequence[Any], result: Any = None) -> None:
        self.columns = [Column(name, _kind(type_)) for name, type_, *_ in description]
        self.result = result  # of a statement that cannot stand inside of another, and has run
        self.as_numbers = [
            _AS_NUMBERS.get(str(type_), _AS_NUMBERS.get(column.kind))
            for column, (_, type_, *_) in zip(self.columns, description, strict=True)
        ]


def _open_arrow(connection: Any, compiled: "Compiled", n_rows: int) -> Any:
    # From 2.0 a relation streams where execute() holds the whole answer; before it was the other
    # way round.
    if hasattr(connection, "to_arrow_reader"):
        relation = connection.sql(compiled.text, params=list(compiled.bound))
        return relation.to_arrow_reader(n_rows)
    return connection.execute(compiled.text, list(compiled.bound)).fetch_record_batch(n_rows)


def _kind(type_: Any) -> str:
    name = str(type_)
    if name.endswith("]"):
        return "object"
    if name.startswith("DECIMAL"):
        return "integer" if name.endswith(",0)") else "float"
    return "text" if name.startswith("ENUM(") else _KINDS.get(name, "object")


def _with_numbers(text: str, answer: "_Answer") -> str:
    """Let DuckDB write as numbers what Python's rows would not carry faithfully."""
    if not any(answer.as_numbers):
        return text
    names = [f"c{number}" for number in range(len(answer.columns))]
    chosen = [
        (template or "{0}").format(name)
        for name, template in zip(names, answer.as_numbers, strict=True)
    ]
    return f"SELECT {', '.join(chosen)} FROM ({_strip(text)}\n) AS answer({', '.join(names)})"  # noqa: S608  the user's own text, and names of ours


def _strip(text: str) -> str:
    return text.strip().rstrip(";")
