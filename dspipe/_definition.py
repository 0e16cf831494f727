"""What can be wrong with a pipeline class, found when it is defined and said all at once."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from dspipe._signature import find_faults, find_unknown_arguments
from dspipe._text import describe, quote_some, suggest
from dspipe.errors import ConfigurationError, PipelineDefinitionError

STAGES = ("extract", "postprocess", "predict")
OPTIONS = ("predictor", "batch_rows", "on_bad_row")
ATTRIBUTES = ("key", *OPTIONS)
ON_BAD_ROW = ("raise", "reject")

_LIKENESS = 0.85


def check_definition(cls: type, base: type, *, is_abstract: bool) -> None:
    """Check a subclass of `base` as a whole.

    Raises
    ------
    PipelineDefinitionError
        With every fault in one message, and one sentence a fault in ``.faults``.
    """
    faults = [
        *_find_missing(cls, base, is_abstract=is_abstract),
        *_find_misspelt(cls),
        *_find_stage_faults(cls, base),
        *_find_attribute_faults(cls),
    ]
    if faults:
        listed = f" {faults[0]}" if len(faults) == 1 else "".join(f"\n  - {f}" for f in faults)
        raise PipelineDefinitionError(f"{cls.__name__} cannot be used:{listed}", faults=faults)


def check_options(cls: type, options: Mapping[str, Any]) -> None:
    """Check what is given to the constructor of a pipeline.

    Raises
    ------
    ConfigurationError
        If a name is unknown or a value does not fit.
    """
    for name, value in options.items():
        if name not in OPTIONS:
            raise ConfigurationError(
                f"{cls.__name__} got an unknown option '{name}'. It takes: {', '.join(OPTIONS)}."
                f"{suggest(name, OPTIONS)} Arguments of extract go to run()."
            )
        fault = _CHECKS[name](value)
        if fault:
            raise ConfigurationError(f"{cls.__name__} got {name}={_shorten(value)}. {fault}")


def _find_missing(cls: type, base: type, *, is_abstract: bool) -> Iterator[str]:
    if is_abstract:
        return
    if _extract_of(cls) is _extract_of(base):
        yield (
            "it does not define 'extract'. Add a method extract(self, ...) that returns one row "
            "per prediction."
        )
    if not hasattr(cls, "key"):
        yield (
            "it does not say its 'key'. Add key = \"COLUMN\", the column that names a row in every "
            "answer."
        )


def _find_misspelt(cls: type) -> Iterator[str]:
    """Find names that look like a stage or an attribute that the class does not define."""
    for name, value in vars(cls).items():
        if name.startswith("_") or name in STAGES or name in ATTRIBUTES:
            continue
        known = STAGES if inspect.isfunction(value) else ATTRIBUTES
        meant = [word for word in known if word not in vars(cls) and _is_like(name, word)]
        if meant:
            kind = "a method" if inspect.isfunction(value) else "an attribute"
            yield f"it has {kind} '{name}', which nothing calls. Did you mean '{meant[0]}'?"


def _find_stage_faults(cls: type, base: type) -> Iterator[str]:
    for stage in STAGES:
        if stage not in vars(cls):
            continue
        method = vars(cls)[stage]
        faults = find_faults(stage, method, owner=cls)
        yield from faults
        extract = _extract_of(cls)
        if not faults and stage != "extract" and extract is not _extract_of(base):
            yield from find_unknown_arguments(stage, method, extract)


def _find_attribute_faults(cls: type) -> Iterator[str]:
    for name, find_fault in _CHECKS.items():
        if name in vars(cls) and not isinstance(vars(cls)[name], property):
            fault = find_fault(vars(cls)[name])
            if fault:
                yield f"its '{name}' is {_shorten(vars(cls)[name])}. {fault}"


def _find_key_fault(key: object) -> str | None:
    names = [key] if isinstance(key, str) else key
    if (
        not isinstance(names, list | tuple)
        or not names
        or not all(isinstance(n, str) and n for n in names)
    ):
        return 'Write one column, key = "flight_id", or a list of columns.'
    return "A key names each column once." if len(set(names)) < len(names) else None


def _find_predictor_fault(predictor: object) -> str | None:
    from dspipe.predictors import Predictor

    if predictor is None or isinstance(predictor, Predictor):
        return None
    hint = (
        " Save a scikit-learn model with save_sklearn and name its folder: "
        "SklearnPredictor('models/NAME')."
    )
    told = hint if hasattr(predictor, "predict") else ""
    return f"It must be a Predictor, not {describe(predictor)}.{told}"


def _find_batch_rows_fault(batch_rows: object) -> str | None:
    if batch_rows is None or (
        isinstance(batch_rows, int) and batch_rows is not True and batch_rows >= 1
    ):
        return None
    return "It must be a whole number of at least 1, or None for all rows at once."


def _find_on_bad_row_fault(on_bad_row: object) -> str | None:
    if on_bad_row in ON_BAD_ROW:
        return None
    return f"It must be one of {quote_some(ON_BAD_ROW)}.{suggest(str(on_bad_row), ON_BAD_ROW)}"


_CHECKS = {
    "key": _find_key_fault,
    "predictor": _find_predictor_fault,
    "batch_rows": _find_batch_rows_fault,
    "on_bad_row": _find_on_bad_row_fault,
}


def _extract_of(cls: type) -> object:
    return getattr(cls, "extract", None)


def _is_like(name: str, word: str) -> bool:
    from difflib import SequenceMatcher

    plain = name.lower().replace("_", "")
    return SequenceMatcher(None, plain, word.replace("_", "")).ratio() >= _LIKENESS


def _shorten(value: object, most: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= most else f"{text[:most]}…"
