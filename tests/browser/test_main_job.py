"""The main job in a browser, on the application as `make run` starts it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.browser.main_job import sell_an_hour
from tests.process.running import RunningApp

pytestmark = [pytest.mark.browser, pytest.mark.process]


async def pay_with_cashfree(page: Page) -> None:
    await page.wait_for_url("**/simulator/cashfree/checkout/**")
    await page.get_by_role("button", name=re.compile("^Pay(?! late)")).first.click()


async def test_an_hour_is_found_paid_met_and_released(browser: Browser, tmp_path: Path) -> None:
    async with RunningApp(tmp_path, ONEHOUR_SEED_DEMO="0") as app:
        await sell_an_hour(browser, app, pay=pay_with_cashfree)
