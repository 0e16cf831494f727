"""The record of a package beside its file, so that a build made elsewhere can be deployed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from dspipe.errors import PackageError
from dspipe.package._archive import hash_file
from dspipe.package._records import ImportTime, Package, Part, Report, Sample

FILE = "package.json"
_FORMAT = 1


def save_package(package: Package, folder: Path) -> Path:
    """Write a package's record; paths are kept relative to the folder."""
    # A view of a mapping can be neither copied nor written as JSON.
    report = replace(package.report, removed=dict(package.report.removed))
    content = asdict(replace(package, report=report)) | {
        "record": _FORMAT,
        "folder": package.folder.relative_to(folder).as_posix(),
        "file": package.file.relative_to(folder).as_posix() if package.file else None,
    }
    file = folder / FILE
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return file


def load_package(path: Path) -> Package:
    """Read a package that `build` made.

    Parameters
    ----------
    path : Path
        The folder of the build, its ``package.json``, or the zip beside it.

    Raises
    ------
    PackageError
        If there is no such record, or the zip is not the one that was built.
    """
    file = path / FILE if path.is_dir() else path.with_name(FILE)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackageError(
            f"There is no package at {path}: {file} cannot be read. Build one with dspipe build, "
            "and give its folder, or the zip with the package.json beside it."
        ) from error
    package = _read(content, file.parent)
    if package.file is not None:
        _check_file(package)
    return package


def _read(content: Mapping[str, Any], folder: Path) -> Package:
    if content.get("record") != _FORMAT:
        raise PackageError(
            f"{folder / FILE} is no record of a package that this dspipe reads. Build it anew."
        )
    values = {name: value for name, value in content.items() if name != "record"}
    report = dict(values["report"])
    report["parts"] = tuple(Part(**part) for part in report["parts"])
    report["imports"] = tuple(ImportTime(**found) for found in report["imports"])
    report["notes"] = tuple(report["notes"])
    sample = values["sample"]
    package = Package(**values)
    return replace(
        package,
        folder=folder / values["folder"],
        file=folder / values["file"] if values["file"] else None,
        report=Report(**report),
        sample=Sample(**sample) if sample else None,
    )


def _check_file(package: Package) -> None:
    file = package.file
    if file is None or not file.is_file() or hash_file(file) != package.code_sha256:
        raise PackageError(
            f"{file} is not the zip that was built: it is missing or was changed. Build it anew "
            "with dspipe build."
        )
