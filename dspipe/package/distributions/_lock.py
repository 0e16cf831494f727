"""The lock of a model repository: exact versions with hashes, for the Python that Lambda runs.

A lock may serve several Pythons and platforms; what is not for the target is left out here, because
pip would judge by the Python it runs in.
"""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from dspipe._text import count, quote_some
from dspipe.errors import PackageError
from dspipe.package._records import Architecture

_HASH = re.compile(r"\s--hash=(\S+)")
_COMMENT = re.compile(r"(^|\s)#.*$")
_PLACES = ("--index-url", "-i ", "--extra-index-url", "--find-links", "-f ", "--trusted-host")
_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
_HOW = (
    "Write one with exact versions and hashes, for example: uv pip compile requirements.in "
    "--universal --generate-hashes -o requirements.lock"
)


@dataclass(frozen=True, slots=True)
class Lock:
    """What is to be installed.

    Attributes
    ----------
    lines : tuple of str
        One distribution each, as pip reads it: name, exact version, hashes; sorted.
    versions : dict of str to str
        Version by normalised name.
    places : tuple of str
        Lines that say where packages come from; may hold secrets, so never shown.
    """

    lines: tuple[str, ...]
    versions: dict[str, str]
    places: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the lines."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()


def read_lock(file: Path, *, python: str, architecture: Architecture) -> Lock:
    """Read what a lock installs on Lambda.

    Parameters
    ----------
    file : Path
        Requirements with hashes, or a ``uv.lock``, which needs uv.
    python : str
        Minor version, such as "3.13".
    architecture : {"x86_64", "arm64"}

    Raises
    ------
    PackageError
        If the file is missing or a line is no exact version with a hash, all such lines together;
        or it lacks what dspipe itself needs.
    """
    environment = _target_environment(python, architecture)
    faults: list[str] = []
    lines, places = [], []
    versions: dict[str, str] = {}
    for text in _iter_lines(_read(file)):
        if text.startswith(_PLACES):
            places.append(text)
            continue
        requirement = _parse(text, faults)
        if requirement is None or not _is_wanted(requirement, environment):
            continue
        name = str(canonicalize_name(requirement.name))
        versions[name] = next(iter(requirement.specifier)).version
        lines.append(_write(name, versions[name], sorted(_HASH.findall(text))))
    if faults:
        told = " ".join(faults[:5]) + (f" And {len(faults) - 5} more." if len(faults) > 5 else "")  # noqa: PLR2004 - as many as in all messages
        raise PackageError(f"The lock {file} cannot be used. {told} {_HOW}")
    _check_core(file, versions)
    return Lock(tuple(sorted(lines)), versions, tuple(places))


def _read(file: Path) -> str:
    if not file.is_file():
        raise PackageError(
            f"There is no lock {file}, so that nobody knows which packages to ship. {_HOW}"
        )
    if file.name == "uv.lock":
        return _export(file)
    return file.read_text(encoding="utf-8")


def _export(file: Path) -> str:
    """Have uv write its own lock as requirements."""
    uv = shutil.which("uv")
    if uv is None:
        raise PackageError(
            f"The lock {file} is read with the program uv, which is not on the PATH. Install uv, "
            "or write requirements with hashes and set 'lock' to them."
        )
    words = ["export", "--frozen", "--quiet", "--no-dev", "--no-emit-project", "--no-header"]
    done = subprocess.run(  # noqa: S603 - fixed words
        [uv, *words, "--format", "requirements-txt", "--project", file.parent],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PackageError(
            f"uv could not export the lock {file}: {_last_line(done.stderr)} Run uv lock anew."
        )
    return done.stdout


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing."


def _iter_lines(text: str) -> Iterator[str]:
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        bare = _COMMENT.sub("", line).strip()
        if bare:
            yield bare


def _parse(text: str, faults: list[str]) -> Requirement | None:
    shown = _HASH.sub("", text).strip()
    try:
        requirement = Requirement(shown)
    except InvalidRequirement:
        # It is not shown whole: an address may hold a password.
        faults.append(f"The line '{shown.split()[0]} ...' is no name with a version.")
        return None
    pins = [pin for pin in requirement.specifier if pin.operator == "=="]
    if len(pins) != 1 or len(requirement.specifier) != 1 or "*" in pins[0].version:
        faults.append(f"'{requirement.name}' has no exact version.")
        return None
    if not _HASH.search(text):
        faults.append(f"'{requirement.name}' has no hash.")
        return None
    return requirement


def _is_wanted(requirement: Requirement, environment: dict[str, str]) -> bool:
    # dspipe ships from its own installation: only what runs in Lambda, and never another version.
    if canonicalize_name(requirement.name) == "dspipe":
        return False
    return requirement.marker is None or requirement.marker.evaluate(environment)


def _write(name: str, version: str, hashes: list[str]) -> str:
    return " ".join([f"{name}=={version}", *(f"--hash={digest}" for digest in hashes)])


def _target_environment(python: str, architecture: Architecture) -> dict[str, str]:
    environment = {name: str(value) for name, value in default_environment().items()}
    return environment | {
        "extra": "",
        "implementation_name": "cpython",
        # Markers ask for minor versions; no lock can know Lambda's patch version.
        "implementation_version": f"{python}.0",
        "os_name": "posix",
        "platform_machine": _MACHINES[architecture],
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }


def _check_core(file: Path, versions: dict[str, str]) -> None:
    faults = []
    for needed in _iter_core():
        version = versions.get(canonicalize_name(needed.name))
        if version is None:
            faults.append(f"'{needed.name}'")
        elif not needed.specifier.contains(version, prereleases=True):
            faults.append(f"'{needed}' (it has {version})")
    if faults:
        raise PackageError(
            f"The lock {file} lacks {count(len(faults), 'package')} that dspipe itself needs in "
            f"Lambda: {quote_some(map(_Bare, faults))}. Add them to what the lock is made from, "
            "and make it anew."
        )


class _Bare(str):
    """A text that is quoted already."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _iter_core() -> Iterator[Requirement]:
    try:
        lines = metadata.requires("dspipe") or []
    except metadata.PackageNotFoundError:  # run from a folder, without having been installed
        lines = ["pandas", "pydantic", "sqlalchemy"]
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker is None:
            yield requirement
