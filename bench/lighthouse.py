"""`python -m bench lighthouse`: scores of pages by Lighthouse, as on a phone and on a desktop.

Phones are simulated: a slow 4G connection and a CPU that is four times slower. Each page is
measured several times; the table has the median of the performance and the lowest of the other
scores, which do not vary. Needs Node and Chromium; the version of Lighthouse is that of the lock
file in `bench/node`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from bench.demo_site import cookies_of, demo_site
from onehour import demo
from tests.browser.find import find
from tests.node.installed import install

NODE = Path(__file__).parent / "node"
AGAIN = b"Please run Lighthouse again"
PERFORMANCE = "performance"
LIMITS = {PERFORMANCE: 95, "accessibility": 100, "best-practices": 100, "seo": 100}
"""The lowest accepted score of each category; 100 is the best."""
DEVICES: Mapping[str, tuple[str, ...]] = {"phone": (), "desktop": ("--preset=desktop",)}
PRIVATE = ("--skip-audits=is-crawlable",)
"""Pages of one person ask search engines not to list them (`noindex`). Lighthouse counts that as
a mistake, so this one audit, and no other, is left out for them."""


@dataclass(frozen=True, slots=True)
class Page:
    """`person` is who has logged in; such a page is private."""

    name: str
    path: str
    person: demo.Person | None = None


PAGES = (
    Page("home", "/"),
    Page("search", "/developers"),
    Page("profile with free times", f"/developers/dev_{demo.id_suffix(demo.DEVELOPER)}"),
    Page("sign-up", "/sign-up/client"),
    Page("log-in", "/login"),
    Page("dashboard of a client", "/dashboard", demo.CLIENT),
    Page("dashboard of a developer", "/dashboard", demo.DEVELOPER),
)


@dataclass(frozen=True, slots=True)
class Scores:
    """`of` has the score of each category, 0 to 100; `lost` names the audits that cost points."""

    of: Mapping[str, int]
    lost: frozenset[str] = frozenset()

    @classmethod
    def read(cls, report: Mapping[str, Any]) -> Scores:
        """The scores of one report of Lighthouse. Raises `RuntimeError` if it has none."""
        categories = report["categories"]
        if report.get("runtimeError") or any(categories[one]["score"] is None for one in LIMITS):
            raise RuntimeError(f"{report['requestedUrl']}: {report.get('runtimeError')}")
        lost = {
            audit["id"]
            for category in categories.values()
            for audit in category["auditRefs"]
            if audit["weight"] and (report["audits"][audit["id"]]["score"] or 0) < 1
            if report["audits"][audit["id"]]["score"] is not None
        }
        found = {one: round(categories[one]["score"] * 100) for one in LIMITS}
        return cls(found, frozenset(lost))

    @classmethod
    def summary(cls, runs: Sequence[Scores]) -> Scores:
        """The median of the performance, the lowest of the others, and all that cost points."""
        found = {
            one: int(median(run.of[one] for run in runs))
            if one == PERFORMANCE
            else min(run.of[one] for run in runs)
            for one in LIMITS
        }
        return cls(found, frozenset().union(*(run.lost for run in runs)))

    @property
    def too_low(self) -> list[str]:
        """The categories below their limits."""
        return [one for one, limit in LIMITS.items() if self.of[one] < limit]


async def measure_pages(folder: Path, *, runs: int) -> bool:
    """Print a line for each page and device; returns whether all scores reach their limits."""
    packages = await asyncio.to_thread(install, NODE)
    browser = find()
    if not browser:
        raise RuntimeError("No Chromium is installed; `python -m tests.browser.find` installs it.")
    good = True
    async with demo_site(folder) as base_url:
        print(f"{'page':<26}{'device':<9}" + "".join(f"{one:>16}" for one in LIMITS), flush=True)
        for page in PAGES:
            options = await _options(base_url, page, folder)
            for device, preset in DEVICES.items():
                program = str(packages / ".bin" / "lighthouse")
                command = [program, base_url + page.path, *options, *preset]
                scores = Scores.summary([await _run(command, browser) for _ in range(runs)])
                print_scores(page, device, scores)
                good = good and not scores.too_low
    return good


def print_scores(page: Page, device: str, scores: Scores) -> None:
    figures = "".join(f"{score:>16}" for score in scores.of.values())
    print(f"{page.name:<26}{device:<9}{figures}", flush=True)
    if scores.too_low:
        print(f"  too low: {', '.join(scores.too_low)}; {', '.join(sorted(scores.lost))}")
    if PERFORMANCE in scores.too_low and os.getloadavg()[0] > 2 * (os.cpu_count() or 1):
        print("  Other work wants the CPU, which lowers the performance: measure again.")


async def _options(base_url: str, page: Page, folder: Path) -> Sequence[str]:
    if page.person is None:
        return ()
    headers = folder / "headers.json"
    headers.write_bytes(orjson.dumps({"Cookie": await cookies_of(base_url, page.person)}))
    return (f"--extra-headers={headers}", *PRIVATE)


async def _run(command: Sequence[str], browser: str, attempts: int = 3) -> Scores:
    """Raises `RuntimeError` if Lighthouse fails, also when it asks for another attempt too often:
    now and then it misses the beginning of a page."""
    process = await asyncio.create_subprocess_exec(
        *command,
        "--quiet",
        "--output=json",
        "--no-enable-error-reporting",
        "--chrome-flags=--headless=new --no-sandbox",
        env={**os.environ, "CHROME_PATH": shutil.which(browser) or browser},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    report, errors = await process.communicate()
    if process.returncode != 0:
        if AGAIN in errors and attempts > 1:
            return await _run(command, browser, attempts - 1)
        raise RuntimeError(errors.decode(errors="replace"))
    return Scores.read(orjson.loads(report))
