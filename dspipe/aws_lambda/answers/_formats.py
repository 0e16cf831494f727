"""The form of an answer: JSON as records or as columns, or CSV, as the caller asks for it."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dspipe import _responses
from dspipe._responses import dumps, to_answer, to_columns
from dspipe.aws_lambda._base import Result
from dspipe.errors import RequestError

REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Format:
    """A form that an answer can have.

    Attributes
    ----------
    media_type : str
        As the header of HTTP calls it.
    extension : str
        What the name of a file with it ends in.
    """

    media_type: str
    extension: str


RECORDS = Format("application/json", "json")
COLUMNS = Format("application/json; orient=columns", "json")
CSV = Format("text/csv; charset=utf-8", "csv")

_BY_RANGE = {
    "*/*": RECORDS,
    "application/*": RECORDS,
    "application/json": RECORDS,
    "text/*": CSV,
    "text/csv": CSV,
}


@lru_cache(maxsize=64)
def choose_format(accept: str) -> Format:
    """Choose the form that a caller likes best; without a wish, JSON as records.

    Parameters
    ----------
    accept : str
        As in the header of HTTP: media ranges with their ``q``. ``application/json;
        orient=columns`` asks for one list a column.

    Raises
    ------
    RequestError
        With status 406, if none of our forms is taken.

    Examples
    --------
    >>> choose_format("text/html, text/csv;q=0.9, */*;q=0.1").media_type
    'text/csv; charset=utf-8'
    """
    if not accept.strip():
        return RECORDS
    wishes = [_read_range(text) for text in accept.split(",") if text.strip()]
    # The sort is stable, so of equal wishes the first counts.
    for weight, form in sorted(wishes, key=lambda wish: -wish[0]):
        if form is not None and weight > 0:
            return form
    raise RequestError(
        f"The request accepts '{accept}', which no answer is. Accept application/json, "
        "application/json; orient=columns, or text/csv.",
        status=406,
    )


def check_format(form: Format, n_tasks: int) -> None:
    """Refuse before any work what the form cannot hold."""
    if form is CSV and n_tasks != 1:
        raise RequestError(
            f"The request accepts text/csv and asks for {n_tasks} runs, which are not one "
            "table. Accept application/json, or ask for one run.",
            status=406,
        )


def write_answer(results: Sequence[Result], form: Format) -> str:
    """Write the answer to a message: one object, or a list when it asked for several runs."""
    if form is CSV:
        return _write_csv(results[0])
    if form is RECORDS and len(results) == 1:
        (result,) = results
        return _responses.write_answer(result.run, continuation=result.continuation)
    return dumps(make_answer(results, form))


def make_answer(results: Sequence[Result], form: Format = RECORDS) -> Any:
    """Make the answer to a message of dicts, lists and plain values."""
    if len(results) == 1:
        return _make_one(results[0], form)
    return [_make_one(result, form) for result in results]


def _make_one(result: Result, form: Format) -> dict[str, Any]:
    run = result.run
    answer = to_answer(run)
    if form is COLUMNS:
        answer["predictions"] = to_columns(run.predictions)
        answer["rejected"] = to_columns(run.rejected)
    answer["continuation"] = result.continuation
    return answer


def _write_csv(result: Result) -> str:
    """Write one line a row: the key, the predictions, and why the row was rejected if it was."""
    scored, refused = to_columns(result.run.predictions), to_columns(result.run.rejected)
    n_scored, n_refused = len(result.run.predictions), len(result.run.rejected)
    reasons = [
        f"{stage}: {reason}"
        for stage, reason in zip(refused["stage"], refused["reason"], strict=True)
    ]
    columns = [[*values, *refused.get(name, [None] * n_refused)] for name, values in scored.items()]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*scored, REJECTED])
    writer.writerows(zip(*columns, [None] * n_scored + reasons, strict=True))
    return text.getvalue()


def _read_range(text: str) -> tuple[float, Format | None]:
    """Read one media range with its weight."""
    media_range, *given = (part.strip().lower() for part in text.split(";"))
    parameters = dict(part.partition("=")[::2] for part in given)
    form = _BY_RANGE.get(media_range)
    if form is RECORDS and parameters.get("orient", "records") != "records":
        form = COLUMNS if parameters["orient"] == "columns" else None
    try:
        return float(parameters.get("q", 1)), form
    except ValueError:
        return 0.0, form
