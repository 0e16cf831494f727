"""Check a written module before anybody sees it: it compiles, says the same, and lacks no name."""

import ast

from dspipe.errors import NotebookError
from dspipe.notebooks._index import Index
from dspipe.notebooks._lookups import BUILTINS, MODULE_NAMES
from dspipe.notebooks._magics import parse
from dspipe.notebooks._scopes import find_facts
from dspipe.notebooks._writer import Segment


def prove(text: str, segments: list[Segment], index: Index) -> None:
    """Check a module against the statements it was made of.

    Raises
    ------
    NotebookError
        If it is not what it should be, which is a fault of dspipe.
    """
    fault = _find_fault(text, segments, index)
    if fault is not None:
        raise NotebookError(
            f"{index.code.notebook.name}: E_PROOF: the module that was made of it {fault}. "
            "Nothing was written. "
            "This is a fault of dspipe: please report it with the notebook.",
            problems=[{"code": "E_PROOF", "message": fault}],
        )


def _find_fault(text: str, segments: list[Segment], index: Index) -> str | None:
    try:
        compile(text, "<module>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return f"does not compile ({error})"
    for segment in segments:
        tree = parse(segment.text)
        if segment.is_verbatim and (
            isinstance(tree, str) or ast.dump(tree.body[0]) != ast.dump(segment.statement.node)
        ):
            return f"says something else than cell {segment.statement.cell.number}"
    lacking = _list_lacking(segments, index)
    return f"does not bind {', '.join(lacking)}" if lacking else None


def _list_lacking(segments: list[Segment], index: Index) -> list[str]:
    """List names that the module reads and does not bind; imports were written anew."""
    facts = [
        index.facts[each.statement.index]
        if each.is_verbatim
        else find_facts(ast.parse(each.text).body[0])
        for each in segments
    ]
    bound = {name for each in facts for name in (*each.bindings, *each.global_writes)}
    known = bound | BUILTINS | MODULE_NAMES
    return sorted(
        {
            read.name
            for each in facts
            for read in each.reads
            if not read.is_soft and read.name not in known
        }
    )
