"""The installed application, run from an empty folder as somebody does who has no checkout."""

from __future__ import annotations

import os
import re
from pathlib import Path

import httpx
import pytest

from onehour.frontend import VENDOR, vendored_files
from tests.patience import PATIENCE_S
from tests.process.distribution.building import (
    PACKAGES,
    Environment,
    empty_environment,
    run,
)
from tests.process.distribution.conftest import Built
from tests.process.distribution.installed_app import InstalledApp
from tests.process.main_job import do_the_whole_job
from tests.process.running import RunningApp

pytestmark = pytest.mark.process

FILES = re.compile(r"(?:src|href)=\"(/static/[^\"#]+)")
FROM_NPM = [f"vendor/{path.relative_to(VENDOR).as_posix()}" for path in vendored_files()]


def test_every_package_is_that_of_the_wheel(installed: Environment, tmp_path: Path) -> None:
    program = (
        f"import {', '.join(PACKAGES)}; print(*[m.__path__[0] for m in ({', '.join(PACKAGES)})])"
    )

    ran = run(installed.python, "-c", program, cwd=tmp_path)

    found = [Path(folder) for folder in ran.stdout.split()]
    assert found == [installed.site_packages / package for package in PACKAGES], ran.stderr


async def test_the_whole_job_outside_a_checkout(installed: Environment, tmp_path: Path) -> None:
    async with InstalledApp(installed, tmp_path) as app:
        await do_the_whole_job(app)
        await every_file_of_the_page_is_served(app, "/")

    assert sorted(os.listdir(tmp_path)) == ["data", "run.log"]


async def every_file_of_the_page_is_served(app: RunningApp, page: str) -> None:
    """Scripts, style sheets, fonts and icons, those from npm too."""
    async with httpx.AsyncClient(base_url=app.base_url, timeout=PATIENCE_S) as http:
        html = (await http.get(page)).text
        paths = set(FILES.findall(html)) | {f"/static/{path}" for path in FROM_NPM}
        answers = {path: (await http.get(path)).status_code for path in paths}

    assert len(answers) > len(FROM_NPM) + 2
    assert set(answers.values()) == {200}, answers


async def test_without_a_file_from_npm_the_start_says_so(
    installed: Environment, tmp_path: Path
) -> None:
    htmx = installed.site_packages / "web" / "static" / "vendor" / "htmx.min.js"
    away = htmx.rename(tmp_path / htmx.name)
    try:
        ran = run(installed.python, "-m", "onehour.cli", "run", cwd=tmp_path)
    finally:
        away.rename(htmx)

    assert ran.returncode == 1
    assert ran.stderr == (
        f"{htmx} is missing: install OneHour again, or run `make setup` in its checkout.\n"
    )


@pytest.mark.long
async def test_the_whole_job_after_an_installation_from_the_registry(
    built: Built, tmp_path: Path
) -> None:
    environment = empty_environment(tmp_path / "environment")
    environment.install(f"{built.wheel}[embedded]")
    folder = tmp_path / "empty"
    folder.mkdir()

    async with InstalledApp(environment, folder) as app:
        await do_the_whole_job(app)
