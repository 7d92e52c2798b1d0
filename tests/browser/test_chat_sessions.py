"""A conversation whose session ends or is renewed while it is open."""

from __future__ import annotations

import pytest
from playwright.async_api import WebSocket, expect

from tests.app import CALLER
from tests.browser.talk import (
    BODIES,
    CONNECTED,
    TEXT,
    Talk,
    go_offline,
    see,
    see_texts,
    write,
)

pytestmark = pytest.mark.browser

LOOP_MS = 8_000
"""In which a page that tried again and again would open many connections."""


async def test_a_page_whose_session_ends_asks_once_and_stops(talk: Talk) -> None:
    """Also when it learns that only by being refused, after a lost connection."""
    meera, lucia, site = talk.meera, talk.lucia, talk.site
    sockets, asked = list[WebSocket](), list[str]()
    for session in (meera, lucia):
        session.page.on("websocket", lambda socket: sockets.append(socket))
        session.page.on("request", lambda r: asked.append(r.method) if r.method == "HEAD" else None)
    await meera.page.fill(TEXT, "Half a sentence")

    await go_offline(lucia)
    for name in ("Meera", "Lucía"):
        account = site.people[name]
        for each in await site.app.store.repositories.sessions.of_account(account.id):
            await site.app.services.sessions.end(account.id, each.name, CALLER)
    await site.run()
    await site.sockets.sweep()
    await lucia.context.set_offline(False)
    await lucia.page.evaluate("() => window.dispatchEvent(new Event('online'))")

    for session in (meera, lucia):
        toast = session.page.locator("#toasts .toast")
        await expect(toast).to_contain_text("You have been logged out")
        await expect(toast).to_have_count(1)
    before = len(sockets), len(asked)
    await meera.page.wait_for_timeout(LOOP_MS)
    assert (len(sockets), len(asked)) == before
    assert before[1] <= 2
    assert await meera.page.input_value(TEXT) == "Half a sentence"


async def test_after_a_renewed_session_each_message_comes_and_goes_once(talk: Talk) -> None:
    meera, lucia, site = talk.meera.page, talk.lucia.page, talk.site
    sessions = await site.app.store.repositories.sessions.of_account(site.people["Meera"].id)

    for _ in range(3):
        async with meera.expect_websocket():
            for session in sessions:
                await site.app.live.publish(f"session:{session.id}", "session:ended", {})
        await meera.wait_for_function(CONNECTED)
        await talk.has_joined(meera)
    await write(lucia, "Are you there?")
    await see(meera, "Are you there?")
    await write(meera, "I am.")
    await see(lucia, "I am.")

    for page in (meera, lucia):
        await see_texts(page, "Are you there?", "I am.")
        await expect(page.locator(BODIES, has_text="I am.")).to_have_count(1)
    assert await talk.stored() == ["Are you there?", "I am."]
