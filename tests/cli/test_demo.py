"""The sample that an installed package brings along."""

from pathlib import Path
from typing import TYPE_CHECKING

from dspipe.demo._sample import make_visits

if TYPE_CHECKING:
    from conftest import Invoke


def test_demo_works_again_and_by_hand_when_it_was_made(invoke: "Invoke", tmp_path: Path) -> None:
    """The first demo trains, the second reuses, and its pipeline runs like any other."""
    folder = tmp_path / "shop"

    first = invoke("demo", "--folder", folder)
    second = invoke("demo", "--folder", folder)
    by_hand = invoke("run", folder / "pipeline.py", "--day", "2026-06-12", "--format", "csv")

    assert (first.exit_code, second.exit_code, by_hand.exit_code) == (0, 0, 0)
    assert "AUC on the 30 days after training: 0.7" in first.stderr
    assert "AUC" not in second.stderr
    assert "predictions: 105 rows" in first.stdout
    assert len(by_hand.stdout.splitlines()) == 106
    assert sorted(path.name for path in folder.iterdir() if path.name != "__pycache__") == [
        "data",
        "models",
        "pipeline.py",
        "pyproject.toml",
        "run.html",
    ]


def test_sample_is_same_when_made_twice() -> None:
    """The sample is seeded, so that everybody sees the same numbers."""
    first, second = make_visits(), make_visits()

    assert first.equals(second)
    assert first["visit_id"].is_unique
    assert 0.1 < first["bought"].mean() < 0.5
