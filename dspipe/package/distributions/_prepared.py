"""The distributions of a lock, and dspipe: slimmed, compiled and zipped once, then used again.

They are most of a package and change seldom; a build after a change of code alone takes them from
here. The folder is named by everything that its content depends on.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from os import getpid
from pathlib import Path
from typing import Any

from dspipe.package._archive import Entry, digest_entries, read_entries, write_zip
from dspipe.package._records import BuildSettings
from dspipe.package._shipped import DSPIPE, digest_shipped, write_shipped
from dspipe.package.distributions._bytecode import bytecode_name, compile_modules
from dspipe.package.distributions._install import install
from dspipe.package.distributions._interpreter import Interpreter
from dspipe.package.distributions._lock import Lock
from dspipe.package.distributions._owners import find_owners
from dspipe.package.distributions._slim import RULES_VERSION, slim

_FACTS_FILE = "facts.json"
_MOST_KEPT = 3


@dataclass(slots=True)
class Dependencies:
    """Distributions in a folder of their own.

    Attributes
    ----------
    place : Path
        Folder of the cache: ``files/``, the facts, the zip.
    python : str
        Minor version.
    interpreter : Interpreter
    entries : dict of str to Entry
        All files but bytecode.
    owners : mapping of str to str
        Distribution by file.
    removed : mapping of str to int
        Bytes that were left out, by reason.
    compiled : dict of str to Entry
        Bytecode, by the module's name.
    is_new : bool
        Whether they had to be installed.
    """

    place: Path
    python: str
    interpreter: Interpreter
    entries: dict[str, Entry]
    owners: Mapping[str, str]
    removed: Mapping[str, int]
    compiled: dict[str, Entry] = field(default_factory=dict)
    is_new: bool = True

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self.place / "files"

    @property
    def all_entries(self) -> dict[str, Entry]:
        """All files, with their bytecode."""
        names = {bytecode_name(name, self.python): entry for name, entry in self.compiled.items()}
        return self.entries | names

    def compile(self, modules: Iterable[str]) -> None:
        """Have bytecode for exactly these modules, of those that are here."""
        wanted = {name for name in modules if name in self.entries}
        for name in self.compiled.keys() - wanted:
            (self.folder / bytecode_name(name, self.python)).unlink()
        new = sorted(wanted - self.compiled.keys())
        compile_modules(self.folder, new, interpreter=self.interpreter, python=self.python)
        made = read_entries(self.folder, (bytecode_name(name, self.python) for name in new))
        kept = {name: entry for name, entry in self.compiled.items() if name in wanted}
        self.compiled = kept | dict(zip(new, made.values(), strict=True))
        self.save()

    def make_zip(self) -> Path:
        """Give the zip of all files, made when there is none of just these."""
        entries = self.all_entries
        file = self.place / f"{digest_entries(entries)[:16]}.zip"
        if not file.is_file():
            for old in self.place.glob("*.zip"):
                old.unlink()
            write_zip(file, self.folder, entries)
        return file

    def save(self) -> None:
        """Write down what is known."""
        facts = {
            "entries": {name: asdict(entry) for name, entry in self.entries.items()},
            "compiled": {name: asdict(entry) for name, entry in self.compiled.items()},
            "owners": dict(self.owners),
            "removed": dict(self.removed),
        }
        aside = self.place / f"{_FACTS_FILE}.part"  # a build may be killed at any time
        aside.write_text(json.dumps(facts), encoding="utf-8")
        aside.replace(self.place / _FACTS_FILE)


def prepare_dependencies(
    lock: Lock,
    settings: BuildSettings,
    interpreter: Interpreter,
    *,
    tell: Callable[[str], object],
) -> Dependencies:
    """Give the distributions of a lock, from the cache or installed now.

    Raises
    ------
    PackageError
        If they cannot be installed.
    """
    place = settings.cache / _find_key(lock, settings, interpreter)
    found = _load(place, settings, interpreter)
    if found is not None:
        return found
    aside = place.with_name(f"{place.name}.{getpid()}.part")
    shutil.rmtree(aside, ignore_errors=True)
    (aside / "files").mkdir(parents=True)
    try:
        made = _make(aside, lock, settings, interpreter, tell)
        shutil.rmtree(place, ignore_errors=True)
        aside.rename(place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    made.place = place
    _forget_old(place.parent)
    return made


def _find_key(lock: Lock, settings: BuildSettings, interpreter: Interpreter) -> str:
    # The patch version too: bytecode is the same within a minor version, but not by a promise.
    facts = (
        lock.digest,
        settings.architecture,
        interpreter.version,
        settings.strip,
        RULES_VERSION,
        digest_shipped(),
    )
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _make(
    place: Path,
    lock: Lock,
    settings: BuildSettings,
    interpreter: Interpreter,
    tell: Callable[[str], object],
) -> Dependencies:
    folder = place / "files"
    tell(f"Install {len(lock.lines)} distributions")
    install(
        lock,
        folder,
        interpreter=interpreter,
        python=settings.python,
        architecture=settings.architecture,
    )
    tell("Slim them")
    owners = find_owners(folder)
    removed = slim(folder, strip=settings.strip)
    owners |= dict.fromkeys(write_shipped(folder), DSPIPE)
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    entries = read_entries(folder, names)
    made = Dependencies(
        place,
        settings.python,
        interpreter,
        entries,
        {name: owners.get(name, name.partition("/")[0]) for name in names},
        removed,
    )
    made.save()
    return made


def _load(place: Path, settings: BuildSettings, interpreter: Interpreter) -> Dependencies | None:
    try:
        facts: dict[str, Any] = json.loads((place / _FACTS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # never made, or cut short
        return None
    place.touch()  # the folders that were used last are kept

    def read(name: str) -> dict[str, Entry]:
        return {file: Entry(**entry) for file, entry in facts[name].items()}

    return Dependencies(
        place,
        settings.python,
        interpreter,
        read("entries"),
        facts["owners"],
        facts["removed"],
        read("compiled"),
        is_new=False,
    )


def _forget_old(cache: Path) -> None:
    places = sorted(cache.iterdir(), key=lambda place: place.stat().st_mtime, reverse=True)
    for place in places[_MOST_KEPT:]:
        shutil.rmtree(place, ignore_errors=True)
