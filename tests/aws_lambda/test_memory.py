"""What was loaded at init is no work for the garbage collector of a request."""

import gc

from dspipe.aws_lambda._init import settle_memory


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
