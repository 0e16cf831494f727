"""Put a new model folder in its place: whole or not at all, and never over what is not a model."""

import shutil
from pathlib import Path
from secrets import token_hex

from dspipe.errors import ConfigurationError
from dspipe.predictors._folder import (
    CARD_FILE,
    CONTRACT_FILE,
    ONNX_FILE,
    PICKLE_FILE,
    SKOPS_FILE,
)

_OWN_FILES = (CARD_FILE, CONTRACT_FILE, ONNX_FILE, PICKLE_FILE, SKOPS_FILE)


def check_place(place: Path) -> None:
    """Refuse a place that holds something else than a model folder."""
    if place.exists() and not place.is_dir():
        raise ConfigurationError(
            f"{place} is a file, so no model folder can be written there. Give another path."
        )
    if place.is_dir() and any(place.iterdir()) and not (place / CARD_FILE).is_file():
        raise ConfigurationError(
            f"The folder {place} is not empty and is no model folder (it has no {CARD_FILE}). Give "
            "a folder of its own to the model, such as models/NAME."
        )


def move_folder(aside: Path, place: Path) -> None:
    """Put the new folder in the place of the old, which comes back if that fails."""
    if not place.exists():
        aside.rename(place)
        return
    for entry in place.iterdir():
        if entry.name not in _OWN_FILES:
            copy = shutil.copytree if entry.is_dir() else shutil.copy2
            copy(entry, aside / entry.name)
    old = beside(place, "old")
    place.rename(old)
    try:
        aside.rename(place)
    except OSError:
        old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def beside(place: Path, state: str) -> Path:
    """Name a folder for the time of writing, in the same file system."""
    return place.with_name(f".{place.name}.{token_hex(4)}.{state}")
