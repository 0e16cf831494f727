"""Model files that a slice names, and the classes of the notebook that are in them.

The pipeline may never mention such a class: its name stands in the file alone, as ``__main__.X``.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dspipe.notebooks._index import Index
from dspipe.notebooks._model_types import list_types
from dspipe.notebooks._problems import Problem
from dspipe.notebooks._slice import Slice
from dspipe.notebooks._statements import Statement
from dspipe.predictors._folder import CARD_FILE, PICKLE_FILE, SKOPS_FILE

_SUFFIXES = (".joblib", ".pickle", ".pkl", ".skops")
_OF_NOTEBOOK = re.compile(r"__main__\.([^\W\d]\w*)[\w.]*")
_LONGEST_PATH = 260


@dataclass(frozen=True, slots=True)
class Root:
    """A class or function that the pipeline needs because a model does.

    Attributes
    ----------
    name : str
    statement : Statement
        Which names the model.
    model : str
        The path as it stands there, or what trusts the class.
    """

    name: str
    statement: Statement
    model: str


def find_roots(index: Index, chosen: Slice, folder: Path) -> list[Root]:
    """Find what the models of a slice need of the notebook.

    Parameters
    ----------
    index : Index
    chosen : Slice
    folder : Path
        Where the notebook lies; paths are looked up from there.
    """
    roots: dict[str, Root] = {}
    for place in sorted(chosen.kept):
        statement = index.statements[place]
        for text in iter_texts(statement.node):
            for name in _list_names(text, folder):
                roots.setdefault(name, Root(name, statement, text))
    return list(roots.values())


def list_root_problems(index: Index, roots: Iterable[Root]) -> list[Problem]:
    """List the roots that no cell binds, so that the module could not load its model."""
    return [
        Problem(
            "E_MODEL",
            f"The model '{root.model}' needs __main__.{root.name}, and '{root.name}' is bound by "
            "no cell."
            if "__main__." not in root.model
            else f"'{root.model}' is trusted, and '{root.name}' is bound by no cell.",
            f"Define {root.name} in a cell above, or train and save the model anew.",
            root.statement.cell.number,
            root.statement.line,
            root.statement.cell.execution_count,
            root.name,
            root.statement.text.partition("\n")[0],
        )
        for root in roots
        if root.name not in index.bindings
    ]


def find_model_files(tree: ast.AST, folder: Path) -> dict[str, Path]:
    """Find the model files that the texts of a piece of code name.

    Returns
    -------
    dict of str to Path
        The file, by the path as it is written.
    """
    found = ((text, find_model_file(text, folder)) for text in iter_texts(tree))
    return {text: file for text, file in found if file is not None}


def find_model_file(text: str, folder: Path) -> Path | None:
    """Find the model's file that a text names: itself, or that of a model folder."""
    if not text.strip() or len(text) > _LONGEST_PATH or "\n" in text or "\0" in text:
        return None
    path = folder / text
    if path.suffix in _SUFFIXES and path.is_file():
        return path
    if (path / CARD_FILE).is_file():
        files = (path / name for name in (SKOPS_FILE, PICKLE_FILE))
        return next((file for file in files if file.is_file()), None)
    return None


def iter_texts(tree: ast.AST) -> Iterator[str]:
    """List the texts in a piece of code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _list_names(text: str, folder: Path) -> list[str]:
    trusted = _OF_NOTEBOOK.fullmatch(text)
    if trusted:
        return [trusted[1]]
    file = find_model_file(text, folder)
    if file is None:
        return []
    names = (name for module, name in list_types(file) if module == "__main__")
    return sorted({name.partition(".")[0] for name in names})
