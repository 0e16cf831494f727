"""Small pieces of sentences that every error message shares."""

from collections.abc import Iterable, Sequence

MOST_SHOWN = 5


def quote_some(values: Iterable[object], *, most: int = MOST_SHOWN) -> str:
    """Write the first few values, then a count of the rest.

    >>> quote_some([1, 2, 3], most=2)
    '1, 2 and 1 more'
    >>> quote_some(["a", "b"])
    "'a', 'b'"
    """
    shown = [repr(value) for value in values]
    if len(shown) <= most:
        return ", ".join(shown)
    return f"{', '.join(shown[:most])} and {len(shown) - most:,} more"


def suggest(name: str, known: Iterable[str]) -> str:
    """Offer the closest known name as a sentence, or nothing.

    >>> suggest("custmer_id", ["as_of", "customer_id"])
    " Did you mean 'customer_id'?"
    """
    import difflib  # only errors need it

    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""


def count(n: int, noun: str) -> str:
    """Write a number with its noun.

    >>> count(1, "row"), count(2500, "row")
    ('1 row', '2,500 rows')
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def line_diff(expected: Sequence[str], actual: Sequence[str]) -> str:
    """Show two lists of lines as one: ``-`` expected and absent, ``+`` there, not expected."""
    import difflib

    lines = difflib.ndiff(list(expected), list(actual))
    return "\n".join(line.rstrip() for line in lines if not line.startswith("?"))


def describe(value: object) -> str:
    """Name what kind of thing a value is, with its article.

    >>> describe(None), describe([1]), describe(1)
    ('None', 'a list', 'an int')
    """
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
