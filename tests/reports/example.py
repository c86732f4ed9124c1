"""``python -m tests.reports.example``: the example run and the screenshots of the README, made anew.

Two runs on the reference server: as it is, whose report is kept, and with a fault, of which the pictures are kept. Times and
ids are those of the run; the rest changes only where the suite or the server does. It takes about a minute and needs Chromium.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

from conformance.embedded import EmbeddedMock
from tests.reports.html.tools import chromium

FOLDER = Path(__file__).parents[2] / "reports" / "example"
KEPT = ("conformance.json", "report.html", "summary.md", "badge.svg")
"""Of the first run. The recording and what is made of it whole are ten times as large, and are left out."""
FAULT = "inclusive-cursor"
PORT = 18080
"""Always the same, so that the address in the report does not change from time to time."""
FUZZ_TURNS = 40
RUN_SECONDS = 300
WIDTH = 1100


@dataclass(frozen=True)
class Shot:
    """A picture of a report from ``anchor`` on, ``height`` px high."""

    name: str
    anchor: str
    height: int
    scheme: Literal["light", "dark"] = "light"


CONFORMING = (Shot("conforming.png", "", 800),)
BROKEN = (Shot("broken.png", "#CUR-01", 745), Shot("stream.png", "#place-1", 420, "dark"))


def run(folder: Path, *mock: str) -> None:
    """A run of the suite on the reference server, its report in ``folder``; the verdict is for the report to say."""
    with EmbeddedMock("--port", str(PORT), *mock) as target:
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("NEO_", "GITHUB_"))}
        environ |= {"NEO_API_KEY": target.api_key, "NEO_OTHER_API_KEY": target.other_key or ""}
        command = [sys.executable, "-m", "conformance", "run", "-q", "--report-dir", str(folder)]
        command += ["--base-url", target.base_url, "--fuzz-turns", str(FUZZ_TURNS)]
        done = subprocess.run(command, env=environ, timeout=RUN_SECONDS, check=False, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)


def shoot(report: Path, shots: tuple[Shot, ...], folder: Path) -> None:
    """Pictures of a report, as Chromium shows it."""
    with sync_playwright() as started:
        # Root, as in a container, has no sandbox of Chromium's; what is opened is a file that was just written here.
        browser = started.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for shot in shots:
            page = browser.new_page(viewport={"width": WIDTH, "height": shot.height}, color_scheme=shot.scheme)
            page.goto(report.as_uri() + shot.anchor)
            page.screenshot(path=folder / shot.name)
            page.close()
        browser.close()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        conforming, broken = Path(made, "conforming"), Path(made, "broken")
        run(conforming)
        run(broken, "--fault", FAULT)
        for name in KEPT:
            shutil.copy(conforming / name, FOLDER / name)
        shoot(conforming / "report.html", CONFORMING, FOLDER)
        shoot(broken / "report.html", BROKEN, FOLDER)


if __name__ == "__main__":
    main()
