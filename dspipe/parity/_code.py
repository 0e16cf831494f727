"""Digests of the code that a pipeline runs: one for each of its methods and what they name.

The source text would tell a notebook's class from the same class in a module by its place and its
comments, so the syntax tree is digested; and a constant or a function outside the class counts as
much as a line inside of it.
"""

import ast
import hashlib
import inspect
from collections.abc import Iterator
from textwrap import dedent
from types import CodeType, FunctionType
from typing import Any

_SIMPLE = (type(None), bool, int, float, complex, str, bytes)


def digest_code(pipeline_class: type) -> dict[str, str]:
    """Digest every part of a pipeline's code by its name.

    Parameters
    ----------
    pipeline_class : type

    Returns
    -------
    dict of str to str
        ``Class.method`` for the methods of the class and of its parents that are the user's own;
        the bare name for constants, functions and classes of their modules. What libraries hold
        counts by their versions, not here.
    """
    digests: dict[str, str] = {}
    for owner in reversed(pipeline_class.__mro__):
        if _is_own(owner, pipeline_class):
            _digest_class(owner, digests, pipeline_class)
    return dict(sorted(digests.items()))


def _is_own(value: Any, pipeline_class: type) -> bool:
    """Say whether the user wrote it: it stands beside the class, or in the same package."""
    own, other = pipeline_class.__module__, getattr(value, "__module__", None) or ""
    is_beside = own.partition(".")[0] == other.partition(".")[0]
    return is_beside and not other.startswith("builtins")


def _digest_class(owner: type, digests: dict[str, str], pipeline_class: type) -> None:
    for name, member in vars(owner).items():
        place = f"{owner.__name__}.{name}"
        function = getattr(member, "__func__", None) or getattr(member, "fget", None) or member
        if isinstance(function, FunctionType):
            digests[place] = _digest_function(function)
            _digest_named(function, digests, pipeline_class)
        elif not name.startswith("__") and _is_constant(member):
            digests[place] = _hash(repr(member))
        else:
            _digest_held(member, digests, pipeline_class)


def _digest_held(member: object, digests: dict[str, str], pipeline_class: type) -> None:
    """Digest the user's own functions that an object of the class holds, such as a predictor."""
    if isinstance(member, type):
        return
    for held in getattr(member, "__dict__", {}).values():
        if isinstance(held, FunctionType) and _is_own(held, pipeline_class):
            digests[held.__name__] = _digest_function(held)
            _digest_named(held, digests, pipeline_class)


def _digest_named(function: FunctionType, digests: dict[str, str], pipeline_class: type) -> None:
    """Digest what a function finds outside of itself, and so on."""
    for name in _names_of(function.__code__):
        if name in digests or name not in function.__globals__:
            continue
        value = function.__globals__[name]
        if _is_constant(value):
            digests[name] = _hash(repr(value))
        elif isinstance(value, FunctionType) and _is_own(value, pipeline_class):
            digests[name] = _digest_function(value)
            _digest_named(value, digests, pipeline_class)
        elif isinstance(value, type) and _is_own(value, pipeline_class):
            digests[name] = _hash(value.__name__)
            _digest_class(value, digests, pipeline_class)


def _names_of(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_of(constant)


def _digest_function(function: FunctionType) -> str:
    """Digest the syntax tree, or where the source is gone what was compiled of it."""
    try:
        tree = ast.parse(dedent(inspect.getsource(function)))
    except (OSError, SyntaxError, TypeError):
        return _hash(repr(_without_places(function.__code__)))
    # Text, because the dump of a tree differs between versions of Python.
    return _hash(ast.unparse(_without_docstrings(tree)))


def _without_docstrings(tree: ast.Module) -> ast.Module:
    """Leave texts that do nothing out: a package for Lambda has none of them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            is_text = ast.get_docstring(node, clean=False) is not None
            node.body = node.body[1:] if is_text else node.body
    return tree


def _without_places(code: CodeType) -> tuple[Any, ...]:
    constants = tuple(
        _without_places(each) if isinstance(each, CodeType) else each for each in code.co_consts
    )
    return (code.co_code, code.co_names, constants)


def _is_constant(value: object) -> bool:
    if isinstance(value, tuple | list):
        return all(_is_constant(each) for each in value)
    if isinstance(value, dict):
        return all(_is_constant(each) for pair in value.items() for each in pair)
    return type(value) in _SIMPLE


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
