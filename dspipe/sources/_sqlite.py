"""SQLite: values have types, columns only declare them.

What a column becomes is decided by its declaration, which SQLite tells for the columns of a view. A
column that is an expression has none: there the first rows decide, and a later value of another
kind is an error.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dspipe.sources._base import Source
from dspipe.sources._cut import CHUNK_ROWS, chunk_rows, cut, gather_rows
from dspipe.sources._errors import translate, unreachable
from dspipe.sources._fast import has_adbc
from dspipe.sources._files import check_file, find_file
from dspipe.sources._kinds import Column, array_from_values, check_names, make_frame, wrong_kind
from dspipe.sources._settle import UNDECLARED, settle
from dspipe.sources._sqlite_values import to_sqlite
from dspipe.sources._watch import Watch

if TYPE_CHECKING:
    import pandas as pd

    from dspipe._config import SourceSettings
    from dspipe._statement import Statement

# The first that is part of the declaration decides; after these, SQLite's own rules of affinity.
_KINDS = (
    ("bool", "boolean"),
    ("timestamptz", "timestamptz"),
    ("with time zone", "timestamptz"),
    ("datetime", "timestamp"),
    ("timestamp", "timestamp"),
    ("date", "date"),
    ("time", "time"),
    ("uuid", "uuid"),
    ("json", "json"),
    ("int", "integer"),
    ("char", "text"),
    ("clob", "text"),
    ("text", "text"),
    ("blob", "bytes"),
    ("real", "float"),
    ("floa", "float"),
    ("doub", "float"),
    ("dec", "float"),
    ("num", "float"),
)
_TYPES: dict[str, set[type]] = {
    "integer": {int},
    "float": {int, float},
    "boolean": {int},
    "text": {str},
    "bytes": {bytes},
    "unknown": set(),
    **{kind: {str} for kind in ("date", "timestamp", "timestamptz", "time", "uuid")},
}
_BUSY_SECONDS = 30.0


class SQLiteSource(Source):
    """Read from a SQLite file, or from an empty database in memory."""

    def __init__(self, settings: "SourceSettings", root: Path) -> None:
        self._settings = settings
        self._file = find_file(settings, root)

    def iter_frames(
        self,
        statement: "Statement",
        *,
        batch_rows: int | None,
        timeout_seconds: float | None = None,
    ) -> Iterator["pd.DataFrame"]:
        seconds = self._settings.timeout_seconds if timeout_seconds is None else timeout_seconds
        check_file(self._settings, self._file)
        # The reader may be another thread than the one that closes; there is never more than one at
        # a time.
        with closing(self._connect()) as connection:
            source, watch = self._settings.name, Watch(connection.interrupt, seconds)
            chunks = self._iter_chunks(connection, statement, chunk_rows(batch_rows), watch)
            compiled = statement.compile("named")
            yield from cut(translate(chunks, source, compiled, watch, self._is_refusal), batch_rows)

    def _connect(self) -> sqlite3.Connection:
        try:
            return sqlite3.connect(
                self._uri, uri=True, timeout=_BUSY_SECONDS, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise unreachable(self._settings.name, str(self._file), str(error)) from error

    @property
    def _uri(self) -> str:
        if self._file is None:
            return "file::memory:"
        return f"file:{quote(str(self._file))}?mode={'ro' if self._settings.read_only else 'rw'}"

    def _is_refusal(self, error: Exception) -> bool:
        # ADBC's errors come from two places, and its module need not be installed.
        return isinstance(error, sqlite3.Error | OSError) or "adbc" in type(error).__module__

    def _iter_chunks(
        self, connection: sqlite3.Connection, statement: "Statement", n_rows: int, watch: Watch
    ) -> Iterator["pd.DataFrame"]:
        columns = _describe(connection, statement)
        # ADBC cannot interrupt SQLite, so a timeout takes the other way.
        if (
            columns
            and self._settings.arrow
            and not watch.seconds
            and has_adbc("adbc_driver_sqlite")
        ):
            from dspipe.sources._sqlite_arrow import open_arrow

            check_names(columns)
            with open_arrow(self._uri, statement) as stream:
                if settled := stream.settle(columns):
                    yield from stream.iter_chunks(settled, n_rows)
                    return
        yield from _iter_rows(connection, statement, columns, n_rows, watch)


def _describe(connection: sqlite3.Connection, statement: "Statement") -> list[Column] | None:
    """Ask a temporary view for its columns; None when the statement is no SELECT."""
    text = statement.compile("null").text.strip().rstrip(";")
    try:
        connection.execute(f"CREATE TEMP VIEW dspipe_answer AS {text}")
        rows = connection.execute("PRAGMA temp.table_info(dspipe_answer)").fetchall()
        names = [
            name
            for name, *_ in connection.execute(f"SELECT * FROM ({text}\n) LIMIT 0").description  # noqa: S608  the user's own text, and names of ours
        ]
        connection.execute("DROP VIEW temp.dspipe_answer")
    except sqlite3.Error:
        return None
    finally:
        connection.rollback()
    pairs = zip(names, rows, strict=True)
    return [Column(_undo_renaming(name, names), _kind(row[2])) for name, row in pairs]


def _undo_renaming(name: str, names: Sequence[str]) -> str:
    """Give back the name that two columns share; in a subquery the second "n" becomes "n:1"."""
    base, mark, number = name.rpartition(":")
    return base if mark and number.isdigit() and base in names else name


def _kind(declared: str) -> str:
    lowered = declared.lower()
    return next((kind for part, kind in _KINDS if part in lowered), UNDECLARED)


def _iter_rows(
    connection: sqlite3.Connection,
    statement: "Statement",
    columns: Sequence[Column] | None,
    n_rows: int,
    watch: Watch,
) -> Iterator["pd.DataFrame"]:
    compiled = statement.compile("named")
    values = {f"b{number}": to_sqlite(value) for number, value in enumerate(compiled.bound, 1)}
    cursor = watch.call(lambda: connection.execute(compiled.text, values))
    if columns is None:
        columns = [Column(name, UNDECLARED) for name, *_ in cursor.description or ()]
    check_names(columns)
    first: list[Any] = watch.call(lambda: cursor.fetchmany(CHUNK_ROWS))
    columns = settle(columns, first)
    for rows in gather_rows(_with_first(first, cursor, watch), n_rows):
        by_column = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
        arrays = [_array(column, values) for column, values in zip(columns, by_column, strict=True)]
        yield make_frame(columns, arrays, len(rows))


def _array(column: Column, values: Sequence[Any]) -> Any:
    if column.kind == "text" and bytes in set(map(type, values)):
        values = [decode(value) for value in values]
    check_types(column, set(map(type, values)))
    return array_from_values(column, values)


def decode(value: Any) -> Any:
    """Read bytes in a column of text as CAST(... AS TEXT) would; the Arrow driver does the same."""
    return value.decode() if isinstance(value, bytes) else value


def _with_first(first: list[Any], cursor: sqlite3.Cursor, watch: Watch) -> Callable[[int], Any]:
    """Make a fetchmany that hands out the rows already read before it reads more."""

    def fetch(n: int) -> list[Any]:
        if first:
            rows = first[:n]
            del first[:n]
            return rows
        return watch.call(lambda: cursor.fetchmany(n))

    return fetch


def check_types(column: Column, found: set[type]) -> None:
    """Refuse what Python would convert silently, such as a fraction among whole numbers."""
    allowed = _TYPES.get(column.kind)
    odd = found - allowed - {type(None)} if allowed is not None else set()
    if odd:
        raise wrong_kind(column, min(type_.__name__ for type_ in odd))
