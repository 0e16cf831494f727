"""The answer of the magic: HTML where that is shown, text in a terminal."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to.

    Attributes
    ----------
    result : object
        The record behind it, for whoever writes ``answer = %dspipe cells``.
    text : str
        For a terminal.
    html : str or None
        For a notebook; None where the text says all.
    """

    result: object
    text: str
    html: str | None = None

    def _repr_html_(self) -> str | None:
        return self.html

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001 - IPython's signature
        del cycle  # nothing here holds itself
        printer.text(self.text)
