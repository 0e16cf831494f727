"""Check what every pipeline promises, on the frozen rows of a golden run: no database is asked."""

from collections.abc import Iterator
from typing import Any

from dspipe.checks._findings import Finding, Skipped
from dspipe.errors import DspipeError
from dspipe.parity import GoldenRun
from dspipe.testing import pipeline_checks

_CODES = {
    "check_batches_agree": "P101",
    "check_features_are_repeatable": "P102",
    "check_rows_are_not_modified": "P103",
    "check_order_of_rows_is_irrelevant": "P104",
    "check_answers_are_json": "P105",
    "check_every_row_has_one_answer": "P106",
    "check_contract_takes_features": "P106",
}
FEWEST_ROWS = 2


def check_promises(pipeline_class: type, golden: GoldenRun) -> Iterator[Finding | str]:
    """Run the checks of `dspipe.testing` that need rows.

    Yields
    ------
    Finding or str
        What is broken; one sentence when nothing is.
    """
    if len(golden.extracted) < FEWEST_ROWS:
        yield Skipped(
            f"'{golden.name}' has fewer than {FEWEST_ROWS} rows, which have no order and no "
            "batches."
        )
        return
    is_sound = True
    for check in pipeline_checks():
        code = _CODES.get(check.__name__)
        if code is None:
            continue
        fault = _find_fault(check, pipeline_class, golden)
        if fault is not None:
            is_sound = False
            yield Finding(code, fault, golden.name, {"check": check.__name__})
    if is_sound:
        yield (
            f"{golden.pipeline} keeps its promises on the rows of '{golden.name}': the same "
            "answers "
            "in other batches, in another order and made again, and no row modified."
        )


def _find_fault(check: Any, pipeline_class: type, golden: GoldenRun) -> str | None:
    # A golden run may hold bad rows on purpose, which must not stop the check.
    pipeline = pipeline_class(on_bad_row="reject")
    try:
        check(pipeline, golden.extracted.copy(), **golden.arguments)
    except (AssertionError, DspipeError) as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - what the user's own code raises is a finding
        return f"{golden.pipeline} fails {check.__name__}: {type(error).__name__}: {error}"
    return None
