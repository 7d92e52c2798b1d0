"""Calls over the API, and on the pages of a booking."""

from __future__ import annotations

import json
import re
from datetime import timedelta

from adapters.memory.clock import FixedClock
from adapters.memory.video import SIGNATURE, MemoryVideo, signature
from adapters.peer.provider import PeerVideo
from core.policy import HOUR, MINUTE
from tests.app import MONDAY, MemoryApp, memory_app
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who
from web.shared.cookies import HEADER

TURN = "turn:turn.example.com:3478?transport=udp"


async def site_of(app: MemoryApp | None = None) -> tuple[SiteWithBooking, Browser]:
    """The client of a booking whose time has begun."""
    site = await build_site_with_booking(app=app) if app else await build_site_with_booking()
    site.app.clock.advance(site.booking.start - site.app.clock.now())
    return site, await site.browser_for(Who.CLIENT)


async def test_the_admission_has_all_that_a_browser_needs_and_is_not_stored() -> None:
    peer = PeerVideo(turn_urls=(TURN,), turn_secret=b"a secret")
    site, client = await site_of(memory_app(video=peer))
    path = f"/api/v1/bookings/{site.booking.id}/call"

    answer = await client.ask("POST", path, headers={HEADER: client.token})

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    found = await answer.get_json()
    (server,) = found.pop("ice_servers")
    assert server["urls"] == [TURN]
    assert server["username"].endswith(f":{site.client.id}") and server["credential"]
    closes = f"{site.booking.end + 30 * MINUTE:%Y-%m-%dT%H:%M:%SZ}"
    assert found.pop("room").startswith("room_")
    assert found == {
        "provider": "peer",
        "url": "",
        "token": "",
        "opens_at": f"{site.booking.start - 15 * MINUTE:%Y-%m-%dT%H:%M:%SZ}",
        "closes_at": closes,
        "expires_at": closes,
    }


async def test_the_meeting_has_one_card_with_its_room_until_something_else_comes_next() -> None:
    site = await build_site_with_booking()
    path, start = f"/bookings/{site.booking.id}", site.booking.start

    async def cards(who: Who, before: timedelta) -> list[str]:
        """The headings of what comes next, of a room in a card of its own, and of attendance."""
        site.app.clock.set(start - before)
        _, html = await (await site.browser_for(who)).look(path)
        found = re.findall(r'<h2 id="(?:next|room|attendance)">\s*(.*?)</h2>', html)
        ways = ("Test camera", "Join again", "Join<")
        return [*found, *(way for way in ways if f"</svg>{way}" in html)]

    assert await cards(Who.CLIENT, 30 * HOUR) == ["You meet Lucía"]
    assert await cards(Who.CLIENT, 20 * HOUR) == ["You meet Lucía", "Test camera"]
    assert await cards(Who.DEVELOPER, 5 * MINUTE) == ["You meet Meera", "Join<"]
    assert await cards(Who.CLIENT, -5 * MINUTE) == ["You are meeting Lucía", "Join<"]
    assert await cards(Who.DEVELOPER, -5 * MINUTE) == [
        "The room is open", "Deliver the work", "Join<",
    ]  # fmt: skip
    assert await cards(Who.CLIENT, -3 * HOUR) == ["Lucía delivers the work", "Who was there"]


async def test_both_see_who_was_there_on_the_page_of_the_booking() -> None:
    site, client = await site_of()
    presence = site.app.services.call_presence
    await presence.join(site.booking.id, "one", by=site.developer.id)
    site.app.clock.advance(20 * MINUTE)
    await presence.leave(site.booking.id, "one", by=site.developer.id)
    site.app.clock.advance(3 * HOUR)

    answer = await client.ask("GET", f"/api/v1/bookings/{site.booking.id}/attendance")
    found = await answer.get_json()
    _, html = await client.look(f"/bookings/{site.booking.id}")

    assert (found["client"]["verdict"], found["developer"]["verdict"]) == ("absent", "attended")
    assert (found["developer"]["seconds"], found["together_seconds"]) == (1200, 0)
    assert "Who was there" in html and "Not seen" in html


async def test_the_webhook_of_a_provider_becomes_evidence() -> None:
    clock = FixedClock(MONDAY)
    site, client = await site_of(memory_app(clock=clock, video=MemoryVideo(clock)))
    admitted = await site.app.services.calls.admit(site.booking.id, by=site.client.id)
    body = json.dumps(
        {
            "kind": "joined",
            "room": admitted.room,
            "guest": site.client.id,
            "connection": "PA_1",
            "at": clock.now().isoformat(),
        }
    ).encode()
    visitor = await site.browser_for()

    forged = await visitor.ask("POST", "/api/v1/webhooks/video/memory", data=body)
    genuine = await visitor.ask(
        "POST", "/api/v1/webhooks/video/memory", data=body, headers={SIGNATURE: signature(body)}
    )

    assert (forged.status_code, genuine.status_code) == (401, 200)
    answer = await client.ask("GET", f"/api/v1/bookings/{site.booking.id}/attendance")
    assert (await answer.get_json())["client"]["verdict"] == "attended"


async def test_the_page_serves_the_module_of_the_provider() -> None:
    site, client = await site_of()
    _, html = await client.look(f"/bookings/{site.booking.id}/call")
    entry = html.partition('data-module="')[2].partition('"')[0]

    answer = await client.ask("GET", entry)

    assert entry.startswith("/static/video-peer/peer.js?v=")
    assert answer.mimetype == "text/javascript"
    source = (PeerVideo.client.folder / "peer.js").read_bytes()
    assert await answer.get_data() == source
