"""How the features of a pipeline differ from what a model takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from dspipe._contract import Contract

Difference = Literal["missing", "wrong_type", "extra"]
_ORDER: tuple[Difference, ...] = ("missing", "wrong_type", "extra")


@dataclass(frozen=True, slots=True)
class FeatureFinding:
    """One feature that is not as the model takes it.

    Attributes
    ----------
    difference : "missing", "wrong_type" or "extra"
    feature : str
    detail : str
        What differs.
    importance : float or None
        Of the feature to the model, from 0 to 1, where that is known.

    Examples
    --------
    >>> print(FeatureFinding("missing", "hour", "the model takes Numeric", 0.7))
    The feature 'hour' is missing: the model takes Numeric (importance 0.7).
    """

    difference: Difference
    feature: str
    detail: str
    importance: float | None = None

    @property
    def order(self) -> tuple[float, int, str]:
        """Place in a list: the most important first, and what is only too much last."""
        importance = self.importance or 0.0
        is_extra = self.difference == "extra"
        return (1.0 if is_extra else -importance, _ORDER.index(self.difference), self.feature)

    def __str__(self) -> str:
        verb = {"missing": "is missing", "wrong_type": "has another type", "extra": "is extra"}
        weight = "" if self.importance is None else f" (importance {self.importance:.2g})"
        return f"The feature '{self.feature}' {verb[self.difference]}: {self.detail}{weight}."


def compare_contracts(wanted: "Contract", made: "Contract") -> Iterator[FeatureFinding]:
    """Compare what a model takes with what a pipeline makes."""
    ours, theirs = ({c.name: c for c in contract.columns} for contract in (made, wanted))
    for name, column in theirs.items():
        if name not in ours:
            yield FeatureFinding("missing", name, f"the model takes {column.dtype}")
        elif ours[name].value_kind != column.value_kind:
            detail = f"it is {ours[name].dtype}, where the model takes {column.dtype}"
            yield FeatureFinding("wrong_type", name, detail)
    for name in ours:
        if name not in theirs:
            yield FeatureFinding("extra", name, "the model does not use it")
