"""What every pipeline must keep, as small named checks: run them all, or one by one from pytest.

A check takes a pipeline, and either rows such as `extract` returns or the arguments of `extract`.
It returns None, or raises an AssertionError that names the pipeline, the check and the first keys.
"""

from collections.abc import Callable, Mapping
from copy import copy
from typing import TYPE_CHECKING, Protocol

from dspipe._text import count, quote_some
from dspipe.errors import ArgumentError, DspipeError
from dspipe.testing._comparison import copy_deeply, find_difference, find_lossy_answers
from dspipe.testing._stand_ins import collect_features, without_stages

if TYPE_CHECKING:
    import pandas as pd

    from dspipe import PredictionPipeline

SAMPLE_ROWS = 1_000
_SEED = 20130601
_TYPE_WORDS = frozenset({"$ref", "allOf", "anyOf", "const", "enum", "oneOf", "type"})


class PipelineCheck(Protocol):
    """A check: called with a pipeline and its rows or arguments, it raises or returns None."""

    __name__: str

    def __call__(
        self,
        pipeline: "PredictionPipeline",
        rows: "pd.DataFrame | None" = None,
        /,
        **arguments: object,
    ) -> None:
        """Check one pipeline."""


def check_pipeline(
    pipeline: "PredictionPipeline", rows: "pd.DataFrame | None" = None, /, **arguments: object
) -> None:
    """Run every check of `pipeline_checks`, and report all that fail together.

    Parameters
    ----------
    pipeline : PredictionPipeline
        Its predictor is loaded and asked; give it a `MockPredictor` to check the rest alone.
    rows : DataFrame, optional
        At least 2 rows such as `extract` returns, with the key as a column or in the index. Not
        modified by a pipeline that passes. Without them `extract` is called, and the first 1,000
        rows of its first batch are taken.
    **arguments
        Arguments of `extract`: all that it needs where no rows are given; otherwise only what
        `postprocess` or `predict` asks for.

    Raises
    ------
    AssertionError
        If checks fail; one line or more for each.
    ArgumentError
        If the arguments do not fit.

    Examples
    --------
    >>> import pandas as pd
    >>> from dspipe import PredictionPipeline
    >>> from dspipe.predictors import MockPredictor
    >>> class Late(PredictionPipeline):
    ...     key = "flight"
    ...     predictor = MockPredictor(lambda features: features["distance"] / 1_000)
    ...
    ...     def extract(self, n: int):
    ...         return pd.DataFrame({"flight": range(n), "distance": range(100, 100 + n)})
    >>> check_pipeline(Late(), n=3)
    """
    sample = _take_sample(pipeline, rows, arguments)
    faults: dict[str, str] = {}
    for check in pipeline_checks():
        try:
            check(pipeline, copy_deeply(sample), **arguments)
        except AssertionError as error:
            # A run that cannot end breaks every check: the first one says it.
            faults.setdefault(str(error.__cause__ or error), str(error))
    if faults:
        raise AssertionError("\n".join(faults.values()))


def pipeline_checks() -> list[PipelineCheck]:
    """List the checks: functions with telling names, made for ``pytest.mark.parametrize``.

    Examples
    --------
    >>> for check in pipeline_checks():
    ...     print(check.__name__)
    check_arguments_have_types
    check_every_row_has_one_answer
    check_contract_takes_features
    check_features_are_repeatable
    check_rows_are_not_modified
    check_order_of_rows_is_irrelevant
    check_batches_agree
    check_answers_are_json
    check_no_rows_give_no_answers
    """
    return [
        check_arguments_have_types,
        check_every_row_has_one_answer,
        check_contract_takes_features,
        check_features_are_repeatable,
        check_rows_are_not_modified,
        check_order_of_rows_is_irrelevant,
        check_batches_agree,
        check_answers_are_json,
        check_no_rows_give_no_answers,
    ]


_FindFault = Callable[["PredictionPipeline", "pd.DataFrame", Mapping[str, object]], str | None]


def _check(find_fault: _FindFault) -> PipelineCheck:
    """Make a check of a function that finds a fault: sentences, or None."""
    name = find_fault.__name__

    def check(
        pipeline: "PredictionPipeline", rows: "pd.DataFrame | None" = None, /, **arguments: object
    ) -> None:
        sample, cause = _take_sample(pipeline, rows, arguments), None
        try:
            fault = find_fault(pipeline, sample, arguments)
        except ArgumentError:
            raise
        except DspipeError as error:
            fault, cause = str(error), error
        if fault:
            raise AssertionError(f"{type(pipeline).__name__} fails {name}: {fault}") from cause

    check.__name__ = check.__qualname__ = name
    check.__doc__ = find_fault.__doc__
    return check


@_check
def check_arguments_have_types(
    pipeline: "PredictionPipeline", rows: "pd.DataFrame", arguments: Mapping[str, object]
) -> str | None:
    """Check that every argument of `extract` has a type."""
    del rows, arguments
    from dspipe._arguments import json_schema

    properties = json_schema(type(pipeline)).get("properties", {})
    loose = [name for name, schema in properties.items() if not _TYPE_WORDS & schema.keys()]
    if not loose:
        return None
    return (
        f"these arguments of extract take any value: {quote_some(loose)}. Annotate them with the "
        "type that the query needs, such as date or int."
    )


@_check
def check_every_row_has_one_answer(
    pipeline: "PredictionPipeline", rows: "pd.DataFrame", arguments: Mapping[str, object]
) -> str | None:
    """Check that every row is answered or rejected, once, and that answers keep the order."""
    run = pipeline.score(rows, **arguments)
    keys = _take_keys(pipeline, rows)
    answered = keys[~keys.isin(run.rejected.index)]
    if run.predictions.index.equals(answered) and len(answered) + len(run.rejected) == len(keys):
        return None
    return (
        f"{count(len(keys), 'row')} got {count(len(run.predictions), 'prediction')} and "
        f"{count(len(run.rejected), 'rejection')}, or got them in another order. First keys: "
        f"{quote_some(keys.tolist())}. Give one answer per row, in the order of the rows."
    )


