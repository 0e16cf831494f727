"""Zip or image by the size, and the table that says what is large."""

from pathlib import Path

import pytest

from dspipe.errors import PackageTooLargeError
from dspipe.package import BuildSettings, ImportTime, Package, Part, Report, write_report
from dspipe.package._choice import choose_format
from dspipe.package._table import LIMIT_BYTES

SETTINGS = BuildSettings(root=Path(), name="flights", pipeline="pipeline.py:Late")
LARGE = (Part("scipy 1.18.1", 200_000_000, 9_000_000), Part("pandas 3.1.1", 62_144_001))
TOLD = (
    "The Lambda package is 262.1 MB unzipped; AWS allows 262.1 MB. Largest parts: scipy 1.18.1 "
    "200 MB, pandas 3.1.1 62 MB."
)


def make_settings(wanted: str) -> BuildSettings:
    """Ask for a format."""
    return BuildSettings(root=Path(), name="x", pipeline="p.py:P", format=wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("wanted", ["auto", "zip"])
def test_package_is_a_zip_when_it_fits_to_the_last_byte(wanted: str) -> None:
    """The limit itself is allowed."""
    parts = (Part("scipy 1.18.1", LIMIT_BYTES),)

    assert choose_format(make_settings(wanted), parts) == ("zip", ())


def test_package_is_an_image_when_no_zip_holds_it() -> None:
    """One byte too many makes an image, and the note says why."""
    assert choose_format(make_settings("auto"), LARGE) == (
        "image",
        (f"{TOLD} So this is the build context of a container image.",),
    )


def test_package_is_an_image_when_that_is_asked_for() -> None:
    """A small package may be an image too."""
    assert choose_format(make_settings("image"), (Part("a", 1),)) == ("image", ())


def test_choice_refuses_with_the_sizes_when_a_zip_is_asked_for() -> None:
    """Who wants a zip learns what is large before anything is uploaded."""
    with pytest.raises(PackageTooLargeError) as caught:
        choose_format(make_settings("zip"), LARGE)

    assert str(caught.value) == (
        f'{TOLD} Drop what the pipeline does not import, or set format = "image" in '
        "[tool.dspipe.deploy].\n"
        "      MB  bytecode  distribution\n"
        "   200.0       9.0  scipy 1.18.1\n"
        "    62.1       0.0  pandas 3.1.1"
    )


def test_report_shows_sizes_imports_and_proof() -> None:
    """A person sees what is large, what is slow, what was left out and what was proven."""
    parts = tuple(Part(f"p{number} 1.0", 10_000_000 - number, 1_000_000) for number in range(12))
    report = Report(
        parts, {"tests": 45_300_000, "symbol tables": 17_100_000},
        (ImportTime("scipy", 0.524), ImportTime("pandas", 0.152)), 1.316, "Proven.", ("A note.",),
    )  # fmt: skip
    package = Package(
        "flights", Path(), Path("f.zip"), "zip", "ab", "", 120_000_000, 40_000_000, "3.13",
        "x86_64", None, is_dirty=False, is_proven=True, report=report,
    )  # fmt: skip

    assert write_report(package).splitlines() == [
        "flights: zip for Python 3.13 on x86_64",
        "",
        "      MB  bytecode  distribution",
        *(f"    10.0       1.0  p{number} 1.0" for number in range(10)),
        "    20.0       2.0  2 smaller ones",
        "   120.0      12.0  46% of the 262.1 MB that Lambda takes unzipped; 40.0 MB zipped",
        "",
        "      ms  import",
        "     524  scipy",
        "     152  pandas",
        "    1316  until the handler is ready, on this machine",
        "",
        "Left out: 62.4 MB (tests 45.3, symbol tables 17.1).",
        "",
        "Proven.",
        "A note.",
    ]


def test_package_says_in_one_line_what_it_is() -> None:
    """The repr has name, format, digest and size."""
    package = Package(
        "flights", Path(), None, "image", "0123456789abcdef", None, 300_000_000, None, "3.13",
        "x86_64", None, is_dirty=False, is_proven=True,
    )  # fmt: skip

    assert repr(package) == "<Package flights: image 0123456789ab, 300.0 MB>"
