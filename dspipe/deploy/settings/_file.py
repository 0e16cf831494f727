"""Settings of a deployment in their file: ``[tool.dspipe.deploy]``, and one environment over it.

Everything that is sure to fail later is refused here, all of it together.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dspipe._config import load_config
from dspipe._text import suggest
from dspipe.deploy.settings._conflicts import find_conflicts
from dspipe.deploy.settings._faults import find_unknown, iter_faults
from dspipe.deploy.settings._record import INTERNAL, DeploySettings
from dspipe.deploy.settings._variables import find_source_references, find_variable_faults
from dspipe.errors import ConfigurationError

DEFAULT_ENVIRONMENT = "dev"
PLACE = "[tool.dspipe.deploy]"

_EXAMPLE = f'{PLACE}\npipeline = "flight_delay.py:FlightDelay"'


def load_settings(folder: Path | None = None, env: str | None = None) -> DeploySettings:
    """Read the settings of one environment of the repository that holds a folder.

    Parameters
    ----------
    folder : Path, optional
        Folder to search upward from; the working directory when not given.
    env : str, optional
        An environment; "dev" when not given, which need not be described.

    Raises
    ------
    ConfigurationError
        If there are no such settings, or some of them cannot be used; all faults together.
    """
    config = load_config(folder)
    file = config.root / "pyproject.toml"
    document = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    tool = document.get("tool", {}).get("dspipe", {})
    if "deploy" not in tool:
        raise ConfigurationError(
            f"{file} has no table {PLACE}, so nothing says what to deploy. Add one:\n{_EXAMPLE}"
        )
    env = env or DEFAULT_ENVIRONMENT
    name = _suggest_name(document.get("project", {}).get("name"), config.root)
    given = {"name": name} | _merge(tool["deploy"], env, file)
    settings, faults = _validate(given, tool.get("sources", {}), config.root, env)
    if settings is None or faults:
        raise ConfigurationError("\n".join(_introduce(file, env, faults)))
    return settings


def _merge(table: Mapping[str, Any], env: str, file: Path) -> dict[str, Any]:
    """Lay the settings of an environment over those of all."""
    environments: Any = table.get("environments", {})
    if not isinstance(environments, dict) or not all(
        isinstance(settings, dict) for settings in environments.values()
    ):
        raise ConfigurationError(
            f"'environments' of {PLACE} in {file} must hold one table for each environment, such "
            f"as [tool.dspipe.deploy.environments.prod]."
        )
    if env not in environments and env != DEFAULT_ENVIRONMENT:
        known = sorted({DEFAULT_ENVIRONMENT, *environments})
        raise ConfigurationError(
            f"{file} describes no environment '{env}'.{suggest(env, known)} "
            f"It describes: {', '.join(known)}. Add [tool.dspipe.deploy.environments.{env}]."
        )
    base = {key: value for key, value in table.items() if key != "environments"}
    return _lay_over(base, environments.get(env, {}))


def _lay_over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge tables key by key; every other value takes the place of the one below."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[key] = _lay_over(below, value)
        else:
            merged[key] = value
    return merged


def _suggest_name(project: object, root: Path) -> str:
    text = project if isinstance(project, str) else root.resolve().name
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")


def _validate(
    given: Mapping[str, Any], sources: Mapping[str, Any], root: Path, env: str
) -> tuple[DeploySettings | None, list[str]]:
    """Give the settings, if they can be read at all, and everything that is wrong with them."""
    names = {*DeploySettings.model_fields} - {*INTERNAL}
    faults = find_unknown(given, sorted({*names, "environments"}))
    known: dict[str, Any] = {key: value for key, value in given.items() if key in names}
    known |= {"root": root, "env": env, "source_references": find_source_references(sources)}
    try:
        settings = DeploySettings.model_validate(known)
    except ValidationError as error:
        return None, [*faults, *iter_faults(error), *find_variable_faults(given, sources)]
    return settings, faults + find_variable_faults(given, sources) + find_conflicts(settings)


def _introduce(file: Path, env: str, faults: list[str]) -> Iterator[str]:
    yield f"The settings for '{env}' in {PLACE} of {file} cannot be used:"
    yield from (f"  {fault}" for fault in faults)
    yield "Correct them, and run the command again."
