"""Times in words."""


def format_seconds(seconds: float) -> str:
    """Write a time so that it can be read at a glance.

    >>> format_seconds(0.0123), format_seconds(2.5), format_seconds(190)
    ('12 ms', '2.50 s', '3 min 10 s')
    """
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"  # noqa: PLR2004 - digits
    return f"{seconds:.2f} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"  # noqa: PLR2004 - a minute
