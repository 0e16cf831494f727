"""Which distributions a module needs, in the versions that are installed here.

What it imports is needed, what its models name, and what a run loads and cannot do without. Only
what is installed is looked at: no index is asked, so no stranger's package of the same name comes
in.
"""

import ast
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import Distribution, distribution
from pathlib import Path

from dspipe.notebooks._artifacts import find_model_files
from dspipe.notebooks._closure import walk_closure
from dspipe.notebooks._distributions import Installed, Pin, make_pin, normalise
from dspipe.notebooks._imported import collect_imports
from dspipe.notebooks._loaded import Sample, find_spare, try_module
from dspipe.notebooks._model_types import list_types
from dspipe.notebooks._problems import Problem, make_error

_CORE = ("pandas", "pydantic", "sqlalchemy")
_LOADED = "loaded at run time"


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a module needs.

    Attributes
    ----------
    python : str
        The minor version that runs here, such as "3.13".
    pins : mapping of str to Pin
        By normalised name, sorted.
    absent : tuple of str
        Modules that it tries to import, and that are not installed here.
    spare : tuple of str
        Distributions that a run loaded, and did not miss when they were hidden.
    """

    python: str
    pins: Mapping[str, Pin]
    absent: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()

    def draw(self, name: str) -> str:
        """Write them as a file of pip, one requirement a line."""
        lines = [f"# Written by dspipe from {name}, for Python {self.python}."]
        lines += [
            f"{pin.line}{f'  # {pin.remark}' if pin.remark else ''}" for pin in self.pins.values()
        ]
        lines += [f"# {module}: optional, and not installed here" for module in self.absent]
        if self.spare:
            lines.append(f"# Loaded by the run too, and not missed: {', '.join(self.spare)}")
        return "\n".join(lines) + "\n"


@dataclass(slots=True)
class _Draft:
    """What is known so far."""

    installed: Installed
    pins: dict[str, Pin] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def pin(self, owner: Distribution, module: str, remark: str = "") -> None:
        name = normalise(owner.metadata["Name"])
        if name in self.pins or name == "dspipe":
            return
        made = make_pin(owner, module, remark)
        if isinstance(made, Problem):
            self.problems.append(made)
        else:
            self.pins[name] = made


def write_requirements(
    text: str, folder: Path, *, name: str, owners: Mapping[str, str] | None = None
) -> str:
    """Write the requirements of a module; see `infer_requirements`, without a run.

    Parameters
    ----------
    text : str
        The module.
    folder : Path
        Where it lies.
    name : str
        How messages and the first line call it.
    owners : mapping of str to str, optional
        The distribution that ships, by module, where several have the same one.

    Returns
    -------
    str
        One requirement a line, by name; what dspipe itself needs is among them.

    Raises
    ------
    NotebookError
        If a module is not installed, belongs to two distributions, or to a folder of this machine.
    """
    return infer_requirements(text, folder, name=name, owners=owners).draw(name)


def infer_requirements(
    text: str,
    folder: Path,
    *,
    name: str,
    owners: Mapping[str, str] | None = None,
) -> Requirements:
    """Infer what a module needs from its imports, and from the models that it names.

    The imports of modules beside it count, for they ship with it. Nothing is run, and no model is
    loaded.

    Parameters
    ----------
    text, folder, name, owners
        See `write_requirements`.

    Raises
    ------
    NotebookError
        See `write_requirements`.
    """
    draft = _Draft(Installed(owners))
    for module, is_optional in collect_imports(text, folder).items():
        _add_import(draft, module, is_optional=is_optional)
    for core in _CORE:
        draft.pin(distribution(core), core)
    for path, file in find_model_files(ast.parse(text), folder).items():
        modules = sorted({module for module, _ in list_types(file)} - {"__main__", "builtins"})
        known = walk_closure(draft.pins)
        for key, owner in draft.installed.list_owners(modules).items():
            if key not in known:
                draft.pin(owner, key, f"named in {path}")
    return _finish(draft, name)


def add_loaded(
    requirements: Requirements,
    module: Path,
    class_name: str,
    samples: Sequence[Sample] = (),
    *,
    owners: Mapping[str, str] | None = None,
) -> Requirements:
    """Add what a module loads when it is run in a clean process, and cannot do without.

    What it loads and does not miss, such as an accelerator that a library finds, is spare.

    Parameters
    ----------
    requirements : Requirements
    module : Path
        Written.
    class_name : str
        The pipeline. Its predictor is loaded.
    samples : sequence of Sample, optional
        Recorded runs, which are repeated.
    owners : mapping of str to str, optional
        See `write_requirements`.

    Raises
    ------
    NotebookError
        If the module cannot be run, or needs what another machine cannot get.
    """
    draft = _Draft(Installed(owners), dict(requirements.pins), list(requirements.absent))
    trial = try_module(module, class_name, samples)
    known = {*walk_closure(requirements.pins), "dspipe"}
    loaded = draft.installed.list_owners(_only_foreign(trial.modules, module))
    extra = {key: owner for key, owner in loaded.items() if key not in known}
    tops = {key: draft.installed.list_tops(key) for key in extra}
    spare = find_spare(module, class_name, samples, trial, tops)
    # What a needed one requires comes with it.
    needed = [key for key in extra if key not in spare]
    brought = {key for each in needed for key in walk_closure([each]) if key != each}
    for key in sorted(set(extra) - brought - spare):
        draft.pin(extra[key], key, _LOADED)
    return replace(_finish(draft, module.name), spare=tuple(sorted(spare - brought)))


def _only_foreign(modules: Iterable[str], module: Path) -> list[str]:
    """Leave out the modules that lie beside the module, and ship with it."""
    folder = module.resolve().parent
    return [
        each
        for each in modules
        if not (folder / f"{each.partition('.')[0]}.py").is_file()
        and not (folder / each.partition(".")[0] / "__init__.py").is_file()
    ]


def _add_import(draft: _Draft, module: str, *, is_optional: bool) -> None:
    top = module.partition(".")[0]
    owner = draft.installed.find_owner(module)
    if isinstance(owner, Problem):
        draft.problems.append(owner)
    elif owner is not None:
        draft.pin(owner, module)
    elif is_optional:
        draft.absent = list(dict.fromkeys([*draft.absent, top]))
    else:
        draft.problems.append(
            Problem(
                "E_MISSING",
                f"'{top}' belongs to no distribution that is installed here, and lies not beside "
                "the module.",
                f"Install it, or put {top}.py beside the notebook: it ships with it.",
                name=top,
            )
        )


def _finish(draft: _Draft, name: str) -> Requirements:
    if draft.problems:
        raise make_error(name, list(dict.fromkeys(draft.problems)))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Requirements(version, dict(sorted(draft.pins.items())), tuple(draft.absent))
