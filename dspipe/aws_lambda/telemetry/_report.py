"""What an invocation tells: one JSON line that is CloudWatch's metrics as well, and one a failure.

The line is in CloudWatch's embedded metric format, so that counts and times become metrics without
an agent and without a call. It holds no row, no argument and no body of an event.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from time import perf_counter, time
from typing import Any, TextIO

from dspipe._records import STAGES
from dspipe.aws_lambda._base import Failure, Outcome
from dspipe.aws_lambda._invocation import Invocation
from dspipe.aws_lambda.answers._failures import make_failure
from dspipe.aws_lambda.telemetry._redaction import redact

NAMESPACE = "dspipe"
_SERVER_FAULT = 500
_TIMINGS = tuple(f"{stage}_seconds" for stage in (*STAGES, "total"))
_METRICS = [
    *({"Name": name, "Unit": "Count"} for name in ("rows", "rejected", "failures", "faults")),
    *({"Name": name, "Unit": "Seconds"} for name in _TIMINGS),
]
# A pipeline that is deployed twice is one function each, and alarms watch one of them.
_DIMENSIONS = [["pipeline"], ["function"]]
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
_DIRECTIVE = _encode([{"Namespace": NAMESPACE, "Dimensions": _DIMENSIONS, "Metrics": _METRICS}])
_SUMMARY = (
    '{"timestamp":"%s","level":"INFO","message":"invocation","request_id":%s,%s,"function":%s,'
    '"cold_start":%s,"outcome":"%s","messages":%d,"runs":%d,"rows":%d,"rejected":%d,'
    # To Lambda an answer that tells of a fault is a success, so alarms count faults.
    '"failures":%d,"faults":%d,'
    + "".join(f'"{name}":%.6f,' for name in _TIMINGS)
    + f'"_aws":{{"Timestamp":%d,"CloudWatchMetrics":{_DIRECTIVE}}}}}'
)


@dataclass(slots=True)
class Report:
    """Collects what an invocation comes to, and writes it when it is over.

    Attributes
    ----------
    invocation : Invocation
        Which one.
    facts : dict of str to object
        What is known of the pipeline before: commit and model.
    trigger : str
        Name of the trigger; "unknown" when none recognised the event.
    """

    invocation: Invocation
    facts: dict[str, Any] = field(default_factory=dict)
    trigger: str = "unknown"
    clock: Callable[[], float] = time
    _outcomes: Sequence[Outcome] = ()
    _errors: list[Failure] = field(default_factory=list)
    _started: float = field(default_factory=perf_counter)

    def add_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Take what the messages came to."""
        self._outcomes = outcomes

    def add_error(self, error: BaseException) -> None:
        """Take what the call raises; nothing is told twice where it tells a message's failure."""
        if not any(outcome.failure is not None for outcome in self._outcomes):
            self._errors.append(make_failure(error))

    def write(self, stream: TextIO | None = None) -> None:
        """Write the lines of the invocation, to standard output if not told otherwise."""
        self._errors += self.invocation.late_failures
        failures = [outcome.failure for outcome in self._outcomes if outcome.failure is not None]
        failures += self._errors
        lines = [self._write_failure(failure) for failure in failures]
        lines.append(self._write_summary(failures))
        out = stream or sys.stdout
        out.write("\n".join(lines) + "\n")
        out.flush()

    def _write_summary(self, failures: Sequence[Failure]) -> str:
        """Write the line by hand: as a dict it would cost as much as building a small frame."""
        moment, invocation = self.clock(), self.invocation
        runs = [result.run for outcome in self._outcomes for result in outcome.results]
        faults = [failure for failure in failures if failure.status >= _SERVER_FAULT]
        seconds = [sum([run.seconds[stage] for run in runs]) for stage in STAGES]
        known = _write_known(invocation.pipeline, self.trigger, tuple(self.facts.items()))
        return _SUMMARY % (
            write_time(moment),
            _encode(invocation.request_id),
            known,
            _encode(os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")),
            "true" if invocation.is_cold else "false",
            self._tell_outcome(failures),
            len(self._outcomes),
            len(runs),
            sum([run.rows["extract"] for run in runs]),
            sum([run.rows["rejected"] for run in runs]),
            len(failures),
            len(faults),
            *seconds,
            perf_counter() - self._started,
            moment * 1000,
        )

    def _tell_outcome(self, failures: Sequence[Failure]) -> str:
        if not failures:
            return "ok"
        is_answered = not self._errors and any(not outcome.failure for outcome in self._outcomes)
        return "partial" if is_answered else "failed"

    def _write_failure(self, failure: Failure) -> str:
        is_ours = failure.status >= _SERVER_FAULT
        told = describe_error(failure.error)
        if not is_ours:
            # The sender's doing, which the message says: where we noticed it helps nobody.
            del told["traceback"]
        head = self._head(self.clock(), "ERROR" if is_ours else "WARNING")
        facts = {"trigger": self.trigger, "status": failure.status, "kind": failure.kind}
        return _encode({**head, "message": "failure", **facts, **told})

    def _head(self, moment: float, level: str) -> dict[str, Any]:
        return {
            "timestamp": write_time(moment),
            "level": level,
            "request_id": self.invocation.request_id,
            "pipeline": self.invocation.pipeline,
        }


@lru_cache(maxsize=32)
def _write_known(pipeline: str, trigger: str, facts: tuple[tuple[str, Any], ...]) -> str:
    """Write the members that are the same in every invocation of a kind."""
    return _encode({"pipeline": pipeline, "trigger": trigger, **dict(facts)})[1:-1]


def describe_error(error: BaseException) -> dict[str, Any]:
    """Tell all of an error that a log may hold: message, notes and traceback, without secrets."""
    lines = traceback.format_exception(error)
    return {"error": redact(str(error)), "traceback": redact("".join(lines)).splitlines()}


def write_time(moment: float) -> str:
    """Write seconds since 1970 as Lambda writes times in its JSON logs.

    >>> write_time(0.5)
    '1970-01-01T00:00:00.500Z'
    """
    written = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return written.removesuffix("+00:00") + "Z"
