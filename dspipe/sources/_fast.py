"""Whether an Arrow driver is installed, in a version that may be trusted."""

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from dspipe._extras import is_installed

# Older drivers for PostgreSQL end the whole process when the server of a connection has died, and
# do not name the type of a column.
_OLDEST_ADBC = (1, 13)


@cache
def has_adbc(driver: str) -> bool:
    """Say whether the way through pyarrow and an ADBC driver is open.

    Parameters
    ----------
    driver : str
        Name of the module, such as "adbc_driver_sqlite".
    """
    if not (is_installed("pyarrow") and is_installed(driver)):
        return False
    try:
        return _parse(version(driver)) >= _OLDEST_ADBC
    except PackageNotFoundError:
        return False


def _parse(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])
