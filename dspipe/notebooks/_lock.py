"""The lock of a module: all that it needs, in the versions of this environment, with hashes.

uv or pip is asked for the hashes, with the indexes that the user has set for it. Their messages
are not shown: an address in them may hold a password.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dspipe._text import quote_some
from dspipe.notebooks._closure import walk_closure
from dspipe.notebooks._distributions import Pin, make_pin, normalise
from dspipe.notebooks._problems import Problem, make_error
from dspipe.notebooks._requirements import Requirements

_LAMBDA = ("manylinux2014_x86_64", "manylinux_2_28_x86_64", "manylinux_2_34_x86_64")
_HOW = (
    "uv pip compile {requirements} --universal --python-version {python} --generate-hashes "
    "--no-emit-index-url -o {lock}"
)


@dataclass(frozen=True, slots=True)
class ModuleLock:
    """A lock, not written yet.

    Attributes
    ----------
    text : str
    remarks : tuple of str
        Sentences on what it lacks.
    """

    text: str
    remarks: tuple[str, ...] = ()


def make_lock(
    requirements: Requirements,
    *,
    name: str,
    requirements_file: str = "requirements.in",
    lock_file: str = "requirements.lock",
    target_python: str = "3.13",
    uv: str | None = "uv",
) -> ModuleLock:
    """Lock what a module needs, and all that this needs in turn.

    Parameters
    ----------
    requirements : Requirements
    name : str
        How the first line calls what it is for.
    requirements_file, lock_file : str
        As the remarks name them.
    target_python : str, default="3.13"
        Of Lambda, whose archives get their hashes too.
    uv : str or None, default="uv"
        The program; pip is asked where there is none, or none is given.

    Raises
    ------
    NotebookError
        If something that is needed is installed from a folder of this machine.
    """
    pins = _pin_closure(requirements, name, target_python)
    head = f"# Written by dspipe from {name}, for Python {requirements.python}."
    lines = [pin.line for pin in pins.values() if " @ " not in pin.line]
    program = shutil.which(uv) if uv else None
    is_plain = len(lines) == len(pins)
    resolved = _ask_uv(program, lines, requirements.python) if program and is_plain else None
    if resolved:
        return ModuleLock(f"{head}\n{resolved}")
    hashes = _ask_pip(lines, target_python)
    text = "\n".join([head, *(_draw(pin, hashes.get(key, ())) for key, pin in pins.items())])
    how = _HOW.format(requirements=requirements_file, python=requirements.python, lock=lock_file)
    return ModuleLock(f"{text}\n", tuple(_list_remarks(pins, hashes, how)))


def _pin_closure(requirements: Requirements, name: str, python: str) -> dict[str, Pin]:
    pins: dict[str, Pin] = {}
    problems: list[Problem] = []
    for key, owner in walk_closure(requirements.pins, lambda_python=python).items():
        made = make_pin(owner, key)
        if isinstance(made, Problem):
            problems.append(made)
        elif key != "dspipe":
            pins[key] = made
    if problems:
        raise make_error(name, problems)
    return pins


def _draw(pin: Pin, hashes: Sequence[str]) -> str:
    return " \\\n".join([pin.line, *(f"    --hash={each}" for each in hashes)])


def _list_remarks(
    pins: Mapping[str, Pin], hashes: Mapping[str, tuple[str, ...]], how: str
) -> list[str]:
    lacking = [key for key, pin in pins.items() if key not in hashes and " @ " not in pin.line]
    foreign = [key for key, pin in pins.items() if " @ " in pin.line]
    remarks = []
    if lacking:
        remarks.append(
            f"The lock has no hashes of {quote_some(lacking)}: no index could be asked for them. "
            "dspipe build demands hashes. Run this again where the index can be reached, or "
            f"run there: {how}"
        )
    if foreign:
        remarks.append(
            f"The lock has no hashes of {quote_some(foreign)}, installed from an address and not "
            "from an index. dspipe build demands hashes: put a wheel of it into an index, and "
            "install it from there."
        )
    return remarks


def _ask_uv(uv: str, lines: Sequence[str], python: str) -> str | None:
    """Have uv write a lock that serves every platform, from these versions."""
    words = ["pip", "compile", "-", "--universal", "--python-version", python, "--generate-hashes",
             "--no-emit-index-url", "--no-annotate", "--no-header", "--quiet"]  # fmt: skip
    return _run([uv, *words], given="\n".join(lines))


def _ask_pip(lines: Sequence[str], python: str) -> dict[str, tuple[str, ...]]:
    """Ask pip for the hashes of the archives for this machine, and for Lambda."""
    if not lines:
        return {}
    here = _report(lines, ())
    platforms = [word for name in _LAMBDA for word in ("--platform", name)]
    there = ["--python-version", python, "--only-binary", ":all:", *platforms]
    found = dict(here)
    for key, digests in _report(lines, there).items():
        found[key] = tuple(sorted({*found.get(key, ()), *digests}))
    return found


def _report(lines: Sequence[str], words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    with TemporaryDirectory(prefix="dspipe-lock-") as folder:
        wanted, report = Path(folder, "wanted.txt"), Path(folder, "report.json")
        wanted.write_text("\n".join(lines), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed",
                   "--no-deps", "--quiet", "--disable-pip-version-check", "--no-input"]  # fmt: skip
        place = ["--target", str(Path(folder, "target"))] if words else []
        if _run([*command, *words, *place, "--report", str(report), "-r", str(wanted)]) is None:
            return {}
        content = json.loads(report.read_text(encoding="utf-8"))
    found: dict[str, tuple[str, ...]] = {}
    for each in content["install"]:
        archive = each["download_info"].get("archive_info", {})
        digests = archive.get("hashes") or {}
        if "sha256" in digests:
            found[normalise(each["metadata"]["name"])] = (f"sha256:{digests['sha256']}",)
    return found


def _run(command: Sequence[str], given: str | None = None) -> str | None:
    """Run a program, and give what it wrote; None when it failed, for whatever reason."""
    done = subprocess.run(  # noqa: S603 - fixed words, and names of distributions
        command, input=given, capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else None
