"""Runs in parts: joined they are the whole run, wherever the time was over."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from alarm import free_alarm
from hypothesis import given
from hypothesis import strategies as st
from pipelines import make_rows

from dspipe import PredictionPipeline, Run
from dspipe._continuation import KeyTrail, Mark, Work
from dspipe._deadline import TimeIsOver, remaining_seconds, time_limit
from dspipe._parts import Part
from dspipe._runtime import run_part, score_part
from dspipe.errors import (
    ContinuationError,
    DeadlineError,
    PredictorTimeoutError,
    SourceTimeoutError,
)
from dspipe.predictors import Predictor
from dspipe.sources import close_all, sql

__all__ = ["free_alarm"]


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


class Slow(Predictor):
    """Takes a second a batch; ends as it is told when the time is over meanwhile."""

    def __init__(self, error: type[BaseException] | None = None, seconds: float = 1.0) -> None:
        self.clock = Clock()
        self._error = error
        self._seconds = seconds

    @property
    def model_id(self) -> str | None:
        """Name the model."""
        return "slow"

    def predict(self, features: pd.DataFrame) -> pd.Series:
        """Predict twice the size."""
        self.clock.now += self._seconds
        left = remaining_seconds()
        if self._error is not None and left is not None and left <= 0:
            raise self._error("Too late.")
        return features["size"] * 2


class Shop(PredictionPipeline):
    """Extracts some rows, as a frame or as an iterator, and predicts slowly."""

    key = "row_id"
    rows = make_rows(10)
    is_cut = False

    def extract(self, n_rows: int = 10) -> pd.DataFrame | Iterator[pd.DataFrame]:
        """Give the rows."""
        frame = self.rows.head(n_rows)
        if not self.is_cut:
            return frame
        return (frame.iloc[start : start + 3] for start in range(0, len(frame), 3))


def make_shop(predictor: Predictor | None = None, **options: Any) -> Any:
    """Make a pipeline with a slow predictor of its own."""
    return Shop(predictor=predictor or Slow(), **options)


def run_one(shop: Any, seconds: float, continuation: str | None = None, **given: Any) -> Part:
    """Run a part within so many seconds of the predictor's clock."""
    with time_limit(seconds, clock=shop.predictor.clock):
        return run_part(shop, given, continuation=continuation)


def join(runs: list[Run]) -> dict[str, list[Any]]:
    """Put the rows of some runs one after another."""
    predictions = pd.concat([run.predictions for run in runs if len(run.predictions)] or [empty()])
    return {
        "keys": predictions.index.tolist(),
        "predictions": predictions["prediction"].tolist(),
        "rejected": [key for run in runs for key in run.rejected.index.tolist()],
        "reasons": [reason for run in runs for reason in run.rejected["reason"].tolist()],
        "rows": [sum(run.rows[stage] for run in runs) for stage in runs[0].rows],
    }


def empty() -> pd.DataFrame:
    """Make predictions of no rows."""
    return pd.DataFrame({"prediction": []})


@given(
    keys=st.lists(st.none() | st.integers(0, 15), max_size=25),
    sizes=st.lists(st.none() | st.integers(1, 8), min_size=1, max_size=4),
    seconds=st.lists(st.floats(0.5, 6), min_size=1, max_size=5),
    error=st.sampled_from([None, TimeIsOver, PredictorTimeoutError]),
    is_cut=st.booleans(),
)
def test_parts_joined_are_the_whole_run_wherever_they_were_interrupted(
    keys: list[int | None],
    sizes: list[int | None],
    seconds: list[float],
    error: type[BaseException] | None,
    *,
    is_cut: bool,
) -> None:
    """No row is lost or answered twice, for any batch sizes and any times of the parts."""
    rows = pd.DataFrame({"row_id": pd.array(keys, "Int64"), "size": np.arange(len(keys)) * 0.5})
    rows.loc[rows.index % 5 == 4, "size"] = np.nan
    whole_shop = make_shop(on_bad_row="reject", batch_rows=sizes[0])
    whole_shop.rows, whole_shop.is_cut = rows, is_cut
    whole = whole_shop.run(n_rows=99)

    runs: list[Run] = []
    token = None
    # Twice as many parts as there can be, since some have no time for anything.
    for size, limit in islice(zip(cycle(sizes), cycle([*seconds, 1.5]), strict=False), 400):
        shop = make_shop(Slow(error), on_bad_row="reject", batch_rows=size)
        shop.rows, shop.is_cut = rows, is_cut
        try:
            part = run_one(shop, limit, token, n_rows=99)
        except DeadlineError:
            continue
        runs.append(part.run)
        token = part.continuation
        if token is None:
            break

    assert join(runs) == join([whole])


