"""What a body asks for: JSON, JSON lines, a form or CSV become tasks, whoever sent it.

The names ``arguments``, ``rows``, ``columns`` and ``continuation`` at the top of a JSON object are
dspipe's; every other name there is an argument of `extract`. An argument that has one of these four
names is given inside ``arguments``.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from dspipe._text import describe
from dspipe.aws_lambda._base import Task
from dspipe.errors import RequestError

ENVELOPE = frozenset({"arguments", "rows", "columns", "continuation"})
_JSON_LINES = frozenset({"application/x-ndjson", "application/jsonl", "application/jsonlines"})
_CSV = frozenset({"text/csv", "application/csv"})
_FORM = "application/x-www-form-urlencoded"


def read_tasks(content: object, content_type: str = "") -> list[Task]:
    """Read what a body asks for.

    Parameters
    ----------
    content : bytes, str or object
        The body, or the value of one that was parsed already.
    content_type : str, default=""
        As in the header of HTTP; without one the body is JSON.

    Returns
    -------
    list of Task
        One for a JSON object, a form, or CSV, whose lines are rows to score; one an element of a
        JSON array, and one a line of JSON lines.

    Raises
    ------
    RequestError
        With status 400 when the body cannot be read, 415 when its type is not one of these.

    Examples
    --------
    >>> read_tasks('{"day": "2013-06-01"}')
    [Task(arguments={'day': '2013-06-01'}, rows=None, continuation=None)]
    >>> read_tasks(b"day=2013-06-01", "application/x-www-form-urlencoded")
    [Task(arguments={'day': '2013-06-01'}, rows=None, continuation=None)]
    >>> read_tasks("flight,hour", "text/csv")[0].rows
    {'flight': [], 'hour': []}
    """
    if not isinstance(content, bytes | bytearray | str):
        return to_tasks(content)
    media_type, charset = _part_content_type(content_type)
    if (
        not media_type
        or media_type == "application/json"
        or media_type.endswith(("+json", "/json"))
    ):
        return to_tasks(read_json(_decode(content, charset)))
    text = _decode(content, charset)
    if media_type in _JSON_LINES:
        return [to_task(read_json(line)) for line in text.splitlines() if line.strip()]
    if media_type == _FORM:
        return [to_task(gather_pairs(parse_qsl(text, keep_blank_values=True)))]
    if media_type in _CSV:
        return [Task(rows=read_csv(text))]
    raise RequestError(
        f"The body has the content type '{media_type}'. Send application/json, "
        f"application/x-ndjson, {_FORM}, or text/csv with rows.",
        status=415,
    )


def to_tasks(value: object) -> list[Task]:
    """Make the tasks of a parsed value: an object is one, an array holds one an element."""
    if isinstance(value, list):
        return [to_task(item) for item in value]
    return [to_task(value)]


def to_task(value: object) -> Task:
    """Make the task of one parsed object.

    Examples
    --------
    >>> to_task({"arguments": {"rows": 5}, "rows": [{"flight": "007"}]})
    Task(arguments={'rows': 5}, rows=[{'flight': '007'}], continuation=None)
    """
    if value is None:
        return Task()
    if not isinstance(value, dict):
        raise RequestError(
            f"The body holds {describe(value)}. Send an object with the arguments of the "
            'pipeline, such as {"day": "2013-06-01"}.'
        )
    if ENVELOPE.isdisjoint(value):
        return Task(arguments=value)
    return Task(_arguments_of(value), _rows_of(value), _continuation_of(value))


def gather_pairs(pairs: Sequence[tuple[str, str]]) -> dict[str, str | list[str]]:
    """Make a dict of pairs; a name that comes more than once gets the list of its values."""
    gathered: dict[str, str | list[str]] = {}
    for name, value in pairs:
        held = gathered.get(name)
        if held is None:
            gathered[name] = value
        elif isinstance(held, list):
            held.append(value)
        else:
            gathered[name] = [held, value]
    return gathered


def read_json(content: bytes | bytearray | str) -> Any:
    """Parse JSON; what is wrong is told by line and column, without the text itself."""
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        raise RequestError(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}. "
            "Correct it, or name what it is in the content type."
        ) from error
    except (ValueError, RecursionError) as error:
        raise RequestError(
            f"The body is not JSON that can be read ({type(error).__name__}). Send text in UTF-8, "
            "with numbers below 4,300 digits and objects at most a few hundred deep."
        ) from error


def read_csv(text: str) -> dict[str, list[str | None]]:
    """Read CSV as columns of text; a field with nothing in it is null.

    Raises
    ------
    RequestError
        If there is no header, a name is there twice, or a line has more or fewer fields than it.
    """
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        table = [line for line in lines if line]
    except csv.Error as error:
        raise RequestError(
            f"The body is not CSV: {error} at line {lines.line_num}. Send fields parted by commas, "
            "with double quotes around those that hold a comma or a quote."
        ) from error
    if not table:
        raise RequestError("The body is CSV without a line. Send a header and one line a row.")
    header, *rows = table
    _check_table(header, rows)
    # An empty line parts no fields, so a single empty column cannot be told from none.
    return {name: [row[at] or None for row in rows] for at, name in enumerate(header)}


def _check_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise RequestError(
            f"The header of the CSV body has the column '{twice[0]}' more than once. Give each "
            "column a name of its own."
        )
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise RequestError(
                f"Row {number} of the CSV body has {len(row)} fields; the header has "
                f"{len(header)}. Give every row as many fields as the header."
            )


def _is_json(media_type: str) -> bool:
    return not media_type or media_type.endswith(("/json", "+json"))


def _arguments_of(value: Mapping[str, Any]) -> dict[str, object]:
    """Join what is given inside ``arguments`` and beside it."""
    inner = value.get("arguments")
    beside = {name: item for name, item in value.items() if name not in ENVELOPE}
    if inner is None:
        return beside
    if not isinstance(inner, dict):
        raise RequestError(
            f"'arguments' holds {describe(inner)}. Give it an object with one name an argument; "
            'an argument that is itself called so is written {"arguments": {"arguments": ...}}.'
        )
    twice = sorted(beside.keys() & inner.keys())
    if twice:
        raise RequestError(
            f"The argument '{twice[0]}' is given inside 'arguments' and beside it. Give it once."
        )
    return {**beside, **inner}


def _rows_of(value: Mapping[str, Any]) -> Any:
    rows, columns = value.get("rows"), value.get("columns")
    if rows is not None and columns is not None:
        raise RequestError("The body has 'rows' and 'columns'. Give the rows in one of them.")
    if rows is not None and not isinstance(rows, list):
        raise _not_rows("rows", rows, "a list with one object a row")
    if columns is not None and not isinstance(columns, dict):
        raise _not_rows("columns", columns, "an object with one list a column")
    return rows if rows is not None else columns


def _not_rows(name: str, value: object, expected: str) -> RequestError:
    return RequestError(
        f"'{name}' holds {describe(value)}. Give it {expected}; an argument that is called so is "
        f'written {{"arguments": {{"{name}": ...}}}}.'
    )


def _continuation_of(value: Mapping[str, Any]) -> str | None:
    token = value.get("continuation")
    if token is None or isinstance(token, str):
        return token
    raise RequestError(
        f"'continuation' holds {describe(token)}. Give it the text of an earlier answer; an "
        'argument that is called so is written {"arguments": {"continuation": ...}}.'
    )


def _part_content_type(content_type: str) -> tuple[str, str]:
    """Part a header into the media type, in small letters, and the charset."""
    if not content_type or content_type == "application/json":
        return content_type, "utf-8"
    media_type, *parameters = content_type.split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return media_type.strip().lower(), value.strip().strip('"').lower()
    return media_type.strip().lower(), "utf-8"


def _decode(content: bytes | bytearray | str, charset: str) -> str:
    """Decode a body; a byte order mark in front of it is no part of it."""
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    try:
        return bytes(content).decode("utf-8-sig" if charset in ("utf-8", "utf8") else charset)
    except LookupError as error:
        raise RequestError(
            f"The body has the charset '{charset}', which is not known. Send it in UTF-8.",
            status=415,
        ) from error
    except UnicodeError as error:
        raise RequestError(
            f"The body is not text in {charset}. Send it in UTF-8, or name its charset in the "
            "content type."
        ) from error
