"""Every error that dspipe raises, in one tree.

::

    DspipeError
    ├── PipelineDefinitionError (TypeError)   the class is wrong; raised when it is defined
    ├── ConfigurationError (ValueError)       a setting is wrong; raised before any work
    │   └── MissingExtraError (ImportError)   an optional package is absent
    ├── QueryError (ValueError)               a query's text and its bound values do not fit
    ├── RunError                              a run failed; carries .stage, .batch, .rows
    │   ├── ArgumentError (ValueError)        the arguments do not fit the signature of extract
    │   ├── ContinuationError (ValueError)    a run cannot go on from where another one stopped
    │   ├── DeadlineError (TimeoutError)      the time was over before anything could be answered
    │   ├── SourceError                       the database refused, or could not be reached
    │   │   ├── SourceAuthenticationError     it knows no such user, or the password is wrong
    │   │   ├── SourceUnavailableError        it cannot be reached, or has no connection to give
    │   │   └── SourceTimeoutError (TimeoutError)
    │   ├── StageOutputError (ValueError)     a stage returned what the next one cannot take
    │   │   └── ContractError                 the features break the model's contract
    │   └── PredictorError                    the model or its service failed; keeps the cause
    │       ├── ModelFolderError              a model folder is missing, broken or not to be trusted
    │       ├── PartialAnswerError            some rows have an answer; carries them and the reasons
    │       ├── PredictorAnswerError          what a service answered cannot be used
    │       ├── PredictorAuthenticationError  it refuses the token, or gives no permission
    │       ├── PredictorUnavailableError     it cannot be reached, or does not answer
    │       └── PredictorTimeoutError (TimeoutError)
    ├── TriggerError (ValueError)             a Lambda event is not one that is known
    │   └── RequestError                      what a request says cannot be read; carries .status
    ├── NotebookError (ValueError)            a notebook cannot be read, or not be made a module
    ├── ExportError (ValueError)              a model cannot be exported, or answers otherwise then
    ├── ParityError                           a golden run is missing, or a replay differs from it
    └── DeployError                           a deployment cannot be made, or failed
        └── PackageError                      a package cannot be built, or does not work
            └── PackageTooLargeError          it is larger than Lambda takes

Messages are finished sentences: what happened, with names and values; what was expected; what to
do. Exceptions raised by the user's own code pass through unchanged, with a note that names stage,
batch and rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class DspipeError(Exception):
    """Is the parent of every error that dspipe raises on purpose."""


class PipelineDefinitionError(DspipeError, TypeError):
    """Is raised while a pipeline class is defined, with all its faults together."""

    def __init__(self, message: str, *, faults: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class ConfigurationError(DspipeError, ValueError):
    """Is raised before any work when a setting is wrong or missing."""


class MissingExtraError(ConfigurationError, ImportError):
    """Is raised when an optional package is needed and not installed."""


class QueryError(DspipeError, ValueError):
    """Is raised when the text of a query and its bound values do not fit together."""


class RunError(DspipeError):
    """Is raised when a run fails.

    Attributes
    ----------
    stage : str or None
        "extract", "postprocess" or "predict"; None before the first stage.
    batch : int or None
        Number of the batch, from 1.
    rows : tuple of (int, int) or None
        First and last row of that batch in the order of `extract`, from 0.
    """

    def __init__(
        self,
        message: str,
        *,
        stage: str | None = None,
        batch: int | None = None,
        rows: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(message)
        self.stage = stage
        self.batch = batch
        self.rows = rows


class ArgumentError(RunError, ValueError):
    """Is raised when the arguments of a run do not fit the signature of `extract`.

    Attributes
    ----------
    errors : tuple of dict
        One record a fault, JSON-safe: ``argument``, ``problem``.
    """

    def __init__(self, message: str, *, errors: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


class ContinuationError(RunError, ValueError):
    """Is raised when a continuation token is not one of ours, or the rows are others by now."""


class DeadlineError(RunError, TimeoutError):
    """Is raised when the time of a run is over before a first batch is done."""


class SourceError(RunError):
    """Is raised when a source cannot be reached, refuses a query, or cannot give a value."""


class SourceAuthenticationError(SourceError):
    """Is raised when a database refuses the user or the password."""


class SourceUnavailableError(SourceError):
    """Is raised when a database cannot be reached, or has no connection to give."""


class SourceTimeoutError(SourceError, TimeoutError):
    """Is raised when a query runs longer than its statement timeout."""


class StageOutputError(RunError, ValueError):
    """Is raised when a stage returns what the next stage cannot take."""


class ContractError(StageOutputError):
    """Is raised when features break the contract of the model that is to score them."""


class PredictorError(RunError):
    """Is raised when a model or its service fails; the cause is kept."""


class ModelFolderError(PredictorError):
    """Is raised when a model folder is missing, incomplete, changed, or not to be trusted."""


class PartialAnswerError(PredictorError):
    """Is raised by a predictor that has an answer for some rows, and none for others.

    A run that rejects bad rows keeps the answers, and rejects the others with their reasons.

    Attributes
    ----------
    answers : DataFrame, Series or array
        What `predict` would have returned for the rows at `positions` alone.
    positions : tuple of int
        Places of the answered rows in the features, in order.
    reasons : dict of int to str
        Why each other row has no answer, by its place.
    facts : dict of str to object
        What the service told beside its answers.
    """

    def __init__(
        self,
        message: str,
        *,
        answers: object,
        positions: Sequence[int],
        reasons: Mapping[int, str],
        facts: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.answers = answers
        self.positions = tuple(positions)
        self.reasons = dict(reasons)
        self.facts = dict(facts or {})


class PredictorAnswerError(PredictorError):
    """Is raised when what a model's service answered is no answer, or not to what was asked."""


class PredictorAuthenticationError(PredictorError):
    """Is raised when a model's service refuses the token, or gives no permission."""


class PredictorUnavailableError(PredictorError):
    """Is raised when a model's service is not there, or does not answer however often asked."""


class PredictorTimeoutError(PredictorError, TimeoutError):
    """Is raised when a model's service does not answer in time."""


class TriggerError(DspipeError, ValueError):
    """Is raised when the event of a Lambda function is not one that is known."""


class RequestError(TriggerError):
    """Is raised when what a request says cannot be read.

    Attributes
    ----------
    status : int
        The status of HTTP that says so: 400, 405, 406, 413, 415 or 422.
    """

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class NotebookError(DspipeError, ValueError):
    """Is raised when a notebook cannot be read, or cannot be made a module; all reasons together.

    Attributes
    ----------
    problems : tuple of dict
        One record a reason, JSON-safe.
    """

    def __init__(self, message: str, *, problems: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class ExportError(DspipeError, ValueError):
    """Is raised when a model cannot be exported, or would answer otherwise than the original."""


class ParityError(DspipeError):
    """Is raised when a golden run cannot be made or read, or when a replay differs from it."""


class DeployError(DspipeError):
    """Is raised when a deployment cannot be made, or failed."""


class PackageError(DeployError):
    """Is raised when a package cannot be built, or does not do what the pipeline does."""


class PackageTooLargeError(PackageError):
    """Is raised when a package is larger than Lambda takes."""
