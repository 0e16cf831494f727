"""One real, scrubbed event a trigger; ``sources.json`` says which of them AWS's generator made."""

import json
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).with_name("events")
SOURCES: dict[str, Any] = json.loads((EVENTS / "sources.json").read_text(encoding="utf-8"))


def load_event(name: str) -> Any:
    """Load a sample event."""
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
