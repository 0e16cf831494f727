"""What lies in a package for its handler: which pipeline, its commit, the types of its rows."""

import json
import os
from collections.abc import MutableMapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from dspipe._contract import Contract
from dspipe._provenance import COMMIT_VARIABLE
from dspipe.aws_lambda._handler import Handler, make_handler
from dspipe.errors import ConfigurationError

FILE = "dspipe.json"
FORMAT = 1
_FOLDER_VARIABLE = "LAMBDA_TASK_ROOT"


@dataclass(frozen=True, slots=True)
class PackageSettings:
    """What ``dspipe.json`` of a package says.

    Attributes
    ----------
    name : str
        Name of the deployment.
    pipeline : str
        Module and class, as in ``pipeline:FlightDelay``.
    commit : str or None
        What the package was built from.
    accept_rows : bool
        Whether events may bring rows.
    rows : str or None
        File with the contract of extracted rows.
    """

    name: str
    pipeline: str
    commit: str | None = None
    accept_rows: bool = False
    rows: str | None = None


def load_handler(
    folder: Path | None = None, *, environ: MutableMapping[str, str] | None = None
) -> Handler:
    """Make the handler of the package in a folder, by default that of the function.

    Parameters
    ----------
    folder : Path, optional
        ``LAMBDA_TASK_ROOT``, or the working directory, when not given.
    environ : mutable mapping of str to str, optional
        The environment variables; those of the process when not given. ``DSPIPE_COMMIT`` is set
        there when it is not.

    Raises
    ------
    ConfigurationError
        If the settings are missing or say what cannot be, or the pipeline is not where they say.
    """
    environment = os.environ if environ is None else environ
    root = folder or Path(environment.get(_FOLDER_VARIABLE, "."))
    settings = load_settings(root)
    if settings.commit:
        environment.setdefault(COMMIT_VARIABLE, settings.commit)
    return make_handler(
        _load_class(settings.pipeline, root / FILE),
        accept_rows=settings.accept_rows,
        row_types=Contract.load(root / settings.rows) if settings.rows else None,
    )


def load_settings(folder: Path) -> PackageSettings:
    """Read the settings of the package in a folder.

    Raises
    ------
    ConfigurationError
        If the file is missing, is no JSON object of this format, or lacks a name.
    """
    file = folder / FILE
    try:
        values = json.loads(file.read_bytes())
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"There is no {FILE} in {folder}. Build the package with 'dspipe build', or make the "
            "handler yourself with make_handler(YourPipeline)."
        ) from error
    except ValueError as error:
        raise ConfigurationError(f"{file} is not JSON: {error}. Build the package anew.") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ConfigurationError(
            f"{file} is not of the format {FORMAT}, which this version of dspipe reads. Build the "
            "package anew."
        )
    return _read_values(values, file)


def _read_values(values: dict[str, Any], file: Path) -> PackageSettings:
    known = {name: values[name] for name in PackageSettings.__slots__ if name in values}
    missing = [name for name in ("name", "pipeline") if not isinstance(known.get(name), str)]
    if missing:
        raise ConfigurationError(
            f"{file} does not say '{missing[0]}' as text. Build the package anew."
        )
    return PackageSettings(**known)


def _load_class(address: str, file: Path) -> type:
    """Import the class at an address such as ``pipeline:FlightDelay``."""
    module_name, _, class_name = address.partition(":")
    found = getattr(import_module(module_name), class_name, None) if class_name else None
    if not isinstance(found, type):
        raise ConfigurationError(
            f"{file} names the pipeline '{address}', and there is no such class. Name a module and "
            "a class, as in 'pipeline:FlightDelay', and build the package anew."
        )
    return found
