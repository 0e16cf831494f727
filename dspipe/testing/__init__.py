"""Checks that pipelines and predictors keep their promises, for your own tests.

`check_pipeline` and `check_predictor` run everything; `pipeline_checks` and `predictor_checks` list
the same checks one by one. `with_rows` runs a pipeline without its database, and `frames` draws
features that fit a contract, or nearly, for hypothesis. A model to test with is
`dspipe.predictors.MockPredictor`. Nothing here needs pytest.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

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

__getattr__, __dir__ = lazy_names(
    globals(),
    {
        "check_pipeline": "dspipe.testing._pipeline_checks",
        "check_predictor": "dspipe.testing._predictor_checks",
        "frames": "dspipe.testing._frames",
        "pipeline_checks": "dspipe.testing._pipeline_checks",
        "predictor_checks": "dspipe.testing._predictor_checks",
        "with_rows": "dspipe.testing._stand_ins",
    },
)
