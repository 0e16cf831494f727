"""Run the functions of the stand-in: unpack the uploaded package, invoke it under the emulator."""

import hashlib
import io
import json
import os
import shutil
import tempfile
import threading
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from aws.emulator import Emulator, EmulatorError, Reply
from aws.variables import make_variables

MOST_ALIVE = 3


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    """What decides whether two invocations can share one execution environment."""

    name: str
    version: str
    handler: str
    code: bytes
    code_sha256: str
    variables: tuple[tuple[str, str], ...]
    timeout_seconds: int
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Invocation:
    """What came of one event: what the caller gets, and the lines it added to the log."""

    text: str
    is_error: bool
    log: str


class Environments:
    """The execution environments that are alive, the least used ones ended first."""

    def __init__(self) -> None:
        self._alive: OrderedDict[FunctionFacts, Emulator] = OrderedDict()
        self._lock = threading.Lock()
        self._folder = Path(tempfile.mkdtemp(prefix="dspipe-functions-"))

    def invoke(self, facts: FunctionFacts, event: object) -> Invocation:
        """Send one event."""
        # One at a time: an environment must not end while another thread waits for its answer.
        with self._lock:
            try:
                emulator = self._find(facts)
                n_before = len(emulator.log)
                reply = emulator.invoke(event)
            except EmulatorError as error:
                self._alive.pop(facts, None)
                reply, n_before, log = failure("Runtime.ExitError", str(error)), 0, str(error)
            else:
                log = emulator.log[n_before:]
        return Invocation(answer_text(reply, facts), reply.is_error, log)

    def close(self) -> None:
        """End them all."""
        with self._lock:
            for emulator in self._alive.values():
                emulator.close()
            self._alive.clear()

    def remove(self) -> None:
        """End them all and remove the unpacked packages."""
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _find(self, facts: FunctionFacts) -> Emulator:
        if facts not in self._alive:
            self._alive[facts] = self._start(facts)
        self._alive.move_to_end(facts)
        while len(self._alive) > MOST_ALIVE:
            self._alive.popitem(last=False)[1].close()
        return self._alive[facts]

    def _start(self, facts: FunctionFacts) -> Emulator:
        emulator = Emulator(
            self._unpack(facts),
            facts.handler,
            timeout_seconds=facts.timeout_seconds,
            memory_mb=facts.memory_mb,
            environment={**make_variables(os.environ["STAND_IN_URL"]), **dict(facts.variables)},
            name=facts.name,
            version=facts.version,
        )
        emulator.start()
        return emulator

    def _unpack(self, facts: FunctionFacts) -> Path:
        folder = self._folder / hashlib.sha256(facts.code_sha256.encode()).hexdigest()[:16]
        if not folder.exists():
            with zipfile.ZipFile(io.BytesIO(facts.code)) as package:
                unpack(package, folder, store=self._folder / "store")
        return folder


def unpack(package: zipfile.ZipFile, folder: Path, *, store: Path) -> None:
    """Unpack a package; files that an earlier one had too are linked, as AWS keeps them warm."""
    store.mkdir(exist_ok=True)
    made: set[Path] = set()
    for info in package.infolist():
        if info.is_dir():
            continue
        kept = store / f"{info.CRC:08x}-{info.file_size}-{Path(info.filename).name}"
        if not kept.exists():
            kept.write_bytes(package.read(info))
        target = folder / info.filename
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        os.link(kept, target)


def answer_text(reply: Reply, facts: FunctionFacts) -> str:
    """Give a timeout the form that AWS gives it."""
    if reply.payload is None and reply.is_error:
        sentence = f"Error: Task timed out after {facts.timeout_seconds}.00 seconds"
        return json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": sentence})
    return reply.text


def failure(kind: str, message: str) -> Reply:
    """Make the reply of a function that is gone."""
    payload = {"errorType": kind, "errorMessage": message}
    return Reply(502, payload, json.dumps(payload), is_error=True)
