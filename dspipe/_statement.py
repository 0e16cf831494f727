"""A SQL text and its bound values: scanned once, compiled for each driver's way of binding.

A value never becomes part of the text. Each ``:name`` becomes a *slot*, and a slot becomes whatever
mark the driver takes. Only the number of slots depends on a value: a list after ``IN`` gets one
slot an item.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from dspipe._text import quote_some, suggest
from dspipe.errors import QueryError

# What hides a colon stands before the bind. Comments are not nested, as in most databases, and a
# backslash escapes only in E'' strings, as the standard has it.
_TOKEN = re.compile(
    r"""
    --[^\n]*
  | /\*.*?(?:\*/|\Z)
  | (?<!\w)[eE]'(?:[^'\\]|\\.|'')*'
  | '(?:[^']|'')*'
  | "(?:[^"]|"")*"
  | `[^`]*`
  | (?<![\w$])\$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?\$(?P=tag)\$
  | ::
  | :=
  | (?<![\w:'")\]]):(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)
_AFTER_IN = re.compile(r"\b(?P<negated>not\s+)?in\s*(?P<open>\(\s*)?\Z", re.IGNORECASE)
_CLOSE = re.compile(r"\s*\)")


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in the text that takes one value.

    Parameters
    ----------
    name : str
        The bind's name, without the colon.
    value : object
        A plain Python value.
    position : int
        Where the colon stands in the text, from 0.
    """

    name: str
    value: object = field(repr=False)
    position: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A stretch of text that stays; `position` is -1 for what the user did not write."""

    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """A text with a driver's marks, its values in order, and the way back to the user's text.

    Parameters
    ----------
    text : str
        What the driver gets.
    bound : tuple
        One value a mark, in the order of the marks.
    original : str
        The text as the user wrote it.
    origins : tuple of (int, int)
        Where each stretch begins: in the driver's text, and in the user's.
    seen : Compiled, optional
        The text as the server sees it, where the driver puts marks of its own into it.
    """

    text: str
    bound: tuple[Any, ...] = field(repr=False)
    original: str
    origins: tuple[tuple[int, int], ...] = field(repr=False, default=())
    seen: "Compiled | None" = field(repr=False, default=None)

    def find_position(self, position: int) -> int:
        """Turn a position in the driver's text into one in the user's text, both from 0."""
        start, origin = max((pair for pair in self.origins if pair[0] <= position), default=(0, 0))
        return min(origin + position - start, len(self.original))


@dataclass(frozen=True)
class Statement:
    """Hold a SQL text and the values bound to its ``:names``.

    Parameters
    ----------
    text : str
        SQL with binds such as ``:day``. A colon inside a string, a quoted name, a comment, a cast
        (``::``) or an array slice is no bind.
    binds : mapping of str to object
        One value for each bind. NumPy and pandas scalars and enum members become plain Python
        values. A list, tuple, set or one-dimensional array after ``IN`` gets one bound parameter an
        item.

    Raises
    ------
    QueryError
        If a bind has no value, or a value has no bind; all of them are named together. If a list
        for ``NOT IN`` is empty.

    Examples
    --------
    >>> text = "select * from t where id in :ids and n = :n"
    >>> statement = Statement(text, {"ids": [1, 2], "n": 5})
    >>> statement.compile("qmark").text
    'select * from t where id in (?, ?) and n = ?'
    >>> statement.compile("qmark").bound
    (1, 2, 5)
    """

    text: str
    binds: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tokens = find_binds(self.text)
        _check_names({token["name"] for token in tokens}, self.binds)
        values = {name: to_plain(value) for name, value in self.binds.items()}
        object.__setattr__(self, "binds", values)
        object.__setattr__(self, "_parts", tuple(_iter_parts(self.text, tokens, values)))

    @property
    def parts(self) -> tuple[Literal | Slot, ...]:
        """The text in order: literal stretches and slots; lists after ``IN`` are expanded."""
        parts: tuple[Literal | Slot, ...] = self.__dict__["_parts"]
        return parts

    def compile(self, style: str) -> Compiled:
        """Write the text for a driver.

        Parameters
        ----------
        style : {"qmark", "dollar", "named", "null", "text"}
            ``?``, ``$1``, ``:b1``, the word NULL (to ask for columns without values), or ``:b1``
            with all other colons escaped as `sqlalchemy.text` wants it.
        """
        marks: dict[str, Callable[[int, Slot], str]] = {
            "qmark": lambda _n, _slot: "?",
            "dollar": lambda n, _slot: f"${n}",
            "named": lambda n, _slot: f":b{n}",
            "null": lambda _n, _slot: "NULL",
            "text": lambda n, _slot: f":b{n}",
        }
        escape = _escape_colons if style == "text" else None
        return self.render(marks[style], escape=escape)

    def render(
        self,
        mark: Callable[[int, Slot], str],
        *,
        escape: Callable[[str], str] | None = None,
        bind_null: bool = True,
    ) -> Compiled:
        """Write the text with marks of one's own.

        Parameters
        ----------
        mark : callable
            Takes the number of a slot, from 1, and the slot; returns its mark.
        escape : callable, optional
            Applied to everything that is not a mark.
        bind_null : bool, default=True
            Whether None is bound like any value; if not, it is the word NULL, which has no type.
        """
        text, values, origins = "", [], []
        for part in self.parts:
            origins.append((len(text), part.position))
            if isinstance(part, Literal):
                text += escape(part.text) if escape else part.text
            elif part.value is None and not bind_null:
                text += "NULL"
            else:
                values.append(part.value)
                text += mark(len(values), part)
        return Compiled(
            text, tuple(values), self.text, tuple(pair for pair in origins if pair[1] >= 0)
        )


def find_binds(text: str) -> tuple[re.Match[str], ...]:
    """Find the binds of a text; group "name" of each has no colon.

    >>> [bind["name"] for bind in find_binds("select ':a', b::int from t where c = :d")]
    ['d']
    """
    return tuple(token for token in _TOKEN.finditer(text) if token["name"])


def to_plain(value: object) -> object:
    """Turn enum members, NumPy and pandas values into plain Python values; leave others alone.

    >>> import numpy
    >>> to_plain(numpy.int64(3)), to_plain(numpy.array([1.5]))
    (3, [1.5])
    """
    if isinstance(value, Enum):
        return to_plain(value.value)
    if isinstance(value, list | tuple | set | frozenset | range):
        return [to_plain(item) for item in value]
    if type(value).__module__.partition(".")[0] in {"numpy", "pandas"}:
        return _from_foreign(value)
    return value


def _from_foreign(value: Any) -> object:
    """Unwrap a NumPy or pandas value without importing either."""
    kind = type(value).__name__
    if kind in {"NaTType", "NAType"}:
        return None
    if kind == "Timestamp":
        return value.to_pydatetime(warn=False)
    if kind == "Timedelta":
        return value.to_pytimedelta()
    if kind in {"datetime64", "timedelta64"}:
        return value.astype(
            f"{kind}[us]"
        ).item()  # from nanoseconds, item() would give a bare number
    if hasattr(value, "tolist"):
        return to_plain(value.tolist())
    return value


def _check_names(wanted: set[str], given: Mapping[str, object]) -> None:
    missing, unused = sorted(wanted - given.keys()), sorted(given.keys() - wanted)
    sentences = []
    if missing:
        names = quote_some([f":{name}" for name in missing])
        sentences.append(f"The query has no value for {names}.{_suggest_all(missing, unused)}")
    if unused:
        names = quote_some(unused)
        sentences.append(f"The query does not use the value {names}.{_suggest_all(unused, wanted)}")
    if sentences:
        takes = ", ".join(f":{name}" for name in sorted(wanted)) or "no binds"
        sentences.append(f"Its text has {takes}. Give exactly one value for each bind.")
        raise QueryError(" ".join(sentences))


def _suggest_all(names: Sequence[str], known: Sequence[str] | set[str]) -> str:
    return next((hint for name in names if (hint := suggest(name, known))), "")


def _iter_parts(
    text: str, tokens: Sequence[re.Match[str]], values: Mapping[str, object]
) -> Iterator[Literal | Slot]:
    end = 0
    for token in tokens:
        yield Literal(text[end : token.start()], end)
        yield from _expand(text, token, values[token["name"]])
        end = token.end()
    yield Literal(text[end:], end)


def _expand(text: str, token: re.Match[str], value: object) -> Iterator[Literal | Slot]:
    """Give the slots of one bind: one, or one an item for a list after IN."""
    name, position = token["name"], token.start()
    place = _AFTER_IN.search(text, 0, position) if isinstance(value, list) else None
    if place is None or (place["open"] and not _CLOSE.match(text, token.end())):
        yield Slot(name, value, position)
        return
    items: Sequence[object] = value if isinstance(value, list) else ()
    if not items and place["negated"]:
        raise QueryError(
            f"The list for :{name} is empty, and NOT IN an empty list has no common meaning in "
            "SQL. Give at least one item, or leave the condition out."
        )
    if not place["open"]:
        yield Literal("(", -1)
    for number, item in enumerate(items or [None]):
        if number:
            yield Literal(", ", -1)
        yield Slot(name, item, position)
    if not place["open"]:
        yield Literal(")", -1)


def _escape_colons(text: str) -> str:
    # sqlalchemy.text takes :word for a bind and \: for a colon; only what looks like one needs it.
    return re.sub(r":(?=\w)", r"\\:", text)
