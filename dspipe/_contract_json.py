"""A contract as text that people read and git compares: one block a column, one value a line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from dspipe._contract_columns import KINDS, Column
from dspipe._contract_findings import REACTIONS, Policy
from dspipe._text import quote_some, suggest
from dspipe.errors import ContractError

FORMAT = "dspipe.contract"
FORMAT_VERSION = 1
_REQUIRED = ("name", "kind", "dtype", "nullable")


def write_contract(columns: Sequence[Column], policy: Policy) -> str:
    """Write a contract as JSON; what is absent or at its default is left out of a column."""
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "policy": asdict(policy),
        "columns": [_write_column(column) for column in columns],
    }
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    if not _is_writable(text):  # half a surrogate pair has no UTF-8 form; as an escape it survives
        text = json.dumps(content, indent=2, allow_nan=False)
    return f"{text}\n"


def read_contract(path: Path) -> tuple[tuple[Column, ...], Policy]:
    """Read a contract, or refuse it with the reason."""
    content = _read_json(path)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ContractError(
            f"{path} is not a contract of dspipe: its 'format' is not '{FORMAT}'. "
            "Give the path of a file that Contract.save wrote."
        )
    if content.get("format_version") != FORMAT_VERSION:
        raise ContractError(
            f"{path} is a contract of format version {content.get('format_version')!r}; this "
            f"dspipe reads version {FORMAT_VERSION}. Update dspipe, or save the contract anew with "
            "this one."
        )
    try:
        return _read_columns(content.get("columns")), _read_policy(content.get("policy"))
    except _BrokenError as error:
        raise ContractError(
            f"The contract {path} cannot be used: {error}. Save it anew with Contract.save."
        ) from error


class _BrokenError(Exception):
    """Says what is wrong with the content of a contract file."""


def _write_column(column: Column) -> dict[str, Any]:
    content = {f.name: getattr(column, f.name) for f in fields(column)}
    for bound in ("minimum", "maximum"):
        if isinstance(content[bound], pd.Timestamp):
            content[bound] = content[bound].isoformat()
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in content.items()
        if name in _REQUIRED or (value is not None and value is not False)
    }


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ContractError(
            f"The contract {path} does not exist. Write it with Contract.save."
        ) from error
    except OSError as error:
        raise ContractError(
            f"The contract {path} cannot be read: {error.strerror}. Check the file and its rights."
        ) from error
    except ValueError as error:  # broken JSON, or bytes that are not UTF-8
        raise ContractError(
            f"The contract {path} is not valid JSON: {error}. "
            "Restore the file, or save it anew with Contract.save."
        ) from error


def _read_policy(content: object) -> Policy:
    if not isinstance(content, dict):
        _refuse("it has no block 'policy'")
    rules = [rule.name for rule in fields(Policy)]
    for name, reaction in content.items():
        if name not in rules:
            _refuse(f"its policy has an unknown rule '{name}'{_hint(name, rules)}")
        if reaction not in REACTIONS:
            _refuse(f"its policy '{name}' is {reaction!r}, not one of {quote_some(REACTIONS)}")
    return Policy(**content)


def _read_columns(content: object) -> tuple[Column, ...]:
    if not isinstance(content, list):
        _refuse("it has no list 'columns'")
    columns = tuple(_read_column(block, position) for position, block in enumerate(content, 1))
    names = [column.name for column in columns]
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        _refuse(f"it has the column {quote_some(repeated)} more than once")
    return columns


def _read_column(block: object, position: int) -> Column:
    if not isinstance(block, dict):
        _refuse(f"block {position} of its columns is no object")
    where = f"column '{block['name']}'" if "name" in block else f"block {position} of its columns"
    known = [f.name for f in fields(Column)]
    for name in block:
        if name not in known:
            _refuse(f"{where} has an unknown entry '{name}'{_hint(name, known)}")
    for name in _REQUIRED:
        if name not in block:
            _refuse(f"{where} has no '{name}'")
    if block["kind"] not in KINDS:
        _refuse(f"{where} has the unknown kind {block['kind']!r}{_hint(str(block['kind']), KINDS)}")
    return _make_column(block, where)


def _make_column(block: Mapping[str, Any], where: str) -> Column:
    content = dict(block)
    try:
        if content["kind"] == "datetime":
            content |= {b: pd.Timestamp(content[b]) for b in ("minimum", "maximum") if b in content}
        if "categories" in content:
            content["categories"] = tuple(content["categories"])
        column = Column(**content)
        _ = column.pandas_dtype, column.known  # both fail here rather than on the first batch
    except (TypeError, ValueError) as error:
        raise _BrokenError(f"{where} has an entry that cannot be read ({error})") from error
    return column


def _hint(name: str, known: Sequence[str]) -> str:
    hint = suggest(name, known).strip().rstrip("?")
    return f" (d{hint[1:]}?)" if hint else ""


def _refuse(reason: str) -> NoReturn:
    raise _BrokenError(reason)
