"""Which installed distribution a module belongs to, and how another machine gets the same one."""

import importlib.util
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions, packages_distributions
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dspipe._text import quote_some
from dspipe.notebooks._problems import Problem


@dataclass(frozen=True, slots=True)
class Pin:
    """One requirement.

    Attributes
    ----------
    name, version : str
        Normalised name, and the version without what is only of this machine.
    line : str
        As pip reads it.
    remark : str
        What a reader should know of it: why it is needed, or where it came from.
    """

    name: str
    version: str
    line: str
    remark: str = ""


class Installed:
    """The distributions of this environment, by the modules that are theirs.

    Parameters
    ----------
    chosen : mapping of str to str
        The distribution that ships, by module, where several have the same one.
    """

    def __init__(self, chosen: Mapping[str, str] | None = None) -> None:
        self._chosen = dict(chosen or {})
        self._owners = packages_distributions()

    def find_owner(self, module: str) -> Distribution | Problem | None:
        """Find whose a module is; None when it is nobody's."""
        top = module.partition(".")[0]
        names = list(dict.fromkeys(self._owners.get(top, [])))
        if top in self._chosen:
            return distribution(self._chosen[top])
        if not names:
            return _find_editable(top)
        found = names if len(names) == 1 else _find_closest(module, names)
        if len(found) == 1:
            return distribution(found[0])
        return Problem(
            "E_OWNERS",
            f"'{top}' belongs to {len(found)} distributions that are installed: "
            f"{quote_some(sorted(found))}.",
            f"Say which one ships with --owner {top}={min(found)}, or uninstall the others.",
            name=top,
        )

    def list_owners(self, modules: Iterable[str]) -> dict[str, Distribution]:
        """List whose loaded modules are, by normalised name; what is unclear is left out."""
        found: dict[str, Distribution] = {}
        for module in _shorten(modules, self._owners):
            owner = self.find_owner(module)
            if isinstance(owner, Distribution):
                found[normalise(owner.metadata["Name"])] = owner
        return found

    def list_tops(self, name: str) -> list[str]:
        """List the modules at the top of a distribution that are no other's."""
        return [
            top
            for top, owners in self._owners.items()
            if {normalise(owner) for owner in owners} == {name}
        ]


def make_pin(owner: Distribution, module: str, remark: str = "") -> Pin | Problem:
    """Pin a distribution to what is installed, or say why no other machine gets it."""
    name, version = owner.metadata["Name"], owner.version
    key, (public, plus, _) = normalise(name), version.partition("+")
    url = json.loads(owner.read_text("direct_url.json") or "{}")
    if "dir_info" in url:
        return Problem(
            "E_FOLDER",
            f"'{module}' is of {name}, which is installed from a folder of this machine.",
            "Install a released version, or one from its repository: pip install "
            f"'{name} @ git+https://...'",
            name=module.partition(".")[0],
        )
    if "vcs_info" in url:
        vcs = url["vcs_info"]
        return Pin(key, public, f"{key} @ {vcs['vcs']}+{url['url']}@{vcs['commit_id']}", remark)
    if "archive_info" in url and not str(url["url"]).startswith("file:"):
        return Pin(key, public, f"{key} @ {url['url']}", remark)
    if "archive_info" in url:
        remark = "; ".join(filter(None, (remark, "from a file here: an index must have it")))
    if plus:
        remark = "; ".join(filter(None, (remark, f"{version} here: name the index that has it")))
    return Pin(key, public, f"{key}=={public}", remark)


def normalise(name: str) -> str:
    """Normalise the name of a distribution.

    >>> normalise("Scikit_Learn")
    'scikit-learn'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def _shorten(modules: Iterable[str], owners: Mapping[str, list[str]]) -> list[str]:
    """Keep the top of each module, and the whole name where several distributions share it."""
    kept: dict[str, None] = {}
    for module in modules:
        top = module.partition(".")[0]
        if top in sys.stdlib_module_names:
            continue
        is_shared = len(set(owners.get(top, ()))) > 1
        kept[module if is_shared and "." in module else top] = None
    return list(kept)


def _find_closest(module: str, names: list[str]) -> list[str]:
    """Find the owners of the longest part of a module's path, for packages of many owners."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        path = "/".join(parts[:length])
        wanted = re.compile(rf"{re.escape(path)}(/__init__\.py|\.py|\.[\w.-]*(so|pyd))$")
        found = [
            name
            for name in names
            if any(wanted.match(file.as_posix()) for file in distribution(name).files or [])
        ]
        if found:
            return found
    return names


def _find_editable(top: str) -> Distribution | None:
    """Find the distribution whose folder holds a module: the index of modules has none of those."""
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    origin = spec.origin if spec else None
    if not origin or origin in {"built-in", "frozen"}:
        return None
    file = Path(origin).resolve()
    return next((owner for folder, owner in _list_folders() if file.is_relative_to(folder)), None)


def _list_folders() -> tuple[tuple[Path, Distribution], ...]:
    found = []
    for owner in distributions():
        url = json.loads(owner.read_text("direct_url.json") or "{}")
        if "dir_info" in url:
            found.append((Path(unquote(urlsplit(url["url"]).path)).resolve(), owner))
    return tuple(found)
