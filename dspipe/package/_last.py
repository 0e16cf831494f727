"""What the last build came to know, for the next one to begin with.

Most changes leave the list of files, the types of rows and the loaded modules as they were. Then
the package is put together and loaded while the sample still runs; what was guessed is compared
with what was found, and a wrong guess costs nothing but the head start.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_FILE = "last.json"


@dataclass(frozen=True, slots=True)
class LastBuild:
    """What is likely to be the same again.

    Attributes
    ----------
    code : mapping of str to Path
        Files of the repository by their name in the package.
    types : str or None
        The contract of extracted rows.
    loaded : tuple of str
        Modules of the code that were loaded.
    """

    code: Mapping[str, Path]
    types: str | None
    loaded: tuple[str, ...]


def save_last(
    folder: Path, code: Mapping[str, Path], types: str | None, loaded: Iterable[str]
) -> None:
    """Write down what a build came to know."""
    content = {
        "code": {name: str(path) for name, path in code.items()},
        "types": types,
        "loaded": sorted(loaded),
    }
    (folder / _FILE).write_text(json.dumps(content), encoding="utf-8")


def read_last(folder: Path) -> LastBuild | None:
    """Read what the last build came to know; None without one, or when a file is gone."""
    try:
        content = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    code = {name: Path(path) for name, path in content["code"].items()}
    if not all(path.is_file() for path in code.values()):
        return None
    return LastBuild(code, content["types"], tuple(content["loaded"]))
