"""Import an optional package, or say how to install it."""

import importlib
import importlib.util
import re
from types import ModuleType

from dspipe.errors import MissingExtraError


def load_extra(module: str, *, extra: str, needed_by: str) -> ModuleType:
    """Import an optional module on first use.

    Parameters
    ----------
    module : str
        Full name of the module, such as "skops.io".
    extra : str
        The extra of dspipe that brings it.
    needed_by : str
        Who asks, as the user knows it; opens the sentence of the error.

    Raises
    ------
    MissingExtraError
        If the package is not installed.

    Examples
    --------
    >>> load_extra("json", extra="none", needed_by="This example").dumps([1])
    '[1]'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise missing_extra(package, extra=extra, needed_by=needed_by, cause=error) from error


def load_workshop(module: str, *, needed_by: str) -> ModuleType:
    """Import a room of the workshop, which stays behind when dspipe ships to Lambda.

    It is named by a text, because nothing that ships may import it: where it is absent, all but
    the one method that asks works.

    Raises
    ------
    MissingExtraError
        If there is no workshop.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise MissingExtraError(
            f"{needed_by} belongs to the workshop of dspipe, which is not in a package for Lambda. "
            "Call it where dspipe is installed as a whole."
        ) from error


def missing_extra(
    package: str, *, extra: str, needed_by: str, cause: ImportError
) -> MissingExtraError:
    """Make the error that says which package is absent, and the command that installs it."""
    command = " ".join(map(repr, find_packages(extra) or [package]))
    return MissingExtraError(
        f"{needed_by} needs the package '{package}', which cannot be imported ({cause}). "
        f"Run: pip install {command}"
    )


def find_packages(extra: str) -> list[str]:
    """Find what an extra of the installed dspipe brings, with the versions it needs.

    The packages themselves are named, because "dspipe" on a package index may be another project.

    >>> find_packages("mysql")
    ['pymysql>=1.1.1']
    """
    from importlib import metadata  # dear, and only an error needs it

    marker = re.compile(rf"""; *extra *== *['"]{re.escape(extra)}['"]$""")
    try:
        lines = metadata.requires("dspipe") or []
    except metadata.PackageNotFoundError:  # run from a folder, without having been installed
        lines = []
    return [marker.sub("", line).strip() for line in lines if marker.search(line)]


def is_installed(module: str) -> bool:
    """Say whether a module could be imported, without importing it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the parent package of a dotted name is absent
        return False
