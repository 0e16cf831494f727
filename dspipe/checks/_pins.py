"""Whether a lock pins what a module imports, to the versions that are proven here."""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

from dspipe._config import load_config
from dspipe._text import count, quote_some
from dspipe.checks._code import Code
from dspipe.checks._findings import Finding, Skipped
from dspipe.checks._places import Edit, Fix, Place, Text
from dspipe.checks._settings import read_settings
from dspipe.errors import NotebookError

_LOCKS = ("requirements.lock", "uv.lock", "requirements.txt", "requirements.in")
_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*==\s*(?P<version>[\w.!+-]+)", re.MULTILINE
)
_DIRECT = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*@\s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Pins:
    """The versions of a lock by normalised name; none for what comes from an address."""

    text: Text
    versions: Mapping[str, frozenset[str]]


def check_pins(code: Code | None) -> Iterator[Finding | str]:
    """Compare what a module needs with the lock of its repository.

    Yields
    ------
    Finding or str
        What is not pinned, or to another version; a sentence when all is.
    """
    if code is None:
        return
    module = code.module.file
    lock = _find_lock(module)
    if lock is None:
        yield Skipped(
            f"Versions were not compared: no lock stands beside {module.name} or in the root of "
            "its repository. Write one: dspipe convert does, with the module."
        )
        return
    try:
        needed = _infer(code)
    except NotebookError as error:
        yield from _tell_problems(error, code)
        return
    pins = _read(lock)
    found = [*_find_absent(needed, pins, code), *_find_other(needed, pins)]
    yield from found
    if not found:
        yield f"{lock.name} pins all {count(len(needed), 'distribution')} that are needed."


def _find_lock(module: Path) -> Path | None:
    root = load_config(module.parent).root
    settings = read_settings(root)
    deploy = settings.get("deploy", {})
    folders = (module.parent, root) if settings else (module.parent,)
    named = [root / str(deploy["lock"])] if "lock" in deploy else []
    places = [*named, *(folder / name for folder in folders for name in _LOCKS)]
    return next((place for place in places if place.is_file()), None)


def _infer(code: Code) -> dict[str, str]:
    from dspipe.notebooks import infer_requirements

    module = code.module
    found = infer_requirements(module.content, module.file.parent, name=module.file.name)
    return {pin.name: pin.version for pin in found.pins.values()}


def _tell_problems(error: NotebookError, code: Code) -> Iterator[Finding]:
    for problem in error.problems:
        place = _find_import(code, {str(problem["name"])})
        yield Finding("D101", f"{problem['message']} {problem['fix']}", place=place)


def _read(lock: Path) -> _Pins:
    content = lock.read_text(encoding="utf-8")
    versions: dict[str, set[str]] = {}
    if lock.name == "uv.lock":
        for each in tomllib.loads(content).get("package", []):
            versions.setdefault(_normalise(each["name"]), set()).add(str(each.get("version", "")))
    else:
        for match in _PIN.finditer(content):
            versions.setdefault(_normalise(match["name"]), set()).add(match["version"])
        for match in _DIRECT.finditer(content):
            versions.setdefault(_normalise(match["name"]), set())
    return _Pins(Text(lock, content), {name: frozenset(each) for name, each in versions.items()})


def _find_absent(needed: Mapping[str, str], pins: _Pins, code: Code) -> Iterator[Finding]:
    for name, version in needed.items():
        if name in pins.versions:
            continue
        lock = pins.text.file.name
        yield Finding(
            "D101",
            f"No line of {lock} pins {name}, which the module needs; {version} is installed here. "
            f"Add {name}=={version}, and lock anew.",
            facts={"distribution": name, "installed": version, "lock": str(pins.text.file)},
            place=_find_import(code, _list_modules(name)),
            fix=_pin(name, version, pins),
        )


def _find_other(needed: Mapping[str, str], pins: _Pins) -> Iterator[Finding]:
    for name, version in needed.items():
        known = pins.versions.get(name) or {version}
        if version in known or version.partition("+")[0] in known:
            continue
        lock = pins.text.file.name
        yield Finding(
            "D102",
            f"{lock} pins {name} to {quote_some(sorted(known))}, and {version} is installed here: "
            f"what is proven here is not what ships. Install from {lock}, or lock anew.",
            facts={"distribution": name, "installed": version, "pinned": sorted(known)},
            place=_find_line(name, pins.text),
        )


def _pin(name: str, version: str, pins: _Pins) -> Fix | None:
    """Add a line, where the file is one that a person keeps: a lock has hashes."""
    text = pins.text
    if text.file.name == "uv.lock" or "--hash=" in text.content:
        return None
    end = "" if text.content.endswith("\n") or not text.content else "\n"
    edit = Edit(text, len(text.content), "", f"{end}{name}=={version}\n")
    return Fix(f"pin {name} to {version}", (edit,))


def _find_line(name: str, text: Text) -> Place | None:
    spelt = re.escape(name).replace(r"\-", "[-_.]+")
    match = re.search(rf"^(?:name = \")?{spelt}\b", text.content, re.MULTILINE | re.IGNORECASE)
    return text.find_place(match.start()) if match else None


def _list_modules(name: str) -> set[str]:
    owners = packages_distributions()
    return {
        module for module, names in owners.items() if name in {_normalise(each) for each in names}
    }


def _find_import(code: Code, modules: set[str]) -> Place | None:
    """Give the line that imports one of some modules."""
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Import):
            tops = {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            tops = {node.module.partition(".")[0]}
        else:
            continue
        if tops & modules:
            text, offset = code.find_origin(code.find_span(node)[0])
            return text.find_place(offset)
    return None


def _normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
