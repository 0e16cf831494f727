"""What `dspipe check` runs: golden runs at every station, and the promises of a pipeline."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from parity.repository import (
    PIPELINE,
    change_code,
    change_data,
    forget,
    load_class,
    make_package,
    make_repository,
)
from pipelines import GivesFrame

from dspipe.checks import CheckReport, Finding, check
from dspipe.checks._findings import RULES
from dspipe.package import Package
from dspipe.package._saved import save_package
from dspipe.parity import record

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Give the file of a pipeline whose golden run is recorded."""
    file = make_repository(tmp_path)
    load_class(file)().run(day="2013-06-01").record("june")
    yield file
    forget()


def codes_of(report: CheckReport) -> list[str]:
    """List the codes that were found."""
    return [finding.code for finding in report.findings]


def test_sound_pipeline_passes_every_check(file: Path) -> None:
    """Golden run, module, promises and drawn rows: each is said."""
    report = check(load_class(file))

    assert report.findings == ()
    assert report.is_passed
    assert report.done == (
        "FlightDelay, golden run 'june', in this process: equal for 4 rows.",
        "FlightDelay, golden run 'june', in the module: equal for 4 rows.",
        "FlightDelay keeps its promises on the rows of 'june': the same answers in other batches, "
        "in another order and made again, and no row modified.",
        "postprocess takes 50 drawn frames with the types, ranges and nulls of 'june', no rows "
        "among them.",
        "1 statement reviewed: no value is pasted, no row is left to the clock or to chance.",
        "No secret was found in 2 files.",
    )
    assert report.skipped == (
        "Versions were not compared: no lock stands beside delay_pipeline.py or in the root of its "
        "repository. Write one: dspipe convert does, with the module.",
        "No package was given, so none was replayed.",
    )
    assert repr(report) == "<CheckReport of FlightDelay: passed, 0 findings>"


def test_pipeline_without_golden_run_is_warned_about(tmp_path: Path) -> None:
    """Nothing is proven, and nothing is wrong."""
    report = check(GivesFrame, folder=tmp_path)

    assert codes_of(report) == ["G001"]
    assert report.is_passed
    assert report.findings[0].message == (
        f"GivesFrame has no golden run in {tmp_path}, so nothing proves that it predicts what it "
        "did in the notebook. Record one: run = pipe.run(...), then run.record('NAME')."
    )


def test_changed_constant_fails_here_and_in_the_module(file: Path) -> None:
    """Stage, column and kind are there for programs too."""
    change_code(file, "NIGHT = 18", "NIGHT = 19")

    report = check(load_class(file))

    assert codes_of(report) == ["G101", "G102"]
    assert "<strong>this process does not come to the golden run</strong>" in report._repr_html_()
    assert not report.is_passed
    assert report.findings[0].to_dict() == {
        "code": "G101",
        "severity": "error",
        "title": "this process does not come to the golden run",
        "page": "docs/reference/checks.md#g101",
        "message": "In this process, postprocess: column 'is_night' differs (code): 1 row of 4, "
        "first 2: True recorded, False now. Changed in the code: 'NIGHT'.",
        "golden": "june",
        "station": "this process",
        "stage": "postprocess",
        "column": "is_night",
        "kind": "code",
        "n_rows": 1,
        "keys": ["2"],
        "fix": None,
        "allowed": None,
    }


def test_changed_dtype_of_the_database_fails_unless_only_frozen_rows_are_asked(
    file: Path,
) -> None:
    """The source is another station, with a code of its own."""
    change_data(file.parent, "alter table flights alter distance type double")

    live, frozen = check(load_class(file)), check(load_class(file), is_live=False)

    assert [(each.code, each.facts["kind"]) for each in live.findings] == [("G104", "dtype")]
    assert frozen.is_passed


def test_package_is_checked_too_with_the_python_it_is_for(file: Path, tmp_path: Path) -> None:
    """The record of the build says which files and which Python; other code in it is found."""
    changed = tmp_path / "changed.py"
    changed.write_text(PIPELINE.replace("NIGHT = 18", "NIGHT = 19"), encoding="utf-8")
    save_package(make_record(make_package(tmp_path / "package", file, code=changed)), tmp_path)

    report = check(load_class(file), package=tmp_path, is_live=False)

    assert [(each.code, each.facts["kind"]) for each in report.findings] == [("G103", "code")]
    assert not any(each.startswith("No package was given") for each in report.skipped)


