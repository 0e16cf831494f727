"""What of the settings is refused before anything is done."""

from typing import get_args

from dspipe._text import quote_some
from dspipe.errors import PackageError
from dspipe.package._records import Architecture, BuildSettings, Python

_CHOICES = {
    "python": get_args(Python),
    "architecture": get_args(Architecture),
    "format": ("auto", "zip", "image"),
}


def check_options(settings: BuildSettings) -> None:
    """Refuse a value that is none of those Lambda has.

    Raises
    ------
    PackageError
        If there is one.
    """
    for name, choices in _CHOICES.items():
        value = getattr(settings, name)
        if value not in choices:
            raise PackageError(
                f"The setting '{name}' is {value!r}. It must be one of: {quote_some(choices)}."
            )


def hide_from_git(settings: BuildSettings) -> None:
    """Keep what is built out of git, so that a build does not make its own repository dirty."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    file = settings.cache.with_name(".gitignore")
    if not file.is_file():
        file.write_text("*\n", encoding="utf-8")
