"""Draw rows that look like the recorded ones, and see whether postprocess takes every of them.

The contract of a model is about features; what `extract` gives has none, so one is inferred from
the recorded rows: their types, ranges and categories, and nulls where there were some.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from dspipe import Contract
from dspipe._extras import is_installed
from dspipe.checks._findings import Finding, Skipped
from dspipe.errors import ConfigurationError, ContractError, DspipeError
from dspipe.parity import GoldenRun

N_EXAMPLES = 50
_MOST_ROWS = 6
_MOST_SHOWN = 5


def check_postprocess(pipeline_class: type, golden: GoldenRun) -> Iterator[Finding | str]:
    """Run `postprocess` on drawn rows that fit what was recorded.

    Yields
    ------
    Finding or str
        The smallest rows that fail; a sentence when none does.
    """
    pipeline: Any = pipeline_class(on_bad_row="reject")
    if not pipeline.has_postprocess:
        return
    contract = _infer_contract(golden)
    if contract is None or not is_installed("hypothesis"):
        what = "hypothesis is not installed" if contract else "its rows have no types to draw from"
        yield Skipped(f"postprocess was not called with drawn rows of '{golden.name}': {what}.")
        return
    fault = _find_fault(pipeline, golden, contract)
    if fault is not None:
        yield Finding("P201", fault, golden.name)
    else:
        yield (
            f"postprocess takes {N_EXAMPLES} drawn frames with the types, ranges and nulls of "
            f"'{golden.name}', no rows among them."
        )


def _infer_contract(golden: GoldenRun) -> Contract | None:
    rows = golden.extracted.drop(columns=[*golden.key], errors="ignore")
    if not len(rows):
        return None
    try:
        return Contract.infer(rows)
    except (ConfigurationError, ContractError):
        return None


def _find_fault(pipeline: Any, golden: GoldenRun, contract: Contract) -> str | None:
    from dspipe._signature import select_arguments

    wanted = select_arguments(pipeline.postprocess, golden.arguments)
    failed: list[tuple[pd.DataFrame, Exception]] = []

    def look(drawn: pd.DataFrame) -> None:
        rows = _add_keys(drawn, golden)
        try:
            pipeline.postprocess(rows.copy(), **wanted)
        except Exception as error:
            failed.append((rows, error))
            raise

    try:
        _draw(look, contract)
    except Exception:
        if not failed:  # then it is hypothesis that failed, and nothing was proven
            raise
    # The last one is the smallest that was found.
    return _describe(golden, *failed[-1]) if failed else None


def _draw(look: Callable[[pd.DataFrame], None], contract: Contract) -> None:
    """Call a function with drawn rows, and where it fails with ever smaller ones."""
    from hypothesis import HealthCheck, Phase, given, settings

    from dspipe.testing import frames

    choices = settings(
        max_examples=N_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    drawn = frames(contract, valid=True, min_rows=1, max_rows=_MOST_ROWS)
    choices(given(drawn)(look))()


def _add_keys(drawn: pd.DataFrame, golden: GoldenRun) -> pd.DataFrame:
    """Give drawn rows recorded keys, in the order of the recorded columns."""
    rows = golden.extracted.take(range(min(len(drawn), len(golden.extracted))))
    keys = {name: rows[name].reset_index(drop=True) for name in golden.key if name in rows.columns}
    return drawn.head(len(rows)).assign(**keys)[list(golden.extracted.columns)]


def _describe(golden: GoldenRun, rows: pd.DataFrame, error: Exception) -> str:
    drawn = rows.drop(columns=list(golden.key), errors="ignore").head(1)
    shown = [f"{name} = {value!r}" for name, value in drawn.to_dict("records")[0].items()]
    kind = "" if isinstance(error, DspipeError) else f"{type(error).__name__}: "
    return (
        f"{golden.pipeline}.postprocess fails for a row with the types, ranges and nulls that "
        f"'{golden.name}' recorded, though no such row was in it: {kind}{error}. Its first "
        f"values: {', '.join(shown[:_MOST_SHOWN])}. "
        "Handle it in postprocess, or exclude it in the statement of extract."
    )
