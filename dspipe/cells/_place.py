"""Which notebook this is: a kernel is not told, so it is found out, or what was run is taken.

VS Code puts the file's path among the names of the session, JupyterLab into an environment
variable. Both keep the path of the moment when the kernel began.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dspipe.errors import ConfigurationError
from dspipe.notebooks import Cell, Notebook, load_notebook

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

# https://github.com/microsoft/vscode-jupyter and jupyter_server's session manager, read 2026-11.
_NAMES = ("__vsc_ipynb_file__", "__session__")
_VARIABLE = "JPY_SESSION_NAME"


@dataclass(frozen=True, slots=True)
class Saved:
    """A notebook as far as it is known.

    Attributes
    ----------
    notebook : Notebook
    folder : Path
        Where it lies.
    file : Path or None
        None where the cells that were run are all that is known.
    remarks : tuple of str
        What a reader must know of it.
    """

    notebook: Notebook
    folder: Path
    file: Path | None
    remarks: tuple[str, ...] = ()


def find_saved(
    shell: "InteractiveShell", named: Path | None, environ: Mapping[str, str] = os.environ
) -> Saved:
    """Load the notebook of a session from its file, or make one of what was run.

    Parameters
    ----------
    shell : InteractiveShell
    named : Path or None
        The file, where a person names it.
    environ : mapping of str to str

    Raises
    ------
    ConfigurationError
        If the named file does not exist.
    NotebookError
        If the file cannot be read.
    """
    if named is not None and not named.is_file():
        raise ConfigurationError(
            f"There is no notebook {named} in {Path.cwd()}. Save it, or correct the path."
        )
    file = named or _find_file(shell.user_ns, environ)
    inputs = list(shell.history_manager.input_hist_raw) if shell.history_manager else []
    if file is None:
        return _take_inputs(inputs)
    notebook = load_notebook(file)
    own = Notebook(file.name, notebook.cells)
    return Saved(own, file.resolve().parent, file, _warn_unsaved(own, inputs))


def _find_file(names: Mapping[str, object], environ: Mapping[str, str]) -> Path | None:
    told = [names.get(name) for name in _NAMES] + [environ.get(_VARIABLE)]
    paths = [Path(path) for path in told if isinstance(path, str) and path.endswith(".ipynb")]
    return next((path for path in paths if path.is_file()), None)


def _warn_unsaved(notebook: Notebook, inputs: list[str]) -> tuple[str, ...]:
    """Say so when the cell that asks is not in the file: then it was not saved since."""
    asking = inputs[-1].strip() if inputs else ""
    if not asking or any(cell.source.strip() == asking for cell in notebook.cells):
        return ()
    remark = (
        f"{notebook.name} was changed since it was saved; this is about the saved state. Save it "
        "and ask again."
    )
    return (remark,)


def _take_inputs(inputs: list[str]) -> Saved:
    # A cell that was run again counts once, where it was run last.
    last = {text: number for number, text in enumerate(inputs) if text.strip()}
    cells = tuple(Cell(number, text, number) for text, number in last.items())
    ordered = tuple(sorted(cells, key=lambda cell: cell.number))
    remark = (
        "It is not known which file this notebook is, so this is about the cells that were run, in "
        "the order in which they were run. Name the file: %dspipe cells NAME.ipynb"
    )
    return Saved(Notebook("this session", ordered), Path.cwd(), None, (remark,))
