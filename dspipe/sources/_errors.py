"""Errors of databases as finished sentences: what it said, the line it points at, what to do."""

import re
from typing import TYPE_CHECKING

from dspipe._deadline import is_over
from dspipe.errors import (
    DspipeError,
    SourceAuthenticationError,
    SourceError,
    SourceTimeoutError,
    SourceUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from dspipe._statement import Compiled
    from dspipe.sources._watch import Watch

_DUCKDB_PLACE = re.compile(r"\n+LINE (?P<line>\d+): (?P<shown>[^\n]*)\n(?P<caret> *)\^", re.DOTALL)
_NAMED = re.compile(
    r'near "(?P<near>[^"]+)"|no such (?:column|table|function): (?P<missing>[\w.]+)'
)
_MYSQL_PLACE = re.compile(r" near '(?P<near>.+?)' at line (?P<line>\d+)", re.DOTALL)
# SQLSTATE, and the numbers of MySQL, SQL Server and Oracle.
_WRONG_USER_CODES = frozenset({"28000", "28P01", "1044", "1045", "1698", "1862", "18456", "1017"})
_WRONG_DATABASE_CODES = frozenset({"3D000", "1049", "4060"})
# psycopg gives no code for a connection that failed, and others one that says just this: then words
# decide.
_WRONG_USER = re.compile(
    r"authentication failed|no password supplied|no pg_hba\.conf entry"
    r"|role .+ (?:does not exist|is not permitted to log in)"
    r"|access denied for user|login failed for user|invalid username|incorrect username",
    re.IGNORECASE,
)
_WRONG_DATABASE = re.compile(r"database .+ does not exist|unknown database", re.IGNORECASE)
_CODE = re.compile(r"[1-9][0-9]{0,5}|[0-9A-Z]{5}")
_WIDEST = 100


def translate(
    frames: "Iterator[pd.DataFrame]",
    source: str,
    compiled: "Compiled",
    watch: "Watch",
    is_refusal: "Callable[[Exception], bool]",
) -> "Iterator[pd.DataFrame]":
    """Turn a driver's errors into sentences while its frames are read; others pass as they are."""
    try:
        yield from frames
    except DspipeError:
        raise
    except Exception as error:
        if watch.has_expired:
            raise timed_out(source, watch.seconds) from error
        if is_refusal(error):
            raise refused(source, compiled, str(error)) from error
        raise


def refused(
    source: str, compiled: "Compiled", message: str, position: int | None = None
) -> SourceError:
    """Make the error for a statement that a database does not accept.

    Parameters
    ----------
    source : str
        Name of the source.
    compiled : Compiled
        What was sent.
    message : str
        The database's own words.
    position : int, optional
        Where it points in the text that was sent, from 0.
    """
    place = find_place(compiled, message) if position is None else position
    said = _DUCKDB_PLACE.split(message)[0].strip().rstrip(".")
    sentence = f"The source '{source}' refused the query: {said}."
    shown = point_at(compiled, place)
    return SourceError(
        f"{sentence}\n{shown}\nCorrect the SQL." if shown else f"{sentence} Correct the SQL."
    )


def point_at(compiled: "Compiled", position: int | None) -> str:
    """Show the line of the user's text that holds a position of the sent one, over a caret."""
    if position is None:
        return ""
    place = compiled.find_position(position)
    before = compiled.original[:place]
    number, column = before.count("\n") + 1, place - (before.rfind("\n") + 1)
    line = compiled.original.split("\n")[number - 1].replace("\t", " ").rstrip("\r")
    skipped = max(0, column - _WIDEST // 2) if len(line) > _WIDEST else 0
    prefix = f"Line {number}: "
    return f"{prefix}{line[skipped : skipped + _WIDEST]}\n{' ' * (len(prefix) + column - skipped)}^"


def find_place(compiled: "Compiled", message: str) -> int | None:
    """Read where a message points to, from the forms that DuckDB, SQLite and MySQL have for it."""
    if found := _DUCKDB_PLACE.search(message):
        return _find_shown(compiled.text, int(found["line"]), found["shown"], len(found["caret"]))
    if found := _MYSQL_PLACE.search(message):
        start = _line_start(compiled.text, int(found["line"]))
        return _find(compiled.text, found["near"], start)
    if found := _NAMED.search(message):
        return _find(compiled.text, found["near"] or found["missing"].rpartition(".")[2], 0)
    return None


def _find_shown(text: str, line: int, shown: str, caret: int) -> int | None:
    """Find the caret's place when long lines are shown in part, between dots."""
    column = caret - len(f"LINE {line}: ")
    excerpt = shown.removeprefix("...").removesuffix("...")
    column -= len(shown) - len(shown.removeprefix("..."))
    start = text.find(excerpt, _line_start(text, line))
    return start + column if start >= 0 else None


def _line_start(text: str, line: int) -> int:
    return sum(len(row) + 1 for row in text.split("\n")[: line - 1])


def _find(text: str, token: str, start: int) -> int | None:
    found = re.compile(rf"(?<!\w){re.escape(token)}(?!\w)").search(text, start)
    place = found.start() if found else text.find(token, start)
    return place if place >= 0 else None


def failed(source: str, message: str, *, is_lost: bool = False) -> SourceError:
    """Make the error for a query that fails while its rows are read.

    `is_lost` says that the connection is to blame, and not the query.
    """
    kind = SourceUnavailableError if is_lost else SourceError
    return kind(
        f"The source '{source}' failed while it sent the rows: {message.strip().rstrip('.')}. "
        f"Correct the SQL, or run it again if the connection was lost."
    )


def not_connected(source: str, where: str, message: str, code: str = "") -> SourceError:
    """Make the error for a server that gives no connection, of a class that says why.

    Parameters
    ----------
    source : str
        Name of the source.
    where : str
        Host and port.
    message : str
        What was said.
    code : str, default=""
        As `find_code` finds it; the words of the message count where it says nothing of these.
    """
    first = message.strip().partition("\n")[0]
    is_absent = code in _WRONG_DATABASE_CODES
    if code in _WRONG_USER_CODES or (not is_absent and _WRONG_USER.search(message)):
        return SourceAuthenticationError(
            f"The source '{source}' refuses the user at {where}: {first.rstrip('.')}. Check the "
            "user and the password in its url, or in the secret that the url refers to."
        )
    is_absent = is_absent or bool(_WRONG_DATABASE.search(message))
    kind = SourceError if is_absent else SourceUnavailableError
    return kind(str(unreachable(source, where, first)))


def find_code(error: BaseException | None) -> str:
    """Find the SQLSTATE of a driver's error, else the number of its database; empty without one.

    >>> find_code(OSError(1045, "Access denied for user 'ann'@'db'"))
    '1045'
    >>> find_code(ValueError("no code"))
    ''
    """
    first = next(iter(error.args), "") if error is not None else ""
    candidates = (
        getattr(error, "sqlstate", None),
        first,
        getattr(first, "code", None),  # Oracle's
    )
    return next((str(code) for code in candidates if _CODE.fullmatch(str(code))), "")


def unreachable(source: str, where: str, message: str) -> SourceError:
    """Make the error for a database that does not answer; `where` holds no password."""
    return SourceError(
        f"The source '{source}' cannot be reached at {where}: {message.strip().rstrip('.')}. "
        f"Check that the database runs and that its url in [tool.dspipe.sources] is right."
    )


def timed_out(source: str, seconds: float | None) -> SourceTimeoutError:
    """Make the error for a database that took longer than its timeout, or than there was time."""
    if is_over():
        return SourceTimeoutError(
            f"The source '{source}' had not answered when the time of this run was over. Make the "
            "query select less, or give the run more time."
        )
    return SourceTimeoutError(
        f"The source '{source}' took longer than its timeout of {seconds or 0:g} seconds. "
        "Make the query select less, or raise the timeout with .timeout(seconds) or "
        "timeout_seconds."
    )


def missing_file(source: str, path: str) -> SourceError:
    """Make the error for an embedded database whose file is not there."""
    return SourceError(
        f"The source '{source}' reads the file {path}, which does not exist. "
        f"Create it, or correct the url in [tool.dspipe.sources]."
    )
