"""Rows as clients send them: CSV or JSON, read as text, and typed as the features say."""

import csv
import email.parser
import email.policy
import io
import json
from typing import Any

import pandas as pd
from datarobot_service.stand_in.deployments import Deployment
from datarobot_service.stand_in.messages import CSV, JSON, ApiError, Request

TEXT_TYPES = {CSV, "text/plain"}


def read_rows(request: Request) -> pd.DataFrame:
    """Read the rows of a scoring request; every cell of CSV is text."""
    if request.media_type in TEXT_TYPES:
        return read_csv(request.body)
    if request.media_type == JSON:
        return read_json(request.body)
    if request.media_type == "multipart/form-data":
        return read_csv(read_only_file(request))
    raise ApiError(400, f"Mimetype '{request.media_type}' is not supported.")


def read_csv(body: bytes) -> pd.DataFrame:
    """Read CSV with a header; the same name twice, or a row of another length, is refused."""
    try:
        header = next(csv.reader(io.StringIO(body.split(b"\n", 1)[0].decode("utf-8-sig"))), [])
        if len(set(header)) < len(header):
            raise ApiError(422, "The header of the CSV has the same column twice.")
        frame = pd.read_csv(
            io.BytesIO(body), dtype=object, keep_default_na=False, skip_blank_lines=len(header) > 1
        )
    except UnicodeDecodeError as error:
        raise ApiError(400, "The body is not encoded in UTF-8.") from error
    except pd.errors.ParserError as error:
        raise ApiError(422, f"The CSV cannot be parsed: {error}") from error
    except pd.errors.EmptyDataError as error:
        raise ApiError(422, "The data is empty.") from error
    return refuse_nothing(frame)


def read_json(body: bytes) -> pd.DataFrame:
    """Read a list of records."""
    try:
        records = json.loads(body)
    except ValueError as error:
        raise ApiError(400, "The body is not valid JSON.") from error
    if not isinstance(records, list) or not all(isinstance(row, dict) for row in records):
        raise ApiError(422, "The body is not a list of records.")
    return refuse_nothing(pd.DataFrame(records, dtype=object))


def refuse_nothing(frame: pd.DataFrame) -> pd.DataFrame:
    """Refuse rows that are none."""
    if not len(frame):
        raise ApiError(422, "The data is empty.")
    return frame


def read_only_file(request: Request) -> bytes:
    """Read the one file of a form."""
    files = [content for name, filename, content in read_form(request) if filename]
    if len(files) != 1:
        raise ApiError(400, "Exactly one file is expected in the form.")
    return files[0]


def read_form(request: Request) -> list[tuple[str, str | None, bytes]]:
    """Read the parts of a form: name, name of the file if it is one, content."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + request.body)
    parts: list[tuple[str, str | None, bytes]] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        name = part.get_param("name", header="content-disposition")
        parts.append((str(name), part.get_filename(), payload))
    return parts


def type_features(rows: pd.DataFrame, deployment: Deployment) -> pd.DataFrame:
    """Give the model's inputs, typed; what is missing or no number is refused."""
    missing = [name for name in deployment.names if name not in rows.columns]
    if missing:
        raise ApiError(422, f"Missing required features: {', '.join(missing)}")
    columns = {
        feature.name: type_column(rows[feature.name], feature.type)
        for feature in deployment.features
    }
    return pd.DataFrame(columns, index=rows.index)


def type_column(column: "pd.Series[Any]", type_: str) -> "pd.Series[Any]":
    """Type one input; an empty cell is a missing value."""
    given = column.astype(object).where(column.notna() & (column != ""), None)
    if type_ != "Numeric":
        return given
    try:
        return pd.to_numeric(given).astype(float)
    except (ValueError, TypeError) as error:
        raise ApiError(422, f"The feature '{column.name}' is numeric: {error}") from error
