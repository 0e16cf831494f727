"""Look at displays in a real browser: the program that runs in the environment of JupyterLab.

Plain JSON in by standard input, plain JSON out: what can be read, what does not fit, how well it
stands out from its ground, and what the browser complained of. Pictures are left in a folder.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page, sync_playwright  # type: ignore[import-not-found]

TOKEN = "loopback"  # noqa: S105 - of a server that this program starts and ends
WAIT = 90_000  # milliseconds
MOST_TRIES = 100
THEMES = ("JupyterLab Light", "JupyterLab Dark")
CHANGE_THEME = "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})"
MEASURE = (Path(__file__).parent / "measure.js").read_text(encoding="utf-8")


def main() -> None:
    """Look at what is asked for, and print what was seen."""
    asked = json.load(sys.stdin)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=asked["browser"],
            args=["--no-sandbox"],  # of pages that the tests wrote
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1600})
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: _note(complaints, message))
        look = look_at_lab if "notebook" in asked else look_at_pages
        seen = look(page, asked, Path(asked["pictures"]))
        browser.close()
    json.dump({"seen": seen, "complaints": complaints}, sys.stdout)


def look_at_lab(page: Page, asked: dict[str, Any], pictures: Path) -> dict[str, Any]:
    """Run a notebook in JupyterLab, and measure its displays in every theme."""
    seen = {}
    with serve_lab(Path(asked["notebook"]).parent) as address:
        _open(page, f"{address}/lab/tree/{Path(asked['notebook']).name}?token={TOKEN}")
        page.wait_for_function("window.jupyterapp?.shell.currentWidget?.context?.isReady")
        page.evaluate("jupyterapp.shell.currentWidget.context.ready")
        page.evaluate("jupyterapp.shell.currentWidget.sessionContext.ready")
        page.evaluate("jupyterapp.shell.collapseLeft()")
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        page.get_by_text(asked["last"], exact=True).last.wait_for(timeout=WAIT)
        for theme in THEMES:
            page.evaluate(CHANGE_THEME, theme)
            is_light = str(theme.endswith("Light")).lower()
            page.wait_for_selector(f"body[data-jp-theme-light={is_light}]", state="attached")
            seen[theme] = _measure(page, pictures, theme)
        page.goto("about:blank")  # a notebook complains when its server is gone
    return seen


def look_at_pages(page: Page, asked: dict[str, Any], pictures: Path) -> dict[str, Any]:
    """Show pages as they are, and measure the displays in them."""
    seen = {}
    for name, content in asked["pages"].items():
        page.emulate_media(color_scheme=asked["schemes"].get(name, "light"))
        page.set_content(content)
        seen[name] = _measure(page, pictures, name)
    return seen


@contextmanager
def serve_lab(folder: Path) -> Iterator[str]:
    """Start JupyterLab on loopback, and give its address."""
    options = {
        "ServerApp.allow_root": True,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": 0,
        "ServerApp.open_browser": False,
        "ServerApp.root_dir": str(folder),
        "IdentityProvider.token": TOKEN,
        "LabApp.expose_app_in_browser": True,
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *words],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield _read_address(server)
    finally:
        server.terminate()
        server.wait()


def _open(page: Page, address: str) -> None:
    """Open a page of a server that says where it is just before it listens."""
    for _ in range(MOST_TRIES):
        try:
            page.goto(address)
        except Error as error:
            if "ERR_CONNECTION_REFUSED" not in str(error):
                raise
            page.wait_for_timeout(100)
        else:
            return
    raise AssertionError(f"nobody listens at {address}")


def _read_address(server: "subprocess.Popen[str]") -> str:
    assert server.stderr is not None
    lines = []
    for line in server.stderr:
        lines.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found[0]
    raise AssertionError("".join(lines))


def _measure(page: Page, pictures: Path, name: str) -> list[dict[str, Any]]:
    pictures.mkdir(parents=True, exist_ok=True)
    shown = page.locator(".dspipe")
    slug = name.lower().replace(" ", "-")
    for number in range(shown.count()):
        shown.nth(number).screenshot(path=pictures / f"{slug}-{number + 1:02}.png")
    measured: list[dict[str, Any]] = page.evaluate(MEASURE)
    return measured


def _note(complaints: list[str], message: Any) -> None:
    # A resource of the server that is absent is no matter of a display.
    if message.type == "error" and "Failed to load resource" not in message.text:
        complaints.append(message.text)


if __name__ == "__main__":
    main()
