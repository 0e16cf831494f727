"""Review what a pipeline sends to its sources: the statements of its code and its golden runs."""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from dspipe._config import Config, load_config, source_variable
from dspipe._extras import find_packages, is_installed, load_extra
from dspipe._statement import Statement
from dspipe._text import count
from dspipe.checks._allow import allow_all
from dspipe.checks._code import Code, load_code
from dspipe.checks._findings import Finding, Skipped
from dspipe.checks._pasted import review_pasted
from dspipe.checks._places import Edit, Fix
from dspipe.checks._settings import read_settings
from dspipe.checks._sql_names import review_names
from dspipe.checks._sql_rows import review_rows
from dspipe.checks._sql_shape import review_shape
from dspipe.checks._sql_tables import Tables
from dspipe.checks._sql_text import DIALECTS, Fault, Parsed, parse_statement
from dspipe.checks._sql_words import review_words
from dspipe.checks._statements import Sent, find_statements
from dspipe.errors import DspipeError
from dspipe.parity import GoldenRun
from dspipe.sources import open_source


def review_sql(
    pipeline_class: type, *, goldens: Sequence[GoldenRun] = (), is_live: bool = False
) -> tuple[Finding, ...]:
    """Review the statements of a pipeline, without running them.

    Parameters
    ----------
    pipeline_class : type
    goldens : sequence of GoldenRun, optional
        Recorded runs: their statements, and the arguments that those were made of.
    is_live : bool, default=False
        Ask the sources for the columns of the tables.

    Returns
    -------
    tuple of Finding
        In the order of the code. Those that a comment or the settings allow are among them, with
        the reason in `allowed`.

    Raises
    ------
    MissingExtraError
        If sqlglot is not installed.
    """
    load_extra("sqlglot", extra="check", needed_by="The review of statements")
    code = load_code(pipeline_class)
    found = iter_sql(pipeline_class, code, goldens, is_live=is_live)
    return tuple(allow_all([each for each in found if isinstance(each, Finding)], code))


def iter_sql(
    pipeline_class: type, code: Code | None, goldens: Sequence[GoldenRun], *, is_live: bool
) -> Iterator[Finding | str]:
    """Review statements; a sentence says how many are right, or why they were not reviewed."""
    sents = find_statements(code, goldens)
    pasted = [each for sent in sents if code for each in review_pasted(code, sent)]
    yield from pasted
    if not is_installed("sqlglot"):
        command = " ".join(map(repr, find_packages("check") or ["sqlglot"]))
        yield Skipped(
            f"Statements were not reviewed: sqlglot is not installed. Run: pip install {command}"
        )
        return
    known = [sent for sent in sents if sent.value is not None]
    config = load_config(code.module.file.parent if code else None)
    names = sorted({sent.source for sent in known})
    tables = {name: _open_tables(name, config, is_live=is_live) for name in names}
    key = getattr(pipeline_class, "key", ()) or ()
    keys = (key,) if isinstance(key, str) else tuple(key)
    found = [each for sent in known for each in _review(sent, keys, tables[sent.source])]
    yield from found
    if known and not found and not pasted:
        n = count(len(known), "statement")
        yield f"{n} reviewed: no value is pasted, no row is left to the clock or to chance."


def _open_tables(source: str, config: Config, *, is_live: bool) -> Tables:
    dialect = _find_dialect(source, config)
    return Tables(dialect, _make_ask(source, config) if is_live else None)


def _review(sent: Sent, key: tuple[str, ...], tables: Tables) -> Iterator[Finding]:
    parsed = parse_statement(sent.value or "", tables.dialect)
    # A column that is wrong twice is said once, where it stands first.
    faults: dict[tuple[str, str], Fault] = {}
    for fault in sorted(_iter_faults(parsed, sent, key, tables), key=lambda each: each.offset):
        faults.setdefault((fault.code, fault.message), fault)
    for fault in faults.values():
        yield _make_finding(fault, sent, parsed)


def _iter_faults(
    parsed: Parsed, sent: Sent, key: tuple[str, ...], tables: Tables
) -> Iterator[Fault]:
    if parsed.fault is not None:
        yield parsed.fault
    yield from review_words(parsed)
    if parsed.tree is not None:
        yield from review_shape(parsed, tables)
        yield from review_rows(parsed, key, sent.arguments)
        yield from review_names(parsed, tables)


def _make_finding(fault: Fault, sent: Sent, parsed: Parsed) -> Finding:
    start = parsed.value.rfind("\n", 0, fault.offset) + 1
    facts = {
        "source": sent.source,
        "statement_line": parsed.value.count("\n", 0, fault.offset) + 1,
        "statement_snippet": parsed.value[start:].partition("\n")[0].strip(),
    }
    place = sent.find_place(fault.offset)
    return Finding(fault.code, fault.message, sent.golden, facts, place, _make_fix(fault, sent))


def _make_fix(fault: Fault, sent: Sent) -> Fix | None:
    """Turn changes of a statement into changes of the text it was written in."""
    edits = []
    for offset, old, new in fault.edits:
        spot = sent.find_spot(offset)
        if spot is None or not spot[0].content.startswith(old, spot[1]):
            return None  # written with escapes, or put together
        if set(new) & set("\n\"'\\") and not sent.has_lines(offset):
            return None  # a literal of one line takes neither lines nor quotes
        edits.append(Edit(spot[0], spot[1], old, new))
    return Fix(fault.title, tuple(edits)) if edits else None


def _find_dialect(source: str, config: Config) -> str:
    """Find what a source speaks by its url as it is written: it need not be complete for that."""
    entry = read_settings(config.root).get("sources", {}).get(source, "")
    written = entry.get("url", "") if isinstance(entry, dict) else entry
    given = os.environ.get(source_variable(source), "")
    for url in (given, str(written)):
        name = url.partition(":")[0].partition("+")[0].lower()
        if name in DIALECTS:
            return DIALECTS[name]
    return ""


def _make_ask(source: str, config: Config) -> Callable[[str], list[str]] | None:
    """Give what asks a source for columns, where it can be reached."""
    ask = partial(_ask, source, config)
    try:
        ask("(select 1 as one) as reached")
    except DspipeError:
        return None
    return ask


def _ask(source: str, config: Config, name: str) -> list[str]:
    statement = Statement(f"select * from {name} where 1 = 0")  # noqa: S608 - a name of the user's own statement
    frames = open_source(source, config).iter_frames(statement, batch_rows=1, timeout_seconds=5)
    try:
        return [str(column) for column in next(iter(frames)).columns]
    finally:
        getattr(frames, "close", lambda: None)()
