"""HTTP on a loopback port: a thread a connection, kept alive, and ended rudely when asked to."""

import itertools
import socket
import struct
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, BinaryIO, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from datarobot_service.stand_in.messages import Request, Response

PIECE_BYTES = 65_536
Application = Callable[[Request], Response]


class Server(ThreadingHTTPServer):
    """Serves an application until it is closed.

    Parameters
    ----------
    application : callable
        From a request to its response; called in many threads.
    port : int, default=0
        0 takes a free one.
    """

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, application: Application, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Connection)
        self.application = application
        self.numbers = itertools.count(1)
        self.is_closing = threading.Event()
        self.connections: set[socket.socket] = set()
        self.thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_port}"

    def start(self) -> None:
        """Serve in a thread."""
        self.thread.start()

    def close(self) -> None:
        """End, with all connections."""
        self.is_closing.set()
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            end_connection(connection)
        self.thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that leave in the middle are part of the tests."""


class Connection(BaseHTTPRequestHandler):
    """The requests of one connection, one after another."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else an answer of two writes waits 40 ms for the client
    server: Server

    def setup(self) -> None:
        """Count the connection."""
        super().setup()
        self.number = next(self.server.numbers)
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        self.server.connections.discard(self.connection)
        super().finish()

    def serve(self) -> None:
        """Read a request, answer it, and read what the application left of its body."""
        body = make_body(cast("BinaryIO", self.rfile), self.headers)
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(parts.path),
            query=parse_qsl(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            stream=body,
            connection=self.number,
        )
        response = self.server.application(request)
        while body.read(PIECE_BYTES):
            pass
        self.send(response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = serve  # noqa: N815 - the library's

    def send(self, response: Response) -> None:
        """Send a response in one write, unless it says otherwise."""
        if not isinstance(response.body, bytes):
            self.send_chunks(response)
            return
        head = make_head(response, {"Content-Length": str(len(response.body))})
        message = head if self.command == "HEAD" else head + response.body
        message = message[: response.ends_after_bytes]
        size = response.piece_bytes or len(message) or 1
        for start in range(0, len(message), size):
            if response.seconds_a_piece:
                self.server.is_closing.wait(response.seconds_a_piece)
            self.wfile.write(message[start : start + size])
        self.end(response)

    def send_chunks(self, response: Response) -> None:
        """Send a body piece by piece, as it comes to be."""
        self.wfile.write(make_head(response, {"Transfer-Encoding": "chunked"}))
        n_sent = 0
        for piece in response.body:
            assert isinstance(piece, bytes)
            left = None if response.ends_after_bytes is None else response.ends_after_bytes - n_sent
            sent = piece[:left]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(sent), sent) if sent else b"")
            n_sent += len(sent)
            if len(sent) < len(piece):
                self.end(response)
                return
        self.wfile.write(b"0\r\n\r\n")

    def end(self, response: Response) -> None:
        """End the connection if the response says so."""
        if response.ends_after_bytes is None:
            return
        self.close_connection = True
        if response.is_reset:
            # With nothing to wait for, closing sends a reset in the place of an end.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
        else:
            end_connection(self.connection)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - name of the library's
        """Write nothing: what was asked stands in the journal."""


class SizedBody:
    """A body whose length stands in the headers."""

    def __init__(self, file: BinaryIO, n_bytes: int) -> None:
        self.file = file
        self.n_left = n_bytes

    def read(self, n_bytes: int = -1) -> bytes:
        """Give the next bytes."""
        wanted = self.n_left if n_bytes < 0 else min(n_bytes, self.n_left)
        content = self.file.read(wanted) if wanted else b""
        self.n_left -= len(content)
        if len(content) < wanted:
            raise ConnectionAbortedError
        return content


class ChunkedBody:
    """A body in chunks, each with its length before it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.chunk = SizedBody(file, 0)
        self.is_over = False

    def read(self, n_bytes: int = -1) -> bytes:
        """Give the next bytes."""
        pieces: list[bytes] = []
        n_read = 0
        while not self.is_over and (n_bytes < 0 or n_read < n_bytes):
            piece = self.chunk.read(-1 if n_bytes < 0 else n_bytes - n_read)
            pieces.append(piece)
            n_read += len(piece)
            if not self.chunk.n_left:
                self.open_next()
        return b"".join(pieces)

    def open_next(self) -> None:
        """Read the length of the next chunk; none ends the body."""
        line = self.file.readline().strip() or self.file.readline().strip()
        if not line:
            raise ConnectionAbortedError
        self.chunk = SizedBody(self.file, int(line.split(b";")[0], 16))
        if not self.chunk.n_left:
            self.is_over = True
            while self.file.readline().strip():
                pass


def make_body(file: BinaryIO, headers: Any) -> SizedBody | ChunkedBody:
    """Choose how to read a body."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return ChunkedBody(file)
    return SizedBody(file, int(headers.get("content-length") or 0))


def make_head(response: Response, framing: dict[str, str]) -> bytes:
    """Write status line and headers."""
    phrase = HTTPStatus(response.status).phrase if response.status in STATUSES else "Unknown"
    lines = [f"HTTP/1.1 {response.status} {phrase}"]
    headers = framing | response.headers
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def end_connection(connection: socket.socket) -> None:
    """Close both directions of a connection, which may be gone already."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


STATUSES = {status.value for status in HTTPStatus}
