"""The report of a build as text: what is large, what is slow, what was proven."""

from collections.abc import Iterator, Sequence

from dspipe.package._records import Package, Part, Report

LIMIT_BYTES = 262_144_000  # of a function's unzipped files
DIRECT_BYTES = 52_428_800  # of a zip that is not uploaded to S3 first
_MOST_PARTS = 10
_MOST_IMPORTS = 6


def write_report(package: Package) -> str:
    """Write what is known of a package as a table for a terminal.

    Examples
    --------
    >>> from pathlib import Path
    >>> report = Report(parts=(Part("pandas 3.1.1", 60_000_000, 9_000_000),), proof="Proven.")
    >>> package = Package(
    ...     "flights", Path("f"), Path("f.zip"), "zip", "ab", None, 60_000_000, 20_000_000, "3.13",
    ...     "x86_64", None, False, True, None, report)
    >>> print(write_report(package))
    flights: zip for Python 3.13 on x86_64
    <BLANKLINE>
          MB  bytecode  distribution
        60.0       9.0  pandas 3.1.1
        60.0       9.0  23% of the 262.1 MB that Lambda takes unzipped; 20.0 MB zipped
    <BLANKLINE>
    Proven.
    """
    target = f"Python {package.python} on {package.architecture}"
    lines = [f"{package.name}: {package.format} for {target}", ""]
    lines += _iter_sizes(package)
    if package.report.imports:
        lines += ["", *_iter_imports(package.report)]
    if package.report.removed:
        gone = sum(package.report.removed.values())
        largest = list(package.report.removed.items())[:3]
        told = ", ".join(f"{reason} {size / 1e6:.1f}" for reason, size in largest)
        lines += ["", f"Left out: {gone / 1e6:.1f} MB ({told})."]
    lines += ["", package.report.proof, *package.report.notes]
    return "\n".join(lines)


def draw_sizes(parts: Sequence[Part]) -> list[str]:
    """Write the largest parts, a line each."""
    shown, rest = parts[:_MOST_PARTS], parts[_MOST_PARTS:]
    lines = [_size_line(part.size_bytes, part.bytecode_bytes, part.name) for part in shown]
    if rest:
        n_bytes, n_bytecode = (
            sum(part.size_bytes for part in rest), sum(part.bytecode_bytes for part in rest)
        )  # fmt: skip
        lines.append(_size_line(n_bytes, n_bytecode, f"{len(rest)} smaller ones"))
    return lines


def _iter_sizes(package: Package) -> Iterator[str]:
    parts = package.report.parts
    yield f"{'MB':>8}  {'bytecode':>8}  distribution"
    yield from draw_sizes(parts)
    bytecode = sum(part.bytecode_bytes for part in parts)
    share = package.size_bytes / LIMIT_BYTES
    zipped = "" if package.zip_bytes is None else f"; {package.zip_bytes / 1e6:.1f} MB zipped"
    told = f"{share:.0%} of the {LIMIT_BYTES / 1e6:.1f} MB that Lambda takes unzipped{zipped}"
    yield _size_line(package.size_bytes, bytecode, told)


def _size_line(size_bytes: int, bytecode_bytes: int, told: str) -> str:
    return f"{size_bytes / 1e6:>8.1f}  {bytecode_bytes / 1e6:>8.1f}  {told}"


def _iter_imports(report: Report) -> Iterator[str]:
    yield f"{'ms':>8}  import"
    for found in report.imports[:_MOST_IMPORTS]:
        yield f"{found.seconds * 1e3:>8.0f}  {found.name}"
    if report.init_seconds is not None:
        yield f"{report.init_seconds * 1e3:>8.0f}  until the handler is ready, on this machine"
