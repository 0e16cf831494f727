"""Displays as a person sees them: in a real JupyterLab, and on pages with the themes of VS Code."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lab.gallery import LAST, SHOWN, VSCODE, make_page, write_kernel, write_notebook

HERE = Path(__file__).parent
PICTURES = HERE.parents[1] / "build" / "screenshots"
LEAST_CONTRAST = 4.5  # WCAG 2.2, level AA, for text of this size
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def lab_python() -> str:
    """Give the interpreter that has JupyterLab and Playwright."""
    python = os.environ.get("DSPIPE_TEST_LAB_PYTHON")
    if not python:
        pytest.skip("JupyterLab is not there: DSPIPE_TEST_LAB_PYTHON names no interpreter")
    return python


@pytest.fixture(scope="module")
def browser() -> str:
    """Give a Chromium of this machine."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        pytest.skip(f"there is no browser on this machine; looked for {', '.join(_BROWSERS)}")
    return found


@pytest.fixture(scope="module")
def in_lab(lab_python: str, browser: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run the notebook in JupyterLab, and give what was seen."""
    home = tmp_path_factory.mktemp("lab")
    book = home / "book"
    book.mkdir()
    write_kernel(home / "data")
    _write_settings(home / "settings")
    folders = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
    }
    asked = {"notebook": str(write_notebook(book)), "last": LAST}
    return _look(lab_python, browser, asked, {name: str(path) for name, path in folders.items()})


@pytest.fixture(scope="module")
def on_pages(lab_python: str, browser: str, in_lab: Any) -> Any:
    """Show the same displays with the themes of VS Code, and on a page that has none."""
    (seen, *_) = in_lab["seen"].values()
    displays = [shown["html"] for shown in seen]
    pages = {theme: make_page(theme, displays) for theme in VSCODE}
    return _look(lab_python, browser, {"pages": pages, "schemes": {}}, {})


def test_every_display_is_seen_in_jupyterlab(in_lab: Any) -> None:
    """Each cell shows what it is about, in both of JupyterLab's themes."""
    for seen in in_lab["seen"].values():
        assert len(seen) == len(SHOWN)
        for shown, (_, words) in zip(seen, SHOWN, strict=True):
            assert words in shown["text"]


def test_displays_fit_and_can_be_read_in_jupyterlab(in_lab: Any) -> None:
    """Nothing is wider than the output area, and all text stands out from its ground."""
    for theme, seen in in_lab["seen"].items():
        check_is_readable(theme, seen)


def test_displays_bring_nothing_that_runs_or_is_fetched(in_lab: Any) -> None:
    """A value that looks like a script is text, and the browser has nothing to complain of."""
    for seen in in_lab["seen"].values():
        assert [shown["scripts"] for shown in seen] == [0] * len(SHOWN)
        assert "<script>DL</script>" in seen[1]["text"]
    assert in_lab["complaints"] == []


def test_displays_show_no_secret(in_lab: Any) -> None:
    """An argument or a bind that is called like a secret is not on the screen."""
    (seen, *_) = in_lab["seen"].values()

    assert [shown["text"] for shown in seen if "tulip-4711" in shown["text"]] == []


def test_displays_fit_and_can_be_read_in_themes_of_vscode(on_pages: Any) -> None:
    """Light, dark and high contrast, by the variables that VS Code gives to outputs."""
    assert list(on_pages["seen"]) == list(VSCODE)
    for theme, seen in on_pages["seen"].items():
        assert len(seen) == len(SHOWN)
        check_is_readable(theme, seen)


def check_is_readable(theme: str, seen: list[dict[str, Any]]) -> None:
    """Fail where something sticks out, or is hard to read."""
    wide = [shown["text"][:40] for shown in seen if shown["overflow"] > 0]
    faint = [shown["contrast"] for shown in seen if shown["contrast"]["ratio"] < LEAST_CONTRAST]

    assert (theme, wide) == (theme, [])
    assert (theme, faint) == (theme, [])


def _look(python: str, browser: str, asked: dict[str, Any], folders: dict[str, str]) -> Any:
    words = {**asked, "browser": browser, "pictures": str(PICTURES)}
    done = subprocess.run(
        [python, HERE / "look.py"],
        input=json.dumps(words),
        env={**os.environ, **folders},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _write_settings(folder: Path) -> None:
    """Have every cell drawn, also those that are scrolled away, and nothing over them."""
    settings = {
        "notebook-extension/tracker": {"windowingMode": "none"},
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    }
    for name, values in settings.items():
        file = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values), encoding="utf-8")
