"""Finds the browser the tests use, or installs one: `python -m tests.browser.find`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

LIGHT = "chromium-headless-shell"
"""Chromium without a window, which uses a third of the CPU. It keeps no pages for
going back and shows no notifications of service workers."""
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)


def find() -> str | None:
    """The path of an installed Chromium or Chrome, else of the one Playwright installed."""
    return find_installed() or _of_playwright()


def find_installed(*preferred: str) -> str | None:
    """The path of the first of these programs that is installed, `preferred` ones first."""
    return next(filter(None, map(shutil.which, (*preferred, *NAMES))), None)


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Debian's package if we may install packages, otherwise Playwright's download."""
    with suppress(subprocess.CalledProcessError):
        if os.geteuid() == 0 and shutil.which("apt-get"):
            subprocess.run(["apt-get", "update", "-q"], check=True)
            install = ["apt-get", "install", "-y", "-q", "--no-install-recommends"]
            subprocess.run([*install, "chromium", LIGHT, "fonts-liberation"], check=True)
            return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def main() -> int:
    """Prints which browser is used; returns 1 when there is none and none can be installed."""
    if not find():
        with suppress(subprocess.CalledProcessError):
            install()
    path = find_installed(LIGHT) or find()
    print(f"Browser for the tests: {path}" if path else "No Chromium could be found or installed.")
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
