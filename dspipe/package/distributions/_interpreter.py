"""Find the Python that Lambda will run: bytecode belongs to one minor version."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dspipe.errors import PackageError

_ASK = "import platform, sys; print('%d.%d' % sys.version_info[:2], platform.python_version())"
_ASK_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python on this machine.

    Attributes
    ----------
    path : Path
    version : str
        The full version, such as "3.13.1".
    """

    path: Path
    version: str


def find_interpreter(minor: str, *, environ: Mapping[str, str] | None = None) -> Interpreter:
    """Find a Python of a minor version: this one, on the PATH, of pyenv, or of uv.

    Raises
    ------
    PackageError
        If there is none that starts.

    Examples
    --------
    >>> import sys
    >>> here = "%d.%d" % sys.version_info[:2]
    >>> find_interpreter(here).path.samefile(sys.executable)
    True
    """
    tried = list(dict.fromkeys(_iter_places(minor, os.environ if environ is None else environ)))
    for path in tried:
        found = _ask(path)
        if found and found[0] == minor:
            return Interpreter(path, found[1])
    raise PackageError(
        f"There is no Python {minor} on this machine, and bytecode for Lambda's Python {minor} can "
        "only be made by one. Looked at this Python "
        f"({sys.version_info[0]}.{sys.version_info[1]}), "
        f"the PATH, pyenv and uv. Install it, for example with: uv python install {minor} (or "
        "pyenv "
        f"install {minor}); or set 'python' in [tool.dspipe.deploy] to a version that is here."
    )


def _iter_places(minor: str, environ: Mapping[str, str]) -> Iterator[Path]:
    if minor == f"{sys.version_info[0]}.{sys.version_info[1]}":
        yield Path(sys.executable)
    name = f"python{minor}"
    on_path = shutil.which(name, path=environ.get("PATH", ""))
    if on_path:
        yield Path(on_path)
    home = Path(environ.get("HOME", "/"))
    pyenv = Path(environ.get("PYENV_ROOT", home / ".pyenv")) / "versions"
    yield from _newest(pyenv.glob(f"{minor}.*/bin/{name}"))
    data = Path(environ.get("XDG_DATA_HOME", home / ".local" / "share"))
    uv = Path(environ.get("UV_PYTHON_INSTALL_DIR", data / "uv" / "python"))
    yield from _newest(uv.glob(f"cpython-{minor}.*/bin/{name}"))


def _newest(paths: Iterable[Path]) -> list[Path]:
    def patch(path: Path) -> tuple[int, ...]:
        digits = path.parts[-3].removeprefix("cpython-").split("-")[0].split(".")
        return tuple(int(digit) for digit in digits if digit.isdigit())

    return sorted(paths, key=patch, reverse=True)


def _ask(path: Path) -> tuple[str, str] | None:
    """Ask a Python for its version; a shim may stand for one that is not installed."""
    try:
        done = subprocess.run(  # noqa: S603 - a Python of this machine, and fixed words
            [path, "-I", "-S", "-c", _ASK],
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    minor, _, version = done.stdout.strip().partition(" ")
    return minor, version
