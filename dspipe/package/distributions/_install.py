"""Install the distributions of a lock for Lambda, with pip, wherever this runs."""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from dspipe._extras import is_installed, load_extra
from dspipe.errors import PackageError
from dspipe.package._records import Architecture
from dspipe.package.distributions._interpreter import Interpreter
from dspipe.package.distributions._lock import Lock

# Lambda's Linux has glibc 2.34; pip does not know that older platforms run there too.
_GLIBC = range(34, 16, -1)
_OLDER = {
    "x86_64": ("manylinux2014", "manylinux_2_12", "manylinux2010", "manylinux_2_5", "manylinux1"),
    "aarch64": ("manylinux2014",),
}
_MACHINES: dict[Architecture, str] = {"x86_64": "x86_64", "arm64": "aarch64"}
_ADDRESS = re.compile(r"\S*://\S*")
_MOST_LINES = 6


def install(
    lock: Lock, folder: Path, *, interpreter: Interpreter, python: str, architecture: Architecture
) -> None:
    """Install a lock into a folder, as wheels for Lambda and nothing else.

    The user's own configuration of pip says where packages come from.

    Raises
    ------
    MissingExtraError
        If pip is not installed.
    PackageError
        If pip fails: a wheel is not to be had, or is another one than the lock says.
    """
    if not is_installed("pip"):
        load_extra("pip", extra="deploy", needed_by="dspipe build")
    with TemporaryDirectory(prefix="dspipe-lock-") as place:
        file = Path(place) / "requirements.txt"
        file.write_text("\n".join([*lock.places, *lock.lines, ""]), encoding="utf-8")
        # pip runs in the target's Python, because some versions of it ask the running one whether a
        # wheel is for it, whatever --python-version says.
        pip = [sys.executable, "-m", "pip", "--python", str(interpreter.path), "install"]
        done = subprocess.run(  # noqa: S603 - our own words, and files of our own
            [*pip, *_options(folder, python, architecture), "--requirement", str(file)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise PackageError(
            f"pip could not install the lock for Python {python} on {architecture}:\n"
            f"{_explain(done.stderr)}\n"
            "Lambda takes wheels for Linux only. Choose versions that have such wheels, or make "
            "the lock anew if its hashes are old."
        )


def _options(folder: Path, python: str, architecture: Architecture) -> list[str]:
    machine = _MACHINES[architecture]
    names = [*(f"manylinux_2_{minor}" for minor in _GLIBC), *_OLDER[machine]]
    return [
        "--target", str(folder), "--python-version", python, "--implementation", "cp",
        "--only-binary=:all:", "--no-deps", "--require-hashes", "--no-compile", "--no-input",
        "--quiet", "--disable-pip-version-check", "--no-warn-conflicts",
        *(f"--platform={name}_{machine}" for name in names),
    ]  # fmt: skip


def _explain(text: str) -> str:
    """Give what pip said last, without addresses, which may hold passwords."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if not line.startswith(("WARNING:", "[notice]"))]
    shown = (errors or lines or ["It said nothing."])[:_MOST_LINES]
    return "\n".join(f"  {_ADDRESS.sub('(an address)', line)}" for line in shown)