@_check
def check_contract_takes_features(
    pipeline: "PredictionPipeline", rows: "pd.DataFrame", arguments: Mapping[str, object]
) -> str | None:
    """Check that the predictor's contract, where there is one, refuses no row."""
    if pipeline.predictor is None or pipeline.predictor.contract is None:
        return None
    tolerant = copy(pipeline)
    tolerant.on_bad_row = "reject"
    rejected = tolerant.score(rows, **arguments).rejected
    refused = rejected[rejected["stage"] == "postprocess"]
    if refused.empty:
        return None
    return (
        f"the contract of the model refuses {count(len(refused), 'row')} of {len(rows):,}. "
        f"First keys: {quote_some(refused.index.tolist())}; the first because: "
        f"{refused['reason'].iloc[0]} Correct postprocess, or train the model on such rows."
    )


@_check
def check_features_are_repeatable(
    pipeline: "PredictionPipeline", rows: "pd.DataFrame", arguments: Mapping[str, object]
) -> str | None:
    """Check that the same rows give the same features again."""
    once = collect_features(pipeline, rows, arguments)
    again = collect_features(pipeline, rows, arguments)
    difference = find_difference(once, again, exactly=True)
    if not difference:
        return None
    return (
        f"the same rows gave other features the second time. {difference} Take what changes from "
        "run to run, such as the time or a random number, from an argument of extract."
    )


@_check
def check_rows_are_not_modified(
    pipeline: "PredictionPipeline", rows: "pd.DataFrame", arguments: Mapping[str, object]
) -> str | None:
    """Check that scoring leaves the rows as they were, also inside lists and dicts."""
    before = copy_deeply(rows)
    pipeline.score(rows, **arguments)
    difference = find_difference(before, rows, exactly=True)
    if not difference:
        return None
    return (
        f"scoring changed the rows it was given. {difference} Build new values instead of changing "
        "lists, dicts or other objects in place."
    )


@_check
def check_order_of_rows_is_irrelevant(
    pipeline: "PredictionPipeline", rows: "pd.DataFrame", arguments: Mapping[str, object]
) -> str | None:
    """Check that the same rows in another order get the same answers."""
    shuffled = rows.sample(frac=1, random_state=_SEED).iloc[::-1]
    expected = pipeline.score(rows, **arguments).predictions
    actual = pipeline.score(shuffled, **arguments).predictions
    difference = find_difference(expected, actual.reindex(expected.index))
    if not difference:
        return None
    return (
        f"the same rows in another order got other predictions. {difference} A stage uses the "
        "position of a row or its neighbours: compute such values in SQL."
    )


@_check
def check_batches_agree(
    pipeline: "PredictionPipeline", rows: "pd.DataFrame", arguments: Mapping[str, object]
) -> str | None:
    """Check that rows get the same answers in small batches and all at once.

    A pipeline with ``batch_rows = None`` always sees all its rows, and passes.
    """
    if pipeline.batch_rows is None:
        return None
    small, whole = copy(pipeline), copy(pipeline)
    small.batch_rows, whole.batch_rows = max(1, len(rows) // 3), None
    expected = whole.score(rows, **arguments).predictions
    actual = small.score(rows, **arguments).predictions
    difference = find_difference(expected, actual)
    if not difference:
        return None
    return (
        f"batches of {count(small.batch_rows, 'row')} got other predictions than all rows at once. "
        f"{difference} A stage looks at other rows of its batch: compute such values in SQL, or "
        "set batch_rows = None."
    )


@_check
def check_answers_are_json(
    pipeline: "PredictionPipeline", rows: "pd.DataFrame", arguments: Mapping[str, object]
) -> str | None:
    """Check that every answer can be written as JSON, and loses no value by it."""
    from dspipe._responses import dumps, to_answer

    run = pipeline.score(rows, **arguments)
    dumps(to_answer(run))
    return find_lossy_answers(run.predictions)


@_check
def check_no_rows_give_no_answers(
    pipeline: "PredictionPipeline", rows: "pd.DataFrame", arguments: Mapping[str, object]
) -> str | None:
    """Check that no rows are an empty run, not an error."""
    run = pipeline.score(rows.head(0), **arguments)
    n_answers = len(run.predictions) + len(run.rejected)
    if not n_answers:
        return None
    return (
        f"no rows got {count(n_answers, 'answer')}. First keys: "
        f"{quote_some(run.predictions.index.tolist())}. Answer only the rows that are given."
    )


def _take_sample(
    pipeline: "PredictionPipeline",
    rows: "pd.DataFrame | None",
    arguments: Mapping[str, object],
) -> "pd.DataFrame":
    """Give the rows, or the first that `extract` gives; fewer than two would prove nothing."""
    if rows is None:
        rows = without_stages(pipeline).preview(SAMPLE_ROWS, **arguments).extracted
    if len(rows) < 2:  # noqa: PLR2004 - one row has no order and no batches
        raise AssertionError(
            f"{type(pipeline).__name__} cannot be checked with {count(len(rows), 'row')}. Give at "
            "least 2 rows, or arguments for which extract finds them."
        )
    return rows


def _take_keys(pipeline: "PredictionPipeline", rows: "pd.DataFrame") -> "pd.Index":
    from dspipe._keys import take_keys

    key = pipeline.key_columns
    return rows.index if tuple(rows.index.names) == key else take_keys(rows, key)
