"""Fixtures of the tests that need DataRobot: its stand-in, empty for each test, and its DRUM."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from datarobot_service.drum import Drum, serve, train
from datarobot_service.stand_in.served import DataRobot

DRUM = "DSPIPE_TEST_DRUM"


@pytest.fixture
def datarobot(tmp_path: Path) -> Iterator[DataRobot]:
    """Serve an empty account on loopback; `datarobot_service/README.md` says what it can do."""
    with DataRobot(tmp_path / "datarobot") as served:
        yield served
    assert served.account.crashes == []


@pytest.fixture
def serve_drum(tmp_path: Path) -> Callable[..., AbstractContextManager[Drum]]:
    """Give a function that serves a model of some rows, whose target is the column ``y``."""
    program = os.environ.get(DRUM)
    if not program:
        pytest.skip(f"{DRUM} is not set; `make test-slow` sets it")

    @contextmanager
    def start(rows: str, labels: Sequence[str] = ()) -> Iterator[Drum]:
        folder = tmp_path / "drum"
        train(Path(program), folder, rows, "classification" if labels else "regression")
        with serve(Path(program), folder, labels) as drum:
            yield drum

    return start
