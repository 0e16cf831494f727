"""The API that Lambda gives a runtime, with the phases of SnapStart, which the emulator lacks.

It drives AWS's own runtime interface client, one invocation at a time.
"""

import json
import os
import queue
import subprocess
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Self

_SECONDS = 60
_DEADLINE_MS = "4102444800000"  # the year 2100


class SnapStartRuntime:
    """One execution environment that is restored from a snapshot before it is invoked.

    Parameters
    ----------
    python : Path
        Interpreter that has awslambdaric.
    handler : str
        Module and function.
    variables : mapping of str to str
        Environment variables of the function.
    """

    def __init__(self, python: Path, handler: str, variables: Mapping[str, str]) -> None:
        self._command = [str(python), "-m", "awslambdaric", handler]
        self._variables = variables
        self._events: queue.Queue[Any] = queue.Queue()
        self._answers: queue.Queue[Any] = queue.Queue()

    def __enter__(self) -> Self:
        kind = type("Requests", (_Requests,), {"events": self._events, "answers": self._answers})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
            **self._variables,
        }
        self._process = subprocess.Popen(self._command, env=environment)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._events.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def invoke(self, event: object) -> tuple[str, Any]:
        """Invoke the function; give "response" or "error", and what it said."""
        self._events.put(event)
        kind, body = self._answers.get(timeout=_SECONDS)
        return kind, json.loads(body)


class _Requests(BaseHTTPRequestHandler):
    """Answers the requests of the runtime interface client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    events: ClassVar[queue.Queue[Any]]
    answers: ClassVar[queue.Queue[Any]]

    def do_GET(self) -> None:
        """Let the runtime be restored, or give it the next event."""
        if self.path.endswith("/restore/next"):
            self._reply(b"")
            return
        event = self.events.get()
        self._reply(json.dumps(event).encode())

    def do_POST(self) -> None:
        """Take an answer, or what failed."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answers.put((self.path.rsplit("/", 1)[1], body))
        self._reply(b"", status=202)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _reply(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.send_header("Lambda-Runtime-Aws-Request-Id", "request-1")
        self.send_header("Lambda-Runtime-Deadline-Ms", _DEADLINE_MS)
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:1:f:f")
        self.end_headers()
        if body:
            self.wfile.write(body)
