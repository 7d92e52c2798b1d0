"""Messages to a browser: turned on by the button, sent to a push service on this machine, shown by
the service worker, and turned off."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Browser, expect

from adapters.memory.clock import FixedClock
from adapters.webpush.addresses import Target
from adapters.webpush.encryption import public_bytes
from adapters.webpush.pusher import WebPusher, new_private_key, private_key
from core.bookings import BookingId
from onehour.testing.samples.sample import NOW
from services.notifications.documents import SUBSCRIPTIONS
from tests.browser.full_site import FullSite
from tests.browser.visits import BrowserSession, open_browser
from tests.contracts.push_service import BrowserKeys, PushServiceOnThisMachine
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.browser

ENDPOINT = "https://push.example.com/to-this-browser"
VENDOR = """([endpoint, p256dh, auth]) => {
  const subscription = {
    endpoint,
    toJSON: () => ({ endpoint, keys: { p256dh, auth } }),
    unsubscribe: async () => localStorage.removeItem("subscribed"),
  };
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    localStorage.setItem("subscribed", applicationServerKey.join(" "));
    return subscription;
  };
  PushManager.prototype.getSubscription = async () =>
    localStorage.getItem("subscribed") && subscription;
}"""
"""What the vendor of the browser does in its own push service."""
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  let shown = [];
  while (!shown.length) {
    shown = await registration.getNotifications();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return shown.map((each) => [each.title, each.tag, each.data.url]);
}"""
"""What the browser shows as soon as it shows something."""


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class ServedHere:
    """The address of every push service is that of the test."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def check(self, endpoint: str) -> Target:
        url = f"http://127.0.0.1:{self._port}{urlsplit(endpoint).path}"
        return Target(url, "127.0.0.1", "127.0.0.1")


@pytest.fixture
async def service(own_site: FullSite) -> AsyncIterator[PushServiceOnThisMachine]:
    """The push service, to which the site sends by Web Push."""
    service = PushServiceOnThisMachine()
    await service.start()
    async with httpx.AsyncClient() as client:
        key = private_key(new_private_key())
        addresses = ServedHere(service.port)
        real = WebPusher(client, FixedClock(NOW), key, "mailto:push@example.com", addresses)
        memory: Any = own_site.app.pusher
        memory.public_key, memory.send = real.public_key, real.send
        yield service
    await service.close()


async def deliver(session: BrowserSession, content: bytes) -> None:
    """Give the browser a message, as its push service would."""
    devtools = await session.context.new_cdp_session(session.page)
    registered: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def note(event: dict[str, Any]) -> None:
        for each in event["registrations"]:
            if not registered.done():
                registered.set_result(each["registrationId"])

    devtools.on("ServiceWorker.workerRegistrationUpdated", note)
    await devtools.send("ServiceWorker.enable")
    message = {
        "origin": session.url,
        "registrationId": await asyncio.wait_for(registered, PATIENCE_S),
        "data": content.decode(),
    }
    await devtools.send("ServiceWorker.deliverPushMessage", message)


async def test_a_browser_is_turned_on_gets_a_message_and_is_turned_off(
    full_browser: Browser, own_site: FullSite, service: PushServiceOnThisMachine
) -> None:
    site, meera = own_site, own_site.people["Meera"]
    keys = BrowserKeys("/to-this-browser")
    vendor = [ENDPOINT, base64url(public_bytes(keys.key)), base64url(keys.secret)]
    subscriptions = site.app.store.repositories.documents(SUBSCRIPTIONS)
    await site.app.run()
    async with open_browser(full_browser, site.url) as session:
        page = session.page
        await session.context.grant_permissions(["notifications"])
        await session.context.add_init_script(f"({VENDOR})({json.dumps(vendor)})")
        await session.log_in(meera)
        await session.go("/notifications/preferences")
        card = page.locator("[data-push]")
        await expect(card.get_by_role("button")).to_have_text("Turn on for this browser")
        assert await session.find_flaws() == []

        await card.get_by_role("button").click()
        await expect(card).to_contain_text("This browser gets messages now.")
        await page.reload()
        await expect(card.get_by_role("button")).to_have_text("Turn off for this browser")
        given = await page.evaluate("localStorage.getItem('subscribed').split(' ').map(Number)")
        assert base64url(bytes(given)) == site.app.pusher.public_key
        (stored,) = [each async for each in subscriptions.each(account_id=meera.id)]
        assert stored.endpoint == ENDPOINT

        booking = await site.app.booking(BookingId(site.bookings["requested"]))
        await site.app.services.answers.accept(booking.id, by=booking.developer.account_id)
        await site.app.run()
        (request,) = service.accepted
        content = keys.decrypt(request.body)
        await deliver(session, content)
        ((title, tag, url),) = await page.evaluate(SHOWN)
        assert "accepted" in title
        assert (tag, url) == (json.loads(content)["id"], json.loads(content)["url"])
        assert url.endswith(f"/bookings/{booking.id}")

        await card.get_by_role("button").click()
        await expect(card).to_contain_text("This browser gets no messages any more.")
        assert [each async for each in subscriptions.each(account_id=meera.id)] == []
        assert session.console_messages() == []
