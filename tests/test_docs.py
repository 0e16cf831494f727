"""The docs follow the house: the stair is the one that is linted, links lead somewhere."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

import dspipe
import dspipe.errors

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
SHELVES = ("tutorial", "how-to", "reference", "explanation")
_LINK = re.compile(r"\[[^\]]*\]\((?!https?://)([^)#]*)(#[^)]*)?\)")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def load_stair() -> ModuleType:
    """Load the script that draws the stair."""
    spec = importlib.util.spec_from_file_location("stair", DOCS / "stair.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_contributing_draws_the_stair_that_is_linted() -> None:
    """The table has every file with its first line; `python docs/stair.py` renews it."""
    page = (DOCS / "contributing.md").read_text(encoding="utf-8")

    assert page == load_stair().put_stair(page)


def test_stair_has_every_file_of_the_package() -> None:
    """No module stands outside of the stair but the one that holds the public names."""
    drawn = set(re.findall(r"\| `([\w/]+\.py)` \|", load_stair().draw_stair()))
    package = ROOT / "dspipe"

    assert drawn == {str(file.relative_to(package)) for file in package.rglob("*.py")} - {
        "__init__.py"
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_to_files_and_headings(page: Path) -> None:
    """A relative link names a file that is there, and a heading in it."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))

    broken = [
        f"{target}{anchor}"
        for target, anchor in _LINK.findall(text)
        if not is_there(page, target, anchor)
    ]

    assert broken == []


def is_there(page: Path, target: str, anchor: str) -> bool:
    """Say whether a link of a page leads somewhere."""
    place = (page.parent / target).resolve() if target else page
    if not place.exists():
        return False
    return not anchor or anchor[1:] in list_anchors(place)


def list_anchors(page: Path) -> set[str]:
    """List the headings of a page as links name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("shelf", SHELVES)
def test_shelf_opens_with_a_line_that_points_to_the_others(shelf: str) -> None:
    """Whoever stands before the wrong shelf finds the right one at once."""
    opening = (DOCS / shelf / "index.md").read_text(encoding="utf-8").split("\n")[2]

    assert {other for other in SHELVES if f"../{other}/index.md" in opening} == {*SHELVES} - {shelf}


def test_every_error_has_a_section_in_the_reference() -> None:
    """The page of errors has each class of the tree under its own heading."""
    headings = list_anchors(DOCS / "reference" / "errors.md")
    classes = {name for name in vars(dspipe.errors) if name.endswith("Error")}

    assert {name for name in classes if name.lower() not in headings} == {"DspipeError", "RunError"}


def test_changelog_has_a_section_for_this_version() -> None:
    """A version is not given out without saying what is in it."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert re.findall(r"^## \[(\d[^\]]*)\]", changelog, re.MULTILINE)[0] == dspipe.__version__
