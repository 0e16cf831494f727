"""Find the pipeline of a notebook."""

import ast

from dspipe._text import quote_some, suggest
from dspipe.notebooks._index import Index
from dspipe.notebooks._problems import Problem
from dspipe.notebooks._statements import Statement


def find_target(index: Index, class_name: str | None) -> Statement | Problem:
    """Find the class to convert, or say why it cannot be told.

    Parameters
    ----------
    index : Index
    class_name : str or None
        None takes the only pipeline.
    """
    found = list_pipelines(index)
    names = quote_some(found)
    if class_name is not None:
        return _find_named(index, class_name, found)
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        return Problem(
            "E_TARGET",
            f"The notebook defines {len(found)} pipelines: {names}.",
            f"Name one with --class, such as --class {next(iter(found))}.",
        )
    return Problem(
        "E_TARGET",
        "The notebook defines no pipeline in a cell that Python can read.",
        "Write a class that subclasses dspipe.PredictionPipeline.",
    )


def list_pipelines(index: Index) -> dict[str, Statement]:
    """List the pipelines of a notebook, each where it is defined last."""
    found: dict[str, Statement] = {}
    abstract: set[str] = set()
    for statement in index.statements:
        node = statement.node
        if not isinstance(node, ast.ClassDef) or not index.is_used(statement):
            continue
        if any(_is_pipeline(base, index, {*found, *abstract}) for base in node.bases):
            if any(keyword.arg == "abstract" for keyword in node.keywords):
                abstract.add(node.name)
            else:
                found[node.name] = statement
    return found


def _find_named(index: Index, class_name: str, found: dict[str, Statement]) -> Statement | Problem:
    if class_name in found:
        return found[class_name]
    classes = [
        statement
        for statement in index.statements
        if isinstance(statement.node, ast.ClassDef) and statement.node.name == class_name
    ]
    if classes:
        return classes[-1]
    return Problem(
        "E_TARGET",
        f"The notebook defines no class '{class_name}'.{suggest(class_name, found)}",
        f"Name one of its pipelines: {quote_some(found)}." if found else "Write that class.",
    )


def _is_pipeline(base: ast.expr, index: Index, known: set[str]) -> bool:
    text = ast.unparse(base)
    if text in known:
        return True
    root, dot, rest = text.partition(".")
    origin = f"{index.known.origins.get(root, root)}{dot}{rest}"
    return (origin.startswith("dspipe") and origin.endswith("PredictionPipeline")) or (
        text == "PredictionPipeline" and text not in index.bindings
    )
