"""Values that code pastes into a statement, where they should be bound."""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from dspipe.checks._code import Code
from dspipe.checks._findings import Finding
from dspipe.checks._literals import find_assigned, find_function, fold
from dspipe.checks._places import Edit, Fix
from dspipe.checks._statements import Sent

_VALUE_BEFORE = re.compile(
    r"(?:[=<>]|\b(?:like|ilike|between|and|limit|offset|then|else))\s*\Z", re.IGNORECASE
)
_MOST_SHOWN = 60
_NAME = re.compile(r"(?P<quote>'?)\{(?P<name>[A-Za-z_]\w*)\}(?P=quote)")


def review_pasted(code: Code, sent: Sent) -> Iterator[Finding]:
    """Find what is pasted into the statement of one call of `sql`."""
    if sent.call is None or sent.value is not None:
        return
    parents = {child: node for node in ast.walk(code.tree) for child in ast.iter_child_nodes(node)}
    built = _resolve(sent.call.args[0], code, parents)
    if built is None:
        return
    used = _list_names(built)
    arguments = sorted(used & _list_arguments(find_function(sent.call, parents)))
    text, offset = code.find_origin(code.find_span(built)[0])
    place = text.find_place(offset)
    if arguments:
        names = ", ".join(f"'{name}'" for name in arguments)
        message = (
            f"The statement is put together with the value of {names}: a value that holds a quote "
            "changes the statement, and types are lost. Bind it: write "
            f":{arguments[0]} in the text and give {arguments[0]}={arguments[0]}."
        )
        yield Finding("S101", message, place=place, fix=_make_fix(built, sent.call, code))
    else:
        shown = ast.unparse(built)
        yield Finding(
            "S102",
            "The statement is put together when it runs, so nobody can read what is sent: "
            f"{shown if len(shown) <= _MOST_SHOWN else shown[:_MOST_SHOWN] + '…'}. Write it whole, "
            "and bind what varies.",
            place=place,
        )


def _resolve(node: ast.expr, code: Code, parents: Mapping[Any, Any]) -> ast.expr | None:
    """Give the expression that puts a text together; None for what cannot be told."""
    if isinstance(node, ast.Name):
        value = find_assigned(node, code.tree, parents)
        return None if value is None else _resolve(value, code, parents)
    if isinstance(node, ast.JoinedStr):
        return node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return node if fold(node, code.tree, parents) is None else None
    is_format = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    if is_format and node.func.attr in {"format", "format_map", "join", "replace"}:  # type: ignore[attr-defined] # an attribute
        return node
    return None


def _list_names(node: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _list_arguments(function: ast.FunctionDef | ast.AsyncFunctionDef | None) -> set[str]:
    """List the parameters of a function, and the names that are made of them."""
    if function is None:
        return set()
    given = function.args
    found = {each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)} - {"self"}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _list_names(node.value) & found:
            found |= {name for target in node.targets for name in _list_names(target)}
    return found


def _make_fix(built: ast.expr, call: ast.Call, code: Code) -> Fix | None:
    """Bind the plain names of an f-string, where each stands in the place of a value."""
    if built is not call.args[0] or not isinstance(built, ast.JoinedStr):
        return None
    start, end = code.find_span(built)
    old = code.module.content[start:end]
    new, names = _bind_names(old, built)
    given = {each.arg for each in call.keywords}
    if not names or given & {None, *names} or not _is_literal(new):
        return None
    at = code.find_span(call)[1] - 1
    tail = code.module.content[end:at]
    if "#" in tail:  # a comment would swallow what is put behind it
        return None
    at = end + len(tail.rstrip())
    words = ", ".join(f"{name}={name}" for name in names)
    more = f" {words}," if tail.rstrip().endswith(",") else f", {words}"
    text, origin = code.find_origin(start)
    edits = (Edit(text, origin, old, new), Edit(text, origin + at - start, "", more))
    return Fix(f"bind {', '.join(f':{name}' for name in names)}", edits)


def _bind_names(old: str, built: ast.JoinedStr) -> tuple[str, list[str]]:
    """Write binds in the place of what an f-string pastes; no names where one cannot be bound."""
    opened = re.match(r"[fF](\"{3}|'{3}|\"|')", old)
    if opened is None or "{{" in old or "}}" in old:
        return old, []
    found = [
        match
        for match in _NAME.finditer(old)
        if (match["quote"] and "'" not in opened[1]) or _VALUE_BEFORE.search(old[: match.start()])
    ]
    if len(found) != sum(isinstance(each, ast.FormattedValue) for each in built.values):
        return old, []
    names = list(dict.fromkeys(match["name"] for match in found))
    spots = {match.start(): match for match in found}
    parts, done = [], 1  # without the f
    for start, match in spots.items():
        parts += [old[done:start], f":{match['name']}"]
        done = match.end()
    return "".join([*parts, old[done:]]), names


def _is_literal(text: str) -> bool:
    try:
        return isinstance(ast.parse(text, mode="eval").body, ast.Constant)
    except SyntaxError:
        return False