@given(st.integers(0, 20), st.integers(1, 6), st.integers(1, 5))
def test_given_rows_are_scored_in_parts_as_well(n_rows: int, size: int, n_seconds: int) -> None:
    """Who sends the same rows with the token gets the rest of the answers."""
    rows, shop = make_rows(n_rows), make_shop(batch_rows=size)

    runs: list[Run] = []
    token = None
    for _ in range(n_rows + 1):
        with time_limit(n_seconds + 0.5, clock=shop.predictor.clock):
            part = score_part(shop, rows, {}, continuation=token)
        runs.append(part.run)
        token = part.continuation
        if token is None:
            break

    assert join(runs) == join([shop.score(rows)])


def test_part_stops_before_a_batch_that_would_come_too_late() -> None:
    """What the batches before took says whether there is time for another."""
    shop = make_shop(batch_rows=2)

    part = run_one(shop, 3.5)

    assert part.run.predictions.index.tolist() == [0, 1, 2, 3, 4, 5]
    assert part.run.rows == {"extract": 6, "postprocess": 6, "predict": 6, "rejected": 0}
    assert part.continuation is not None


def test_part_is_the_whole_run_when_there_is_no_limit() -> None:
    """Without a limit nothing is left to do."""
    part = run_part(make_shop(batch_rows=2), {})

    assert len(part.run.predictions) == 10
    assert part.continuation is None


def test_part_calls_back_with_each_batch() -> None:
    """Progress can be shown while a part goes on."""
    seen: list[int] = []
    shop = make_shop(batch_rows=4)
    first = run_one(shop, 1.5)

    run_part(
        shop,
        {},
        continuation=first.continuation,
        on_batch=lambda result: seen.append(result.first_row),
    )

    assert seen == [4, 8]


@pytest.mark.parametrize(
    ("predictor", "seconds"),
    [(Slow(TimeIsOver), 0.5), (Slow(PredictorTimeoutError), 0.5), (Slow(), -1)],
)
def test_part_says_what_to_do_when_there_is_no_time_for_one_batch(
    predictor: Slow, seconds: float
) -> None:
    """An answer without a row would be asked for again and again."""
    with pytest.raises(DeadlineError) as caught:
        run_one(make_shop(predictor, batch_rows=2), seconds)

    assert str(caught.value) == (
        f"Shop was given {max(seconds, 0):.3g} seconds, and they were over before its first batch "
        "of rows was done. Give it more time, choose a smaller batch_rows, or ask for fewer rows."
    )


def test_part_leaves_a_timeout_alone_that_is_not_caused_by_its_limit() -> None:
    """A database's own timeout is an error of the database, also after the first batch."""

    class Broken(Slow):
        def predict(self, features: pd.DataFrame) -> pd.Series:
            if features.index[0] == 2:
                raise SourceTimeoutError("Too slow.")
            return super().predict(features)

    with pytest.raises(SourceTimeoutError) as caught:
        run_one(make_shop(Broken(), batch_rows=2), 60)

    assert str(caught.value) == "Too slow."


def test_part_refuses_to_go_on_when_the_rows_come_in_another_order() -> None:
    """A query without ORDER BY would lose rows and answer others twice."""
    shop = make_shop(batch_rows=4)
    token = run_one(shop, 1.5).continuation
    shop.rows = make_rows(10).iloc[::-1]

    with pytest.raises(ContinuationError) as caught:
        run_one(shop, 9, token)

    assert str(caught.value) == (
        "Shop cannot go on after the 4 rows that were done: this time other keys, or another order "
        "of them, came from extract. Let the query ORDER BY the key, so that rows keep their "
        "places, or leave the continuation out to begin anew."
    )


def test_part_refuses_to_go_on_when_rows_are_missing() -> None:
    """Given rows must be given again, all of them."""
    shop = make_shop(batch_rows=4)
    with time_limit(1.5, clock=shop.predictor.clock):
        token = score_part(shop, make_rows(9), {}).continuation

    with pytest.raises(ContinuationError) as caught:
        score_part(shop, make_rows(2), {}, continuation=token)

    assert str(caught.value) == (
        "Shop cannot go on after the 4 rows that were done: this time other rows, 2 in all, were "
        "given. Give the same rows in the same order, or leave the continuation out to begin anew."
    )


WORK = Work("Shop", {"day": "2013-06-01", "carriers": {"AA", "UA", "B6"}}, Slow())
MARK = Mark(7, "0" * 32)


class Newer(Slow):
    """Stands for another model."""

    @property
    def model_id(self) -> str | None:
        """Name the model."""
        return "newer"


