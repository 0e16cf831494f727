"""SnapStart: what must not be frozen into a snapshot, and what must not wake up twice the same."""

import random
from collections.abc import Callable
from importlib import import_module

from dspipe import _aws, _secrets, sources


def register_hooks(find_module: Callable[[str], object] = import_module) -> bool:
    """Let connections and secrets go before a snapshot, and renew randomness after it.

    Returns
    -------
    bool
        Whether the runtime takes snapshots at all.
    """
    try:
        runtime = find_module("snapshot_restore_py")
    except ImportError:
        return False
    runtime.register_before_snapshot(forget_connections)  # type: ignore[attr-defined]  # AWS's own
    runtime.register_after_restore(renew_randomness)  # type: ignore[attr-defined]  # AWS's own
    return True


def forget_connections() -> None:
    """Close what is open and forget what is secret; both come back when they are needed."""
    sources.close_all()
    _secrets.forget_all()
    _aws.forget_clients()


def renew_randomness() -> None:
    """Seed anew from the system: every copy of a snapshot would draw the same numbers."""
    import numpy as np

    random.seed()
    np.random.seed()  # noqa: NPY002 - the legacy generator is the one that is shared and frozen
