"""What a service tells beside its answers, added up over requests, batches and runs."""

from collections.abc import Iterable, Mapping
from typing import Any

ATTRIBUTE = "dspipe_served"  # in the `attrs` of the frame that a predictor returns


def add_facts(parts: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """Add facts up: numbers are summed, other values that differ are all listed.

    >>> add_facts([{"requests": 1, "model_id": "5f"}, {"requests": 2, "model_id": "60"}])
    {'requests': 3, 'model_id': '5f, 60'}
    """
    found: dict[str, list[Any]] = {}
    for part in parts:
        for name, value in part.items():
            found.setdefault(name, []).append(value)
    return {name: _add(values) for name, values in found.items()}


def _add(values: list[Any]) -> object:
    if all(isinstance(value, int | float) for value in values):
        return sum(values)
    texts = dict.fromkeys(part for value in values for part in str(value).split(", "))
    return ", ".join(texts)
