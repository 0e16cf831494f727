"""Tables fit the terminal, and lose no letter for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe.cli._fitted_table import fit_widths, fold, make_console, print_table

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:flights/database-??????"
TEXTS = st.text(alphabet="ab:/,_ -", max_size=60)


@given(text=TEXTS, width=st.integers(1, 30))
def test_folded_text_has_no_line_that_is_wider(text: str, width: int) -> None:
    """Also where a name is longer than the line."""
    folded = fold(text.strip(), width)

    assert all(len(line) <= width for line in folded.split("\n"))


@given(text=TEXTS, width=st.integers(1, 30))
def test_folding_loses_no_letter(text: str, width: int) -> None:
    """Only spaces come and go."""
    folded = fold(text.strip(), width)

    assert "".join(folded.split()) == "".join(text.split())


def test_a_word_that_fits_on_a_line_stays_whole() -> None:
    """A name is broken behind its parts only when there is no other way."""
    folded = fold("Role may sqs:ReceiveMessage", 20)

    assert folded == "Role may\nsqs:ReceiveMessage"


def test_what_is_indented_stays_indented() -> None:
    """A reader sees what belongs together."""
    folded = fold(f"Role may read\n  on {ARN}", 60)

    assert folded == (
        "Role may read\n"
        "  on arn:aws:secretsmanager:eu-west-1:123456789012:secret:\n"
        "  flights/database-??????"
    )


@given(widths=st.lists(st.integers(1, 200), min_size=1, max_size=5))
def test_columns_that_are_narrowed_fit(widths: list[int]) -> None:
    """Narrow columns keep their width as long as a wider one can give way."""
    fitted = fit_widths(widths, 80)

    assert sum(fitted) + 3 * len(fitted) + 1 <= 80
    assert all(narrow <= wide for narrow, wide in zip(fitted, widths, strict=True))


@pytest.mark.parametrize("width", [80, 100])
def test_no_line_of_a_table_is_wider_than_the_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Columns that hold nothing are left out."""
    monkeypatch.setenv("COLUMNS", str(width))
    row = ("Add", "AsynchronousInvokes", "", "AWS::Lambda::EventInvokeConfig", ARN)

    print_table(make_console(), "Resources", ("change", "resource", "none", "type", "on"), [row])

    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines()) <= width
    assert "AsynchronousInvokes" in out
    assert "none" not in out
