"""The record of a package beside its file."""

from pathlib import Path

from dspipe.package import Package, load_package
from dspipe.package._saved import save_package


def test_package_without_a_report_is_saved(tmp_path: Path) -> None:
    """A record made by hand needs nothing but what a package is."""
    package = Package(
        name="late", folder=tmp_path / "image", file=None, format="image", digest="ab",
        code_sha256=None, size_bytes=1, zip_bytes=None, python="3.13", architecture="x86_64",
        commit=None, is_dirty=False, is_proven=False,
    )  # fmt: skip

    save_package(package, tmp_path)

    assert load_package(tmp_path) == package
