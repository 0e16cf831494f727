"""Allow what somebody looked at and found right: by a comment at the line, or by the settings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dspipe._config import load_config
from dspipe.checks._code import Code, load_cells
from dspipe.checks._findings import Finding
from dspipe.checks._places import Place
from dspipe.checks._settings import load_allowed

_COMMENT = re.compile(
    r"(?:#|--|/\*|<!--)\s*dspipe:\s*allow\s+(?P<codes>[A-Z]\d{3}(?:[,\s]+[A-Z]\d{3})*)"
    r"(?P<reason>[^\n]*)"
)


def allow_all(findings: Sequence[Finding], code: Code | None) -> Iterator[Finding]:
    """Give all findings; those that are allowed have the reason in `allowed`.

    Raises
    ------
    ConfigurationError
        If the settings allow what is no check, or give no reason.
    """
    root = load_config(code.module.file.parent if code else None).root
    by_settings = load_allowed(root)
    for finding in findings:
        reason = by_settings.get(finding.code)
        if reason is None and finding.place is not None:
            reason = _find_comment(finding.code, finding.place)
        yield finding if reason is None else replace(finding, allowed=reason)


def _find_comment(code: str, place: Place) -> str | None:
    """Find a comment on the line, or on lines of comments right above it."""
    lines = _read_lines(place)
    at = min(place.line, len(lines)) - 1
    while at >= 0:
        for match in _COMMENT.finditer(lines[at]):
            if code in re.split(r"[,\s]+", match["codes"]):
                reason = re.split(r"\*/|-->", match["reason"])[0]
                return reason.strip(" :-") or "without a reason"
        at -= 1
        if at < 0 or not lines[at].lstrip().startswith(("#", "--", "/*", "<!--")):
            return None
    return None


def _read_lines(place: Place) -> list[str]:
    if place.cell is not None:
        for cell in load_cells(place.file):
            if cell.cell == place.cell:
                return cell.content.split("\n")
        return []
    return place.file.read_text(encoding="utf-8", errors="replace").split("\n")
