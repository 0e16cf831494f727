"""What records show of themselves in a notebook: facts, escaped, bounded, and no secret."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe import Contract, Policy, PredictionPipeline, sql
from dspipe.checks import CheckReport, Finding
from dspipe.displays import _frames, _parts, draw_cells, draw_golden, draw_replay
from dspipe.parity import record
from dspipe.predictors import MockPredictor, SklearnPredictor

MARKUP = "<script>alert(1)</script>"


class LateFlight(PredictionPipeline):
    """Say whether it will be late.

    More is not shown.
    """

    key = "flight"
    predictor = MockPredictor(0.25)

    def extract(self, n: int, carrier: str | None = None, api_token: str = "tulip") -> pd.DataFrame:  # noqa: S107 - a secret to hide
        """Ask for flights.

        Parameters
        ----------
        n : int
            How many <b>rows</b>.
        """
        return pd.DataFrame({"flight": range(n), "distance": 100.0, MARKUP: MARKUP})


class Words(HTMLParser):
    """Collects what a reader of a display meets: tags that were opened, and text."""

    def __init__(self, display: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(display)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Remember a tag."""
        self.tags.append(tag)
        if tag not in {"path", "rect"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close a tag, which must be the one that was opened last."""
        if tag not in {"path", "rect"}:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Remember a text that is no style."""
        if self.open and self.open[-1] != "style" and data.strip():
            self.texts.append(data.strip())


def make_displays(folder: Path) -> dict[str, str]:
    """Draw one of each, with markup in names and values."""
    pipe = LateFlight()
    run = pipe.run(n=30)
    golden = record(pipe, "first", folder=folder, n=30)
    features = pd.DataFrame({MARKUP: [MARKUP, "a"], "hour": [0, 23]})
    contract = Contract.infer(features)
    other = Contract.infer(features.rename(columns={"hour": "<i>"}), policy=Policy(extra="warn"))
    shown = {
        "pipeline": pipe,
        "run": run,
        "preview": pipe.preview(3, n=9),
        "golden": golden,
        "contract": contract,
        "diff": contract.diff(other),
        "query": sql("select '<b>' where :a = 1", a=MARKUP),
        "report": CheckReport("<b>", (Finding("G101", MARKUP),), (MARKUP,), (MARKUP,)),
        "predictor": pipe.predictor,
    }
    return {name: record._repr_html_() for name, record in shown.items()}  # type: ignore[attr-defined]  # each has one


@pytest.fixture(scope="module")
def displays(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Draw one of each."""
    return make_displays(tmp_path_factory.mktemp("golden"))


def test_displays_hold_no_markup_of_users_and_close_what_they_open(
    displays: dict[str, str],
) -> None:
    """Names and values are text, whatever they look like."""
    for drawn in displays.values():
        words = Words(drawn)

        assert {"script", "b", "i"} & set(words.tags) <= {"b", "i"}
        assert MARKUP not in drawn
        assert "<i>" not in drawn.replace('<span class="share"><i>', "")
        assert words.open == []


def test_displays_begin_with_a_heading_and_name_the_heads_of_their_tables(
    displays: dict[str, str],
) -> None:
    """A screen reader can go from part to part, and tell a column by its name."""
    for drawn in displays.values():
        words = Words(drawn)

        assert words.tags.count("h3") == 1
        assert drawn.count('<th scope="col"') >= drawn.count("<thead>")


def test_displays_keep_their_style_to_themselves(displays: dict[str, str]) -> None:
    """Every rule is of our own class, so that the page around is as it was."""
    style = displays["run"].partition("<style>")[2].partition("</style>")[0]
    rules = [rule.partition("{")[0] for rule in style.split("}") if rule.strip()]

    selectors = [part.strip() for rule in rules for part in rule.split(",")]
    assert [each for each in selectors if not each.startswith(".dspipe.dspipe")] == []
    assert "url(" not in style


def test_pipeline_shows_its_question_stages_and_arguments(displays: dict[str, str]) -> None:
    """What a person asks first: what is predicted, what must be given, by which model."""
    texts = Words(displays["pipeline"]).texts

    assert texts[:2] == ["LateFlight", "one row is one flight"]
    assert "Say whether it will be late." in texts
    assert "More is not shown." not in texts
    assert {"extract", "postprocess", "SQL only", "MockPredictor", "How many <b>rows</b>."} <= set(
        texts
    )
    assert "str | None" in texts


def test_pipeline_shows_no_default_that_is_called_like_a_secret(
    displays: dict[str, str],
) -> None:
    """A token that stands in a signature is not on the screen."""
    assert "tulip" not in displays["pipeline"]
    assert "tulip" not in displays["run"]


def test_pipeline_without_a_predictor_or_with_its_own_says_so() -> None:
    """A pipeline is looked at before there is a model, too."""

    class Bare(PredictionPipeline):
        key = ("a", "b")
        batch_rows = None

        def extract(self) -> pd.DataFrame:
            return pd.DataFrame({"a": [1], "b": [2]})

        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            return data

    class Own(Bare):
        def predict(self, features: pd.DataFrame) -> pd.DataFrame:  # type: ignore[override]  # users take what they need
            return features

    bare, own = Bare()._repr_html_(), Own()._repr_html_()

    assert '<span class="badge warn">no predictor yet</span>' in bare
    assert {"one row is one a, b", "features in Python", "None.", "all rows"} <= set(
        Words(bare).texts
    )
    assert "predicts in its own way" in own
    assert "no predictor yet" not in own


def test_pipeline_whose_model_is_missing_says_where_it_was_looked_for() -> None:
    """To look at a pipeline never fails."""
    drawn = LateFlight(predictor=SklearnPredictor("models/none"))._repr_html_()

    assert "There is no model folder &#x27;models/none&#x27;." in drawn


class Knows(MockPredictor):
    """A predictor that says what its features must look like."""

    @property
    def contract(self) -> Contract:
        """One column."""
        return Contract.infer(pd.DataFrame({"distance": [0.0, 2_500.0]}))


def test_pipeline_folds_the_contract_of_its_model_away() -> None:
    """It is there for whoever opens it, and its size is told before."""
    texts = Words(LateFlight(predictor=Knows(0.5))._repr_html_()).texts

    assert texts[-9:] == [
        "Contract: 1 column",
        "column", "type", "nulls", "values",
        "distance", "float64", "no", "0 to 2500",
    ]  # fmt: skip


def test_argument_whose_type_was_written_in_quotes_is_shown() -> None:
    """A type is shown with all that it carries, also where it was written in quotes."""

    class Quoted(LateFlight):
        def extract(self, n: "int", day: "Annotated[str, 'iso']" = "x") -> pd.DataFrame:  # type: ignore[override]  # arguments are the user's own
            return pd.DataFrame({"flight": range(n)})

    assert "Annotated" in Quoted()._repr_html_()


def test_golden_run_of_a_query_shows_its_statement() -> None:
    """What was asked of the database, and of how many rows these are."""
    frames = {"extracted": pd.DataFrame({"flight": [1, 2]}), "rejected": pd.DataFrame()}
    query = {"text": "select 1 as flight", "source": "default", "binds": {}}

    texts = Words(
        draw_golden(
            title="Late · june", n_rows=5_000, frames=frames, arguments={}, query=query, facts={}
        )
    ).texts

    assert texts[:3] == ["Late · june", "golden run of 2 rows out of 5,000", "extracted: 2 rows"]
    assert texts[-2:] == ["Query on default", "select 1 as flight"]


def test_run_marks_rejected_rows_and_warnings_at_its_top() -> None:
    """What must not be missed stands beside the name."""
    frame = pd.DataFrame({"flight": [1, None], "distance": [1.0, 2.0]})

    drawn = LateFlight(on_bad_row="reject").score(frame)._repr_html_()

    assert '<span class="badge bad">1 rejected</span>' in drawn


def test_contract_shows_types_ranges_and_policy() -> None:
    """One line a column, in the order of the model."""
    frame = pd.DataFrame(
        {
            "hour": [0, 23],
            "share": [0.5, None],
            "size": pd.Categorical(["s", "m"], categories=["s", "m"], ordered=True),
            "is_new": [True, False],
        }
    )

    texts = Words(Contract.infer(frame)._repr_html_()).texts

    assert [text for text in texts if text in frame.columns] == list(frame.columns)
    assert {"0 to 23", "ordered category of str", "2 values: 's', 'm'", "out of range"} <= {
        text.replace("of object", "of str") for text in texts
    }


def test_contract_diff_shows_before_and_after_side_by_side() -> None:
    """A text for a program and a terminal, a table for a notebook."""
    one = Contract.infer(pd.DataFrame({"hour": [0, 12], "old": [1, 2]}))
    two = Contract.infer(pd.DataFrame({"new": [1, 2], "hour": [0, 23]}))

    diff = one.diff(two)

    assert diff == "- hour: maximum 12\n+ hour: maximum 23\n- old: int64\n+ new: int64"
    texts = Words(diff._repr_html_()).texts
    assert texts[:2] == ["Contract, before and after", "3 changes"]
    assert texts[-10:] == [
        "hour", "changed", "maximum 12", "maximum 23",
        "old", "removed", "int64",
        "new", "added", "int64",
    ]  # fmt: skip


def test_contract_diff_of_equal_contracts_says_so() -> None:
    """Nothing is said, in a sentence."""
    one = Contract.infer(pd.DataFrame({"hour": [0, 12]}))

    assert Words(one.diff(one)._repr_html_()).texts[1:] == ["nothing changed"]


def test_replay_says_of_a_difference_without_column_that_it_is_the_frame() -> None:
    """Rows that are gone belong to no column."""
    gone = {"stage": "extract", "column": None, "kind": "rows", "found": "1 key.", "cause": ""}

    drawn = draw_replay(title="Late", station="the module", n_rows=4, differences=[gone])

    assert Words(drawn).texts[-4:] == ["extract", "the frame", "rows", "1 key."]


def test_report_that_found_nothing_is_passed() -> None:
    """The verdict stands at the top, in words."""
    texts = Words(CheckReport("Late", (), ("All is well.",), ())._repr_html_()).texts

    assert texts == ["Checks of Late", "passed", "nothing was found", "Proven", "All is well."]


def test_cells_are_counted_by_their_verdict() -> None:
    """A notebook of many cells can be judged at a glance."""
    cell = {"number": 1, "first_line": "x = 1", "verdict": "ships", "reasons": ()}
    other = {"number": 2, "first_line": "y", "verdict": "stays", "reasons": ("It is <empty>.",)}

    texts = Words(
        draw_cells(title="Late", notebook="a.ipynb", cells=[cell, other], remarks=["Saved."])
    ).texts

    assert texts[:4] == ["Cells of Late", "a.ipynb", "1 ships", "1 stays"]
    assert texts[8:] == ["1", "x = 1", "ships", "2", "y", "stays", "It is <empty>.", "Remarks",
                         "Saved."]  # fmt: skip


def test_long_and_wide_frames_are_cut_with_a_count() -> None:
    """A million rows or a thousand columns are no reason to stop a browser."""
    frame = pd.DataFrame({f"c{n}": ["x" * 100] for n in range(40)}, index=range(1))
    many = pd.concat([frame] * 25)

    drawn = _frames.table(many)

    assert "and 15 more of 25 rows" in drawn
    assert "and 10 more of 40 columns" in drawn
    assert "x" * 79 + "…" in drawn
    assert "x" * 80 not in drawn


def test_long_text_and_long_tables_are_cut_with_a_count() -> None:
    """The same holds for sentences and for lists of findings."""
    grid = _parts.grid([_parts.Column("n")], [(n,) for n in range(300)])

    assert _parts.text("x" * 3_000).endswith("x… (3,000 characters)")
    assert "and 100 more of 300 rows" in grid


def test_query_hides_binds_that_are_called_like_secrets() -> None:
    """What is bound may be a key of somebody."""
    drawn = sql("select :api_key, :day", api_key="tulip", day="monday")._repr_html_()

    assert "tulip" not in drawn
    assert "&#x27;monday&#x27;" in drawn


@given(st.text(), st.text())
def test_text_of_users_never_becomes_markup(name: str, value: str) -> None:
    """Whatever is written, the tags of a display are its own."""
    drawn = _parts.block(
        _parts.heading(name, note=value),
        _parts.facts({name: value}),
        _frames.table(pd.DataFrame({name: [value]})),
        _parts.grid([_parts.Column(name)], [(value,)]),
    )

    assert [tag for tag in Words(drawn).tags if tag not in {"style", "th", "td"}] == [
        "div", "h3", "span", "dl", "dt", "dd",
        *["div", "table", "thead", "tr", "tbody", "tr"] * 2,
    ]  # fmt: skip