def test_package_that_cannot_be_loaded_is_a_finding(file: Path, tmp_path: Path) -> None:
    """A module that is missing in the package is told as what the package lacks."""
    folder = make_package(tmp_path / "package", file)
    (folder / file.name).unlink()
    save_package(make_record(folder), tmp_path)

    (found,) = check(load_class(file), package=tmp_path, is_live=False).findings

    assert found.code == "G103"
    assert "ModuleNotFoundError: No module named 'delay_pipeline'" in found.message


def make_record(folder: Path) -> Package:
    """Make the record of a package for the Python that runs the tests."""
    return Package(
        name="flights",
        folder=folder,
        file=None,
        format="image",
        digest="0",
        code_sha256=None,
        size_bytes=0,
        zip_bytes=None,
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        architecture="x86_64",
        commit=None,
        is_dirty=False,
        is_proven=False,
    )


def test_broken_golden_run_is_a_finding(file: Path) -> None:
    """One unreadable golden run does not hide the others."""
    (file.parent / "golden" / "FlightDelay" / "june" / "golden.json").write_text("{", "utf-8")

    report = check(load_class(file))

    assert codes_of(report) == ["G002"]


def test_answers_that_depend_on_the_batch_are_found(tmp_path: Path) -> None:
    """A mean over the rows of a batch is another one in another batch."""

    class Mean(GivesFrame):
        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            return data.assign(size=data["size"].mean())

    record(Mean(), "rows", folder=tmp_path, n_rows=5)

    report = check(Mean, folder=tmp_path)

    assert "P101" in codes_of(report)
    assert not report.is_passed


def test_postprocess_that_fails_for_a_value_in_range_is_found(tmp_path: Path) -> None:
    """Recorded rows have no 3.0, but it lies between those that they have."""

    class Picky(GivesFrame):
        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            if ((data["size"] > 2.25) & (data["size"] < 2.75)).any():
                raise ValueError("no such size")
            return data

    record(Picky(), "rows", folder=tmp_path)

    (found,) = check(Picky, folder=tmp_path).findings

    assert found.code == "P201"
    assert found.message.startswith(
        "Picky.postprocess fails for a row with the types, ranges and nulls that 'rows' recorded, "
        "though no such row was in it: ValueError: no such size. Its first values: size = "
    )


def test_run_of_no_rows_is_replayed_and_the_rest_is_skipped(tmp_path: Path) -> None:
    """What cannot be checked is said, not passed over."""

    class Adds(GivesFrame):
        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            return data.assign(area=data["size"] ** 2)

    record(Adds(), "nothing", folder=tmp_path, n_rows=0)

    report = check(Adds, folder=tmp_path)

    assert report.done == (
        "Adds, golden run 'nothing', in this process: equal for 0 rows.",
        "No secret was found in 1 file.",
    )
    assert report.skipped == (
        "'nothing' has fewer than 2 rows, which have no order and no batches.",
        "postprocess was not called with drawn rows of 'nothing': its rows have no types to draw "
        "from.",
        "Versions were not compared: no lock stands beside test_check.py or in the root of its "
        "repository. Write one: dspipe convert does, with the module.",
        "No package was given, so none was replayed.",
    )


def test_every_rule_has_a_section_on_its_page() -> None:
    """The page that a finding names explains it."""
    text = (DOCS / "reference" / "checks.md").read_text(encoding="utf-8")

    assert [code for code in RULES if f"\n## {code}\n" not in text] == []


def test_rules_of_what_is_written_show_right_and_wrong() -> None:
    """A reader sees what to write in the place of what is there."""
    text = (DOCS / "reference" / "checks.md").read_text(encoding="utf-8")
    sections = {part[:4]: part for part in text.split("\n## ")}

    written = [code for code in RULES if code[0] in "SKD"]

    assert [each for each in written if "\nbad " not in sections[each]] == []
    assert [each for each in written if "\ngood " not in sections[each]] == []


def test_finding_knows_its_rule() -> None:
    """A code leads to its severity."""
    assert Finding("G001", "There is none.").rule.severity == "warning"
