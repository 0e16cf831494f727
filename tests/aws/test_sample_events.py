"""The committed sample events are what AWS's own generator makes."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aws.fixtures import find_program
from aws_lambda.samples import SOURCES, load_event

pytestmark = pytest.mark.slow
GENERATED = sorted(name for name, source in SOURCES.items() if source["sam"])


def list_paths(value: Any, path: str = "") -> set[str]:
    """List the paths of an event: its shape without its values."""
    if isinstance(value, dict):
        paths = [list_paths(member, f"{path}.{name}") for name, member in value.items()]
    elif isinstance(value, list):
        paths = [list_paths(item, f"{path}[]") for item in value]
    else:
        return {path}
    return {path}.union(*paths)


@pytest.mark.parametrize("name", GENERATED)
def test_sample_event_has_the_shape_of_the_generator(name: str, tmp_path: Path) -> None:
    """An event that AWS's generator makes now has the same names in the same places."""
    command = [find_program("DSPIPE_TEST_SAM"), "local", "generate-event", *SOURCES[name]["sam"]]
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0", "HOME": str(tmp_path)}

    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    assert list_paths(load_event(name)) == list_paths(json.loads(made.stdout))
