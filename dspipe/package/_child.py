"""A program of ours in a process of its own, which ends with the block that started it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import subprocess


class ChildProcess:
    """Has a folder to talk through; process and folder are gone when its block is left.

    Parameters
    ----------
    prefix : str
        How the name of its folder begins.
    """

    _process: "subprocess.Popen[Any]"

    def __init__(self, prefix: str) -> None:
        self._folder = TemporaryDirectory(prefix=prefix)
        self._request = self._path("request.json")
        self._result = self._path("result.json")

    def _path(self, name: str) -> Path:
        return Path(self._folder.name, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stderr):
            if pipe is not None:
                pipe.close()
        self._process.wait()
        self._folder.cleanup()
