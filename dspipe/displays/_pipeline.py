"""How a pipeline and a predictor look: what they ask for, what they do, which model they have."""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dspipe._contract import Contract
from dspipe._signature import REQUIRED, Parameter, read_parameters
from dspipe._text import count
from dspipe.aws_lambda.telemetry._redaction import is_secret_name
from dspipe.displays import _parts
from dspipe.displays._contract import list_columns
from dspipe.errors import DspipeError

if TYPE_CHECKING:
    from dspipe._pipeline import PredictionPipeline
    from dspipe.predictors import Predictor

_ARGUMENTS = (
    _parts.Column("argument"),
    _parts.Column("type"),
    _parts.Column("default"),
    _parts.Column("meaning", "prose"),
)


def draw_pipeline(pipeline: "PredictionPipeline") -> str:
    """Draw a pipeline: stages, arguments, settings, predictor and contract. Nothing is run."""
    name, question = type(pipeline).__name__, inspect.getdoc(type(pipeline)) or ""
    predictor = pipeline.predictor
    contract = _ask(lambda: predictor and predictor.contract)
    is_ready = predictor is not None or pipeline.has_predict
    mark = "" if is_ready else _parts.badge("no predictor yet", "warn")
    own = "" if _is_inherited(pipeline) else question.partition("\n")[0]
    return _parts.block(
        _parts.heading(name, note=f"one row is one {', '.join(pipeline.key_columns)}", mark=mark),
        _parts.paragraph(own, is_muted=True),
        _parts.steps(_stages(pipeline)),
        _parts.columns(
            _parts.section("Arguments", _arguments(pipeline)),
            _parts.section("Settings", _settings(pipeline)),
            _parts.section("Predictor", _predictor(predictor) if predictor else ""),
        ),
        _contract(contract),
    )


def draw_predictor(predictor: "Predictor") -> str:
    """Draw a predictor: its model, as far as that can be told without running it."""
    return _parts.block(
        _parts.heading(type(predictor).__name__, note="predictor"),
        _predictor(predictor),
        _contract(_ask(lambda: predictor.contract)),
    )


def _is_inherited(pipeline: "PredictionPipeline") -> bool:
    """Say whether the class has no docstring of its own; the base describes no question."""
    return not type(pipeline).__doc__


def _stages(pipeline: "PredictionPipeline") -> list[tuple[str, str, str, None]]:
    built = ("written", "features in Python") if pipeline.has_postprocess else ("as is", "SQL only")
    if pipeline.has_predict:
        predicted = ("written", "predicts in its own way")
    elif pipeline.predictor is not None:
        predicted = (type(pipeline.predictor).__name__, "predicts")
    else:
        predicted = ("missing", "set predictor, or write predict")
    extracted = ("written", "asks for rows")
    stages = {"extract": extracted, "postprocess": built, "predict": predicted}
    return [(name, large, small, None) for name, (large, small) in stages.items()]


def _arguments(pipeline: "PredictionPipeline") -> str:
    owner = type(pipeline)
    rows = [
        (
            each.name,
            _parts.inline(inspect.formatannotation(each.annotation)),
            _default(each),
            each.description or "",
        )
        for each in read_parameters(owner.extract, owner=owner)
    ]
    return _parts.grid(_ARGUMENTS, rows) if rows else _parts.paragraph("None.")


def _default(parameter: Parameter) -> _parts.Html:
    if parameter.default is REQUIRED:
        return _parts.badge("required", "quiet")
    is_secret = is_secret_name(parameter.name)
    return _parts.inline("***" if is_secret else repr(parameter.default))


def _settings(pipeline: "PredictionPipeline") -> str:
    rows = "all rows" if pipeline.batch_rows is None else count(pipeline.batch_rows, "row")
    return _parts.facts(
        {"key": ", ".join(pipeline.key_columns), "batch": rows, "bad row": pipeline.on_bad_row}
    )


def _predictor(predictor: "Predictor") -> str:
    # A predictor of a model that is not there yet is no fault of whoever looks at it.
    facts = {
        "predictor": repr(predictor),
        "model": _ask(lambda: predictor.model_id),
        "version": _ask(lambda: predictor.model_version),
    }
    return _parts.facts(facts)


def _contract(contract: object) -> str:
    if not isinstance(contract, Contract):
        return _parts.paragraph(str(contract)) if contract else ""
    title = f"Contract: {count(len(contract.columns), 'column')}"
    return _parts.folded(title, list_columns(contract.columns))


def _ask(question: Callable[[], Any]) -> Any:
    """Give the answer, or the sentence that says why there is none."""
    try:
        return question()
    except DspipeError as error:
        return str(error)
