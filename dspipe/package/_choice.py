"""Zip or image, by the size; and what to drop when neither a zip fits nor an image is wanted."""

from collections.abc import Mapping, Sequence

from dspipe.errors import PackageTooLargeError
from dspipe.package._archive import Entry
from dspipe.package._assemble import Task
from dspipe.package._records import BuildSettings, Format, Part
from dspipe.package._table import LIMIT_BYTES, draw_sizes
from dspipe.package.distributions._bytecode import bytecode_name

_MOST_NAMED = 3


def list_parts(task: Task, entries: Mapping[str, Entry]) -> tuple[Part, ...]:
    """Add up the files by distribution, largest first."""
    python, owners = task.dependencies.python, dict(task.dependencies.owners) | task.owners
    totals: dict[str, list[int]] = {}
    for name, owner in owners.items():
        total = totals.setdefault(owner, [0, 0])
        total[0] += entries[name].size_bytes
        bytecode = entries.get(bytecode_name(name, python)) if name.endswith(".py") else None
        if bytecode is not None:
            total[0] += bytecode.size_bytes
            total[1] += bytecode.size_bytes
    parts = (Part(owner, *total) for owner, total in totals.items())
    return tuple(sorted(parts, key=lambda part: (-part.size_bytes, part.name)))


def choose_format(settings: BuildSettings, parts: Sequence[Part]) -> tuple[Format, tuple[str, ...]]:
    """Choose zip or image, and say why where it was not asked for.

    Raises
    ------
    PackageTooLargeError
        If a zip is asked for and does not fit.
    """
    n_bytes = sum(part.size_bytes for part in parts)
    if settings.format == "image":
        return "image", ()
    if n_bytes <= LIMIT_BYTES:
        return "zip", ()
    told = _explain(n_bytes, parts)
    if settings.format == "zip":
        table = "\n".join([f"{'MB':>8}  {'bytecode':>8}  distribution", *draw_sizes(parts)])
        raise PackageTooLargeError(
            f"{told} Drop what the pipeline does not import, or set format = "
            f'"image" in [tool.dspipe.deploy].\n{table}'
        )
    return "image", (f"{told} So this is the build context of a container image.",)


def _explain(n_bytes: int, parts: Sequence[Part]) -> str:
    largest = ", ".join(
        f"{part.name} {part.size_bytes / 1e6:.0f} MB" for part in parts[:_MOST_NAMED]
    )
    return (
        f"The Lambda package is {n_bytes / 1e6:.1f} MB unzipped; AWS allows "
        f"{LIMIT_BYTES / 1e6:.1f} MB. Largest parts: {largest}."
    )
