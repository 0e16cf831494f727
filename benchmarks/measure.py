"""Measure ways of doing one thing against a baseline: interleaved rounds, medians, ratios."""

import gc
import json
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("pandas", "numpy", "pydantic", "sqlalchemy", "scikit-learn", "duckdb", "pyarrow")


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured, against what, and what it had to reach."""

    what: str
    baseline: str
    target: str
    baseline_value: float
    value: float
    unit: str
    ratio: float
    reached: bool

    @property
    def verdict(self) -> str:
        """Say whether the target was reached, where there is one."""
        if self.target in {"for comparison", "no target"}:
            return self.target
        return f"{self.target}: {'reached' if self.reached else 'MISSED'}"


def interleave(
    ways: Mapping[str, Callable[[], object]], *, rounds: int, repeat: int = 1, warmup: int = 1
) -> dict[str, float]:
    """Time every way in turn, round by round, and give the median seconds of one call.

    The machine's speed drifts; ways that take turns share its drift, so their ratio does not.
    """
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(warmup + rounds):
        for name, call in ways.items():
            gc.collect()
            started = perf_counter()
            for _ in range(repeat):
                call()
            if turn >= warmup:
                seconds[name].append((perf_counter() - started) / repeat)
    return {name: median(times) for name, times in seconds.items()}


def save(name: str, lines: list[Line]) -> None:
    """Keep the lines as JSON beside the machine they were measured on, and print them."""
    RESULTS.mkdir(exist_ok=True)
    record = {"machine": describe_machine(), "lines": [asdict(line) for line in lines]}
    text = json.dumps(record, indent=2, sort_keys=True) + "\n"
    (RESULTS / f"{name}.json").write_text(text, encoding="utf-8")
    for line in lines:
        print(
            f"{line.what:58} {line.baseline_value:10.4g} -> {line.value:10.4g} {line.unit:3} "
            f"{line.ratio:8.3f}  ({line.verdict})"
        )


def describe_machine() -> dict[str, object]:
    """Name what the numbers depend on, without naming the machine."""
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }
