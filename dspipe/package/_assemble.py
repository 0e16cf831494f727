"""Put distributions and the repository's code into one folder: the task folder to be."""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dspipe.errors import PackageError
from dspipe.package._archive import Entry, read_entries
from dspipe.package.distributions._bytecode import bytecode_name, compile_modules
from dspipe.package.distributions._prepared import Dependencies

CODE = "your code"


@dataclass(slots=True)
class Task:
    """A task folder.

    Attributes
    ----------
    folder : Path
    dependencies : Dependencies
    owners : dict of str to str
        "your code" by file, for what is not of the dependencies; without bytecode.
    compiled : set of str
        Modules of it that have bytecode.
    """

    folder: Path
    dependencies: Dependencies
    owners: dict[str, str]
    compiled: set[str] = field(default_factory=set)

    @property
    def code_names(self) -> list[str]:
        """The files that are not of the dependencies, with their bytecode."""
        python = self.dependencies.python
        return [*self.owners, *(bytecode_name(name, python) for name in self.compiled)]

    @property
    def all_compiled(self) -> set[str]:
        """All modules that have bytecode."""
        return self.compiled | self.dependencies.compiled.keys()

    def compile(self, modules: Iterable[str]) -> None:
        """Have bytecode for exactly these modules, of those that are here."""
        wanted = {name for name in modules if name in self.owners}
        python, interpreter = self.dependencies.python, self.dependencies.interpreter
        for name in self.compiled - wanted:
            (self.folder / bytecode_name(name, python)).unlink()
        new = sorted(wanted - self.compiled)
        compile_modules(self.folder, new, interpreter=interpreter, python=python)
        self.compiled = wanted
        before = self.dependencies.compiled.keys()
        self.dependencies.compile(modules)
        self._link_bytecode(set(before))

    def read_entries(self) -> dict[str, Entry]:
        """Read what all files hold."""
        return self.dependencies.all_entries | read_entries(self.folder, self.code_names)

    def _link_bytecode(self, before: set[str]) -> None:
        python, now = self.dependencies.python, self.dependencies.compiled.keys()
        for name in before - now:
            (self.folder / bytecode_name(name, python)).unlink()
        _link(
            self.dependencies.folder, self.folder, (bytecode_name(n, python) for n in now - before)
        )


def assemble(
    folder: Path, dependencies: Dependencies, code: Mapping[str, Path], written: Mapping[str, bytes]
) -> Task:
    """Make the task folder anew.

    Parameters
    ----------
    folder : Path
        Replaced.
    dependencies : Dependencies
    code : mapping of str to Path
        Files of the repository by their name in the package.
    written : mapping of str to bytes
        Files with a content of their own.

    Raises
    ------
    PackageError
        If a file of the repository would take the place of one of a distribution.
    """
    _check_names([*code, *written], set(dependencies.entries), dependencies)
    _take_over(dependencies, folder)
    contents = {name: path.read_bytes() for name, path in code.items()} | dict(written)
    for name, content in contents.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return Task(folder, dependencies, dict.fromkeys(contents, CODE))


def _check_names(own: list[str], taken: set[str], dependencies: Dependencies) -> None:
    modules = {name.partition("/")[0].removesuffix(".py") for name in taken}
    for name in own:
        if name in taken or ("/" not in name and name.removesuffix(".py") in modules):
            owner = dependencies.owners.get(name, "a distribution of the lock")
            raise PackageError(
                f"The repository's file '{name}' would take the place of {owner} in the package. "
                "Rename it."
            )


def _take_over(dependencies: Dependencies, folder: Path) -> None:
    """Have exactly the files of the dependencies in a folder; what is linked already stays."""
    wanted = dependencies.all_entries
    there, here = _list_inodes(dependencies.folder), _list_inodes(folder)
    for name, inode in here.items():
        if name not in wanted or there[name] != inode:
            (folder / name).unlink()
    _link(dependencies.folder, folder, (name for name in wanted if here.get(name) != there[name]))


def _list_inodes(folder: Path) -> dict[str, int]:
    """List all files under a folder, relative to it."""
    found: dict[str, int] = {}
    folders = [""] if folder.is_dir() else []
    while folders:
        place = folders.pop()
        with os.scandir(folder / place) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{place}{entry.name}/")
                else:
                    found[f"{place}{entry.name}"] = entry.inode()
    return found


def _link(source: Path, folder: Path, names: Iterable[str]) -> None:
    """Link files into a folder; they are copied where the file system has no links."""
    made: set[Path] = set()
    for name in names:
        target = folder / name
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        try:
            os.link(source / name, target)
        except OSError:
            shutil.copyfile(source / name, target)
