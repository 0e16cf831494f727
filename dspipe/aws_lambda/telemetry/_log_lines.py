"""Log lines of the user's code as JSON, under the id of their request.

Lambda can write JSON by itself; where it does, its form is left alone.
"""

import logging
import os
from collections.abc import Mapping

from dspipe._responses import dumps
from dspipe.aws_lambda._invocation import current_invocation
from dspipe.aws_lambda.telemetry._redaction import redact
from dspipe.aws_lambda.telemetry._report import write_time

RUNTIME_VARIABLE = "AWS_LAMBDA_RUNTIME_API"
FORMAT_VARIABLE = "AWS_LAMBDA_LOG_FORMAT"


class JsonFormatter(logging.Formatter):
    """Writes one JSON object a record.

    Examples
    --------
    >>> record = logging.LogRecord("shop", logging.INFO, "", 0, "sold %d", (3,), None)
    >>> record.created = 0.0
    >>> JsonFormatter().format(record)[:62]
    '{"timestamp":"1970-01-01T00:00:00.000Z","level":"INFO","logger'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        written = {
            "timestamp": write_time(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
            "request_id": current_invocation().request_id,
        }
        if record.exc_info:
            written["traceback"] = redact(self.formatException(record.exc_info))
        # Lambda's own handler of the root logger writes what it is given, without an end of line.
        return dumps(written) + "\n"


def write_logs_as_json(
    logger: logging.Logger | None = None, *, environ: Mapping[str, str] | None = None
) -> None:
    """Give the handlers that Lambda's runtime put on the root logger the JSON form.

    Parameters
    ----------
    logger : Logger, optional
        The root logger when not given.
    environ : mapping of str to str, optional
        The environment variables; those of the process when not given. Outside Lambda's runtime,
        and where Lambda writes JSON itself, nothing changes.
    """
    environment = os.environ if environ is None else environ
    if RUNTIME_VARIABLE not in environment or environment.get(FORMAT_VARIABLE) == "JSON":
        return
    for handler in (logger or logging.getLogger()).handlers:
        handler.setFormatter(JsonFormatter())
