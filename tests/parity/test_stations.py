"""Stations: a clean process with the module, and one with nothing but a package."""

from pathlib import Path

import pytest
from parity.repository import change_code, make_package

from dspipe.errors import ParityError
from dspipe.parity import GoldenRun, find_place, replay_module, replay_package
from dspipe.parity._golden import save_golden


def test_module_replays_in_a_clean_process_with_its_database(
    recorded: GoldenRun, file: Path
) -> None:
    """The module finds its model and its source from another working directory."""
    came_to = replay_module(recorded, find_place(file, "FlightDelay"), is_live=True)

    assert str(came_to) == "FlightDelay, golden run 'june', in the module: equal for 4 rows."


def test_module_inside_of_a_package_is_imported_by_its_full_name(tmp_path: Path) -> None:
    """The folder that goes on the path is the one above the highest package."""
    inner = tmp_path / "shop" / "models"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        (folder / "__init__.py").touch()

    place = find_place(inner / "delay.py", "FlightDelay")

    assert (place.folder, place.module) == (tmp_path, "shop.models.delay")


def test_module_that_leans_on_the_notebook_is_refused(recorded: GoldenRun, file: Path) -> None:
    """A name that only the kernel knew is an error of the clean process, with its line."""
    change_code(file, "NIGHT = 18", "NIGHT = night_of_the_kernel")

    with pytest.raises(ParityError) as caught:
        replay_module(recorded, find_place(file, "FlightDelay"))

    message = str(caught.value)
    assert message.startswith(
        f"FlightDelay cannot be loaded from the module {file.parent} in a clean process, with "
        "another working directory:\n"
    )
    assert "NameError: name 'night_of_the_kernel' is not defined" in message
    assert message.endswith("\nImport what it needs, and name files by the folder of the module.")


def test_process_that_ends_early_is_said(recorded: GoldenRun, file: Path) -> None:
    """A crash leaves no result, and is no success."""
    change_code(file, "NIGHT = 18", "import os\nos._exit(3)")

    with pytest.raises(ParityError) as caught:
        replay_module(recorded, find_place(file, "FlightDelay"))

    assert str(caught.value) == "The process of the module ended early: exit code 3."


def test_module_that_replays_itself_does_not_start_another_without_end(
    recorded: GoldenRun, file: Path
) -> None:
    """A script that checks at its top level is loaded by the station, and would check there too."""
    text = file.read_text(encoding="utf-8")
    replaying = """
from pathlib import Path
from dspipe.parity import find_place, load_golden, replay_module
replay_module(load_golden(Path({golden!r})), find_place(Path(__file__), "FlightDelay"))
"""
    golden = file.parent / "golden"
    save_golden(recorded, golden)
    file.write_text(text + replaying.format(golden=str(golden)), encoding="utf-8")

    with pytest.raises(ParityError) as caught:
        replay_module(recorded, find_place(file, "FlightDelay"))

    assert (
        "FlightDelay is being loaded at a station, and its file delay_pipeline.py starts a replay "
        "when it is imported, which would load it again without end. Put the call under: "
        'if __name__ == "__main__":'
    ) in str(caught.value)


def test_package_replays_with_nothing_but_itself(
    recorded: GoldenRun, file: Path, tmp_path: Path
) -> None:
    """A package has no workshop; its own dspipe replays the golden run."""
    package = make_package(tmp_path / "package", file)

    came_to = replay_package(recorded, package)

    assert not (package / "dspipe" / "parity").exists()
    assert str(came_to) == "FlightDelay, golden run 'june', in the package: equal for 4 rows."


def test_package_of_other_code_differs_by_its_constant(
    recorded: GoldenRun, file: Path, tmp_path: Path
) -> None:
    """What was packed is what is replayed."""
    change_code(file, "NIGHT = 18", "NIGHT = 19")

    (found,) = replay_package(recorded, make_package(tmp_path / "package", file)).differences

    assert (found.stage, found.kind, found.column) == ("postprocess", "code", "is_night")
    assert found.cause == "Changed in the code: 'NIGHT'."


def test_folder_that_is_no_package_is_refused(recorded: GoldenRun, tmp_path: Path) -> None:
    """The record that names the pipeline is missing."""
    with pytest.raises(ParityError) as caught:
        replay_package(recorded, tmp_path)

    assert str(caught.value).startswith(
        f"{tmp_path} holds no package: dspipe.json cannot be read ("
    )
