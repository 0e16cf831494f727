"""Answers that are larger than Lambda or a load balancer carries: kept in S3, and linked.

Sizes are those of what the runtime sends, in which a body is text inside JSON once more.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from dspipe._responses import to_plain
from dspipe.aws_lambda._invocation import current_invocation
from dspipe.aws_lambda._objects import PLACE_VARIABLE, find_place, keep_answer
from dspipe.errors import RequestError

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read 2026-11-23: 6 MB.
MOST_BYTES = 6 * 1024 * 1024
_LONGEST_ESCAPE = 6  # \u0000
# From Python 3.12 on Lambda's runtime sends other letters than ASCII as they are.
_IS_ASCII = sys.version_info < (3, 12)


def is_too_large(make: Callable[[], object], n_characters: int, most_bytes: int) -> bool:
    """Say whether the runtime would send more than is carried.

    Parameters
    ----------
    make : callable
        Makes what the function is about to return; called for what may be too large alone.
    n_characters : int
        About how long it is.
    most_bytes : int
        What is carried.

    Examples
    --------
    >>> is_too_large(lambda: {"body": "x" * 90}, 90, 100)
    True
    """
    if n_characters * _LONGEST_ESCAPE < most_bytes:
        return False
    return len(json.dumps(make(), ensure_ascii=_IS_ASCII).encode()) > most_bytes


def link_answer(text: str, *, name: str, extension: str, media_type: str) -> dict[str, Any]:
    """Keep an answer in S3, and give the answer that says where it is.

    Raises
    ------
    RequestError
        With status 413, if nobody said where answers are kept.
    """
    if find_place() is None:
        raise RequestError(
            f"The answer has {len(text) / 1e6:.1f} MB, which is more than can be returned. Ask for "
            f"fewer rows, or let {PLACE_VARIABLE} name a place in S3 where large answers are "
            "kept, as in s3://bucket/prefix.",
            status=413,
        )
    name = name or current_invocation().request_id or "answer"
    link = keep_answer(text, f"{name}.{extension}", media_type)
    return {"answer": to_plain(link)}
