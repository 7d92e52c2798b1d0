"""A browser, and the site with users and bookings in every state."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.browser.calling import FAKE_DEVICES
from tests.browser.full_site import FullSite, build_full_site, serve_site
from tests.browser.launch import launch
from tests.browser.talk import Talk, two_people


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with launch() as launched:
        yield launched


@pytest.fixture(scope="session")
async def full_browser() -> AsyncIterator[Browser]:
    """Also shows notifications of service workers and keeps pages for going back, which Playwright
    switches off otherwise."""
    off = "--disable-back-forward-cache"
    async with launch("--enable-features=BackForwardCache", full=True, without=[off]) as launched:
        yield launched


@pytest.fixture(scope="session")
async def cameras() -> AsyncIterator[Browser]:
    """With two cameras and some microphones, which it gives to every page."""
    async with launch(*FAKE_DEVICES) as launched:
        yield launched


@pytest.fixture(scope="session")
async def site() -> AsyncIterator[FullSite]:
    """For tests that change nothing; other tests use `own_site`."""
    async with serve_site(await build_full_site()) as shown:
        yield shown


@pytest.fixture
async def live_site() -> AsyncIterator[FullSite]:
    """A new site where e-mails are sent and browsers receive events."""
    async with serve_site(await build_full_site(), alive=True) as shown:
        yield shown


@pytest.fixture
async def talk(browser: Browser, live_site: FullSite) -> AsyncIterator[Talk]:
    async with two_people(browser, live_site) as talk:
        yield talk


@pytest.fixture
async def own_site() -> AsyncIterator[FullSite]:
    async with serve_site(await build_full_site()) as shown:
        yield shown
