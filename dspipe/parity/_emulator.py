"""AWS's own emulator of Lambda with AWS's own runtime client, where this machine has both."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dspipe.errors import ParityError
from dspipe.parity._function import Answer, Ask

EMULATOR_VARIABLE = "DSPIPE_LAMBDA_EMULATOR"
PYTHON_VARIABLE = "DSPIPE_LAMBDA_PYTHON"
PROGRAM = "aws-lambda-rie"
HANDLER = "dspipe.aws_lambda.handler"
_PATH = "/2015-03-31/functions/function/invocations"
_SECONDS = 300
_MOMENT = 0.02
_MOST_MOMENTS = 500
_ASK = "import awslambdaric, sys; print('%d.%d' % sys.version_info[:2])"
# What would let a package reach beyond itself, or make it believe that it is elsewhere.
_NOT_INHERITED = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "AWS_LAMBDA_RUNTIME_API")


@dataclass(frozen=True, slots=True)
class Emulator:
    """Both programs.

    Attributes
    ----------
    program : str
        The emulator.
    python : str
        An interpreter that has the runtime client.
    """

    program: str
    python: str


def find_emulator(
    minor: str, python: str | None, *, environ: Mapping[str, str] | None = None
) -> Emulator | str:
    """Find the emulator and a Python for it, or say what is missing.

    Parameters
    ----------
    minor : str
        The version of Python that the package is for, such as "3.13".
    python : str or None
        An interpreter of that version.
    environ : mapping of str to str, optional
        The variables; by default those of the process. ``DSPIPE_LAMBDA_EMULATOR`` names the
        emulator, else it is looked for on the PATH; ``DSPIPE_LAMBDA_PYTHON`` names the interpreter.

    Examples
    --------
    >>> find_emulator("3.13", None, environ={"PATH": ""})[:46]
    "AWS's emulator of Lambda, aws-lambda-rie, is n"
    """
    variables = os.environ if environ is None else environ
    wanted = variables.get(EMULATOR_VARIABLE) or PROGRAM
    program = shutil.which(wanted, path=variables.get("PATH", ""))
    if program is None:
        return (
            f"AWS's emulator of Lambda, {wanted}, is not there. Take the program from "
            "github.com/aws/aws-lambda-runtime-interface-emulator, and put it on the PATH or name "
            f"it in {EMULATOR_VARIABLE}"
        )
    runtime = variables.get(PYTHON_VARIABLE) or python
    if runtime is None or _ask_version(runtime) != minor:
        return (
            f"no Python {minor} with AWS's runtime client is there. Run: {runtime or 'python'} -m "
            f"pip install awslambdaric; or name one that has it in {PYTHON_VARIABLE}"
        )
    return Emulator(program, runtime)


@contextmanager
def emulating(emulator: Emulator, package: Path) -> Iterator[Ask]:
    """Run the function of a package, and give what asks it.

    Parameters
    ----------
    emulator : Emulator
    package : Path
        The folder of the package's files.

    Raises
    ------
    ParityError
        If the emulator does not start.
    """
    port, runtime_port = _find_ports()
    command = [
        emulator.program,
        *("--log-level", "error"),
        *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
        *("--runtime-api-address", f"127.0.0.1:{runtime_port}"),
        *(emulator.python, "-B", "-m", "awslambdaric", HANDLER),
    ]
    process = subprocess.Popen(  # noqa: S603 - AWS's own programs, on the user's own package
        command,
        cwd=package,
        env=_make_variables(package),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(process, port)
        yield lambda event: _ask(port, event)
    finally:
        # Asked kindly, it takes the process of the function with it.
        process.terminate()
        process.wait()


def _ask_version(python: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - a Python of this machine, and fixed words
            [python, "-c", _ASK], capture_output=True, text=True, check=True, timeout=_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _make_variables(package: Path) -> dict[str, str]:
    inherited = {name: v for name, v in os.environ.items() if name not in _NOT_INHERITED}
    return {
        "AWS_REGION": "us-east-1",
        **inherited,
        "PYTHONPATH": str(package),
        "LAMBDA_TASK_ROOT": str(package),
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(_SECONDS),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "TZ": ":UTC",
    }


def _find_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(two.getsockname()[1])


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    for _ in range(_MOST_MOMENTS):
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(_MOMENT)  # no event tells when another process listens
    raise ParityError(
        f"AWS's emulator of Lambda did not start: exit code {process.poll()}. Look whether "
        f"{PROGRAM} runs on this machine, or leave it off the PATH."
    )


def _ask(port: int, event: Mapping[str, Any]) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS + 60)
    try:
        connection.request("POST", _PATH, json.dumps(event).encode())
        text = connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException) as error:
        return Answer(None, f"the emulator did not answer ({type(error).__name__})")
    finally:
        connection.close()
    return read_answer(text)


def read_answer(text: str) -> Answer:
    """Tell a failure from an answer, which the emulator does not.

    >>> read_answer('{"errorType": "ImportError", "errorMessage": "no x"}').failure
    'ImportError: no x'
    """
    try:
        payload = json.loads(text)
    except ValueError:
        return Answer(None, text)
    if isinstance(payload, dict) and {"errorType", "errorMessage"} <= payload.keys():
        return Answer(payload, f"{payload['errorType']}: {payload['errorMessage']}")
    return Answer(payload)
