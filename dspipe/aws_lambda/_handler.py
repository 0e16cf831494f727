"""The handler of a function: an event in, the answer of its trigger out.

A handler is made once, in the init phase, where the model is loaded and a connection is tried. A
call recognises its event, runs the pipeline for every message inside a share of the time that is
left, and writes what happened as JSON.
"""

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from dspipe._deadline import time_limit
from dspipe._provenance import find_commit
from dspipe._runtime import run_part, score_part
from dspipe._signature import read_parameters
from dspipe._version import __version__
from dspipe.aws_lambda._base import Message, Outcome, Result, Task, Trigger
from dspipe.aws_lambda._init import find_source_fault, load_pipeline, settle_memory, warm_up
from dspipe.aws_lambda._invocation import Invocation, begin_invocation
from dspipe.aws_lambda._renewal import renewed_on_refusal
from dspipe.aws_lambda._snapshots import register_hooks
from dspipe.aws_lambda.answers._failures import make_failure
from dspipe.aws_lambda.requests._rows import RowReader
from dspipe.aws_lambda.telemetry._log_lines import write_logs_as_json
from dspipe.aws_lambda.telemetry._report import Report
from dspipe.aws_lambda.triggers._direct import FunctionError, make_error
from dspipe.aws_lambda.triggers._recognition import default_triggers, find_trigger
from dspipe.errors import RequestError, TriggerError

if TYPE_CHECKING:
    from dspipe._contract import Contract
    from dspipe._pipeline import PredictionPipeline

_PING = {"dspipe": "ping"}
_MARGIN_SHARE = 0.1
_LEAST_MARGIN_SECONDS, _MOST_MARGIN_SECONDS = 0.3, 3.0
_ANSWER_SHARE = 0.7  # of the margin; the rest is for writing the log, and for Lambda itself


def make_handler(
    pipeline: "type[PredictionPipeline] | PredictionPipeline",
    *,
    triggers: Iterable[Trigger] = (),
    accept_rows: bool = False,
    row_types: "Contract | None" = None,
) -> "Handler":
    """Make the function that Lambda calls, and load all that its calls need.

    Parameters
    ----------
    pipeline : type of PredictionPipeline, or PredictionPipeline
        What answers.
    triggers : iterable of Trigger, default=()
        Forms of event of your own; they are asked before dspipe's.
    accept_rows : bool, default=False
        Whether an event may bring rows, which are scored in the place of those that `extract`
        returns.
    row_types : Contract, optional
        Types of the rows that `extract` returns, key columns included: given rows are read as
        these. Without it types come from the contract of the model, where `postprocess` does not
        stand between, and else from the values.

    Returns
    -------
    Handler
        Call it with an event and Lambda's context.

    Raises
    ------
    ConfigurationError, PredictorError
        If the pipeline has no model, or it cannot be loaded. A database that cannot be reached
        is no reason: the first request tries again.

    Examples
    --------
    >>> import pandas as pd
    >>> from dspipe import PredictionPipeline
    >>> from dspipe.predictors import MockPredictor
    >>> class Late(PredictionPipeline):
    ...     key = "flight"
    ...     predictor = MockPredictor(0.25)
    ...
    ...     def extract(self, n: int):
    ...         return pd.DataFrame({"flight": range(n), "distance": 100.0})
    >>> handler = make_handler(Late)
    >>> handler
    <Handler of Late: rows are not accepted>
    """
    settle_memory()
    loaded = load_pipeline(pipeline)
    handler = Handler(
        loaded,
        triggers=(*triggers, *default_triggers(_name_arguments(loaded), accept_rows=accept_rows)),
        reader=_make_reader(loaded, row_types) if accept_rows else None,
    )
    write_logs_as_json()
    register_hooks()
    warm_up(loaded)
    settle_memory()
    return handler


