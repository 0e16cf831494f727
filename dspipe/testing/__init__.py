"""Checks that pipelines and predictors keep their promises, for your own tests.

`check_pipeline` and `check_predictor` run everything; `pipeline_checks` and `predictor_checks` list
the same checks one by one. `with_rows` runs a pipeline without its database, and `frames` draws
features that fit a contract, or nearly, for hypothesis. A model to test with is
`dspipe.predictors.MockPredictor`. Nothing here needs pytest.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from dspipe._extras import load_extra

if TYPE_CHECKING:
    from dspipe.testing._frames import frames
    from dspipe.testing._pipeline_checks import check_pipeline, pipeline_checks
    from dspipe.testing._predictor_checks import check_predictor, predictor_checks
    from dspipe.testing._stand_ins import with_rows

__all__ = [
    "check_pipeline",
    "check_predictor",
    "frames",
    "pipeline_checks",
    "predictor_checks",
    "with_rows",
]

_HOMES = {
    "check_pipeline": "_pipeline_checks",
    "check_predictor": "_predictor_checks",
    "frames": "_frames",
    "pipeline_checks": "_pipeline_checks",
    "predictor_checks": "_predictor_checks",
    "with_rows": "_stand_ins",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for; `frames` alone needs hypothesis."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "frames":
        load_extra("hypothesis", extra="testing", needed_by="dspipe.testing.frames")
    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
