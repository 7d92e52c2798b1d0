"""Calls of two people from browser to browser, by the whole application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from core.calls import Verdict
from core.policy import MINUTE, SECOND
from tests.browser.calling import (
    CONNECTED,
    FAKE_DEVICES,
    FRAMES,
    CallOfTwo,
    press,
    press_join,
    see_pictures,
    two_callers,
)
from tests.browser.launch import launch
from tests.browser.visits import open_browser

pytestmark = pytest.mark.browser

OVER = "[data-over]:not([hidden])"
SELF = "() => document.querySelector('[data-self]').srcObject?.getVideoTracks()[0]?.label"
REMOTE_SIZE = "() => [...document.querySelectorAll('[data-remote]')].map(v => v.videoWidth)[0]"
SENDS = """kind => {
  const sender = connections.at(-1).getSenders().find(each => each.track?.kind === kind);
  return sender ? [sender.track.label, sender.track.enabled] : null;
}"""


async def sends(page: Page, kind: str, condition: str) -> None:
    """Wait until this holds for `sent`, the label of the track of a kind that the page sends and
    whether it is on; null when it sends none."""
    await page.wait_for_function(
        f"kind => {{ const sent = ({SENDS})(kind); return {condition}; }}", arg=kind
    )


@pytest.fixture(scope="module")
async def refusing() -> AsyncIterator[Browser]:
    """With a camera and a microphone that it gives to no page; the light one asks for ever."""
    async with launch(FAKE_DEVICES[0], full=True) as browser:
        yield browser


@pytest.fixture
async def call(cameras: Browser) -> AsyncIterator[CallOfTwo]:
    async with two_callers(cameras) as call:
        yield call


async def test_both_see_each_other_mute_switch_devices_and_share_the_screen(
    call: CallOfTwo,
) -> None:
    meera, lucia = call.pages
    await call.join()

    await press(meera, "microphone")
    await lucia.wait_for_selector("[data-remote-muted]:not([hidden])")
    await sends(meera, "audio", "sent[1] === false")
    await press(meera, "microphone")
    await lucia.wait_for_selector("[data-remote-muted]", state="hidden")
    await sends(meera, "audio", "sent[1] === true")

    await press(lucia, "camera")
    await meera.wait_for_selector("[data-remote-off]:not([hidden]) >> text=camera is off")
    await sends(lucia, "video", "sent === null")
    await press(lucia, "camera")
    await meera.wait_for_selector("[data-remote-off]", state="hidden")
    await call.see_each_other()

    await press(meera, "settings")
    await meera.select_option("#room-video", label="fake_device_1")
    await sends(meera, "video", "sent?.[0] === 'fake_device_1'")
    await meera.select_option("#room-audio", label="Fake Audio Input 2")
    await sends(meera, "audio", "sent?.[0] === 'Fake Audio Input 2'")
    await call.see_each_other()

    await press(lucia, "screen")
    await meera.wait_for_selector("[data-remote-name] >> text=Lucía’s screen")
    await see_pictures(meera)
    await sends(lucia, "video", "sent?.[0].startsWith('screen:')")
    await press(lucia, "screen")
    await meera.wait_for_selector("[data-remote-name] >> text=/^Lucía$/")
    await sends(lucia, "video", "sent?.[0].startsWith('fake_device')")

    await call.see_each_other()
    for page in call.pages:  # by one connection, without another negotiation of tracks
        assert await page.evaluate("connections.map(each => each.getTransceivers().length)") == [2]
    await press(lucia, "chat")
    assert await call.lucia.find_flaws() == []
    assert (call.meera.messages, call.lucia.messages) == ([], [])


async def test_the_call_goes_on_after_a_restart_of_both_sides_at_once(call: CallOfTwo) -> None:
    await call.join()
    fragments = "() => connections[0].localDescription.sdp.match(/ice-ufrag:(.*)/)[1]"
    before = [await page.evaluate(fragments) for page in call.pages]

    await asyncio.gather(*(page.evaluate("connections[0].restartIce()") for page in call.pages))

    for page, old in zip(call.pages, before, strict=True):
        await page.wait_for_function(f"old => ({fragments})() !== old", arg=old)
        await page.wait_for_function("() => connections[0].signalingState === 'stable'")
    await call.see_each_other()


async def test_after_a_reload_the_call_goes_on(call: CallOfTwo) -> None:
    meera, lucia = call.pages
    await call.join()

    for page in call.pages:
        await page.reload()
        await call.see_each_other()

    await press(meera, "leave")
    await lucia.wait_for_selector("[data-presence] >> text=/Meera left at/")
    await meera.reload()
    await press_join(meera)
    await call.see_each_other()
    assert (call.meera.messages, call.lucia.messages) == ([], [])


async def test_without_the_site_the_pictures_stay(call: CallOfTwo) -> None:
    await call.join()
    room = call.site.sockets.server.manager.get_participants("/", f"call:{call.booking.id}")
    for _, eio_sid in list(room):
        call.site.sockets.server.close_transport(eio_sid)

    await call.see_each_other()
    await call.meera.page.wait_for_function("() => document.body.dataset.connected === 'again'")
    await call.see_each_other()
    assert await call.meera.page.evaluate("connections.length") == 1


async def test_when_a_track_cannot_be_replaced_a_new_connection_is_made(call: CallOfTwo) -> None:
    await call.join()
    lucia = call.lucia.page
    await lucia.evaluate(
        """() => connections[0].getSenders().forEach(sender => sender.replaceTrack = async () => {
          throw new DOMException("of another kind", "InvalidModificationError");
        })"""
    )

    await press(lucia, "camera")

    await lucia.wait_for_function("() => connections.length > 1")
    await lucia.wait_for_function(CONNECTED)
    await press(lucia, "camera")
    await call.see_each_other()


async def test_another_window_takes_the_call_over(call: CallOfTwo) -> None:
    await call.join()
    first, second = call.meera.page, await call.meera.context.new_page()
    await second.goto(call.site.url + call.path)

    await press_join(second)
    await see_pictures(second)

    await first.wait_for_selector(f"{OVER} >> text=another window")
    await see_pictures(call.lucia.page)
    await first.click('[data-over] [data-do="again"]')
    await second.wait_for_selector(f"{OVER} >> text=another window")
    await call.see_each_other()


async def test_the_room_closes_at_its_time_and_both_see_who_was_there(call: CallOfTwo) -> None:
    app = call.site.app
    app.clock.advance(6 * MINUTE)
    await call.join()

    app.clock.advance(90 * MINUTE)

    for page in call.pages:
        await page.wait_for_selector(f"{OVER} >> text=has closed")
    await call.meera.go(f"/bookings/{call.booking.id}")
    shown = call.meera.page.locator('section[aria-labelledby="attendance"]')
    await expect(shown).to_contain_text("Who was there")
    await expect(shown).to_contain_text("Was there")
    await call.meera.go(call.path)
    await expect(call.meera.page.locator("h1")).to_contain_text("The room has closed")
    meeting = await app.services.call_presence.meeting(call.booking)
    assert (meeting.client.verdict, meeting.developer.verdict) == (Verdict.ATTENDED,) * 2


async def test_a_stranger_gets_neither_the_page_nor_a_signal(call: CallOfTwo) -> None:
    app = call.site.app
    nils, _ = await app.client("Nils Aasen")
    await call.join()
    browser = call.meera.context.browser
    assert browser
    async with open_browser(browser, call.site.url) as session:
        await session.log_in(nils, call.site)

        assert await session.go(call.path) == 404
        await session.go("/dashboard")
        answers = await session.page.evaluate(
            """async booking => {
              const { io } = await import("/static/vendor/socket.io.esm.min.js");
              const socket = io({ transports: ["websocket"] });
              const data = { candidates: [] };
              const all = [];
              for (const [event, more] of [["join"], ["heartbeat"], ["signal", { data }]])
                all.push((await socket.emitWithAck(`call:${event}`, { booking, ...more })).code);
              return all;
            }""",
            call.booking.id,
        )
    assert answers == ["not_found"] * 3


async def test_refused_devices_are_explained_and_the_call_works_without_them(
    refusing: Browser, cameras: Browser
) -> None:
    async with two_callers(refusing, second=cameras) as call:
        other = call.lucia
        await call.meera.go(call.path)
        problem = call.meera.page.locator("[data-check] [data-problem]")
        await problem.filter(has_text="may not use your microphone").wait_for()
        await problem.filter(has_text="may not use your camera").wait_for()

        await call.meera.page.click("[data-join]")
        await other.go(call.path)
        await press_join(other.page)

        await call.meera.page.wait_for_function(CONNECTED)
        before = await call.meera.page.evaluate(FRAMES)
        await call.meera.page.wait_for_function(f"async n => await ({FRAMES})() > n", arg=before)
        await other.page.wait_for_selector("[data-remote-off]:not([hidden]) >> text=camera is off")
        assert await call.meera.find_flaws() == []


async def test_before_the_room_opens_devices_are_tested_and_then_the_page_lets_in(
    cameras: Browser,
) -> None:
    async with two_callers(cameras, before=20 * MINUTE) as call:
        page, clock = call.meera.page, call.site.app.clock
        await call.meera.go(call.path)

        await page.wait_for_selector("text=Your microphone works.")
        await expect(page.locator("[data-join]")).to_have_count(0)
        await page.click('[data-do="tone"]')
        clock.advance(call.booking.start - 15 * MINUTE - SECOND - clock.now())
        await page.reload()

        await page.wait_for_selector("[data-join]")
        assert call.meera.messages == []


async def test_without_sockets_the_page_says_so(cameras: Browser) -> None:
    async with two_callers(cameras) as call:
        page = call.meera.page
        await page.route("**/vendor/socket.io.esm.min.js*", lambda route: route.abort())
        await page.clock.install()
        await call.meera.go(call.path)
        await press_join(page)

        await page.wait_for_function("() => !document.querySelector('[data-room]').hidden")
        await page.clock.run_for(11_000)

        await page.wait_for_selector(f"{OVER} >> text=no connection to the site")
        await page.wait_for_selector('[data-over] [data-do="again"]')
