"""A Lambda function as AWS runs it, without AWS and without Docker.

AWS's own emulator (a binary that ships inside the wheel of aws-sam-cli) drives AWS's own runtime
interface client, which loads the handler out of a folder. As root the folder is mounted read-only
where AWS mounts it, so that a write beside the code fails here too.

Only the standard library: the stand-in of AWS runs this file in an environment of its own.
"""

import functools
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

TASK_ROOT = Path("/var/task")
INVOCATIONS = "/2015-03-31/functions/function/invocations"
# Ends the emulator when our end of the pipe closes, which it does also when this process is killed.
# The emulator takes its runtime with it only if it is asked kindly, so not SIGKILL.
GUARD = '"$@" </dev/null & child=$!; read _; kill -TERM $child; wait $child'
MOUNT = (
    f'mount --bind "$0" {TASK_ROOT} && mount -o remount,ro,bind {TASK_ROOT}'
    f' && cd {TASK_ROOT} && exec "$@"'
)


class EmulatorError(Exception):
    """The emulator could not start or has died; carries its log."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the caller of a function gets.

    Attributes
    ----------
    status : int
        Status of HTTP; 200 also when the handler raised, as on AWS.
    payload : object
        The answer, read as JSON; None where it is not JSON.
    text : str
        The answer as it came.
    is_error : bool
        Whether the function failed: on AWS the header ``X-Amz-Function-Error``.
    """

    status: int
    payload: Any
    text: str
    is_error: bool


class Emulator:
    """One execution environment of one function; starts on entering, ends on leaving.

    Parameters
    ----------
    folder : Path
        The unpacked package.
    handler : str
        Module and function, as in ``module.handler``.
    python : Path or None
        Interpreter that has awslambdaric; None for the tests' own, DSPIPE_TEST_RUNTIME_PYTHON.
    timeout_seconds, memory_mb : int
        What the function is told; of the memory nothing is enforced.
    environment : mapping of str to str or None
        The function's own variables.
    name, version : str
        What the function is called.
    """

    def __init__(
        self,
        folder: Path,
        handler: str,
        *,
        python: Path | None = None,
        timeout_seconds: int = 30,
        memory_mb: int = 1024,
        environment: Mapping[str, str] | None = None,
        name: str = "function",
        version: str = "$LATEST",
    ) -> None:
        self._folder = Path(folder).resolve()
        self._handler = handler
        self._python = Path(python or os.environ["DSPIPE_TEST_RUNTIME_PYTHON"])
        self._timeout_seconds = timeout_seconds
        self._task_root = TASK_ROOT if can_mount() else self._folder
        self._environment = {
            **self._own_variables(name, version, memory_mb),
            **(environment or {}),
        }
        self._resources = ExitStack()
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the emulator; it loads the function at the first event only."""
        folder = self._resources.enter_context(tempfile.TemporaryDirectory(prefix="dspipe-rie-"))
        self._log_file = Path(folder) / "log"
        self._port, runtime_port = find_free_ports(2)
        with self._log_file.open("wb") as log:
            self._guard = subprocess.Popen(
                ["/bin/sh", "-c", GUARD, "guard", *self._mount(), *self._command(runtime_port)],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait_until_it_listens()

    def close(self) -> None:
        """End the emulator and the function's process; harmless when done twice."""
        if self._guard.returncode is None:
            self._guard.communicate(timeout=30)
        self._resources.close()

    def invoke(self, event: object) -> Reply:
        """Send an event, as JSON, and wait for the answer."""
        return self.invoke_text(json.dumps(event))

    def invoke_text(self, text: str) -> Reply:
        """Send the text of an event, which need not be JSON."""
        # A second event at the same time crashes the emulator; AWS starts another environment.
        with self._one_at_a_time:
            status, answer = self._post(text.encode())
        return read_reply(status, answer)

    @property
    def log(self) -> str:
        """All that the function and the emulator have written until now."""
        return self._log_file.read_text(encoding="utf-8", errors="replace")

    @property
    def log_records(self) -> list[dict[str, Any]]:
        """The lines of the log that are JSON objects, in order."""
        records = (read_json(line) for line in self.log.splitlines())
        return [record for record in records if isinstance(record, dict)]

    @property
    def init_seconds(self) -> float:
        """Duration of the last init phase, as the emulator reports it; send an event first."""
        return float(re.findall(r"INIT REPORT\(durationMs: ([0-9.]+)\)", self.log)[-1]) / 1000

    @property
    def n_inits(self) -> int:
        """How often the function's process has been started."""
        return self.log.count("INIT START(")

    def _post(self, body: bytes) -> tuple[int, str]:
        # Loading a function counts against its timeout here, but not on AWS: leave it room.
        wait_seconds = self._timeout_seconds + 60
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=wait_seconds)
        try:
            connection.request("POST", INVOCATIONS, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise EmulatorError(f"The emulator did not answer: {error!r}\n{self.log}") from error
        finally:
            connection.close()

    def _wait_until_it_listens(self) -> None:
        for _ in range(1000):
            if can_connect(self._port):
                return
            time.sleep(0.01)  # no event tells when another process listens
        self._guard.communicate(timeout=30)
        raise EmulatorError(f"The emulator did not start.\n{self.log}")

    def _mount(self) -> list[str]:
        """Give the commands that run what follows with the folder at /var/task, read-only."""
        if self._task_root != TASK_ROOT:
            return []
        return ["unshare", "--mount", "/bin/sh", "-c", MOUNT, str(self._folder)]

    def _command(self, runtime_port: int) -> list[str]:
        return [
            os.environ["DSPIPE_TEST_RIE"],
            "--log-level", "info",
            "--runtime-interface-emulator-address", f"127.0.0.1:{self._port}",
            "--runtime-api-address", f"127.0.0.1:{runtime_port}",
            str(self._python), "-m", "awslambdaric", self._handler,
        ]  # fmt: skip

    def _own_variables(self, name: str, version: str, memory_mb: int) -> dict[str, str]:
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": tempfile.gettempdir(),
            "PYTHONPATH": str(self._task_root),
            "LAMBDA_TASK_ROOT": str(self._task_root),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{find_minor(self._python)}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": version,
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(self._timeout_seconds),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_SESSION_TOKEN": "testing",
        }


def read_reply(status: int, answer: str) -> Reply:
    """Tell a failure from an answer, which the emulator does not."""
    payload = read_json(answer)
    is_raised = isinstance(payload, dict) and {"errorType", "errorMessage"} <= payload.keys()
    is_timeout = payload is None and answer.startswith("Task timed out after")
    return Reply(status, payload, answer, is_error=status != 200 or is_raised or is_timeout)


def read_json(text: str) -> Any:
    """Read JSON, or give None."""
    try:
        return json.loads(text)
    except ValueError:
        return None


@functools.cache
def can_mount() -> bool:
    """Say whether the folder can be mounted where AWS has it; makes the empty mount point."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    TASK_ROOT.mkdir(parents=True, exist_ok=True)
    trial = ["unshare", "--mount", "/bin/sh", "-c", f"mount --bind {TASK_ROOT} {TASK_ROOT}"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


@functools.cache
def find_minor(python: Path) -> str:
    """Ask an interpreter for its minor version, as in ``3.13``."""
    question = "import sys; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run(
        [str(python), "-c", question], capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()


def find_free_ports(n_ports: int) -> list[int]:
    """Ask the system for ports that nobody uses, all different."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(n_ports)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def can_connect(port: int) -> bool:
    """Say whether something listens on a port of this machine."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
