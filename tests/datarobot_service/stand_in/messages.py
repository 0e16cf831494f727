"""Requests and responses, as the routes see them: the socket is somebody else's."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

JSON = "application/json"  # exactly: the official client reads no error of any other spelling
CSV = "text/csv"


class ApiError(Exception):
    """A request that is answered with a status of 400 and above."""

    def __init__(
        self, status: int, message: object, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


class Body(Protocol):
    """What a client sends after the headers, read as it comes."""

    def read(self, n_bytes: int = -1) -> bytes:
        """Give the next bytes, all by default; no bytes at the end."""


@dataclass(eq=False)
class Request:
    """One request.

    Attributes
    ----------
    method, path : str
        The path is decoded, and has no query.
    query : list of (str, str)
        As sent, with repetitions.
    headers : mapping of str to str
        Names in lower case.
    stream : Body
        What follows the headers.
    connection : int
        Which connection it came over; the same one for requests that keep it alive.
    n_rows : int
        Rows to score; 0 before they are counted, and where there are none.
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    stream: Body
    connection: int = 0
    n_rows: int = 0

    @cached_property
    def raw(self) -> bytes:
        """The body as sent."""
        return self.stream.read()

    @cached_property
    def body(self) -> bytes:
        """The body, unpacked."""
        if self.headers.get("content-encoding", "identity") == "identity":
            return self.raw
        try:
            return gzip.decompress(self.raw)
        except (OSError, EOFError, zlib.error) as error:
            raise ApiError(400, "The body cannot be decompressed.") from error

    @property
    def media_type(self) -> str:
        """Type of the body, without parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    def read_json(self, allowed: Mapping[str, bool]) -> dict[str, Any]:
        """Read an object whose keys are `allowed`; True stands for one that must be there."""
        try:
            content = json.loads(self.body)
        except ValueError as error:
            raise ApiError(400, "The body is not valid JSON.") from error
        if not isinstance(content, dict):
            raise ApiError(422, "The body is no JSON object.")
        faults = {key: f"{key} is not allowed key" for key in content if key not in allowed}
        faults |= {
            key: "is required"
            for key, is_required in allowed.items()
            if is_required and content.get(key) is None
        }
        if faults:
            raise ApiError(422, faults)
        return content

    def check_query(self, *allowed: str) -> None:
        """Refuse a parameter that the route does not know."""
        for name, _ in self.query:
            if name not in allowed:
                raise ApiError(422, f"'{name}': {name} is not allowed key")

    def find(self, name: str) -> str | None:
        """Find the last value of a parameter."""
        return next((value for key, value in reversed(self.query) if key == name), None)

    def find_all(self, name: str) -> list[str]:
        """Find all values of a parameter."""
        return [value for key, value in self.query if key == name]


@dataclass
class Response:
    """One response, and how it is delivered.

    Attributes
    ----------
    status : int
    body : bytes or iterator of bytes
        An iterator is sent in chunks.
    headers : dict of str to str
    ends_after_bytes : int or None
        How much of the message, headers included, is sent before the connection ends.
    is_reset : bool
        Whether such an end is a reset; else the connection is closed in good order.
    piece_bytes, seconds_a_piece : int, float
        Send in pieces, with a pause before each; 0 sends at once.
    """

    status: int = 200
    body: bytes | Iterator[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)
    ends_after_bytes: int | None = None
    is_reset: bool = False
    piece_bytes: int = 0
    seconds_a_piece: float = 0.0


def reply_json(
    content: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON, in ASCII alone."""
    body = json.dumps(content, allow_nan=False).encode("ascii")
    return Response(status, body, {"Content-Type": JSON, **(headers or {})})


def reply_error(error: ApiError) -> Response:
    """Answer with an error in DataRobot's envelope."""
    return reply_json({"message": error.message}, error.status, error.headers)
