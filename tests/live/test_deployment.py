"""One deployment in a real account, from nothing to nothing; for a few cents.

Run it with credentials and ``DSPIPE_TEST_LIVE=aws pytest -m live``. What stands in for AWS in all
other tests is only as right as what was read about it.
"""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from deploy.functions import ANSWER, LATE, Listener, deploy, make_package, make_settings

from dspipe.deploy._destroy import destroy
from dspipe.deploy._smoke import invoke
from dspipe.deploy._traffic import roll_back
from dspipe.deploy.aws._calls import Aws
from dspipe.errors import DeployError

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        os.environ.get("DSPIPE_TEST_LIVE") != "aws", reason="DSPIPE_TEST_LIVE is not set to aws"
    ),
]


class Waiting(Listener):
    """Waits as long as it is told to."""

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@pytest.mark.timeout(1_800)
def test_deployment_lives_and_dies_in_a_real_account(tmp_path: Path) -> None:
    """Create, update, stop a bad version, roll back, destroy; nothing is left."""
    cloud, listener = Aws(), Waiting()
    settings = make_settings(tmp_path, url="iam", queue={}, alarms={})
    other: dict[str, Any] = {"predictions": [], "rejected": []}
    try:
        first = deploy(cloud, settings, make_package(tmp_path, "m1"), listener)
        second = deploy(cloud, settings, make_package(tmp_path, "m2"), listener)
        with pytest.raises(DeployError, match="answers the sample otherwise"):
            deploy(cloud, settings, make_package(tmp_path, "m3", answer=other), listener)
        answer = invoke(cloud, LATE.stack, {"arguments": {}}, "live").payload
        moved = roll_back(cloud, LATE)
    finally:
        removal = destroy(
            cloud,
            LATE,
            notify=listener.events.append,
            say=listener.said.append,
            sleep=listener.sleep,
        )

    assert (first.previous, second.previous) == (None, first.version)
    assert (answer["version"], answer["predictions"]) == (second.version, ANSWER["predictions"])
    assert moved == (second.version, first.version)
    assert removal.left == ()
