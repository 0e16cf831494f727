"""Parity: recorded runs, and the proof that every copy of a pipeline comes to them again.

`record` keeps a run as a golden run; `replay` repeats it in this process, `replay_module` in a
clean one, `replay_package` in a built package. A `Replay` that differs names the first stage, the
columns, the rows and the kind of difference.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe.parity._differences import Difference
    from dspipe.parity._golden import GoldenRun, find_golden, find_goldens, load_golden
    from dspipe.parity._record import find_root, record, record_run
    from dspipe.parity._replay import Replay, replay, replay_module, replay_package
    from dspipe.parity._stations import find_place

__all__ = [
    "Difference",
    "GoldenRun",
    "Replay",
    "find_golden",
    "find_goldens",
    "find_place",
    "find_root",
    "load_golden",
    "record",
    "record_run",
    "replay",
    "replay_module",
    "replay_package",
]

_ROOMS = {
    "_differences": ["Difference"],
    "_golden": ["GoldenRun", "find_golden", "find_goldens", "load_golden"],
    "_record": ["find_root", "record", "record_run"],
    "_replay": ["Replay", "replay", "replay_module", "replay_package"],
    "_stations": ["find_place"],
}

__getattr__, __dir__ = lazy_names(
    globals(),
    {name: f"dspipe.parity.{room}" for room, names in _ROOMS.items() for name in names},
)
