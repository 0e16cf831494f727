"""Turn a notebook into a module: only what its pipeline needs, or every reason why not."""

import ast
import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from dspipe.errors import NotebookError
from dspipe.notebooks._artifacts import Root, find_roots, list_root_problems
from dspipe.notebooks._effects import find_effect_imports, list_modules
from dspipe.notebooks._index import Index
from dspipe.notebooks._problems import Problem, make_error
from dspipe.notebooks._proof import prove
from dspipe.notebooks._reading import load_notebook
from dspipe.notebooks._slice import Slice, make_slice
from dspipe.notebooks._statements import Statement, cut
from dspipe.notebooks._target import find_target
from dspipe.notebooks._warnings import list_warnings
from dspipe.notebooks._writer import (
    is_edited,
    is_generated,
    list_segments,
    settle,
    write_module,
)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A notebook as a module, not written yet.

    Attributes
    ----------
    notebook, module : Path
        What was read, and the file that belongs to it.
    class_name : str
        The pipeline.
    text : str
        All of the module.
    warnings : tuple of str
    """

    notebook: Path
    module: Path
    class_name: str
    text: str
    warnings: tuple[str, ...] = ()

    def is_current(self) -> bool:
        """Say whether the file holds this text already."""
        return self.module.is_file() and settle(self._read()) == settle(self.text)

    def write(self, *, force: bool = False) -> bool:
        """Write the file, unless it holds this text already.

        Returns
        -------
        bool
            Whether the file was changed.

        Raises
        ------
        NotebookError
            If somebody wrote or edited the file by hand, and `force` is not set.
        """
        if self.is_current():
            return False
        if self.module.exists() and not force:
            self._check_untouched()
        aside = self.module.with_name(f".{self.module.name}.{os.getpid()}.part")
        try:
            aside.write_text(self.text, encoding="utf-8", newline="")
            aside.replace(self.module)
        finally:
            aside.unlink(missing_ok=True)
        return True

    def _check_untouched(self) -> None:
        text = self._read()
        if is_generated(text) and not is_edited(text):
            return
        what = "was edited by hand" if is_generated(text) else "was not written by dspipe"
        problem = Problem(
            "E_EDITED",
            f"{self.module} {what}, and would be overwritten.",
            "Move the change into the notebook, then convert with --force; or choose another "
            "file with --out.",
        )
        raise NotebookError(
            f"{problem.code}: {problem.message} {problem.fix}", problems=[problem.to_json()]
        )

    def _read(self) -> str:
        return self.module.read_text(encoding="utf-8")


def convert(
    notebook: str | Path, *, class_name: str | None = None, module: str | Path | None = None
) -> Conversion:
    """Convert a notebook; nothing is written.

    Parameters
    ----------
    notebook : str or Path
    class_name : str, optional
        The pipeline, where a notebook defines several.
    module : str or Path, optional
        The file to write later; by default beside the notebook, with its name.

    Raises
    ------
    NotebookError
        If it cannot be read, or not be converted; `.problems` has every reason.

    Examples
    --------
    >>> from dspipe.notebooks import convert
    >>> convert("nothing.ipynb")
    Traceback (most recent call last):
        ...
    dspipe.errors.NotebookError: nothing.ipynb: E_READ: There is no such file. Correct the path.
    """
    path = Path(notebook)
    target = Path(module) if module is not None else path.with_name(f"{_to_name(path.stem)}.py")
    index = Index(cut(load_notebook(path)), path.resolve().parent)
    statement = find_target(index, class_name)
    if isinstance(statement, Problem):
        raise make_error(str(path), [statement])
    chosen, problems = judge(index, statement, path.resolve().parent)
    name = statement.node.name  # type: ignore[attr-defined] # a class has one
    if problems:
        raise make_error(str(path), problems)
    text = write_module(index, chosen, name, _relate(path, target))
    prove(text, list_segments(index, chosen), index)
    return Conversion(path, target, name, text, list_warnings(index, chosen))


def judge(index: Index, statement: Statement, folder: Path) -> tuple[Slice, list[Problem]]:
    """Choose what a class needs, with every reason why a module cannot hold it."""
    chosen, roots = _choose(index, statement, folder)
    problems = [
        *chosen.problems,
        *_list_path_problems(index, chosen),
        *list_root_problems(index, roots),
    ]
    return chosen, problems


def _choose(index: Index, statement: Statement, folder: Path) -> tuple[Slice, list[Root]]:
    """Choose what the class needs, and go on while that names models that need more."""
    name = statement.node.name  # type: ignore[attr-defined] # a class has one
    chosen, roots = make_slice(index, statement.index, name), list[Root]()
    while True:
        found = find_roots(index, chosen, folder)
        extra = find_effect_imports(index, chosen)
        if len(found) == len(roots) and set(extra) <= set(chosen.kept):
            return chosen, found
        roots = found
        chosen = make_slice(index, statement.index, name, extra, tuple(r.name for r in roots))


def _list_path_problems(index: Index, chosen: Slice) -> list[Problem]:
    """List modules that only a changed ``sys.path`` finds; production does not find them."""
    changes = [
        each
        for each in index.statements
        if "sys.path." in ast.unparse(each.node) and isinstance(each.node, ast.Expr)
    ]
    if not changes or changes[0].index in chosen.kept:
        return []
    tops = {module.partition(".")[0] for module in list_modules(index, chosen)} - {""}
    return [
        Problem(
            "E_STATE",
            f"'{top}' is found only after this change of sys.path.",
            f"Install it, or put {top} beside the notebook.",
            changes[0].cell.number,
            changes[0].line,
            changes[0].cell.execution_count,
            top,
            changes[0].text,
        )
        for top in sorted(tops - sys.stdlib_module_names)
        if not _is_found(top, Path(index.code.notebook.name).resolve().parent)
    ]


def _is_found(top: str, folder: Path) -> bool:
    beside = (folder / f"{top}.py").is_file() or (folder / top).is_dir()
    return beside or importlib.util.find_spec(top) is not None


def _to_name(stem: str) -> str:
    """Make the name of a module of a notebook's: ``late-2`` becomes ``late_2``."""
    name = "".join(char if char.isalnum() or char == "_" else "_" for char in stem)
    return f"_{name}" if name[:1].isdigit() else name


def _relate(notebook: Path, module: Path) -> str:
    relative = os.path.relpath(notebook.resolve(), module.resolve().parent)
    return Path(relative).as_posix()
