"""Where an unfinished run goes on: a token, and the proof that the rows before it are the same.

A token names the work and how far it came; it holds no row and no argument. The rows done are
counted, and their keys are hashed in order. Who goes on reads those rows again, skips them, and
compares: so a query without an order, or a table that changed, is an error and not a row that is
lost or answered twice.
"""

import binascii
import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from dspipe._keys import hash_keys
from dspipe._responses import dumps
from dspipe._text import count
from dspipe.errors import ContinuationError

if TYPE_CHECKING:
    from dspipe.predictors import Predictor

_VERSION = 1
_CHECK_BYTES = 6
_DIGEST_CHARACTERS = 32
_SHOWN_CHARACTERS = 20
_BEGIN_ANEW = "or leave the continuation out to begin anew"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a run: how many rows were done, and a digest of their keys in order."""

    n_rows: int
    keys: str


class KeyTrail:
    """The keys that a run has met, in order, as one digest that does not depend on the batches.

    The last keys are kept as they are until others come: a run of one batch, which needs no token,
    pays for no hash.

    Examples
    --------
    >>> one, two = KeyTrail(), KeyTrail()
    >>> one.add(pd.Index([1, 2, 3]))
    >>> two.add(pd.Index([1]))
    >>> two.add(pd.Index([2, 3]))
    >>> one.mark() == two.mark()
    True
    """

    def __init__(self) -> None:
        self._n_rows = 0
        self._digest = hashlib.sha256()
        self._waiting: pd.Index | None = None

    def add(self, keys: pd.Index) -> None:
        """Take the keys of the next rows, faulty ones too."""
        self._settle()
        self._waiting = keys
        self._n_rows += len(keys)

    def mark(self) -> Mark:
        """Give the place that was reached."""
        self._settle()
        return Mark(self._n_rows, self._digest.hexdigest()[:_DIGEST_CHARACTERS])

    def _settle(self) -> None:
        if self._waiting is not None and len(self._waiting):
            self._digest.update(hash_keys(self._waiting).astype("<u8").tobytes())
        self._waiting = None


@dataclass(frozen=True, slots=True)
class Work:
    """What is done in parts, and must be the same in all of them.

    Attributes
    ----------
    pipeline : str
        Name of the class.
    arguments : mapping of str to object
        The checked arguments.
    predictor : Predictor or None
        Its model must not change between two parts.
    is_given : bool
        Whether the rows were given, in the place of `extract`.
    """

    pipeline: str
    arguments: Mapping[str, object]
    predictor: "Predictor | None"
    is_given: bool = False

    def write_token(self, mark: Mark) -> str:
        """Write a token for going on after a place."""
        facts = (_VERSION, *astuple(self._facts()), *astuple(mark))
        text = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
        return urlsafe_b64encode(_check_of(text) + text).decode("ascii").rstrip("=")

    def read_token(self, token: str) -> Mark:
        """Read the place from a token of this very work.

        Raises
        ------
        ContinuationError
            If the token is none of ours, or belongs to other work.
        """
        version, *facts, n_rows, keys = _decode(token)
        if version != _VERSION:
            raise ContinuationError(
                "The continuation was made by another version of dspipe. Leave it out to begin "
                "anew."
            )
        self._check_same(_Facts(*facts))
        return Mark(n_rows, keys)

    def check_mark(self, expected: Mark, found: Mark) -> None:
        """Check that the rows before a place are those that were done.

        Raises
        ------
        ContinuationError
            If there are fewer, or their keys are others.
        """
        if found == expected:
            return
        what = "keys, or another order of them,"
        if found.n_rows < expected.n_rows:
            what = f"rows, {found.n_rows:,} in all,"
        source = "were given" if self.is_given else "came from extract"
        remedy = "Give the same rows in the same order"
        if not self.is_given:
            remedy = "Let the query ORDER BY the key, so that rows keep their places"
        raise ContinuationError(
            f"{self.pipeline} cannot go on after the {count(expected.n_rows, 'row')} that were "
            f"done: this time other {what} {source}. {remedy}, {_BEGIN_ANEW}."
        )

    def _facts(self) -> "_Facts":
        model = self.predictor.model_id if self.predictor is not None else None
        return _Facts(self.pipeline, self.is_given, _digest_arguments(self.arguments), model)

    def _check_same(self, given: "_Facts") -> None:
        own = self._facts()
        if given.pipeline != own.pipeline:
            fault = f"belongs to {given.pipeline}. Send it there"
        elif given.is_given != own.is_given:
            origin = "rows that were given" if given.is_given else "rows that extract returned"
            fault = f"belongs to {origin}. Ask again in the same way"
        elif given.arguments != own.arguments:
            fault = "belongs to other arguments. Send it with the same arguments"
        elif given.model != own.model:
            fault = f"belongs to the model {given.model}, and the model is now {own.model}. Use it"
        else:
            return
        raise ContinuationError(
            f"{self.pipeline} cannot go on: the continuation {fault}, {_BEGIN_ANEW}."
        )


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a token says of its work."""

    pipeline: str
    is_given: bool
    arguments: str
    model: str | None


def _decode(token: str) -> list[Any]:
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        check, text = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
        facts = json.loads(text) if check == _check_of(text) else None
    except (binascii.Error, TypeError, ValueError):
        facts = None
    if not isinstance(facts, list):
        shown = repr(token)[:_SHOWN_CHARACTERS]
        raise ContinuationError(
            f"The continuation that begins with {shown} is none that dspipe gave, or a part of it "
            "is missing. Send the one of the last answer as it is, or leave it out to begin anew."
        )
    return facts


def _check_of(text: bytes) -> bytes:
    """Find copying errors; who forges a token only skips rows whose keys he knows."""
    return hashlib.sha256(text).digest()[:_CHECK_BYTES]


def _digest_arguments(arguments: Mapping[str, object]) -> str:
    # The order of a set differs from process to process.
    fixed = {
        name: sorted(map(dumps, value)) if isinstance(value, set | frozenset) else value
        for name, value in arguments.items()
    }
    text = dumps(fixed).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:_DIGEST_CHARACTERS]
