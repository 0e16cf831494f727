"""What single words of a statement do: read the clock, or roll dice."""

from collections.abc import Iterator

from dspipe.checks._sql_text import Fault, Parsed, iter_words

_CLOCK_WORDS = frozenset(
    ("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "sysdate",
     "systimestamp", "utc_date", "utc_time", "utc_timestamp")
)  # fmt: skip
_CLOCK_CALLS = frozenset(
    ("clock_timestamp", "curdate", "current_datetime", "curtime", "get_current_time",
     "get_current_timestamp", "getdate", "getutcdate", "now", "statement_timestamp",
     "sysdatetime", "sysutcdatetime", "timeofday", "today", "transaction_timestamp")
)  # fmt: skip
_CLOCK_TEXTS = frozenset(("now", "today", "tomorrow", "yesterday"))
_TIME_WORDS = frozenset(
    ("date", "datetime", "julianday", "strftime", "time", "timestamp", "timestamptz", "unixepoch")
)
_DICE_CALLS = frozenset(
    ("gen_random_uuid", "newid", "rand", "random", "randomblob", "uuid", "uuidv4", "uuidv7")
)
_DICE_WORDS = frozenset(("tablesample",))


def review_words(parsed: Parsed) -> Iterator[Fault]:
    """Find the clock and chance, in statements that cannot be parsed too."""
    for at, word in iter_words(parsed):
        start = parsed.tokens[at].start
        shown = parsed.value[start : parsed.tokens[at].end + 1]
        is_called = _peek(parsed, at + 1) == "(" and _peek(parsed, at - 1) != "."
        if (word in _CLOCK_WORDS and _peek(parsed, at - 1) not in {".", "as"}) or (
            word in _CLOCK_CALLS and is_called
        ):
            yield _clock(shown, start)
        elif word in _DICE_WORDS or (word in _DICE_CALLS and is_called):
            yield Fault(
                "S105",
                f"The statement asks for chance with {shown}, so no run can be repeated. Leave it "
                "out, or choose rows by a hash of their key.",
                start,
            )
    yield from _review_texts(parsed)


def _review_texts(parsed: Parsed) -> Iterator[Fault]:
    """Find ``date('now')``, ``'today'::date`` and ``timestamp 'now'``."""
    for at, token in enumerate(parsed.tokens):
        if token.token_type.name != "STRING" or token.text.lower() not in _CLOCK_TEXTS:
            continue
        before = {_peek(parsed, at - 1), _peek(parsed, at - 2), _peek(parsed, at - 4)}
        is_cast = _peek(parsed, at + 1) == "::" and _peek(parsed, at + 2) in _TIME_WORDS
        if is_cast or before & _TIME_WORDS:
            yield _clock(f"'{token.text}'", token.start)


def _clock(shown: str, start: int) -> Fault:
    return Fault(
        "S104",
        f"The statement reads the clock with {shown}: tomorrow it gives other rows for the same "
        "arguments, and a backfill of a past day gets today's. Make the time an argument of "
        "extract and bind it.",
        start,
    )


def _peek(parsed: Parsed, at: int) -> str:
    return parsed.tokens[at].text.lower() if 0 <= at < len(parsed.tokens) else ""
