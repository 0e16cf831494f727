"""The init phase: what can be loaded before the first request is loaded there.

A model that cannot be loaded fails the init, for no request could be answered. A database that
cannot be reached does not: it may be back when the first request comes.
"""

import gc
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from dspipe import sources
from dspipe._arguments import check_arguments
from dspipe._config import load_config
from dspipe._deadline import time_limit
from dspipe._provenance import find_commit, find_file
from dspipe._responses import dumps, to_records
from dspipe.aws_lambda.requests._rows import RowReader
from dspipe.errors import ArgumentError, ConfigurationError, DspipeError

if TYPE_CHECKING:
    from dspipe._config import Config
    from dspipe._pipeline import PredictionPipeline

logger = logging.getLogger("dspipe")

_RUNTIME_VARIABLE = "AWS_LAMBDA_RUNTIME_API"
_INITIALIZATION_VARIABLE = "AWS_LAMBDA_INITIALIZATION_TYPE"
_SOURCE = "default"  # the one that queries use when they name none
_CONNECT_SECONDS = 2.0  # of the 10 seconds of an init


def load_pipeline(
    pipeline: "type[PredictionPipeline] | PredictionPipeline",
) -> "PredictionPipeline":
    """Make the pipeline of a class, and load its model.

    Raises
    ------
    ConfigurationError
        If it has no way to predict.
    PredictorError
        If the model cannot be loaded.
    """
    loaded = pipeline() if isinstance(pipeline, type) else pipeline
    if loaded.predictor is not None:
        loaded.predictor.load()
    elif not loaded.has_predict:
        raise ConfigurationError(
            f"{type(loaded).__name__} cannot predict: it has no predictor. Set the class attribute "
            "'predictor', or define predict(self, features)."
        )
    return loaded


def warm_up(pipeline: "PredictionPipeline", *, environ: Mapping[str, str] | None = None) -> None:
    """Do once what is slow only the first time, so that no request waits for it.

    Parameters
    ----------
    pipeline : PredictionPipeline
        Loaded.
    environ : mapping of str to str, optional
        The environment variables; those of the process when not given. A connection is opened in
        Lambda alone, and not before a snapshot, which would freeze it.
    """
    find_commit(type(pipeline))
    # Arguments that must be given are missing here; what checks them is made all the same.
    with suppress(ArgumentError):
        check_arguments(type(pipeline), {})
    frame = RowReader().read([{"text": "x", "number": 0.5}])
    dumps(to_records(frame.set_index("text")))
    environment = os.environ if environ is None else environ
    kind = environment.get(_INITIALIZATION_VARIABLE, "snap-start")
    fault = find_source_fault(type(pipeline)) if kind != "snap-start" else None
    if fault is not None:
        logger.warning(
            "The source '%s' did not answer at init: %s. The first request tries again.",
            _SOURCE,
            type(fault).__name__,
        )


def settle_memory(*, environ: Mapping[str, str] | None = None) -> None:
    """Take what was imported and loaded out of the sight of the garbage collector.

    It stays for as long as the process does, and one collection that walks through pandas and
    SQLAlchemy costs as much as importing dspipe. Does nothing outside of Lambda, where a process
    has other things to do than to answer.
    """
    if _RUNTIME_VARIABLE in (os.environ if environ is None else environ):
        gc.freeze()


def find_source_fault(
    pipeline: "type[PredictionPipeline]",
    config: "Config | None" = None,
    *,
    seconds: float = _CONNECT_SECONDS,
) -> DspipeError | None:
    """Ask the source that queries use when they name none.

    Returns
    -------
    DspipeError or None
        Why it does not answer; None when it does, or when there is no such source.
    """
    file = find_file(pipeline)
    config = config or load_config(file.parent if file else None)
    if _SOURCE not in config.sources:
        return None
    try:
        with time_limit(seconds):
            query = sources.sql("select 1")
            for _ in query.iter_frames(batch_rows=1, config=config):
                pass
    except DspipeError as error:
        return error
    return None