class Handler:
    """Answers events with one pipeline.

    Parameters
    ----------
    pipeline : PredictionPipeline
        Loaded.
    triggers : sequence of Trigger
        In the order in which they are asked.
    reader : RowReader or None
        Reads given rows; None refuses them.
    """

    def __init__(
        self,
        pipeline: "PredictionPipeline",
        *,
        triggers: Sequence[Trigger],
        reader: RowReader | None = None,
    ) -> None:
        self.pipeline = pipeline
        self._name = type(pipeline).__name__
        self._triggers = tuple(triggers)
        self._reader = reader
        self._is_cold = True
        predictor = pipeline.predictor
        self._facts = {
            "model_id": predictor.model_id if predictor else None,
            "commit": find_commit(type(pipeline)),
        }

    def __call__(self, event: Any, context: Any = None) -> Any:
        """Answer an event.

        Parameters
        ----------
        event : object
            As Lambda gives it.
        context : object, optional
            As Lambda gives it; without one, time has no end.

        Raises
        ------
        TriggerError
            If the event is of no known form.
        Exception
            The failure of a message, where its trigger tells failures that way.
        """
        end, seconds = _find_times(context)
        report = self._begin(context)
        try:
            with time_limit(seconds):
                return self._reply(event, end, report)
        except (FunctionError, TriggerError) as error:
            report.add_error(error)
            raise
        except Exception as error:  # noqa: BLE001 - it is raised again, under its kind
            report.add_error(error)
            # Lambda answers with the message of what is raised, and that may hold anything.
            raise make_error(make_failure(error)) from None
        finally:
            report.write()

    def _begin(self, context: Any) -> Report:
        request_id = getattr(context, "aws_request_id", None) or ""
        invocation = Invocation(request_id, self._is_cold, self._name)
        self._is_cold = False
        begin_invocation(invocation)
        return Report(invocation, facts=self._facts)

    def _reply(self, event: Any, end: float | None, report: Report) -> Any:
        if event == _PING:
            report.trigger = "ping"
            return self._tell_facts()
        trigger = find_trigger(self._triggers, event)
        report.trigger = trigger.name
        outcomes = self._work(trigger, event, end)
        report.add_outcomes(outcomes)
        return trigger.answer(event, outcomes)

    def _tell_facts(self) -> dict[str, Any]:
        """Answer a ping: all is loaded, and this is what."""
        import platform

        fault = find_source_fault(type(self.pipeline))
        return {
            "pipeline": self._name,
            **self._facts,
            "dspipe_version": __version__,
            "python": platform.python_version(),
            "source_fault": type(fault).__name__ if fault is not None else None,
        }

    def _work(self, trigger: Trigger, event: Any, end: float | None) -> list[Outcome]:
        """Take message by message, each with its share of the time that is left."""
        messages = trigger.read(event)
        limit = trigger.limit_seconds(event)
        if limit is not None:
            end = min(monotonic() + limit, end) if end is not None else monotonic() + limit
        outcomes: list[Outcome] = []
        is_ordered = trigger.is_ordered(event)
        for n_left, message in zip(range(len(messages), 0, -1), messages, strict=True):
            outcomes.append(trigger.settle(self._answer(message, _share(end, n_left))))
            if is_ordered and outcomes[-1].failure is not None:
                break
        return outcomes

    def _answer(self, message: Message, seconds: float | None) -> Outcome:
        """Do what a message asks for; whatever goes wrong stays in its outcome."""
        tasks: Sequence[Task] = ()
        end = None if seconds is None else monotonic() + seconds
        try:
            with time_limit(seconds):
                tasks = message.read()
                return Outcome(message, self._do_all(tasks, end))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - one message must not fail others
            are_given = any(task.rows is not None for task in tasks)
            return Outcome(message, failure=make_failure(error, are_rows_given=are_given))

    def _do_all(self, tasks: Sequence[Task], end: float | None) -> tuple[Result, ...]:
        if len(tasks) == 1:
            return (self._do(tasks[0]),)
        results = []
        for n_left, task in zip(range(len(tasks), 0, -1), tasks, strict=True):
            with time_limit(_share(end, n_left)):
                results.append(self._do(task))
        return tuple(results)

    def _do(self, task: Task) -> Result:
        """Run the pipeline once, or score the rows that were given."""
        if task.rows is None:
            part = renewed_on_refusal(
                lambda: run_part(self.pipeline, task.arguments, continuation=task.continuation)
            )
            return Result(part.run, part.continuation)
        if self._reader is None:
            raise RequestError(
                f"{self._name} takes no rows: it extracts its own. Send its arguments, or deploy "
                "it with accept_rows = true."
            )
        frame = self._reader.read(task.rows)
        part = renewed_on_refusal(
            lambda: score_part(
                self.pipeline,
                frame,
                task.arguments,
                continuation=task.continuation,
                is_owned=frame is not task.rows,
            )
        )
        return Result(part.run, part.continuation)

    def __repr__(self) -> str:
        rows = "are not accepted" if self._reader is None else "are accepted"
        return f"<Handler of {self._name}: rows {rows}>"


def _name_arguments(pipeline: "PredictionPipeline") -> list[str]:
    return [parameter.name for parameter in read_parameters(type(pipeline).extract)]


def _make_reader(pipeline: "PredictionPipeline", row_types: "Contract | None") -> RowReader:
    """Make the reader of given rows; it builds features at once where no code stands between."""
    key, has_postprocess = pipeline.key_columns, pipeline.has_postprocess
    index = key[0] if len(key) == 1 and not has_postprocess else None
    if row_types is not None:
        return RowReader(row_types.columns, is_complete=True, key=key, index=index)
    contract = pipeline.predictor.contract if pipeline.predictor else None
    if contract is None or has_postprocess:
        return RowReader(key=key, index=index)
    return RowReader(contract.columns, key=key, index=index)


def _find_times(context: Any) -> tuple[float | None, float | None]:
    """Tell when the messages must be done, on the monotonic clock, and the seconds for it all.

    What lies between the two is for making an answer and keeping it.
    """
    find_left = getattr(context, "get_remaining_time_in_millis", None)
    if find_left is None:
        return None, None
    left: float = find_left() / 1000
    margin = min(max(left * _MARGIN_SHARE, _LEAST_MARGIN_SECONDS), _MOST_MARGIN_SECONDS)
    return monotonic() + left - margin, left - margin * (1 - _ANSWER_SHARE)


def _share(end: float | None, n_left: int) -> float | None:
    return None if end is None else (end - monotonic()) / n_left
