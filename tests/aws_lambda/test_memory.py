"""What was loaded at init is no work for the garbage collector of a request."""

import gc
import importlib

import pytest

from dspipe.aws_lambda._init import settle_memory
from dspipe.errors import ConfigurationError


def test_memory_is_settled_in_lambda_alone() -> None:
    """Elsewhere a process is not ours, and what it holds may be garbage one day."""
    before = gc.get_freeze_count()

    settle_memory(environ={})
    elsewhere = gc.get_freeze_count()
    settle_memory(environ={"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"})
    in_lambda = gc.get_freeze_count()
    gc.unfreeze()

    assert elsewhere == before
    assert in_lambda > before


def test_collector_works_again_when_the_handler_could_not_be_loaded() -> None:
    """It rests while the package is imported, and no longer."""
    with pytest.raises(ConfigurationError):
        importlib.import_module("dspipe.aws_lambda").handler  # noqa: B018 - loads the package's

    assert gc.isenabled()
