"""Files of lines: CSV, JSON lines or Parquet, also compressed, told by their names."""

import gzip
import io
import zlib

from dspipe.aws_lambda._objects import LARGEST_OBJECT_BYTES, check_size
from dspipe.aws_lambda.requests._bodies import read_csv, read_json
from dspipe.aws_lambda.requests._tables import Table, table_from_columns, table_from_records
from dspipe.errors import RequestError

_GZIP = b"\x1f\x8b"
_FORMATS = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    "application/json": "json",
    "application/jsonl": "jsonl",
    "application/vnd.apache.parquet": "parquet",
    "application/x-ndjson": "jsonl",
    "text/csv": "csv",
}


def find_format(name: str, content_type: str) -> str:
    """Find the format of a file: by its name, else by its content type.

    Raises
    ------
    RequestError
        With status 415 if neither says.

    Examples
    --------
    >>> find_format("in/june.CSV.gz", ""), find_format("in/june", "text/csv; charset=utf-8")
    ('csv', 'csv')
    """
    stem = name.lower().removesuffix(".gz")
    suffix = stem[stem.rfind(".") :] if "." in stem else ""
    media_type = content_type.partition(";")[0].strip().lower()
    found = _FORMATS.get(suffix) or _FORMATS.get(media_type)
    if found is None:
        raise RequestError(
            f"The format of {name} is not known. End its key in .csv, .jsonl, .json or .parquet, "
            "with .gz after it when it is compressed.",
            status=415,
        )
    return found


def unpack(content: bytes, name: str, *, limit: int = LARGEST_OBJECT_BYTES) -> bytes:
    """Unpack what gzip packed, up to a limit; other content is given back as it is."""
    if not content.startswith(_GZIP):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as file:
            unpacked = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise RequestError(
            f"{name} is not a whole gzip file: {error}. Compress it again."
        ) from error
    check_size(len(unpacked), f"{name}, unpacked,", limit=limit)
    return unpacked


def read_table(content: bytes, format_: str, name: str) -> Table:
    """Read a file of lines.

    Raises
    ------
    RequestError
        If it is not what its format says.
    """
    if format_ == "parquet":
        from dspipe.aws_lambda.requests._parquet import read_parquet

        return read_parquet(content, name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(f"{name} is not text in UTF-8. Save it in UTF-8.") from error
    return table_from_columns(read_csv(text)) if format_ == "csv" else _read_lines(text, name)


def _read_lines(text: str, name: str) -> Table:
    # Not splitlines: text in JSON may hold other characters that end a line, unescaped.
    records = [read_json(line) for line in text.split("\n") if line.strip()]
    odd = next((at for at, record in enumerate(records, 1) if not isinstance(record, dict)), None)
    if odd is not None:
        raise RequestError(
            f"Record {odd} of {name} is not an object. Write one object a line, such as "
            '{"day": "2013-06-01"}.'
        )
    return table_from_records(records)