OTHER_WORK = [
    (replace(WORK, pipeline="Bank"), "Bank cannot go on: the continuation belongs to Shop. Send it "
     "there, or leave the continuation out to begin anew."),
    (replace(WORK, is_given=True), "Shop cannot go on: the continuation belongs to rows that "
     "extract returned. Ask again in the same way, or leave the continuation out to begin anew."),
    (replace(WORK, arguments={"day": "2013-06-02"}), "Shop cannot go on: the continuation belongs "
     "to other arguments. Send it with the same arguments, or leave the continuation out to begin "
     "anew."),
    (replace(WORK, predictor=Newer()), "Shop cannot go on: the continuation belongs to the model "
     "slow, and the model is now newer. Use it, or leave the continuation out to begin anew."),
]  # fmt: skip


@pytest.mark.parametrize(("work", "message"), OTHER_WORK)
def test_token_is_refused_when_it_belongs_to_other_work(work: Work, message: str) -> None:
    """Pipeline, arguments, model and the way of asking are those of the first part."""
    token = WORK.write_token(MARK)

    with pytest.raises(ContinuationError) as caught:
        work.read_token(token)

    assert str(caught.value) == message


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda raw: raw.hex()))
def test_token_is_refused_when_it_is_none_of_ours(text: str) -> None:
    """Whatever a caller sends is a sentence, never a crash."""
    with pytest.raises(ContinuationError) as caught:
        WORK.read_token(text)

    assert str(caught.value) == (
        f"The continuation that begins with {repr(text)[:20]} is none that dspipe gave, or a part "
        "of it is missing. Send the one of the last answer as it is, or leave it out to begin anew."
    )


@given(st.integers(0, 200), st.characters(codec="ascii"))
def test_token_is_refused_when_a_character_of_it_changed(place: int, character: str) -> None:
    """Half a token, or one with a slip, never goes on at a wrong place."""
    token = WORK.write_token(MARK)
    place %= len(token)
    changed = token[:place] + character + token[place + 1 :]

    if changed != token:
        with pytest.raises(ContinuationError):
            WORK.read_token(changed)
    with pytest.raises(ContinuationError):
        WORK.read_token(token[:place])


def test_token_is_text_for_a_url_and_names_no_argument() -> None:
    """It may stand in an address and in a log."""
    token = WORK.write_token(MARK)

    assert WORK.read_token(token) == MARK
    assert token.replace("-", "").replace("_", "").isalnum()
    assert "2013" not in token


def test_token_of_another_version_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token outlives a deployment and says so."""
    monkeypatch.setattr("dspipe._continuation._VERSION", 2)
    token = WORK.write_token(MARK)
    monkeypatch.undo()

    with pytest.raises(ContinuationError) as caught:
        WORK.read_token(token)

    assert str(caught.value) == (
        "The continuation was made by another version of dspipe. Leave it out to begin anew."
    )


@given(st.lists(st.integers() | st.text(), max_size=12), st.lists(st.integers(0, 12), max_size=4))
def test_trail_does_not_depend_on_the_batches(keys: list[Any], cuts: list[int]) -> None:
    """A run may go on with another batch size."""
    texts, whole, cut = [str(key) for key in keys], KeyTrail(), KeyTrail()
    bounds = sorted({0, len(texts), *(place for place in cuts if place <= len(texts))})

    whole.add(pd.Index(texts))
    for start, stop in pairwise(bounds):
        cut.add(pd.Index(texts[start:stop]))

    assert cut.mark() == whole.mark()


@pytest.mark.usefixtures("free_alarm")
def test_part_interrupts_code_of_the_user_that_does_not_return() -> None:
    """What is done is answered, and the batch that hung is left for the next part."""

    class Hangs(Shop):
        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            while data["row_id"].iloc[0] == 4:
                threading.Event().wait(10)
            return data

    Hangs.__name__ = "Shop"
    shop: Any = Hangs(predictor=Slow(), batch_rows=4)
    with time_limit(0.3):
        part = run_part(shop, {})
    rest = run_one(make_shop(batch_rows=4), 9, part.continuation)

    assert part.run.predictions.index.tolist() == [0, 1, 2, 3]
    assert rest.run.predictions.index.tolist() == [4, 5, 6, 7, 8, 9]


def test_part_of_a_query_stops_the_database_in_time(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first rows are answered while the rest would take a minute."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DSPIPE_SOURCE_DEFAULT", postgresql_url)
    made = (
        "select i as row_id, 0.5 as size, case when i > 20000 then pg_sleep(60) end::text as wait "
        "from generate_series(1, 20001) i where i > :least"
    )

    class Query(Shop):
        def extract(self, n_rows: int = 0) -> Any:
            return sql(made, least=n_rows)

    shop: Any = Query(predictor=Slow(), batch_rows=5_000)
    with time_limit(1.5):
        part = run_part(shop, {})
    close_all()

    assert 5_000 <= len(part.run.predictions) <= 20_000
    assert part.continuation is not None
