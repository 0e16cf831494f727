"""Fixtures of the tests of golden runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from parity.repository import forget, load_class, make_repository

from dspipe.parity import GoldenRun, load_golden


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> GoldenRun:
    """Record the flights of a day, once."""
    file = make_repository(tmp_path_factory.mktemp("recorded"))
    run = load_class(file)().run(day="2013-06-01")
    golden = load_golden(run.record("june"))
    forget()
    return golden


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Give the file of a pipeline in a repository like the one that was recorded."""
    yield make_repository(tmp_path)
    forget()
