"""Signing in with a certified OpenID provider on another site, in a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from adapters.oauth.client import Registration
from adapters.oauth.openid import OpenIdProvider
from adapters.system.clock import SystemClock
from tests.app import MemoryApp
from tests.browser.full_site import FullSite, serve_site
from tests.browser.visits import BrowserSession, open_browser
from tests.oidc import OidcServer, may_be_skipped, start_provider
from tests.servers import free_port

pytestmark = pytest.mark.browser


@pytest.fixture
async def elsewhere() -> AsyncIterator[FullSite]:
    """A site that knows the provider. It is `localhost`, the provider `127.0.0.1`: two sites,
    so that cookies and policies work as between unrelated sites."""
    if may_be_skipped():
        pytest.skip("There is no Node.js to run the OpenID provider with.")
    port = free_port()
    url = f"http://localhost:{port}"
    with start_provider([f"{url}/api/v1/auth/oauth/openid/callback"]) as server:
        async with httpx.AsyncClient() as http:
            app = MemoryApp(identities={"openid": provider(server, http)}, site=url)
            async with serve_site(FullSite(app), port=port) as site:
                site.url = url
                yield site


def provider(server: OidcServer, http: httpx.AsyncClient) -> OpenIdProvider:
    ours = Registration(server.client_id, server.client_secret)
    return OpenIdProvider(
        http, ours, SystemClock(), issuer=server.issuer, name="openid", label="OpenID"
    )


async def sign_in_there(page: Page, name: str) -> None:
    await page.get_by_label("Name").fill(name)
    await page.get_by_role("button", name="Sign in").click()


def messages(session: BrowserSession) -> list[str]:
    """All but those about the provider's page, which has no picture for the tab."""
    return [text for text in session.messages if "404 (Not Found)" not in text]


async def test_a_user_signs_up_logs_in_and_connects_an_identity(
    browser: Browser, elsewhere: FullSite
) -> None:
    async with open_browser(browser, elsewhere.url) as gita:
        await gita.go("/sign-up/client?next=/developers")
        await gita.page.get_by_role("link", name="Sign up with OpenID").click()
        await sign_in_there(gita.page, "gita")
        await gita.page.wait_for_url("**/welcome?next=/developers")

        await gita.page.locator("summary.account").click()
        await gita.page.get_by_role("button", name="Log out").click()
        await gita.page.wait_for_url(f"{elsewhere.url}/")
        await gita.go("/login")
        await gita.page.get_by_role("link", name="Log in with OpenID").click()
        await gita.page.wait_for_url("**/dashboard")
        assert messages(gita) == []

    meera, _ = await elsewhere.app.client()
    async with open_browser(browser, elsewhere.url) as session:
        await session.log_in(meera)
        await session.go("/account/security")
        await session.page.get_by_role("button", name="Connect OpenID").click()
        await session.page.wait_for_url("**/account/verify**")
        await session.page.get_by_role("button", name="Send me a code").click()
        await session.page.locator("#code").wait_for()
        await elsewhere.app.run()
        await session.page.fill("#code", elsewhere.app.code_for(meera.email))
        await session.page.locator("main form .button.primary").first.click()
        await session.page.wait_for_url("**/account/security?resume=*")

        await session.page.get_by_role("button", name="Connect the sign-in provider").click()
        await sign_in_there(session.page, "unverified-meera")
        await session.page.wait_for_url("**/account/security?done=identity_linked")

        shown = session.page.locator("main")
        await expect(shown).to_contain_text("The sign-in provider is connected.")
        await expect(shown).to_contain_text("Connected as unverified-meera@example.com")
        assert messages(session) == []
