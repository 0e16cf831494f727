"""What is said of a name that no statement of the notebook binds."""

import builtins
import re
from dataclasses import dataclass

from dspipe._text import suggest
from dspipe.notebooks._index import Index
from dspipe.notebooks._scopes import Read
from dspipe.notebooks._statements import Opaque

BUILTINS = frozenset(dir(builtins)) - {"_", "copyright", "credits", "display", "exit", "license",
                                       "quit"}  # fmt: skip
MODULE_NAMES = frozenset(("__name__", "__doc__", "__builtins__", "__spec__", "__package__"))
_KERNEL = re.compile(
    r"get_ipython|In|Out|_+|_i+|_i?\d+|_[iod]h|exit|quit|display|displayHTML|spark|sc|sqlContext"
    r"|dbutils|__file__"
)
_BINDS_ANYTHING = re.compile(r"%\s*(pylab|run|store\s+-r|load_ext|matplotlib\s+.*pylab)\b")
_KERNEL_FIXES = {
    "display": "Remove it from the code that ships, or import it: from IPython.display import "
    "display",
}


@dataclass(frozen=True, slots=True)
class Unbound:
    """Why a name cannot be found."""

    code: str
    message: str
    fix: str


def explain_unbound(index: Index, read: Read, parameters: tuple[str, ...]) -> Unbound:
    """Say where a name that no statement binds may have come from, and what to do.

    Parameters
    ----------
    index : Index
    read : Read
    parameters : tuple of str
        Names around the read that it may be a misspelling of.
    """
    name = read.name
    return (
        _explain_skipped(index, name)
        or _explain_opaque(index, name)
        or _explain_kernel(name)
        or Unbound(
            "E_UNDEFINED",
            f"'{name}' is bound by no cell.{suggest(name, _list_known(index, parameters))}",
            "Define it above, or correct the name; a kernel may still hold it from a cell that "
            "was removed.",
        )
    )


def _explain_skipped(index: Index, name: str) -> Unbound | None:
    places = index.left_out.get(name)
    if not places:
        return None
    statement = index.statements[places[-1]]
    if statement.tag == "skip":
        return Unbound(
            "E_SKIPPED",
            f"'{name}' is bound only by what is skipped in cell {statement.cell.number}.",
            "Take '# dspipe: skip' away, or bind it elsewhere.",
        )
    return Unbound(
        "E_DYN",
        f"'{name}' is bound only under `if __name__ == '__main__'` in cell "
        f"{statement.cell.number}, which is not true in a module.",
        "Move it out of that block.",
    )


def _explain_opaque(index: Index, name: str) -> Unbound | None:
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    found = [each for each in index.code.opaque if word.search(each.text)]
    binders = [each for each in index.code.opaque if _BINDS_ANYTHING.search(each.text)]
    if found:
        return _explain_cell(name, next((each for each in found if not each.is_skipped), found[0]))
    if binders and not _KERNEL.fullmatch(name):
        return Unbound(
            "E_MAGIC",
            f"'{name}' is bound by no cell, and may come from `{binders[0].text.strip()}` in cell "
            f"{binders[0].cell.number}.",
            "Import or define it in Python.",
        )
    return None


def _explain_cell(name: str, cell: Opaque) -> Unbound:
    place = f"cell {cell.cell.number}, line {cell.line}"
    if cell.is_skipped:
        return Unbound(
            "E_SKIPPED",
            f"'{name}' is bound only by what is skipped in cell {cell.cell.number}.",
            "Take '# dspipe: skip' away, or bind it elsewhere.",
        )
    if cell.reason.startswith("Python does not read it"):
        return Unbound(
            "E_SYNTAX",
            f"'{name}' occurs only in cell {cell.cell.number}, and {cell.reason}.",
            "Correct that cell.",
        )
    return Unbound(
        "E_MAGIC",
        f"'{name}' occurs only where the notebook is not Python ({place}): {cell.reason}.",
        f"Bind '{name}' with a Python statement in a cell of its own.",
    )


def _explain_kernel(name: str) -> Unbound | None:
    if name == "__file__":
        return Unbound(
            "E_KERNEL",
            "'__file__' is the path of a module, and a notebook has none.",
            "Use pathlib.Path.cwd(), or pass the path as an argument.",
        )
    if not _KERNEL.fullmatch(name):
        return None
    return Unbound(
        "E_KERNEL",
        f"'{name}' is there only in the kernel of a notebook.",
        _KERNEL_FIXES.get(name, "Pass what it gives as an argument, import it, or remove it."),
    )


def _list_known(index: Index, parameters: tuple[str, ...]) -> list[str]:
    return [*parameters, *index.bindings]
