"""What ``[tool.dspipe.check]`` says: the codes that are allowed in a repository, and why."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dspipe._text import suggest
from dspipe.checks._findings import RULES
from dspipe.errors import ConfigurationError


def read_settings(root: Path) -> Mapping[str, Any]:
    """Read ``[tool.dspipe]`` of a folder; empty where there is none."""
    file = root / "pyproject.toml"
    if not file.is_file():
        return {}
    settings: Mapping[str, Any] = (
        tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("dspipe", {})
    )
    return settings


def load_allowed(root: Path) -> dict[str, str]:
    """Read which codes are allowed, each with its reason.

    Raises
    ------
    ConfigurationError
        If a code is not known or has no reason; all faults together.
    """
    table = read_settings(root).get("check", {})
    faults = [
        f"It has an unknown key '{key}'.{suggest(key, ['allow'])} It takes: allow."
        for key in table
        if key != "allow"
    ]
    allowed = table.get("allow", {})
    if isinstance(allowed, dict):
        faults += [fault for code, why in allowed.items() for fault in _find_faults(code, why)]
    else:
        faults.append("'allow' must be a table of codes with their reasons.")
    if faults:
        raise ConfigurationError(
            f"[tool.dspipe.check] in {root / 'pyproject.toml'} cannot be used. {' '.join(faults)} "
            'Write, for example, allow = { S106 = "the view has what is needed" }.'
        )
    return dict(allowed)


def _find_faults(code: str, why: object) -> list[str]:
    if code not in RULES:
        return [f"There is no check '{code}'.{suggest(code, RULES)}"]
    if not isinstance(why, str) or not why.strip():
        return [f"'{code}' needs a reason, as a text."]
    return []
