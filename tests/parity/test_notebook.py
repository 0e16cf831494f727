"""The notebook is a station: a fresh kernel, a copy of the repository, and real cells."""

from pathlib import Path

import pytest
from parity.repository import PIPELINE

from dspipe.errors import ParityError
from dspipe.parity import GoldenRun
from dspipe.parity._copy import copy_repository
from dspipe.parity._notebook import Cell, replay_notebook

pytestmark = pytest.mark.timeout(120)
# What is usual in a notebook: it trains, records, and writes beside itself.
WORK = """
from pathlib import Path
pipe = FlightDelay()
pipe.run(day="2013-06-01").record("june")
Path("notes.txt").write_text("changed")
"""


def list_files(folder: Path) -> dict[str, bytes]:
    """Give every file of a folder with its content."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def run(golden: GoldenRun, file: Path, *sources: str) -> str:
    """Run cells in a fresh kernel, and give what the replay says."""
    cells = [Cell(number, source) for number, source in enumerate(sources, start=2)]
    (replay,) = replay_notebook([golden], file.with_suffix(".ipynb"), cells, file.parent)
    return str(replay)


def test_notebook_comes_to_the_golden_run_and_changes_no_file(
    recorded: GoldenRun, file: Path
) -> None:
    """Cells that record and write do so in a copy."""
    before = list_files(file.parent)

    said = run(recorded, file, PIPELINE, WORK)

    assert said == "FlightDelay, golden run 'june', in the notebook: equal for 4 rows."
    assert list_files(file.parent) == before


def test_cell_below_that_changes_a_constant_is_code(recorded: GoldenRun, file: Path) -> None:
    """The state after the last cell counts, as it did when a person recorded."""
    said = run(recorded, file, PIPELINE, "NIGHT = 19")

    assert said == (
        "FlightDelay, golden run 'june', in the notebook: not the recorded run.\n"
        "  postprocess: column 'is_night' differs (code): 1 row of 4, first 2: True recorded, "
        "False now. Changed in the code: 'NIGHT'."
    )


@pytest.mark.parametrize(
    ("source", "place", "said"),
    [
        ("a = 1\n\nraise ValueError('at postgresql://ann:tulip@db/x')",
         "cell 3, line 3", "ValueError: at postgresql://ann:***@db/x"),
        ("print('secret')\nb = night_of_the_kernel",
         "cell 3, line 2", "NameError: name 'night_of_the_kernel' is not defined"),
        ("a = (1", "cell 3, line 1", "SyntaxError: incomplete input"),
    ],
)  # fmt: skip
def test_cell_that_fails_is_told_by_cell_line_and_exception(
    recorded: GoldenRun, file: Path, source: str, place: str, said: str
) -> None:
    """Neither outputs nor passwords are told."""
    with pytest.raises(ParityError) as caught:
        run(recorded, file, PIPELINE, source)

    assert str(caught.value) == (
        f"delay_pipeline.ipynb does not run from top to bottom in a fresh kernel: {place} fails "
        f"with {said}. Restart the kernel and run all cells, and correct that one; or tag a cell "
        "that is not part of the proof with 'skip-execution'."
    )


def test_notebook_without_the_class_is_told(recorded: GoldenRun, file: Path) -> None:
    """Another notebook, or a class that was renamed since."""
    with pytest.raises(ParityError) as caught:
        run(recorded, file, "FlightDelay = None")

    assert str(caught.value) == (
        "delay_pipeline.ipynb runs, and defines no class FlightDelay at its end. Name the notebook "
        "that the golden run came from, or record the run anew."
    )


def test_kernel_that_dies_is_told(recorded: GoldenRun, file: Path) -> None:
    """A crash is a finding too."""
    with pytest.raises(ParityError, match=r"^The kernel died while delay_pipeline\.ipynb ran in"):
        run(recorded, file, "import os\nos._exit(1)")


def test_cell_knows_that_it_is_only_checked(recorded: GoldenRun, file: Path) -> None:
    """So a command that deploys can refuse."""
    said = run(recorded, file, PIPELINE, "import os\nassert os.environ['DSPIPE_CHECKING']")

    assert said.endswith(": equal for 4 rows.")


def test_copy_leaves_history_environments_and_builds_out(tmp_path: Path) -> None:
    """What a cell needs is there; what is large and not its own is not."""
    root = tmp_path / "root"
    for name in ("a.py", "data/x.csv", ".git/HEAD", "env/pyvenv.cfg", "build/y", "src/build/z"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x", encoding="utf-8")
    (root / "link").symlink_to(root / "a.py")
    (root / "broken").symlink_to(root / "nothing")

    copied = copy_repository(root, tmp_path / "copy")

    assert sorted(list_files(copied)) == ["a.py", "data/x.csv", "link", "src/build/z"]
    assert not (copied / "link").is_symlink()


def test_repository_that_is_too_large_is_not_copied(tmp_path: Path) -> None:
    """A proof must not fill a disk."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "data").write_bytes(b"x" * 11)

    with pytest.raises(ParityError) as caught:
        copy_repository(tmp_path / "root", tmp_path / "copy", most_bytes=10)

    assert str(caught.value) == (
        f"{tmp_path / 'root'} holds 0.0 GB, and a notebook is run in a copy of its repository of "
        "at most 0 GB, so that its cells change nothing. Move large data out of the repository, or "
        "check without --notebook."
    )
    assert not (tmp_path / "copy").exists()
