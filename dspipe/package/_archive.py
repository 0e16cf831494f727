"""A folder as one zip and one digest, the same for the same content."""

import base64
import hashlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
_UNIX = 3
_LEVEL = 6
_MODE, _MODE_OF_LIBRARY = 0o100644, 0o100755


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file holds."""

    sha256: str
    size_bytes: int


def read_entries(folder: Path, names: Iterable[str]) -> dict[str, Entry]:
    """Read what files of a folder hold."""
    return {name: _read_entry(folder / name) for name in names}


def digest_entries(entries: Mapping[str, Entry]) -> str:
    """Compute one digest of names and contents, whatever zip they are in.

    >>> one, other = Entry("1", 1), Entry("2", 1)
    >>> digest_entries({"a": one, "b": other}) == digest_entries({"b": other, "a": one})
    True
    """
    digest = hashlib.sha256()
    for name in sorted(entries):
        digest.update(f"{name}\0{entries[name].sha256}\n".encode())
    return digest.hexdigest()


def write_zip(file: Path, folder: Path, names: Iterable[str], *, base: Path | None = None) -> None:
    """Write files of a folder into a zip, in the order of their names.

    Parameters
    ----------
    file : Path
        The zip; replaced when it is whole.
    folder : Path
    names : iterable of str
    base : Path, optional
        A zip that this one begins with: most of a package stays as it was.
    """
    aside = file.with_name(f".{file.name}.part")
    if base is not None:
        shutil.copyfile(base, aside)
    with ZipFile(
        aside, "w" if base is None else "a", ZIP_DEFLATED, compresslevel=_LEVEL
    ) as archive:
        for name in sorted(names):
            archive.writestr(_make_info(name), (folder / name).read_bytes(), compresslevel=_LEVEL)
    aside.replace(file)


def hash_file(file: Path) -> str:
    """Compute the SHA-256 of a file in base64, as Lambda writes it."""
    with file.open("rb") as content:
        return base64.b64encode(hashlib.file_digest(content, "sha256").digest()).decode("ascii")


def _read_entry(path: Path) -> Entry:
    content = path.read_bytes()
    return Entry(hashlib.sha256(content).hexdigest(), len(content))


def _make_info(name: str) -> ZipInfo:
    info = ZipInfo(name, date_time=_MOMENT)
    info.create_system, info.compress_type = _UNIX, ZIP_DEFLATED
    is_library = ".so" in name.rpartition("/")[2]
    info.external_attr = (_MODE_OF_LIBRARY if is_library else _MODE) << 16
    return info
