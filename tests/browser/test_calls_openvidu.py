"""The same page of calls through a real LiveKit server, the core of OpenVidu 3."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page

from adapters.openvidu.provider import OpenViduVideo
from adapters.openvidu.room_service import RoomService
from adapters.openvidu.tokens import Tokens
from adapters.system.clock import SystemClock
from core.calls import Stay, Verdict
from core.policy import MINUTE
from ports.clock import Clock
from ports.video import Admission, Guest, News, Room, VideoProvider
from services.calls.storage import CALLS
from tests.api_client import until
from tests.browser.calling import CallOfTwo, press, press_join, see_pictures, two_callers
from tests.browser.test_pads import SAVED, text_is
from tests.livekit_server import KEY, SECRET, LiveKitServer
from tests.servers import free_port

pytestmark = pytest.mark.browser

HOOK = "/api/v1/webhooks/video/openvidu"
OVER = "[data-over]:not([hidden])"
SIZES = """() => connections.flatMap(each => each.getSenders())
  .filter(each => each.track?.kind === "video" && each.track.readyState === "live")
  .map(each => each.getParameters().encodings.map(one => one.scaleResolutionDownBy ?? 1))"""


async def sends_sizes(page: Page, sizes: list[list[int]]) -> None:
    """Wait until each picture that is sent has these sizes, as divisors."""
    await page.wait_for_function(
        f"sizes => JSON.stringify(({SIZES})()) === JSON.stringify(sizes)", arg=sizes
    )


class AtSiteTime(OpenViduVideo):
    """The clock of the site is another one than that of the server."""

    def __init__(self, server: LiveKitServer, client: httpx.AsyncClient, site: Clock) -> None:
        tokens, clock = Tokens(KEY, SECRET), SystemClock()
        super().__init__(
            server.url, RoomService(client, server.api_url, tokens, clock), tokens, clock
        )
        self._site = site

    @property
    def _ahead(self) -> timedelta:
        return self._site.now() - self._clock.now()

    async def prepare(self, room: Room) -> None:
        await super().prepare(replace(room, closes_at=room.closes_at - self._ahead))

    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        return await super().admit(room, guest, until=until - self._ahead)

    def parse_news(self, headers: Mapping[str, str], body: bytes) -> News:
        news = super().parse_news(headers, body)
        return replace(news, at=news.at + self._ahead)


@pytest.fixture
async def call(cameras: Browser, tmp_path: Path) -> AsyncIterator[CallOfTwo]:
    port = free_port()
    server = LiveKitServer(tmp_path, hook=f"http://127.0.0.1:{port}{HOOK}")
    try:
        await server.until_ready()
        async with httpx.AsyncClient() as client:

            def video(clock: Clock) -> VideoProvider:
                return AtSiteTime(server, client, clock)

            async with two_callers(cameras, video=video, port=port) as call:
                yield call
    finally:
        server.stop()


async def test_two_people_meet_through_the_server_until_the_room_closes(call: CallOfTwo) -> None:
    meera, lucia = call.pages
    app = call.site.app
    app.clock.advance(6 * MINUTE)
    await call.join()

    await press(meera, "microphone")
    await lucia.wait_for_selector("[data-remote-muted]:not([hidden])")
    await press(meera, "microphone")
    await lucia.wait_for_selector("[data-remote-muted]", state="hidden")
    await press(lucia, "camera")
    await meera.wait_for_selector("[data-remote-off]:not([hidden]) >> text=camera is off")
    await press(lucia, "camera")
    await meera.wait_for_selector("[data-remote-off]", state="hidden")
    await call.see_each_other()

    for page in call.pages:
        await press(page, "pad")
        await page.wait_for_selector(SAVED)
    await lucia.locator(".cm-content").press_sequentially("SELECT 1")
    await text_is(meera, "SELECT 1")
    await meera.locator(".cm-content").press("Control+End")
    await meera.locator(".cm-content").press_sequentially(";")
    await text_is(lucia, "SELECT 1;")
    await call.see_each_other()

    await press(meera, "settings")
    await meera.select_option("#room-video", label="fake_device_1")
    await call.see_each_other()
    await sends_sizes(lucia, [[4, 2, 1]])
    await press(lucia, "screen")
    await meera.wait_for_selector("[data-remote-name] >> text=Lucía’s screen")
    await see_pictures(meera)
    await sends_sizes(lucia, [[1]])
    await press(lucia, "screen")
    await meera.wait_for_selector("[data-remote-name] >> text=/^Lucía$/")

    await meera.reload()
    await call.see_each_other()
    await press(lucia, "leave")
    await meera.wait_for_selector("[data-presence] >> text=/Lucía left at/")
    await press_join(lucia)
    await call.see_each_other()

    app.clock.advance(90 * MINUTE)
    for page in call.pages:
        await page.wait_for_selector(f"{OVER} >> text=has closed")
    await until(lambda: has_ended(call), what="an empty room")
    stays, booking = await left_by_the_server(call), call.booking
    parties = booking.client.account_id, booking.developer.account_id
    assert {each.account_id for each in stays} == set(parties)
    meeting = await app.services.call_presence.meeting(call.booking)
    assert (meeting.client.verdict, meeting.developer.verdict) == (Verdict.ATTENDED,) * 2
    assert (call.meera.messages, call.lucia.messages) == ([], [])


async def has_ended(call: CallOfTwo) -> bool:
    """Whether the site has closed the room, and nobody is in it at the server."""
    app = call.site.app
    found = await app.store.repositories.documents(CALLS).find(call.booking.id)
    assert found
    return bool(found.ended_at) and not await app.video.present(Room(found.room, found.closes_at))


async def left_by_the_server(call: CallOfTwo) -> list[Stay]:
    """The stays that its webhooks told, once all of them have ended."""
    found = list[Stay]()

    async def have_ended() -> bool:
        stays = await call.site.app.store.repositories.stays.of_booking(call.booking.id)
        found[:] = [each for each in stays if each.connection.startswith("PA_")]
        return len(found) >= 4 and all(each.left_at for each in found)

    await until(have_ended, what="webhooks", every_s=0.1)
    return found
